"""The recorded signatures that this package's tests share."""

import json
from pathlib import Path

_PLACE = Path(__file__).parent.parent / "vectors"

TC3 = json.loads((_PLACE / "tc3.json").read_text(encoding="utf-8"))["cases"]
_USERSIG = json.loads((_PLACE / "usersig.json").read_text(encoding="utf-8"))
USERSIG = _USERSIG["cases"]
USERSIG_NEGATIVE = {case["name"]: case for case in _USERSIG["negative"]}

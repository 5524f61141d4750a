"""Keys for a checkout nobody has configured: made once, kept in a file only its owner can read.

``manage.py quickstart`` and a first ``manage.py migrate`` on a developer's machine need a secret key and a key
for encrypted fields. Production sets both in the environment and never reads this file.
"""

import base64
import os
import secrets
from pathlib import Path

LOCAL_DIR = Path(__file__).resolve().parent.parent / ".data"
LOCAL_KEYS = LOCAL_DIR / "local.env"


def ensure_local_keys() -> Path:
    """Make the file of local keys unless it is there; answer its path."""
    LOCAL_DIR.mkdir(mode=0o700, exist_ok=True)
    LOCAL_DIR.chmod(0o700)  # the folder may be older than this command
    content = (
        "# Made by manage.py quickstart for this checkout alone. Losing it loses the encrypted secrets.\n"
        "DEBUG=False\n"
        "LOCAL=True\n"
        f"SECRET_KEY={secrets.token_urlsafe(50)}\n"
        f"FIELD_ENCRYPTION_KEYS={base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}\n"
    )
    try:
        descriptor = os.open(LOCAL_KEYS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return LOCAL_KEYS
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
    return LOCAL_KEYS

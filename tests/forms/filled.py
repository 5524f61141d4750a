"""Start forms as a browser or a program would fill them, with applications that need no database."""

import uuid
from typing import Any

from recorder_app.choices import Edition, Environment, Product
from recorder_app.forms.gme import StartRecord
from recorder_app.forms.tiw import StartOnlineRecord
from recorder_app.models import Application, CloudAccount

INTENTION = uuid.UUID("6f1d0f6e-7c44-4b53-9a55-0f8a1c2d3e4f")
SDK_KEY = "EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE001"

# The second example of the page StartOnlineRecord, name by name.
SECOND_TIW_EXAMPLE = {
    "SdkAppId": "1400000001",
    "RoomId": "1203",
    "RecordUserId": "tic_record_user_1203_141551",
    "RecordUserSig": "usersig_of_<tic_record_user_1203_141551>",
    "Whiteboard.Width": "1280",
    "Whiteboard.Height": "960",
    "Whiteboard.InitParam": '{"ratio":"16:9"}',
    "Concat.Enabled": "true",
    "Concat.Image": "http://background/image.jpg",
    "MixStream.Enabled": "true",
    "MixStream.DisableAudio": "false",
    "MixStream.ModelId": "2",
    "MixStream.TeacherId": "teacher",
    "Extras.0": "MIX_STREAM",
}
SENT_BY_SECOND_TIW_EXAMPLE = {
    "SdkAppId": 1400000001,
    "RoomId": 1203,
    "RecordUserId": "tic_record_user_1203_141551",
    "RecordUserSig": "usersig_of_<tic_record_user_1203_141551>",
    "Whiteboard": {"Width": 1280, "Height": 960, "InitParam": '{"ratio":"16:9"}'},
    "Concat": {"Enabled": True, "Image": "http://background/image.jpg"},
    "MixStream": {"Enabled": True, "DisableAudio": False, "ModelId": 2, "TeacherId": "teacher"},
    "Extras": ["MIX_STREAM"],
}
GME_EXAMPLE = {
    "BizId": "3400352518",
    "RoomId": "1987",
    "RecordMode": "1",
    "SubscribeRecordUserIds.SubscribeUserIds.0": "1145",
    "SubscribeRecordUserIds.UnSubscribeUserIds.0": "1987",
}
SENT_BY_GME_EXAMPLE = {
    "BizId": 3400352518,
    "RoomId": "1987",
    "RecordMode": 1,
    "SubscribeRecordUserIds": {"SubscribeUserIds": ["1145"], "UnSubscribeUserIds": ["1987"]},
}


def application(
    *, product: str = Product.TIW, edition: str = Edition.INTERNATIONAL, **fields: Any
) -> Application:
    account = CloudAccount(
        name="Sandbox", environment=Environment.SANDBOX, edition=edition, endpoint="http://127.0.0.1:9"
    )
    is_tiw = product == Product.TIW
    made = {
        "pk": 7,
        "name": "School",
        "app_id": "1400000001" if is_tiw else "3400352518",
        "sdk_key": SDK_KEY if is_tiw else "",
        **fields,
    }
    return Application(account=account, product=product, **made)


def tiw(
    posted: dict[str, Any] | None = None, *, edition: str = Edition.INTERNATIONAL, **fields: Any
) -> StartOnlineRecord:
    """A class recording of room 1203 with these names posted besides."""
    return StartOnlineRecord(
        {"RoomId": "1203", **(posted or {})},
        application=application(edition=edition, **fields),
        intention=INTENTION,
    )


def gme(posted: dict[str, Any] | None = None) -> StartRecord:
    """A voice recording of room 1987, mixed, with these names posted besides."""
    return StartRecord(
        {"RoomId": "1987", "RecordMode": "2", **(posted or {})},
        application=application(product=Product.GME),
        intention=INTENTION,
    )


def errors_of(form: Any) -> dict[str, list[str]]:
    """The errors of a form by the id they point at, without the id's first word (``id_``, ``part_``)."""
    found: dict[str, list[str]] = {}
    for problem in form.all_problems:
        found.setdefault(problem.anchor.partition("_")[2] or problem.anchor, []).append(str(problem.message))
    return found


def wrong_fields(form: Any) -> list[str]:
    return sorted(errors_of(form))


def codes_of(form: Any) -> list[str]:
    return [doubt.code for doubt in form.warnings]


def layout(
    *streams: dict[str, Any], canvas: tuple[int, int] = (1280, 720), first: int = 0, gap: int = 1
) -> dict[str, str]:
    """The posted names of a layout of one's own; each stream has name, x, y, w, h."""
    posted = {
        "MixStream.Enabled": "on",
        "MixStream.Custom": "on",
        "MixStream.Custom.Canvas.LayoutParams.Width": str(canvas[0]),
        "MixStream.Custom.Canvas.LayoutParams.Height": str(canvas[1]),
    }
    for place, stream in enumerate(streams):
        row = f"MixStream.Custom.InputStreamList.{first + gap * place}"
        posted |= {
            f"{row}.InputStreamId": stream.get("name", ""),
            f"{row}.LayoutParams.X": str(stream.get("x", "")),
            f"{row}.LayoutParams.Y": str(stream.get("y", "")),
            f"{row}.LayoutParams.Width": str(stream.get("w", 100)),
            f"{row}.LayoutParams.Height": str(stream.get("h", 100)),
        }
    return posted

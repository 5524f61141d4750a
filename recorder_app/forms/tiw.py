"""The request StartOnlineRecord, as forms. Source: pages StartOnlineRecord and "Data Types" (TIW), both editions."""

import re
import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import Product
from recorder_app.cloud.masking import MASK
from recorder_app.cloud.usersig import check_user_sig
from recorder_app.forms.fields import (
    PLAIN_INPUT,
    Address,
    Choice,
    JsonText,
    Sealed,
    Text,
    TextList,
    Ticked,
    Whole,
)
from recorder_app.forms.layouts import MixStream, pairs_in_words, prefixes
from recorder_app.forms.start import ApplicationField, StartForm
from recorder_app.forms.structures import Part, Rows, StructureForm

MIX_STREAM = "MIX_STREAM"
VIDEO_GENERATION = "VIDEO_GENERATION_MODE"
# Printed as an open interval, so the bounds themselves are kept out.
ROOM_LOW, ROOM_HIGH = 2, 4294967294
# The recorder's user id: TIW allows 60 bytes, the services it enters with it (IM and TRTC) only 32.
LONGEST_USER_ID, SAFE_USER_ID = 60, 32


class Whiteboard(StructureForm):
    Width = Whole(label=_("Width"), low=2, initial=1280, placeholder="1280", unit="px")
    Height = Whole(label=_("Height"), low=2, initial=960, placeholder="960", unit="px")
    InitParam = JsonText(
        label=_("Start text of the whiteboard"),
        most=8000,
        help_text=_('Handed on to the whiteboard as it is; mostly JSON, for example {"ratio":"16:9"}.'),
    )


class Concat(StructureForm):
    Enabled = Ticked(
        label=_("Join the pieces into one video"),
        is_switch=True,
        help_text=_("A recording that was paused comes as several pieces; this joins those of each user."),
    )
    Image = Address(
        label=_("Picture for the gaps"), help_text=_("Shown where a user sent no picture. Empty is black.")
    )


class StreamControl(StructureForm):
    StreamId = Text(
        label=_("Stream"),
        required=True,
        widget=forms.TextInput(attrs={**PLAIN_INPUT, "list": "stream-names"}),
    )
    DisableRecord = Ticked(label=_("Do not record it"))
    DisableAudio = Ticked(label=_("Without sound"))
    PullSmallVideo = Ticked(label=_("Small picture only"))


class RecordControl(StructureForm):
    Enabled = Ticked(
        label=_("Choose the streams"),
        is_switch=True,
        help_text=_("Which streams are recorded, with or without sound. Otherwise all of them are."),
    )
    DisableRecord = Ticked(
        label=_("Record no stream"), help_text=_("Except those listed below that are not left out there.")
    )
    DisableAudio = Ticked(label=_("Without sound"))
    PullSmallVideo = Ticked(
        label=_("Small pictures only"), help_text=_("Black where a client sends no small picture.")
    )
    StreamControls = Rows(StreamControl, _("Single streams"), _("Stream"))

    def clean(self) -> dict[str, Any]:
        controls = self["StreamControls"]
        exceptions = [row for row in controls if not row.checked("DisableRecord")]
        if self.cleaned_data.get("DisableRecord") and not exceptions:
            self.warn(
                "DisableRecord", "records-nothing", _("With these settings no stream at all is recorded.")
            )
        alike = list(prefixes(row.checked("StreamId") or "" for row in controls))
        if alike:
            self.warn(
                "StreamControls",
                "control-name-begins-another",
                _(
                    "Streams are matched by the beginning of their name, so the first of each pair is also applied "
                    "to the second: %(pairs)s."
                )
                % {"pairs": pairs_in_words(alike)},
            )
        return self.cleaned_data


class StartOnlineRecord(StartForm):
    action = "StartOnlineRecord"
    product = Product.TIW
    app_field = "SdkAppId"

    SdkAppId = ApplicationField(Product.TIW)
    RoomId = Whole(
        label=_("Room"),
        required=True,
        low=ROOM_LOW,
        high=ROOM_HIGH,
        error_messages={"range": _("A room is a whole number greater than 1 and less than 4294967295.")},
        help_text=_("The number of the class room."),
    )
    RecordUserId = Text(
        label=_("Account of the recorder"),
        most_bytes=LONGEST_USER_ID,
        help_text=_("Empty: a new one is made for this recording. Nobody else in the room may use it."),
    )
    RecordUserSig = Sealed(
        label=_("Signature of that account"),
        most=4000,
        help_text=_("Empty: made from the application's key when the recording starts."),
    )
    GroupId = Text(
        label=_("Chat group of the whiteboard"),
        help_text=_(
            "The sources disagree: the international page calls this disused, in the Chinese edition it replaces the "
            "room as chat group. Empty is the room's number."
        ),
    )
    Extras = TextList(
        label=_("Advanced features"),
        most=10,
        help_text=_(
            "MIX_STREAM is the only one there is; it is added by itself when a mixed picture is recorded."
        ),
    )
    AudioFileNeeded = Choice(
        label=_("A sound file for each stream"),
        coerce=lambda text: text == "true",
        choices=[("", _("Leave it to the service")), ("true", _("Yes, an mp3 each")), ("false", _("No"))],
    )
    RecordMode = Choice(
        label=_("Way of recording"),
        choices=[
            ("", _("Leave it to the service (live)")),
            ("REALTIME_MODE", _("Live: as the class goes on")),
            (VIDEO_GENERATION, _("Video generation: drawn afterwards")),
        ],
        help_text=_("Video generation is in trial and has to be applied for."),
    )
    ChatGroupId = Text(
        label=_("Chat group to keep"), help_text=_("Its messages are kept, too. Only with video generation.")
    )
    AutoStopTimeout = Whole(
        label=_("Stop by itself after"),
        low=300,
        high=86400,
        placeholder="300",
        unit=_("seconds idle"),
        help_text=_(
            "From 300 to 86400. Idle means no sound or picture and nothing done on the whiteboard; one "
            "edition of the documents counts either of them alone."
        ),
    )
    ExtraData = Text(
        label=_("Internal parameter"), most=8000, help_text=_("Leave it empty unless the vendor asks for it.")
    )
    TRTCRoomId = Whole(
        label=_("TRTC room, as a number"),
        low=ROOM_LOW,
        high=ROOM_HIGH,
        error_messages={"range": _("A room is a whole number greater than 1 and less than 4294967295.")},
        help_text=_("Where sound and pictures are, if not in the room above. Chinese edition only."),
    )
    TRTCRoomIdStr = Text(
        label=_("TRTC room, as text"), help_text=_("Wins over both numbers. Chinese edition only.")
    )
    Concat = Part(Concat, _("Joining"), is_optional=True)
    Whiteboard = Part(Whiteboard, _("Whiteboard"), is_optional=True)
    MixStream = Part(MixStream, _("Mixed picture"), is_optional=True)
    RecordControl = Part(RecordControl, _("Choice of streams"), is_optional=True)

    TRTC_FIELDS = ("TRTCRoomId", "TRTCRoomIdStr")

    @classmethod
    def made_anew(cls) -> set[str]:
        return {*super().made_anew(), "RecordUserId", "RecordUserSig"}

    @classmethod
    def sort_params(cls, params: dict[str, Any], path: str = "") -> tuple[dict[str, Any], list[str]]:
        known, unknown = super().sort_params(params, path)
        if known.get("MixStream", {}).get("Enabled"):
            # It was added by itself, and will be again.
            known["Extras"] = [name for name in known.get("Extras", []) if name != MIX_STREAM]
        return known, unknown

    # --- What it says ----------------------------------------------------------------------------------------
    @property
    def generated_user_id(self) -> str:
        """An account of the documented form for this intention: the same in preview and request, at most 32 bytes.

        Source: page StartOnlineRecord (form); the length IM and TRTC allow.
        """
        room = self.checked("RoomId")
        if room is None:
            return ""
        start = f"tic_record_user_{room}_"
        return start + _letters(self.intention.int, min(12, SAFE_USER_ID - len(start)))

    def checked(self, name: str) -> Any:
        if name == "RecordUserId" and not str(self.raw(name) or "").strip():
            return self.generated_user_id
        if name == "Extras":
            return self._extras()
        return super().checked(name)

    def _extras(self) -> list[str]:
        chosen = super().checked("Extras") or []
        needs_mixing = self["MixStream"].is_on and MIX_STREAM not in chosen
        return [*chosen, MIX_STREAM] if needs_mixing else chosen

    def stream_names(self) -> list[str]:
        return [row.prefix for row in self["MixStream"]["Custom"]["InputStreamList"]]

    def shown_params(self) -> dict[str, Any]:
        """The parameters for a person's eyes: in the place of the signature a mask, also where it is yet to be made."""
        params = self.params()
        shown: dict[str, Any] = {}
        for name, value in params.items():
            shown[name] = MASK if name == "RecordUserSig" else value
            if name == "RecordUserId":
                shown["RecordUserSig"] = MASK
        return shown

    @property
    def shows_trtc(self) -> bool:
        """Whether the fields of the Chinese edition have a place in the page; what was typed never vanishes."""
        knows_them = bool(self.application and self.application.has_trtc_fields)
        return knows_them or any(self.raw(name) for name in self.TRTC_FIELDS)

    @property
    def shows_rare(self) -> bool:
        """Whether a rarely used field is filled in or wrong, so that its drawer has to be open."""
        rare = (
            "RecordUserId",
            "RecordUserSig",
            "GroupId",
            "ExtraData",
            "ChatGroupId",
            "RecordMode",
            "Extras",
        )
        return any(self.typed(name) or self[name].errors for name in rare)

    # --- Checking --------------------------------------------------------------------------------------------
    def clean(self) -> dict[str, Any]:
        self._check_user_id()
        self._check_signature()
        self._check_extras()
        if self.cleaned_data.get("ChatGroupId") and self.cleaned_data.get("RecordMode") != VIDEO_GENERATION:
            self.add_error(
                "ChatGroupId", _("Only video generation keeps a chat. Choose it above, or leave this empty.")
            )
        if self.application and not self.application.has_trtc_fields:
            for name in self.TRTC_FIELDS:
                if self.cleaned_data.get(name):
                    self.add_error(
                        name,
                        _(
                            "Only the Chinese edition knows this field. Leave it empty, or choose an application there."
                        ),
                    )
        return super().clean()

    def _check_user_id(self) -> None:
        user_id, room = self.cleaned_data.get("RecordUserId"), self.cleaned_data.get("RoomId")
        if not user_id:
            return
        if room is not None and not re.fullmatch(rf"tic_record_user_{room}_.+", user_id):
            self.add_error(
                "RecordUserId",
                _("It has to be tic_record_user_%(room)d_ and some random letters or digits after it.")
                % {"room": room},
            )
            return
        if (length := len(user_id.encode())) > SAFE_USER_ID:
            self.warn(
                "RecordUserId",
                "user-id-length",
                _(
                    "This account is %(length)d bytes long. The cloud accepts up to 60 here, but chat and video accept "
                    "only 32 in a user id, so the recorder may be unable to enter the room."
                )
                % {"length": length},
            )
        if not re.fullmatch(r"[A-Za-z0-9_-]+", user_id):
            self.warn(
                "RecordUserId",
                "user-id-characters",
                _(
                    "Chat and video know only letters, digits, _ and - in a user id; the recorder may be kept out."
                ),
            )

    def _check_signature(self) -> None:
        signature, user_id = self.cleaned_data.get("RecordUserSig"), self.checked("RecordUserId")
        application = self.application
        if not application or "RecordUserSig" in self.errors:
            return
        if not signature:
            if not application.sdk_key:
                self.add_error(
                    "RecordUserSig",
                    _(
                        "This application has no SDK secret key, so no signature can be made. Paste one here, or ask "
                        "an administrator to enter the key."
                    ),
                )
            return
        problems = check_user_sig(
            signature,
            sdk_app_id=int(application.app_id),
            user_id=user_id or "",
            now=int(time.time()),
            key=application.sdk_key,
        )
        if problems:
            # The cloud would take it and let the recording fail later; what is odd here may still be meant.
            self.warn("RecordUserSig", "user-sig", " ".join(str(problem) for problem in problems))

    def _check_extras(self) -> None:
        extras = self.cleaned_data.get("Extras") or []
        if [name for name in extras if name != MIX_STREAM]:
            self.add_error(
                "Extras", _("The only advanced feature there is, is MIX_STREAM. Remove everything else.")
            )
        elif MIX_STREAM in extras and not self["MixStream"].is_on:
            self.add_error(
                "Extras",
                _(
                    "MIX_STREAM needs a mixed picture. Switch the mixed picture on, or remove MIX_STREAM here."
                ),
            )


def _letters(number: int, length: int) -> str:
    """The last so many base-36 digits of a number."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return "".join(digits[number // 36**place % 36] for place in reversed(range(length)))

"""The request StartRecord, as forms. Source: page StartRecord (GME)."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import Product
from recorder_app.forms.fields import Choice, Text, TextList
from recorder_app.forms.start import ApplicationField, StartForm
from recorder_app.forms.structures import Part, StructureForm

# Source: error tables of StartRecord.
MOST_USERS = 20
# What the table of recordings holds; the documents give no limit for the name of a room.
LONGEST_ROOM = 200


class SubscribeRecordUserIds(StructureForm):
    """Whose voices are recorded. Without it everybody's are."""

    SubscribeUserIds = TextList(
        label=_("Record only these users"),
        most=MOST_USERS,
        help_text=_("At most 20 user ids, one in each row. Several lines can be pasted at once."),
    )
    UnSubscribeUserIds = TextList(
        label=_("Record everybody except these users"),
        most=MOST_USERS,
        help_text=_("At most 20 user ids. Fill one list or the other."),
    )

    def clean(self) -> dict[str, Any]:
        wanted, unwanted = (
            self.cleaned_data.get("SubscribeUserIds"),
            self.cleaned_data.get("UnSubscribeUserIds"),
        )
        if not self.errors and not wanted and not unwanted:
            # An empty list means "nobody" in one edition of the documents and "everybody" in the other.
            self.add_error(
                "SubscribeUserIds",
                _("Write at least one user, or switch the choice of users off to record everybody."),
            )
        if wanted and unwanted:
            self.warn(
                "UnSubscribeUserIds",
                "both-lists",
                _(
                    "Both lists are filled. The SDK's documents allow only one of them, the API's own example has "
                    "both: the cloud may refuse this, or follow one list only."
                ),
            )
        return self.cleaned_data


class StartRecord(StartForm):
    action = "StartRecord"
    product = Product.GME
    app_field = "BizId"

    BizId = ApplicationField(Product.GME)
    RoomId = Text(
        label=_("Room"),
        required=True,
        most=LONGEST_ROOM,
        help_text=_("The room has to exist when the recording starts: somebody must be in it."),
    )
    RecordMode = Choice(
        label=_("What is recorded"),
        required=True,
        coerce=int,
        initial=3,
        widget=forms.RadioSelect,
        choices=[
            (1, _("Each voice by itself")),
            (2, _("All voices mixed into one")),
            (3, _("Both: each voice, and the mix")),
        ],
    )
    SubscribeRecordUserIds = Part(SubscribeRecordUserIds, _("Choice of users"), is_optional=True)

    def clean(self) -> dict[str, Any]:
        room = self.cleaned_data.get("RoomId", "")
        if re.search(r"[/\\\s]|\.\.", room):
            self.warn(
                "RoomId",
                "room-in-path",
                _(
                    "This room has a slash, a blank or two dots in its name. The files of the recording are stored "
                    "under the room's name, so they may end up in another place or not at all."
                ),
            )
        return super().clean()

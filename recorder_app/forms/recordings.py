"""The small forms of a recording's page."""

import re
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from recorder_app.cloud.states import Subscription
from recorder_app.models import Person, Recording, StopOrder
from recorder_app.models.recordings import RecordingQuerySet
from recorder_app.services import actions, stops

MOST_USERS = 20


class ChangeForm(forms.Form):
    """What a running voice recording should record from now on. Source: gme.md sections 3 and 4."""

    ONLY, BUT = "only", "but"

    mode = forms.TypedChoiceField(
        label=_("Files"),
        coerce=int,
        widget=forms.RadioSelect,
        choices=[(1, _("one for each user")), (2, _("one mixed file")), (3, _("both"))],
    )
    who = forms.ChoiceField(
        label=_("Whose voice"),
        required=False,
        widget=forms.RadioSelect,
        choices=[("", _("everybody")), (ONLY, _("only these users")), (BUT, _("everybody but these users"))],
    )
    users = forms.CharField(
        label=_("User ids"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Up to 20, separated by commas or lines. Not needed for everybody."),
    )

    @classmethod
    def initial_for(cls, recording: Recording) -> dict[str, Any]:
        """What is recorded now, as far as it is known."""
        now = actions.recorded_now(recording) or Subscription(mode=0)
        return {
            "mode": recording.result.get("record_mode") or now.mode,
            "who": cls.ONLY if now.only else cls.BUT if now.but else "",
            "users": "\n".join(now.only or now.but),
        }

    def clean_users(self) -> list[str]:
        parts = re.split(r"[\s,;]+", self.cleaned_data["users"])
        return list(dict.fromkeys(part for part in parts if part))

    def clean(self) -> None:
        users, who = self.cleaned_data.get("users", []), self.cleaned_data.get("who")
        if len(users) > MOST_USERS:
            raise ValidationError({"users": _("At most 20 users can be named.")})
        if who and not users:
            raise ValidationError({"users": _("Name at least one user, or choose everybody.")})

    def params(self) -> dict[str, Any]:
        """As ModifyRecordInfo takes it: the mode, and one list or none."""
        wanted: dict[str, Any] = {"RecordMode": self.cleaned_data["mode"]}
        names = {self.ONLY: "SubscribeUserIds", self.BUT: "UnSubscribeUserIds"}
        if self.cleaned_data["who"]:
            wanted["SubscribeRecordUserIds"] = {names[self.cleaned_data["who"]]: self.cleaned_data["users"]}
        return wanted


class AnswerForm(forms.Form):
    """What a person found out about a start without an answer."""

    RUNS, ABSENT = "runs", "absent"

    answer = forms.ChoiceField(
        label=_("What you found"),
        widget=forms.RadioSelect,
        choices=[(RUNS, _("It runs, with this TaskId")), (ABSENT, _("The cloud has no such recording"))],
    )
    task_id = forms.CharField(
        label=_("TaskId"),
        required=False,
        max_length=64,
        help_text=_("Only if it runs: whole, with every digit."),
    )

    def clean(self) -> None:
        if self.cleaned_data.get("answer") == self.RUNS and not self.cleaned_data.get("task_id"):
            raise ValidationError({"task_id": _("Give the TaskId that the console shows.")})


class StopManyForm(forms.Form):
    """The confirmation that many are to be stopped: of those that match, what the person was shown."""

    newest = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**62)
    intention = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def save(self, recordings: RecordingQuerySet, *, by: Person) -> StopOrder:
        data = self.cleaned_data
        return stops.order(recordings, newest=data["newest"], by=by, intention_key=data["intention"])

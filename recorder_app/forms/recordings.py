"""The small forms of a recording's page."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MOST_USERS = 20


class Sentences(forms.Form):
    def sentences(self) -> list[str]:
        """What is wrong, for a message above the page."""
        return [str(text) for texts in self.errors.values() for text in texts]


class ChangeForm(Sentences):
    """What a running voice recording should record from now on. Source: gme.md sections 3 and 4."""

    ONLY, BUT = "only", "but"

    mode = forms.TypedChoiceField(
        label=_("Files"),
        coerce=int,
        choices=[(1, _("one for each user")), (2, _("one mixed file")), (3, _("both"))],
    )
    who = forms.ChoiceField(
        label=_("Whose voice"),
        required=False,
        choices=[("", _("everybody")), (ONLY, _("only these users")), (BUT, _("everybody but these users"))],
    )
    users = forms.CharField(
        label=_("User ids"), required=False, help_text=_("Up to 20, separated by commas or lines.")
    )

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


class AnswerForm(Sentences):
    """What a person found out about a start without an answer."""

    RUNS, ABSENT = "runs", "absent"

    answer = forms.ChoiceField(
        choices=[(RUNS, _("It runs, with this TaskId")), (ABSENT, _("The cloud has no such recording"))]
    )
    task_id = forms.CharField(label=_("TaskId"), required=False, max_length=64)

    def clean(self) -> None:
        if self.cleaned_data.get("answer") == self.RUNS and not self.cleaned_data.get("task_id"):
            raise ValidationError({"task_id": _("Give the TaskId that the console shows.")})

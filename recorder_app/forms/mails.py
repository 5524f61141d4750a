"""The form of a report by mail."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import ListPage, Rhythm
from recorder_app.forms.reports import ReportFilter
from recorder_app.models import Person, SavedView, ScheduledReport
from recorder_app.services import mails

WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]
MOST_ADDRESSES = 20
# Who may have reports sent to addresses other than their own.
SENDS_TO_OTHERS = ("manager", "administrator")


class ScheduledReportForm(forms.ModelForm):
    weekday = forms.TypedChoiceField(
        label=_("Weekday"), choices=WEEKDAYS, coerce=int, help_text=_("Counts for a mail every week.")
    )
    monthday = forms.TypedChoiceField(
        label=_("Day of the month"),
        choices=[(day, str(day)) for day in range(1, 29)],
        coerce=int,
        help_text=_("Counts for a mail every month, which covers the month before."),
    )
    hour = forms.TypedChoiceField(
        label=_("At"),
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        coerce=int,
        help_text=_("In your time zone."),
    )
    addresses = forms.CharField(
        label=_("To"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One address a line; each of them sees what you may see."),
    )
    field_order = ["name", "view", "rhythm", "weekday", "monthday", "hour", "addresses"]

    class Meta:
        model = ScheduledReport
        fields = ["name", "view", "rhythm", "hour"]
        help_texts = {"view": _("Its filter as it is when the mail is written; its time is left aside.")}

    def __init__(self, *args: Any, by: Person, **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.by = by
        usable = SavedView.objects.usable_by(by).filter(page__in=(ListPage.CALLS, ListPage.REPORTS))
        self.fields["view"].queryset = usable
        self.fields["rhythm"].choices = Rhythm.choices
        self.fields["rhythm"].initial, self.fields["hour"].initial = Rhythm.WEEKLY, 8
        self.fields["view"].empty_label = _("none: the filter above")
        if by.role not in SENDS_TO_OTHERS:
            del self.fields["addresses"]
        elif by.email:
            self.fields["addresses"].initial = by.email

    def clean_addresses(self) -> list[str]:
        typed = [one.strip() for one in self.cleaned_data["addresses"].replace(",", "\n").splitlines()]
        found = list(dict.fromkeys(one for one in typed if one))
        for one in found:
            try:
                validate_email(one)
            except ValidationError:
                raise ValidationError(_("“%(one)s” is no address for mail."), params={"one": one}) from None
        if not found:
            raise ValidationError(_("Say where it is to go."))
        if len(found) > MOST_ADDRESSES:
            raise ValidationError(_("At most %(most)d addresses."), params={"most": MOST_ADDRESSES})
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not mails.are_possible():
            raise ValidationError(_("No mail server is set up. An administrator names one in MAIL_HOST."))
        if "addresses" not in self.fields and not self.by.email:
            raise ValidationError(_("You have no address for mail yet. Enter one in your own settings."))
        is_weekly = data.get("rhythm") == Rhythm.WEEKLY
        data["day"] = data.get("weekday" if is_weekly else "monthday")
        self.instance.day, self.instance.by = data["day"], self.by
        self.instance.recipients = data.get("addresses") or [self.by.email]
        return data

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | {"for_at", "created_at", "by"}

    def save_for(self, filters: ReportFilter) -> ScheduledReport:
        """Schedule it with the filter it was asked from."""
        report = self.save(commit=False)
        report.query = filters.query
        return mails.schedule(report, by=self.by)

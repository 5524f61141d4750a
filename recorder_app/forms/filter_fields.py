"""What the filters of the lists are made of: form fields that read the address, and filters that keep to an index."""

from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recorder_app import periods

NO_CHOICE = {"invalid_choice": _("“%(value)s” is none of those there are.")}
NO_MOMENT = _("Give a date such as 2026-11-20, or a date with a time such as 2026-11-20T09:30.")
NO_PERIOD = _("Give a period such as 24h, 7d, today, last-month or 2y.")
# What an integer column holds at most.
MOST = 2**31 - 1


class MomentWidget(forms.MultiWidget):
    """A day and, if one likes, a time: ``since`` as in the address, ``since_time`` from the form alone."""

    template_name = "components/moment.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        widgets = {
            "": forms.DateInput(attrs={"type": "date", "aria-label": _("day")}),
            "time": forms.TimeInput(attrs={"type": "time", "aria-label": _("time of day, if you like")}),
        }
        super().__init__(widgets, attrs)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        day, clock = str(data.get(name, "")).strip(), str(data.get(f"{name}_time", "")).strip()
        return f"{day}T{clock}" if clock and "T" not in day else day

    def decompress(self, value: str | None) -> list[str]:
        day, _separator, clock = (value or "").replace(" ", "T").partition("T")
        return [day, clock]


class MomentField(forms.Field):
    """A date or a moment, kept as it was typed, because the two mean different things at the end of a time."""

    widget = MomentWidget

    def clean(self, value: str) -> str:
        if not value:
            return ""
        try:
            periods.start_of(value)
            periods.end_of(value)
        except ValueError:
            raise ValidationError(NO_MOMENT) from None
        return value


class PeriodField(forms.CharField):
    """A quick range: one of those that are offered, or any number of hours, days or years."""

    widget = forms.Select(choices=[("", _("Any time")), *periods.QUICK.items()])

    def clean(self, value: str) -> str:
        period = super().clean(value)
        try:
            if period:
                periods.span_of(period, timezone.now())
        except ValueError:
            raise ValidationError(NO_PERIOD) from None
        return period


class ApplicationField(forms.ModelMultipleChoiceField):
    """Applications by their numbers, of those the person may see; the others are told as not being there."""

    widget = forms.CheckboxSelectMultiple
    # What is longer fits no database's key, and SQLite breaks when it is asked for one.
    longest = 18
    default_error_messages = {
        "invalid_choice": _("There is no application with the number %(value)s, or you may not see it."),
        "invalid_pk_value": _("“%(pk)s” is no application's number."),
    }

    def clean(self, value: list[str] | None) -> QuerySet:
        for text in value or []:
            if not (text.isascii() and text.isdecimal() and len(text) <= self.longest):
                raise ValidationError(
                    self.error_messages["invalid_pk_value"], code="invalid_pk_value", params={"pk": text}
                )
        return super().clean(value)


class OneOf(django_filters.MultipleChoiceFilter):
    """Any of several values. A single one is asked for by equality: the index it leads then has the list's order."""

    def __init__(self, *args: Any, **extra: Any) -> None:
        super().__init__(
            *args, error_messages=NO_CHOICE, widget=forms.CheckboxSelectMultiple, distinct=False, **extra
        )

    def filter(self, qs: QuerySet, value: list[Any]) -> QuerySet:
        return narrowed(qs, self.field_name, value)


class Applications(django_filters.Filter):
    field_class = ApplicationField

    def filter(self, qs: QuerySet, value: QuerySet | None) -> QuerySet:
        # Kept by the filter set, which fetched their names with them.
        return narrowed(qs, self.field_name, [one.pk for one in self.parent.chosen_applications])


class Moment(django_filters.Filter):
    """Part of the time, which the filter set asks for as a whole."""

    field_class = MomentField

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        return qs


class Period(Moment):
    field_class = PeriodField


class Amount(django_filters.Filter):
    """A whole number, with the unit that stands behind it."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, unit: Any, **extra: Any) -> None:
        super().__init__(*args, min_value=0, max_value=MOST, **extra)
        self.unit = unit

    @property
    def field(self) -> forms.Field:
        made = super().field
        made.unit = self.unit
        return made


def capitalized(choices: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The same choices with words that begin in capitals, as they stand alone."""
    return [(value, capfirst(words)) for value, words in choices]


def choice(choices: Any, *, label: Any, **extra: Any) -> django_filters.ChoiceFilter:
    """One of some choices, or any."""
    return django_filters.ChoiceFilter(
        choices=choices, label=label, empty_label=_("Any"), error_messages=NO_CHOICE, **extra
    )


def narrowed(qs: QuerySet, field: str, values: list[Any]) -> QuerySet:
    """``qs`` where ``field`` is one of ``values``; all of it where there are none."""
    if not values:
        return qs
    if len(values) == 1:
        return qs.filter(**{field: values[0]})
    return qs.filter(**{f"{field}__in": values}).in_parts(*(Q(**{field: value}) for value in values))

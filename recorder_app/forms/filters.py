"""The filters of the lists, the reports and the exports: all of a filter is in the address.

``CallFilter(request.GET, person=request.user)`` reads the address; ``.qs`` are the rows it shows to that person,
``.chips()`` and ``.words()`` say what is set, ``.query`` is the filter as an address keeps it. What makes no sense is
told in ``.problems()``, and then nothing is shown: a list that ignored it would show what nobody asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Self
from urllib.parse import urlencode

import django_filters
from django import forms
from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recorder_app import periods
from recorder_app.choices import ACTIVE, TROUBLED, CallOutcome, ListPage, Origin, Product, RecordingStatus
from recorder_app.cloud.error_codes import ALL, SDK_CODES
from recorder_app.cloud.products import PRODUCTS
from recorder_app.forms.filter_fields import (
    Amount,
    Applications,
    Moment,
    OneOf,
    Period,
    capitalized,
    choice,
    narrowed,
)
from recorder_app.models import ApiCall, Application, Person, Recording
from recorder_app.periods import Span

# What "all of it" is called in an address that must not lead to a person's default view.
EVERYTHING = "all=1"
# One word for the starts of both products.
STARTS = "starts"
ACTIONS = [
    (STARTS, gettext_lazy("starts of recordings")),
    *((name, name) for product in PRODUCTS.values() for name in product.actions),
]
GROUPS = {"running": ACTIVE, "troubled": TROUBLED}
STATUSES = [
    ("running", gettext_lazy("Running")),
    ("troubled", gettext_lazy("In trouble")),
    *RecordingStatus.choices,
]


@dataclass(frozen=True)
class Chip:
    """One thing that is set: what it is called, its value in words, and the query that remains without it."""

    name: str
    value: str
    label: str
    words: str
    without: str
    is_wrong: bool = False


@dataclass(frozen=True)
class Problem:
    """A value that makes no sense: where, why, and the query without it."""

    label: str
    value: str
    why: str
    without: str


def known_codes() -> list[str]:
    """Every error code the catalogue knows, to choose from."""
    return sorted({entry.code for entry in (*ALL, *SDK_CODES)})


def people_beside(person: Person) -> QuerySet[Person]:
    """Those who may have done something that this person may see."""
    found = Person.objects.only("username", "first_name", "last_name").order_by("username")
    if person.limited_to is None:
        return found
    beside = Person.objects.filter(Q(sees_all=True) | Q(applications__in=person.limited_to))
    return found.filter(pk__in=beside.values("pk"))


class HistoryFilter(django_filters.FilterSet):
    """What calls and recordings can both be filtered by."""

    page: ListPage
    # What is shown where nothing is set.
    everything: Any
    # How the form is laid out, two fields beside each other.
    form_order: tuple[str, ...]
    # The column of the person who did it, and of the name that is kept of one who was removed.
    by_fields: tuple[str, str]

    product = choice(Product.choices, label=gettext_lazy("Product"))
    application = Applications(label=gettext_lazy("Application"), queryset=None)
    by = django_filters.CharFilter(label=gettext_lazy("Person"), max_length=150, method="filter_by")
    room = django_filters.CharFilter("room_id", label=gettext_lazy("Room"), max_length=200)
    origin = choice(capitalized(Origin.choices), label=gettext_lazy("Made by"))
    code = django_filters.CharFilter(
        label=gettext_lazy("Error code"),
        max_length=120,
        method="filter_code",
        widget=forms.TextInput(attrs={"list": "known-codes", "autocomplete": "off", "spellcheck": "false"}),
    )
    period = Period(label=gettext_lazy("Time"))
    since = Moment(label=gettext_lazy("From"))
    until = Moment(
        label=gettext_lazy("Until"), help_text=gettext_lazy("A day is included; a time of day is the end.")
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        person: Person,
        queryset: QuerySet | None = None,
        now: datetime | None = None,
        whole: bool = False,
    ) -> None:
        """``whole`` brings every field, to be drawn as a form; otherwise only what ``data`` names is made."""
        data = data if data is not None else QueryDict()
        self.person = person
        self.now = now or timezone.now()
        self.every_filter = self.base_filters
        if not whole:
            named = {name for name in data if data.get(name) != "" or len(data.getlist(name)) > 1}
            named |= {name.removesuffix("_time") for name in named}
            self.base_filters = {name: one for name, one in self.base_filters.items() if name in named}
        if queryset is None:
            queryset = self._meta.model._default_manager.visible_to(person)
        super().__init__(data, queryset)
        if "application" in self.filters:
            visible = Application.objects.visible_to(person).only("name").order_by("name", "pk")
            self.filters["application"].extra["queryset"] = visible

    @property
    def qs(self) -> QuerySet:
        """The rows, unordered; none while a value makes no sense."""
        return super().qs if self.is_valid() else self.queryset.none()

    @classmethod
    def of(cls, query: str, *, person: Person, now: datetime | None = None) -> Self:
        """The filter that a query keeps, as an address or a saved view holds it."""
        return cls(QueryDict(query), person=person, now=now)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        found = super().filter_queryset(queryset)
        if self.span.start:
            found = found.filter(created_at__gte=self.span.start)
        return found.filter(created_at__lt=self.span.end) if self.span.end else found

    @cached_property
    def span(self) -> Span:
        """The time that is asked for: what the quick range and the moments have in common."""
        told = self.form.cleaned_data
        since, until, period = (told.get(name) for name in ("since", "until", "period"))
        named = Span(
            periods.start_of(since) if since else None,
            periods.end_of(until) if until else None,
        )
        return named.within(periods.span_of(period, self.now)) if period else named

    @cached_property
    def chosen_applications(self) -> list[Application]:
        return list(self.form.cleaned_data.get("application") or [])

    @cached_property
    def chosen_person(self) -> Person | None:
        """Whose sign-in name is asked for; None for somebody who is not there any more, or never was."""
        name = self.form.cleaned_data.get("by")
        return Person.objects.filter(username=name).first() if name else None

    @cached_property
    def _may_be_named(self) -> bool:
        """Whether the name of the person that is asked for is among those this person is offered."""
        if self.person.limited_to is None:
            return True
        return people_beside(self.person).filter(pk=self.chosen_person.pk).exists()

    def filter_by(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        key, kept_name = self.by_fields
        if self.chosen_person:
            return queryset.filter(**{key: self.chosen_person.pk})
        # History keeps the name of whoever was removed; the exclusion is the condition of the index that leads there.
        return queryset.filter(**{f"{key}__isnull": True, kept_name: value}).exclude(**{kept_name: ""})

    # --- What is set -----------------------------------------------------------------------------------
    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """Every name and value that is set, in the order of the fields."""
        found = []
        for name, one in self.filters.items():
            if isinstance(one, Moment) and not isinstance(one, Period):
                values = [self.form[name].value()]
            else:
                values = [value.strip() for value in self.data.getlist(name)]
                values = values if isinstance(one, OneOf | Applications) else values[-1:]
            found += [(name, value) for value in dict.fromkeys(values) if value]
        return found

    @property
    def query(self) -> str:
        """The filter as it stands in an address, in one order, without the keys of pages; "" where none is set."""
        return urlencode(self.pairs)

    def without(self, pair: tuple[str, str]) -> str:
        """The query that remains when one value is taken away."""
        return urlencode([other for other in self.pairs if other != pair]) or EVERYTHING

    def replaced(self, name: str, value: str) -> str:
        """The query with one thing set to this value alone; with "" for without it."""
        kept = [pair for pair in self.pairs if pair[0] != name]
        return urlencode([*kept, (name, value)] if value else kept) or EVERYTHING

    def set_to(self, name: str) -> list[str]:
        """What one thing is set to."""
        return [value for key, value in self.pairs if key == name]

    def chips(self) -> list[Chip]:
        """What is set, each with the query that takes it away."""
        wrong = self.form.errors
        return [
            Chip(
                name,
                value,
                str(self.filters[name].label),
                value if name in wrong else self._words(name, value),
                self.without((name, value)),
                name in wrong,
            )
            for name, value in self.pairs
        ]

    def problems(self) -> list[Problem]:
        """The values that make no sense."""
        return [
            Problem(chip.label, chip.value, " ".join(map(str, self.form.errors[chip.name])), chip.without)
            for chip in self.chips()
            if chip.is_wrong
        ]

    def words(self) -> str:
        """What is set in one line for people: "Outcome: Refused or No answer · Time: last 7 days"."""
        told: dict[str, list[str]] = {}
        for chip in self.chips():
            told.setdefault(chip.label, []).append(chip.words)
        either = _(" or ")
        return " · ".join(f"{label}: {either.join(values)}" for label, values in told.items()) or str(
            self.everything
        )

    def _words(self, name: str, value: str) -> str:
        one = self.filters[name]
        if name == "application":
            return next((app.name for app in self.chosen_applications if str(app.pk) == value), value)
        if name == "by":
            return self.chosen_person.name if self.chosen_person and self._may_be_named else value
        if isinstance(one, Period):
            return str(periods.words_of(value))
        if isinstance(one, Moment):
            return value.replace("T", " ")
        if isinstance(one, Amount):
            return f"{value} {one.unit}"
        return str(dict(one.extra.get("choices", ())).get(value, value))

    # --- The form --------------------------------------------------------------------------------------
    def offer(self) -> forms.Form:
        """The whole form, with what there is to choose from as far as this person may see it."""
        self.form.order_fields(self.form_order)
        set_name = self.data.get("by", "").strip()
        names = [(one.username, one.name) for one in people_beside(self.person)]
        if set_name and set_name not in dict(names):
            names.append((set_name, set_name))
        self.form.fields["by"].widget = forms.Select(choices=[("", _("Anybody")), *names])
        period = self.data.get("period", "").strip()
        if period and period not in periods.QUICK and "period" not in self.form.errors:
            widget = self.form.fields["period"].widget
            widget.choices = [*widget.choices, (period, periods.words_of(period))]
        return self.form


class CallFilter(HistoryFilter):
    """The filter of /calls/."""

    page = ListPage.CALLS
    everything = gettext_lazy("All calls")
    by_fields = ("by", "by_name")
    form_order = (
        *("outcome", "application", "product", "action", "code", "room", "by", "origin"),
        *("since", "until", "period", "slower", "faster"),
    )

    outcome = OneOf("outcome", choices=capitalized(CallOutcome.choices), label=gettext_lazy("Outcome"))
    action = choice(ACTIONS, label=gettext_lazy("Action"), method="filter_action")
    slower = Amount(label=gettext_lazy("Took at least"), unit=gettext_lazy("ms"), method="filter_slower")
    faster = Amount("duration_ms", "lte", label=gettext_lazy("Took at most"), unit=gettext_lazy("ms"))

    class Meta:
        model = ApiCall
        fields: list[str] = []

    def filter_action(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        starts = [
            one.name for product in PRODUCTS.values() for one in product.actions.values() if one.is_start
        ]
        return narrowed(queryset, "action", starts if value == STARTS else [value])

    def filter_code(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.with_error(value)

    def filter_slower(self, queryset: QuerySet, name: str, value: int) -> QuerySet:
        return queryset.slower_than(value)


class RecordingFilter(HistoryFilter):
    """The filter of /recordings/. The error code is that of any of a recording's calls."""

    page = ListPage.RECORDINGS
    everything = gettext_lazy("All recordings")
    by_fields = ("started_by", "started_by_name")
    form_order = (
        *("status", "application", "product", "room", "code", "by", "origin", "period"),
        *("since", "until", "longer", "shorter"),
    )

    status = OneOf("status", choices=STATUSES, label=gettext_lazy("Status"), method="filter_status")
    longer = Amount(label=gettext_lazy("Recorded at least"), unit=gettext_lazy("s"), method="filter_longer")
    shorter = Amount(label=gettext_lazy("Recorded at most"), unit=gettext_lazy("s"), method="filter_shorter")

    class Meta:
        model = Recording
        fields: list[str] = []

    @property
    def statuses(self) -> list[str]:
        """The states that are asked for, groups taken apart; none for all."""
        chosen: Iterable[str] = self.form.cleaned_data.get("status") or []
        return list(dict.fromkeys(one for name in chosen for one in GROUPS.get(name, (name,))))

    def filter_status(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        return queryset.active() if value == ["running"] else narrowed(queryset, "status", self.statuses)

    def filter_code(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        calls = ApiCall.objects.with_error(value).filter(recording__isnull=False)
        if self.span.start:
            # No call is older than its recording.
            calls = calls.filter(created_at__gte=self.span.start)
        return queryset.filter(pk__in=calls.values("recording"))

    def filter_longer(self, queryset: QuerySet, name: str, value: int) -> QuerySet:
        length = timedelta(seconds=value)
        goes_on = Q(stopped_at=None, status__in=ACTIVE, started_at__lte=self.now - length)
        return queryset.filter(goes_on | Q(stopped_at__gte=F("started_at") + length))

    def filter_shorter(self, queryset: QuerySet, name: str, value: int) -> QuerySet:
        length = timedelta(seconds=value)
        goes_on = Q(stopped_at=None, status__in=ACTIVE, started_at__gte=self.now - length)
        return queryset.filter(goes_on | Q(stopped_at__lte=F("started_at") + length))


FILTERS: dict[str, type[HistoryFilter]] = {
    ListPage.CALLS.value: CallFilter,
    ListPage.RECORDINGS.value: RecordingFilter,
}

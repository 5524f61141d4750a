"""The filter of /reports/: that of the calls, and in which steps the time is shown."""

from dataclasses import replace
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recorder_app import periods
from recorder_app.choices import CallOutcome, Grain, ListPage
from recorder_app.forms.filter_fields import choice
from recorder_app.forms.filters import FILTERS, STARTS, CallFilter
from recorder_app.models import Application, Recording
from recorder_app.models.calls import ApiCallQuerySet
from recorder_app.models.counts import ALL
from recorder_app.models.recordings import RecordingQuerySet
from recorder_app.periods import Span
from recorder_app.reports.numbers import Choice
from recorder_app.reports.timeline import Timeline, timeline
from recorder_app.services import counting
from recorder_app.services.tallies import STARTS as STARTING

USUAL_PERIOD = "30d"
TIMES = ("period", "since", "until")
# What the sums do not know: these are counted from the calls themselves.
NOT_COUNTED = ("by", "room", "code", "origin", "slower", "faster")
# So many of them at most: a report is a page, not an export.
MOST_CALLS = 50_000


class ReportFilter(CallFilter):
    page = ListPage.REPORTS
    everything = _("All starts")
    form_order = ("grain", *CallFilter.form_order)

    grain = choice(Grain.choices, label=_("Shown by"))

    class Meta(CallFilter.Meta):
        pass

    @cached_property
    def told_span(self) -> Span:
        """The time asked for; the last thirty days where none is."""
        if any(self.form.cleaned_data.get(name) for name in TIMES):
            return self.span
        return periods.span_of(USUAL_PERIOD, self.now)

    def timeline(self, *, first: datetime | None, zone: ZoneInfo | None = None) -> Timeline | None:
        """The time that the report is about, if anything can lie in it; ``first`` is when history begins."""
        grain = self.form.cleaned_data.get("grain")
        return timeline(
            self.told_span,
            now=self.now,
            first=first,
            zone=zone or timezone.get_current_timezone(),
            grain=Grain(grain) if grain else None,
        )

    @property
    def is_counted_one_by_one(self) -> bool:
        return any(self.form.cleaned_data.get(name) not in (None, "") for name in NOT_COUNTED)

    def is_too_much(self, time: Timeline) -> bool:
        """Whether more calls would have to be counted one by one than a page can wait for."""
        if not self.is_counted_one_by_one:
            return False
        earliest = time.before.start
        rows = self._rows.filter(created_at__gte=earliest, created_at__lt=time.end)
        found = counting.count(rows, most=MOST_CALLS, patience=3)
        return found is None or found.is_more

    def choice(self) -> Choice:
        """What is to be counted, as far as this person may see it."""
        told = self.form.cleaned_data
        made = Choice(
            scope=self._scope,
            actions=frozenset([told["action"]]) if told.get("action") not in (None, "", STARTS) else STARTING,
            outcomes=frozenset(told.get("outcome") or CallOutcome.values),
        )
        if not self.is_counted_one_by_one:
            return made
        rooms = self._recordings.filter(room_id=told["room"]) if told.get("room") else None
        return replace(made, calls=self._rows, recordings=rooms)

    @cached_property
    def _scope(self) -> list[int]:
        product = self.form.cleaned_data.get("product")
        if self.person.limited_to is None and not product and not self.chosen_applications:
            return [ALL]
        found = Application.objects.visible_to(self.person)
        if product:
            found = found.filter(product=product)
        keys = list(found.order_by("pk").values_list("pk", flat=True))
        chosen = {one.pk for one in self.chosen_applications}
        return [key for key in keys if not chosen or key in chosen]

    @property
    def _rows(self) -> ApiCallQuerySet:
        """The calls that are chosen, whenever they were made."""
        timeless = [pair for pair in self.pairs if pair[0] not in (*TIMES, "grain")]
        if not self.set_to("action"):
            timeless.append(("action", STARTS))
        return CallFilter.of(urlencode(timeless), person=self.person, now=self.now).qs

    @property
    def _recordings(self) -> RecordingQuerySet:
        found = Recording.objects.visible_to(self.person)
        return found if self._scope == [ALL] else found.filter(application__in=self._scope)


FILTERS[ListPage.REPORTS.value] = ReportFilter

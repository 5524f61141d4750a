"""A review over time, step by step, as pictures and tables: plain data that a template prints and ``charts.js`` draws.

Every picture has a table of the same numbers; whoever cannot see or print the one has the other.
"""

from collections.abc import Iterable
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recorder_app.choices import CallOutcome
from recorder_app.reports.numbers import Review
from recorder_app.reports.shapes import Column, Kind, Links, Section, Table
from recorder_app.reports.words import step_names, times_in_addresses

# Outcome -> (colour of recorder.css, how its area is hatched, so that colour is not needed to tell them apart).
LOOKS = {
    CallOutcome.OK.value: ("--ok", ""),
    CallOutcome.REFUSED.value: ("--bad", "rising"),
    CallOutcome.NO_ANSWER.value: ("--warn", "dots"),
    CallOutcome.NOT_SENT.value: ("--calm", "falling"),
    CallOutcome.SENDING.value: ("--busy", "level"),
}


class Steps:
    """What the pictures over time share: their steps' names and where each leads."""

    def __init__(self, review: Review, links: Links, outcomes: Iterable[str]) -> None:
        self.review, self.links = review, links
        self.times = times_in_addresses(review.timeline)
        self.names = step_names(review.timeline)
        self.heads = Column(
            str(review.timeline.grain.label), self.names, Kind.WORDS, self._links_to(links.within())
        )
        present = set().union(*(step.outcomes for step in review.steps)) if review.steps else set()
        always = {CallOutcome.OK, CallOutcome.REFUSED}
        self.outcomes = [one for one in LOOKS if one in set(outcomes) and (one in present or one in always)]

    def sections(self) -> list[Section]:
        return [self.starts(), self.rate(), self.answers(), self.recorded(), self.running()]

    def _links_to(self, stem: str) -> list[str]:
        """Where each step's number leads, from what these addresses have in common."""
        return [stem + time for time in self.times] if stem else []

    def _chart(self, kind: str, datasets: list[dict], unit: str = "", **options: Any) -> dict[str, Any]:
        return {"kind": kind, "labels": self.names, "datasets": datasets, "unit": unit, **options}

    def _table(self, *columns: Column) -> Table:
        return Table([self.heads, *columns])

    def starts(self) -> Section:
        steps = self.review.steps
        datasets, columns = [], [Column(_("All"), [step.total for step in steps])]
        for outcome in self.outcomes:
            label, (colour, hatch) = capfirst(str(CallOutcome(outcome).label)), LOOKS[outcome]
            data = [step.outcomes.get(outcome, 0) for step in steps]
            stem = self.links.within(outcome=outcome)
            links = self._links_to(stem)
            links = (
                [link if number else "" for link, number in zip(links, data, strict=True)] if links else []
            )
            columns.append(Column(label, data, links=links))
            datasets.append({"label": label, "data": data, "colour": colour, "hatch": hatch, "stem": stem})
        return Section(
            "starts",
            _("How the calls ended"),
            _("Each attempt counts as a call, in the step in which it was intended."),
            self._table(*columns),
            self._chart("bar", datasets, stacked=True, times=self.times),
        )

    def rate(self) -> Section:
        rates = [step.rate for step in self.review.steps]
        line = {"label": _("Accepted"), "colour": "--ok", "data": [r and round(r * 100, 2) for r in rates]}
        return Section(
            "rate",
            _("Success rate"),
            _(
                "Of the calls that are settled, the share that the cloud accepted. Steps without calls have no rate."
            ),
            self._table(
                Column(_("Accepted"), rates, Kind.SHARE),
                Column(_("Settled"), [step.settled for step in self.review.steps]),
            ),
            self._chart("line", [line], unit="%", most=100),
        )

    def answers(self) -> Section:
        looks = (
            (_("p50"), "--ok", [], "circle"),
            (_("p95"), "--busy", [6, 4], "rect"),
            (_("p99"), "--bad", [2, 3], "triangle"),
        )
        found = [step.percentiles for step in self.review.steps]
        times = [[of_step[at] for of_step in found] for at in range(len(looks))]
        lines = [
            {
                "label": label,
                "colour": colour,
                "dash": dash,
                "point": point,
                "data": [time and round(time, 1) for time in of_line],
            }
            for (label, colour, dash, point), of_line in zip(looks, times, strict=True)
        ]
        return Section(
            "answers",
            _("Time to answer"),
            _(
                "Within these times a half (p50), 95 and 99 of a hundred calls were answered; exact to 5 in a hundred."
            ),
            self._table(
                *(
                    Column(label, of_line, Kind.MILLISECONDS)
                    for (label, *_look), of_line in zip(looks, times, strict=True)
                )
            ),
            self._chart("line", lines, unit="ms"),
        )

    def recorded(self) -> Section:
        hours = [step.hours for step in self.review.steps]
        bars = {"label": _("Hours"), "colour": "--busy", "data": [round(one, 2) for one in hours]}
        return Section(
            "recorded",
            _("Recorded hours"),
            _(
                "How long recordings ran within each step, from start to stop, pauses included, three days at most."
            ),
            self._table(Column(_("Hours"), hours, Kind.HOURS)),
            self._chart("bar", [bars], unit="h"),
        )

    def running(self) -> Section:
        most = [step.recordings.most_running for step in self.review.steps]
        line = {"label": _("At once"), "colour": "--busy", "data": most, "stepped": True}
        says = _("The most recordings that ran at one moment of each step.")
        if self.review.is_upper_bound:
            says += " " + _("Counted for each application and added up: it may have been fewer.")
        return Section(
            "running",
            _("Running at once"),
            says,
            self._table(Column(_("At most") if self.review.is_upper_bound else _("Most"), most)),
            self._chart("line", [line]),
        )

"""A review over time, step by step, as pictures and tables: plain data that a template prints and ``charts.js`` draws.

Every picture has a table of the same numbers; whoever cannot see or print the one has the other.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recorder_app.choices import CallOutcome
from recorder_app.reports.numbers import Numbers, Review
from recorder_app.reports.shapes import Cell, Link, Section, Table
from recorder_app.reports.words import duration, moments, number, share, step_name

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

    def __init__(self, review: Review, link: Link, outcomes: Iterable[str]) -> None:
        self.review, self.link = review, link
        self.times = [moments(start, end, review.timeline) for start, end in review.timeline.steps]
        self.names = [step_name(start, end, review.timeline) for start, end in review.timeline.steps]
        present = set().union(*(step.outcomes for step in review.steps)) if review.steps else set()
        always = {CallOutcome.OK, CallOutcome.REFUSED}
        self.outcomes = [one for one in LOOKS if one in set(outcomes) and (one in present or one in always)]

    def sections(self) -> list[Section]:
        return [self.starts(), self.rate(), self.answers(), self.recorded(), self.running()]

    def _chart(self, kind: str, datasets: list[dict], unit: str = "", **options: Any) -> dict[str, Any]:
        return {"kind": kind, "labels": self.names, "datasets": datasets, "unit": unit, **options}

    def _table(self, heads: list[str], cells: Callable[[int, Numbers], list[Cell]]) -> Table:
        rows = [
            [Cell(self.names[place], self.link(**self.times[place]), is_head=True), *cells(place, step)]
            for place, step in enumerate(self.review.steps)
        ]
        return Table([str(self.review.timeline.grain.label), *heads], rows)

    def starts(self) -> Section:
        steps = self.review.steps
        labels = {one: capfirst(str(CallOutcome(one).label)) for one in self.outcomes}
        datasets = [
            {
                "label": labels[one],
                "data": [step.outcomes.get(one, 0) for step in steps],
                "colour": LOOKS[one][0],
                "hatch": LOOKS[one][1],
                "links": [self.link(outcome=one, **times) for times in self.times],
            }
            for one in self.outcomes
        ]

        def cells(place: int, step: Numbers) -> list[Cell]:
            found = [
                Cell(
                    number(step.outcomes.get(one, 0)),
                    datasets[at]["links"][place] if step.outcomes.get(one) else "",
                )
                for at, one in enumerate(self.outcomes)
            ]
            return [Cell(number(step.total)), *found]

        return Section(
            "starts",
            _("How the calls ended"),
            _("Each attempt counts as a call, in the step in which it was intended."),
            self._table([_("All"), *labels.values()], cells),
            self._chart("bar", datasets, stacked=True),
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
                [_("Accepted"), _("Settled")],
                lambda _at, step: [Cell(share(step.rate)), Cell(number(step.settled))],
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
        lines = [
            {
                "label": label,
                "colour": colour,
                "dash": dash,
                "point": point,
                "data": [times[at] and round(times[at], 1) for times in found],
            }
            for at, (label, colour, dash, point) in enumerate(looks)
        ]
        return Section(
            "answers",
            _("Time to answer"),
            _(
                "Within these times a half (p50), 95 and 99 of a hundred calls were answered; exact to 5 in a hundred."
            ),
            self._table(
                [label for label, *_look in looks],
                lambda at, _step: [Cell(duration(time)) for time in found[at]],
            ),
            self._chart("line", lines, unit="ms"),
        )

    def recorded(self) -> Section:
        bars = {
            "label": _("Hours"),
            "colour": "--busy",
            "data": [round(step.hours, 2) for step in self.review.steps],
        }
        return Section(
            "recorded",
            _("Recorded hours"),
            _(
                "How long recordings ran within each step, from start to stop, pauses included, three days at most."
            ),
            self._table([_("Hours")], lambda _at, step: [Cell(number(step.hours, 1))]),
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
            self._table(
                [_("At most") if self.review.is_upper_bound else _("Most")],
                lambda _at, step: [Cell(number(step.recordings.most_running))],
            ),
            self._chart("line", [line]),
        )

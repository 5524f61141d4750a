"""Everything a report says, ready for a page or a mail: its figures and its sections."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from recorder_app.choices import Grain
from recorder_app.models import Application, CloudAccount, CountedSpan, Person
from recorder_app.reports import breakdowns, figures, numbers
from recorder_app.reports.numbers import Choice, Review
from recorder_app.reports.shapes import Figure, Links, Section
from recorder_app.reports.steps import Steps
from recorder_app.reports.timeline import Timeline


@dataclass(frozen=True)
class Report:
    review: Review
    figures: list[Figure]
    sections: list[Section]


def contents(timeline: Timeline, choice: Choice, *, person: Person, links: Links) -> Report:
    """Count what is chosen and put it into words, pictures and tables, with links to the calls behind them."""
    review = numbers.review(timeline, choice)
    sections = [
        *Steps(review, links, choice.outcomes).sections(),
        breakdowns.codes(review, links),
        breakdowns.applications(review, _application_names(person), links),
        breakdowns.people(review, _people(review), links),
        breakdowns.unknown(review),
        breakdowns.limit(review, _account_names()),
        breakdowns.week(review),
    ]
    return Report(review, figures.figures(review), sections)


def first_moment() -> datetime | None:
    """When the counted history begins."""
    hours = CountedSpan.objects.filter(grain=Grain.HOUR, zone=":00").order_by("start")
    return hours.values_list("start", flat=True).first()


def zone_of(wanted: ZoneInfo) -> tuple[ZoneInfo, bool]:
    """The zone in which a report can be shown, and whether it is the one that is wanted.

    Days are counted for the zones in use; a zone that somebody has just chosen gets its days with the next count.
    """
    if CountedSpan.objects.filter(grain=Grain.MONTH, zone=wanted.key, counted_at__isnull=False).exists():
        return wanted, True
    usual = ZoneInfo(settings.TIME_ZONE)
    return usual, usual.key == wanted.key


def calls_address() -> str:
    return reverse("calls")


def _application_names(person: Person) -> dict[int, str]:
    return dict(Application.objects.visible_to(person).values_list("pk", "name"))


def _people(review: Review) -> dict[str, tuple[str, str]]:
    """The name and the sign-in name of those who are in the sums, by their key there."""
    keys = [int(key) for key in review.people if key.isdecimal()]
    rows = Person.objects.filter(pk__in=keys).only("username", "first_name", "last_name")
    return {str(person.pk): (person.name, person.username) for person in rows}


def _account_names() -> dict[int, str]:
    return dict(CloudAccount.objects.values_list("pk", "name"))

"""A report's numbers: those of the history, in every zone, at every grain, for whoever may see them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from recorder_app.choices import CallOutcome, Grain
from recorder_app.models import ApiCall, Person
from recorder_app.models.counts import ALL
from recorder_app.periods import Span
from recorder_app.reports.contents import first_moment
from recorder_app.reports.numbers import Choice, review
from recorder_app.reports.timeline import Timeline, timeline
from recorder_app.services import counts
from recorder_app.services.tallies import STARTS
from tests import factories, history

pytestmark = pytest.mark.django_db
NOW = factories.NOW
# New York's clocks went back on the 1st of November 2026.
BEGIN, END = datetime(2026, 10, 28, tzinfo=UTC), datetime(2026, 11, 6, tzinfo=UTC)
ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Asia/Kolkata")
EVERYTHING = Choice([ALL])


@pytest.fixture(autouse=True)
def _standing(clock):
    """Time stands still at ``factories.NOW``."""


@pytest.fixture
def applications():
    for zone in ZONES[1:]:
        Person.objects.create_user(username=zone, time_zone=zone)
    made = history.make(start=BEGIN, end=END, calls=300)
    counts.rebuild()
    return made


def over(start: datetime, end: datetime, zone: str = "UTC", grain: Grain = Grain.DAY) -> Timeline:
    return timeline(Span(start, end), now=NOW, first=first_moment(), zone=ZoneInfo(zone), grain=grain)


def starts(start: datetime, end: datetime, **which) -> int:
    return ApiCall.objects.filter(
        action__in=STARTS, created_at__gte=start, created_at__lt=end, **which
    ).count()


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("grain", Grain)
def test_the_steps_hold_what_happened_in_them(applications, zone, grain):
    made = review(over(BEGIN, END, zone, grain), EVERYTHING)

    steps = made.timeline.steps
    assert [step.total for step in made.steps] == [starts(start, end) for start, end in steps]
    assert sum(step.total for step in made.steps) == ApiCall.objects.filter(action__in=STARTS).count()
    assert sum(made.week[hour][one] for hour in made.week for one in made.week[hour]) == made.whole.total
    assert made.missing == 0


def test_the_same_time_adds_up_to_the_same_in_every_zone(applications):
    wholes = [review(over(BEGIN, END, zone), EVERYTHING).whole for zone in ZONES]

    assert [whole.outcomes for whole in wholes] == [wholes[0].outcomes] * 4
    assert [whole.times for whole in wholes] == [wholes[0].times] * 4
    assert [whole.recordings.recorded_ms for whole in wholes] == [wholes[0].recordings.recorded_ms] * 4
    assert wholes[0].recordings.recorded_ms / 1000 == pytest.approx(history.seconds_recorded())


def test_a_day_is_the_day_of_its_zone(applications):
    new_york = ZoneInfo("America/New_York")
    start, end = datetime(2026, 11, 1, tzinfo=new_york), datetime(2026, 11, 2, tzinfo=new_york)

    made = review(
        over(start.astimezone(UTC), end.astimezone(UTC), "America/New_York", Grain.HOUR), EVERYTHING
    )

    assert len(made.steps) == 25
    assert made.whole.total == starts(start, end)


def test_outcomes_applications_people_and_codes_are_those_of_the_calls(applications):
    made = review(over(BEGIN, END), EVERYTHING)

    rows = ApiCall.objects.filter(action__in=STARTS)
    assert made.whole.outcomes == {
        one: number for one in CallOutcome.values if (number := rows.filter(outcome=one).count())
    }
    assert {key: sum(outcomes.values()) for key, outcomes in made.applications.items()} == {
        one.pk: rows.filter(application=one).count() for one in applications
    }
    assert {key: sum(outcomes.values()) for key, outcomes in made.people.items()} == {
        **{str(p.pk): rows.filter(by=p).count() for p in Person.objects.all() if rows.filter(by=p).exists()},
        "": rows.filter(by=None).count(),
    }
    assert {key: sum(outcomes.values()) for key, outcomes in made.codes.items()} == {
        code: rows.filter(error_code=code).count() for code in history.CODES
    }


@pytest.mark.parametrize("grain", Grain)
def test_details_are_those_of_a_time_that_begins_and_ends_within_a_day(applications, grain):
    start, end = BEGIN + timedelta(hours=29), END - timedelta(hours=31)

    made = review(over(start, end, "America/New_York", grain), EVERYTHING)

    total = starts(start, end)
    by_code = {code: starts(start, end, error_code=code) for code in history.CODES}
    assert made.whole.total == total
    assert [sum(map(sum, map(dict.values, tree.values()))) for tree in (made.people, made.applications)] == [
        total,
        total,
    ]
    assert {code: sum(outcomes.values()) for code, outcomes in made.codes.items()} == by_code
    assert sum(sum(outcomes.values()) for outcomes in made.week.values()) == total


def test_a_month_that_is_remembered_is_not_changed_by_what_is_added_to_it(applications):
    time = over(BEGIN - timedelta(days=27), NOW, grain=Grain.MONTH)

    first, second = review(time, EVERYTHING), review(time, EVERYTHING)

    assert {piece.grain for piece in time.pieces} == {Grain.MONTH}
    assert first.whole.total == ApiCall.objects.filter(action__in=STARTS).count()
    assert (first.whole, first.people, first.week) == (second.whole, second.people, second.week)


def test_one_action_and_one_outcome_can_be_chosen(applications):
    choice = Choice([ALL], actions=frozenset(["StopRecord"]), outcomes=frozenset(["refused"]))

    made = review(over(BEGIN, END), choice)

    expected = ApiCall.objects.filter(action="StopRecord", outcome="refused").count()
    assert made.whole.outcomes == {"refused": expected}
    assert sum(sum(outcomes.values()) for outcomes in made.people.values()) == expected


def test_several_applications_are_added_up_and_what_ran_at_once_is_bounded(applications):
    both = review(over(BEGIN, END), Choice([one.pk for one in applications]))
    everything = review(over(BEGIN, END), EVERYTHING)

    assert both.whole.outcomes == everything.whole.outcomes
    assert both.applications == everything.applications
    assert both.whole.recordings.recorded_ms == everything.whole.recordings.recorded_ms
    assert both.is_upper_bound
    assert both.whole.recordings.most_running >= everything.whole.recordings.most_running
    assert everything.whole.recordings.most_running == history.most_at_once()


def test_one_application_alone_has_exactly_its_own(applications):
    made = review(over(BEGIN, END), Choice([applications[0].pk]))

    assert made.whole.total == starts(BEGIN, END, application=applications[0])
    assert not made.is_upper_bound


def test_counted_one_by_one_it_is_the_same(applications):
    counted = review(over(BEGIN, END, "Asia/Kolkata"), EVERYTHING)

    each = review(over(BEGIN, END, "Asia/Kolkata"), Choice([ALL], calls=ApiCall.objects.all()))

    assert [step.outcomes for step in each.steps] == [step.outcomes for step in counted.steps]
    assert [step.times for step in each.steps] == [step.times for step in counted.steps]
    assert (each.week, each.people, each.codes) == (counted.week, counted.people, counted.codes)
    assert each.applications == counted.applications


def test_it_is_compared_with_the_time_before(applications):
    middle = datetime(2026, 11, 2, tzinfo=UTC)

    made = review(over(middle, END), EVERYTHING)

    assert made.before.total == starts(datetime(2026, 10, 29, tzinfo=UTC), middle)
    assert made.timeline.before.start == datetime(2026, 10, 29, tzinfo=UTC)


@pytest.mark.parametrize("days", [1, 5])
def test_a_report_asks_the_same_number_of_questions_however_long_it_is(
    applications, django_assert_num_queries, days
):
    time = over(END - timedelta(days=days), END)

    with django_assert_num_queries(6):
        first = review(time, EVERYTHING)
    # What was read is remembered, and only looked for.
    with django_assert_num_queries(4):
        second = review(time, EVERYTHING)

    assert first == second


def test_what_is_counted_anew_is_read_anew(applications):
    time = over(BEGIN, END)
    before = review(time, EVERYTHING).whole.total
    factories.call(application=applications[0], action="StartOnlineRecord", created_at=BEGIN)

    counts.rebuild()

    assert review(time, EVERYTHING).whole.total == before + 1


def test_what_was_never_counted_is_told():
    factories.call(created_at=BEGIN)

    made = review(over(BEGIN, END), EVERYTHING)

    assert made.missing == 9


# --- The time itself -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days", "grain"), [(1, "hour"), (3, "hour"), (7, "day"), (90, "day"), (120, "week"), (730, "month")]
)
def test_the_steps_fit_the_length(days, grain):
    made = timeline(Span(NOW - timedelta(days=days)), now=NOW, first=None, zone=ZoneInfo("UTC"), grain=None)

    assert made.grain == grain


def test_steps_that_would_be_too_many_are_not_taken():
    made = timeline(
        Span(NOW - timedelta(days=700)), now=NOW, first=None, zone=ZoneInfo("UTC"), grain=Grain.HOUR
    )

    assert made.grain == Grain.MONTH


def test_a_time_before_all_history_or_to_come_is_none():
    zone = ZoneInfo("UTC")
    before = Span(None, BEGIN - timedelta(days=90))
    early = timeline(before, now=NOW, first=BEGIN, zone=zone, grain=None)
    late = timeline(Span(NOW + timedelta(days=1)), now=NOW, first=BEGIN, zone=zone, grain=None)
    nothing = timeline(Span(), now=NOW, first=None, zone=zone, grain=None)

    assert (early, late, nothing) == (None, None, None)


def test_a_day_that_is_not_over_is_compared_with_as_much_of_the_one_before():
    zone = ZoneInfo("America/New_York")
    start = datetime(2026, 11, 20, tzinfo=zone).astimezone(UTC)

    made = timeline(Span(start), now=NOW, first=None, zone=zone, grain=None)

    assert (made.start, made.end) == (start, NOW)
    assert (made.before.start, made.before.end) == (start - timedelta(hours=4), start)


def test_the_weeks_before_a_change_of_the_clocks_are_whole_days():
    zone = ZoneInfo("America/New_York")
    start = datetime(2026, 11, 1, tzinfo=zone).astimezone(UTC)
    end = datetime(2026, 11, 8, tzinfo=zone).astimezone(UTC)

    before = Timeline(start, end, zone, Grain.DAY, NOW).before

    assert before.start == datetime(2026, 10, 25, tzinfo=zone).astimezone(UTC)
    assert before.end == start


def test_two_years_are_made_of_few_pieces():
    zone = ZoneInfo("Asia/Shanghai")
    made = timeline(Span(NOW - timedelta(days=730)), now=NOW, first=None, zone=zone, grain=None)

    assert len(made.pieces) < 24 + 30 + 24
    assert [piece.grain for piece in made.pieces][-1] == Grain.MONTH


def test_the_details_of_many_steps_are_read_from_few_spans():
    zone, end = ZoneInfo("Asia/Shanghai"), NOW - timedelta(days=9)
    made = timeline(Span(end - timedelta(days=365), end), now=NOW, first=None, zone=zone, grain=Grain.DAY)

    pieces = made.longest_pieces
    assert len(made.pieces) > 365 > 12 + 2 * (4 + 12 + 23) >= len(pieces)
    assert (pieces[0].start, pieces[-1].end) == (made.start, made.end)
    assert all(one.end == other.start for one, other in pairwise(pieces))

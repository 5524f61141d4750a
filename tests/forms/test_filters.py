"""The filters of the lists: what an address asks for, what it shows to whom, and what is told of what is wrong."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recorder_app.choices import CallOutcome, Origin, Product, RecordingStatus
from recorder_app.forms.filters import CallFilter, RecordingFilter
from tests import factories
from tests.factories import NOW
from tests.people import person

pytestmark = pytest.mark.django_db


def calls(query: str, who: str = "support", **extra) -> CallFilter:
    return CallFilter(QueryDict(query), person=person(who), now=NOW, **extra)


def recordings(query: str, who: str = "support", **extra) -> RecordingFilter:
    return RecordingFilter(QueryDict(query), person=person(who), now=NOW, **extra)


def ids(rows) -> list[int]:
    return sorted(row.pk for row in rows)


@pytest.fixture
def two_calls():
    """A quick accepted call of a class, and a slow refused one of a voice room, an hour later."""
    tiw = factories.recording(application=factories.application(name="Classes"), room_id="1203")
    gme = factories.recording(application=factories.application(product=Product.GME), room_id="a/b")
    one = factories.call(recording=tiw, duration_ms=80)
    other = factories.call(
        recording=gme,
        outcome=CallOutcome.REFUSED,
        error_code="LimitExceeded",
        by=person("manager"),
        origin=Origin.BACKGROUND,
        duration_ms=900,
        created_at=NOW + timedelta(hours=1),
    )
    return one, other


@pytest.mark.parametrize(
    "query",
    [
        "product=gme",
        "action=StartRecord",
        "outcome=refused",
        "outcome=refused&outcome=not_sent",
        "code=LimitExceeded",
        "by=manager",
        "room=a%2Fb",
        "origin=background",
        "slower=900",
        "since=2026-11-20T10:00",
        "product=gme&outcome=refused&by=manager&slower=100&since=2026-11-20&until=2026-11-20",
    ],
)
def test_a_filter_shows_the_calls_that_fit(two_calls, query):
    assert list(calls(query).qs) == [two_calls[1]]


@pytest.mark.parametrize(
    "query", ["product=tiw", "outcome=ok", "faster=80", "until=2026-11-20T10:00", "by=operator"]
)
def test_the_others_are_left_out(two_calls, query):
    assert list(calls(query).qs) == [two_calls[0]]


def test_several_applications_are_asked_for_by_their_numbers(two_calls):
    first, second = (call.application_id for call in two_calls)

    assert ids(calls(f"application={first}&application={second}").qs) == ids(two_calls)
    assert list(calls(f"application={second}").qs) == [two_calls[1]]


@pytest.mark.parametrize("query", ["", "all=1", "before=x&after=y", "product=&outcome=&since=&slower="])
def test_what_is_empty_or_belongs_to_the_pages_filters_nothing(two_calls, query):
    chosen = calls(query)

    assert (ids(chosen.qs), chosen.query, chosen.words()) == (ids(two_calls), "", "All calls")


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("outcome=junk", "“junk” is none of those there are."),
        ("product=ok", "“ok” is none of those there are."),
        ("application=x", "“x” is no application's number."),
        ("application=4711", "There is no application with the number 4711, or you may not see it."),
        (
            "since=yesterday",
            "Give a date such as 2026-11-20, or a date with a time such as 2026-11-20T09:30.",
        ),
        (
            "until=9999-12-31",
            "Give a date such as 2026-11-20, or a date with a time such as 2026-11-20T09:30.",
        ),
        ("period=0d", "Give a period such as 24h, 7d, today, last-month or 2y."),
        ("period=9999y", "Give a period such as 24h, 7d, today, last-month or 2y."),
        ("slower=fast", "Enter a whole number."),
        ("room=%00", "Null characters are not allowed."),
    ],
)
def test_what_makes_no_sense_is_told_and_shows_nothing(two_calls, query, why):
    chosen = calls(query)

    assert list(chosen.qs) == []
    assert [(problem.why, problem.without) for problem in chosen.problems()] == [(why, "all=1")]
    assert [chip.is_wrong for chip in chosen.chips()] == [True]


def test_who_sees_some_applications_finds_nothing_of_the_others(two_calls):
    limited = person("support")
    limited.sees_all = False
    limited.save()
    limited.applications.set([two_calls[0].application])

    assert list(calls("").qs) == [two_calls[0]]
    assert list(calls("product=gme").qs) == []
    assert list(calls(f"application={two_calls[1].application_id}").qs) == []
    assert [words for _pk, words in calls("", whole=True).offer().fields["application"].choices] == [
        "Classes"
    ]


def test_a_person_is_chosen_among_those_who_share_an_application(two_calls):
    limited = person("support")
    limited.sees_all = False
    limited.save()
    limited.applications.set([two_calls[0].application])
    elsewhere = person("operator")
    elsewhere.sees_all = False
    elsewhere.save()

    choices = calls("by=nobody", whole=True).offer().fields["by"].widget.choices

    assert [value for value, _words in choices] == ["", "manager", "support", "nobody"]


def test_a_person_who_was_removed_is_found_by_the_name_that_was_kept():
    call = factories.call(by=None)
    type(call).objects.update(by=None, by_name="Lin Removed")

    assert list(calls("by=Lin Removed").qs) == [call]


@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ("period=1h", "2026-11-20T08:00+00:00", None),
        ("period=36h", "2026-11-18T21:00+00:00", None),
        ("period=today", "2026-11-19T16:00+00:00", None),
        ("period=yesterday", "2026-11-18T16:00+00:00", "2026-11-19T16:00+00:00"),
        ("period=7d", "2026-11-13T16:00+00:00", None),
        ("period=month", "2026-10-31T16:00+00:00", None),
        ("period=last-month", "2026-09-30T16:00+00:00", "2026-10-31T16:00+00:00"),
        ("period=2y", "2024-11-19T16:00+00:00", None),
        ("since=2026-11-20", "2026-11-19T16:00+00:00", None),
        ("until=2026-11-20", None, "2026-11-20T16:00+00:00"),
        ("since=2026-11-20T09:30&until=2026-11-20T10", "2026-11-20T01:30+00:00", "2026-11-20T02:00+00:00"),
        ("since=2026-11-20&since_time=09:30", "2026-11-20T01:30+00:00", None),
        ("since=2026-11-20T09:30%2B09:00", "2026-11-20T00:30+00:00", None),
        ("period=7d&since=2026-11-20&until=2027-01-01", "2026-11-19T16:00+00:00", "2027-01-01T16:00+00:00"),
    ],
)
def test_times_are_of_the_persons_zone_and_a_last_day_is_included(query, start, end):
    with timezone.override(ZoneInfo("Asia/Shanghai")):
        chosen = calls(query)
        assert chosen.is_valid()
        span = chosen.span

    moments = [moment and datetime.fromisoformat(moment) for moment in (start, end)]
    assert [span.start, span.end] == moments


def test_a_day_that_the_clock_makes_longer_is_covered_whole():
    with timezone.override(ZoneInfo("America/New_York")):
        chosen = calls("since=2026-11-01&until=2026-11-01")
        assert chosen.is_valid()
        span = chosen.span

    assert (span.start, span.end - span.start) == (datetime(2026, 11, 1, 4, tzinfo=UTC), timedelta(hours=25))


def test_every_value_is_a_chip_that_leads_to_the_filter_without_it(two_calls):
    pk = two_calls[0].application_id

    chips = calls(f"outcome=refused&outcome=no_answer&application={pk}&by=manager&slower=5").chips()

    assert [(chip.label, chip.words, chip.without) for chip in chips] == [
        ("Application", "Classes", "by=manager&outcome=refused&outcome=no_answer&slower=5"),
        ("Person", "manager", f"application={pk}&outcome=refused&outcome=no_answer&slower=5"),
        ("Outcome", "Refused", f"application={pk}&by=manager&outcome=no_answer&slower=5"),
        ("Outcome", "No answer", f"application={pk}&by=manager&outcome=refused&slower=5"),
        ("Took at least", "5 ms", f"application={pk}&by=manager&outcome=refused&outcome=no_answer"),
    ]


def test_a_filter_is_told_in_one_line():
    chosen = calls("outcome=refused&outcome=no_answer&period=7d&since=2026-11-20T09:30&room=12%26x")

    assert chosen.words() == (
        "Room: 12&x · Time: last 7 days · From: 2026-11-20 09:30 · Outcome: Refused or No answer"
    )
    assert chosen.query == "room=12%26x&period=7d&since=2026-11-20T09%3A30&outcome=refused&outcome=no_answer"
    assert calls(chosen.query).query == chosen.query


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("status=running", {"recording", "unknown"}),
        ("status=troubled", {"refused", "unknown"}),
        ("status=finished", {"finished"}),
        ("status=finished&status=refused", {"finished", "refused"}),
        ("status=running&status=refused", {"recording", "unknown", "refused"}),
    ],
)
def test_recordings_are_filtered_by_states_and_groups_of_states(query, shown):
    application = factories.application()
    for status in ("recording", "refused", "unknown", "finished"):
        factories.recording(application=application, status=status)

    assert {row.status for row in recordings(query).qs} == shown


def test_recordings_are_found_by_the_code_of_any_of_their_calls():
    recording, other = factories.recording(), factories.recording()
    for _number in (1, 2):
        factories.call(recording=recording, outcome=CallOutcome.REFUSED, error_code="LimitExceeded")
    factories.call(recording=other)

    assert list(recordings("code=LimitExceeded&period=7d").qs) == [recording]
    assert list(recordings("code=InternalError").qs) == []


def test_recordings_are_filtered_by_how_long_they_recorded_or_do_so_far():
    application = factories.application()
    ended = {"status": RecordingStatus.FINISHED, "stopped_at": NOW}
    short = factories.recording(application=application, started_at=NOW - timedelta(seconds=60), **ended)
    long = factories.recording(application=application, started_at=NOW - timedelta(seconds=3600), **ended)
    running = factories.recording(application=application, started_at=NOW - timedelta(seconds=3600))
    factories.recording(application=application, status=RecordingStatus.REFUSED)

    assert ids(recordings("longer=3600").qs) == [long.pk, running.pk]
    assert ids(recordings("shorter=60").qs) == [short.pk]
    assert ids(recordings("longer=61&shorter=3600").qs) == [long.pk, running.pk]


def test_the_form_offers_every_field_and_shows_what_is_set():
    form = calls("since=2026-11-20T09:30&period=36h&code=Own.Code", whole=True).offer()

    assert list(form.fields) == [
        *("outcome", "application", "product", "action", "code", "room", "by", "origin"),
        *("since", "until", "period", "slower", "faster"),
    ]
    drawn = {name: str(form[name]) for name in ("since", "period", "code")}
    assert 'name="since" value="2026-11-20"' in drawn["since"]
    assert 'name="since_time" value="09:30"' in drawn["since"]
    assert '<option value="36h" selected>last 36 hours</option>' in drawn["period"]
    assert 'value="Own.Code"' in drawn["code"]


def test_a_filter_that_names_nobody_and_no_application_asks_the_database_once(two_calls):
    who = person("support")

    with CaptureQueriesContext(connection) as queries:
        list(CallFilter(QueryDict("outcome=ok&room=1203&period=30d"), person=who, now=NOW).qs)

    assert len(queries) == 1


@pytest.mark.parametrize("value", ["9" * 19, "9" * 4000, "１", "1\x00", "-1", "+1", " 1"])
def test_what_cannot_be_an_applications_number_is_told(value):
    filters = CallFilter(QueryDict(urlencode({"application": value})), person=person("support"), now=NOW)

    assert [one.label for one in filters.problems()] == ["Application"]
    assert list(filters.qs) == []

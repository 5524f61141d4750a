"""Reports by mail: on their day, at their hour, once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from recorder_app import jobs, letters
from recorder_app.choices import CallOutcome
from recorder_app.models import AuditEntry, Person, ScheduledReport
from recorder_app.services import counts, mails
from tests import factories
from tests.people import person

pytestmark = pytest.mark.django_db
NOW = factories.NOW  # a Friday
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _standing(clock):
    """Time stands still at ``factories.NOW`` unless a test shifts it."""


def write(report: ScheduledReport) -> mails.Letter:
    return mails.Letter("A subject", "some text", "<p>some text</p>")


def weekly(**fields) -> ScheduledReport:
    return factories.scheduled_report(by=person("manager"), **fields)


@pytest.mark.parametrize(
    ("zone", "fields", "expected"),
    [
        ("", {"rhythm": "weekly", "day": 0, "hour": 8}, "2026-11-23T08:00"),
        ("", {"rhythm": "weekly", "day": 4, "hour": 10}, "2026-11-20T10:00"),
        ("", {"rhythm": "weekly", "day": 4, "hour": 9}, "2026-11-27T09:00"),
        ("Asia/Shanghai", {"rhythm": "weekly", "day": 0, "hour": 8}, "2026-11-23T00:00"),
        ("America/New_York", {"rhythm": "monthly", "day": 1, "hour": 7}, "2026-12-01T12:00"),
        ("Asia/Kolkata", {"rhythm": "monthly", "day": 20, "hour": 20}, "2026-11-20T14:30"),
    ],
)
def test_the_next_one_is_due_on_its_day_in_the_zone_of_its_owner(zone, fields, expected):
    Person.objects.filter(pk=person("manager").pk).update(time_zone=zone)

    moment = mails.next_moment(weekly(**fields), NOW)

    assert moment.isoformat()[:16] == expected


def test_one_that_is_due_is_sent_and_the_next_set(clock):
    report = weekly()
    clock.move_to(MONDAY)

    mails.send(report, write)

    [sent] = mail.outbox
    assert (sent.subject, sent.body, sent.to) == ("A subject", "some text", ["manager@example.com"])
    report.refresh_from_db()
    assert (report.sent_at, report.due_at, report.is_leaving) == (MONDAY, MONDAY + timedelta(days=7), False)


def test_one_that_is_not_due_is_not_sent():
    mails.send(weekly(), write)

    assert mail.outbox == []


def test_a_process_that_dies_while_it_sends_sends_nothing_twice(clock, monkeypatch):
    report = weekly()
    clock.move_to(MONDAY)

    def dies(report, letter):
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(mails, "_hand_over", dies)
        with pytest.raises(SystemExit):
            mails.send(report, write)
    mails.send(ScheduledReport.objects.select_related("by", "view").get(), write)

    report.refresh_from_db()
    assert mail.outbox == []
    assert "It may have arrived" in report.trouble
    assert report.due_at == MONDAY + timedelta(days=7)


def test_a_server_that_is_not_there_is_tried_again_told_and_given_up_in_the_end(clock, monkeypatch):
    report = weekly()
    clock.move_to(MONDAY)
    monkeypatch.setattr(
        mails, "_hand_over", lambda *_args: (_ for _ in ()).throw(ConnectionRefusedError("nobody there"))
    )
    told = []

    for pause in (*mails.PAUSES, timedelta()):
        mails.send(report, write)
        report.refresh_from_db()
        told.append((report.tries, report.due_at - MONDAY))
        clock.shift(pause)

    assert [tries for tries, _wait in told] == [1, 2, 3, 4, 0]
    assert told[0][1] == timedelta(minutes=5)
    assert report.due_at == MONDAY + timedelta(days=7)
    assert "nobody there" in report.trouble


def test_somebody_who_may_see_nothing_any_more_is_sent_nothing(clock):
    report = weekly()
    Person.objects.filter(pk=report.by_id).update(is_active=False)
    clock.move_to(MONDAY)

    mails.send(ScheduledReport.objects.select_related("by", "view").get(), write)

    assert mail.outbox == []


def test_scheduling_and_ending_are_in_the_audit():
    report = mails.schedule(
        ScheduledReport(name="Mine", rhythm="weekly", day=0, hour=8, recipients=["a@example.com"]),
        by=person("manager"),
    )
    mails.unschedule(report, by=person("admin"))

    events = list(AuditEntry.objects.order_by("pk").values_list("event", "by_name", "about"))
    assert events == [("report_scheduled", "manager", "Mine"), ("report_unscheduled", "admin", "Mine")]


# --- What stands in it -----------------------------------------------------------------------------------
def starts(*outcomes: str, at: datetime) -> None:
    application = factories.application(name="Evening classes")
    for outcome in outcomes:
        recording = factories.recording(application=application, created_at=at, started_at=at, stopped_at=at)
        factories.call(recording=recording, outcome=outcome, created_at=at, answered_at=at)


def test_the_numbers_of_the_week_before_stand_in_the_text(clock):
    starts(CallOutcome.OK, CallOutcome.OK, CallOutcome.REFUSED, at=NOW - timedelta(days=2))
    starts_of_today = MONDAY - timedelta(hours=1)
    report = weekly(query="period=2y&outcome=ok&outcome=refused")
    clock.move_to(MONDAY)
    factories.call(created_at=starts_of_today)
    counts.rebuild()

    letter = letters.write(report)

    assert letter.subject == "Recorder: Weekly, 16 November 2026 – 22 November 2026"
    assert "Calls: 3" in letter.text
    assert "Accepted: 66.7 %" in letter.text
    assert "InvalidParameter.RecordParameter | " in letter.text
    assert "Evening classes | 3 | 2 | 1 | 66.7 %" in letter.text
    assert "/reports/?outcome=ok&outcome=refused&since=2026-11-16&until=2026-11-22&grain=day" in letter.text
    assert "<td" in letter.html


def test_a_monthly_one_covers_the_month_before(clock):
    starts(CallOutcome.OK, at=datetime(2026, 11, 30, 23, 30, tzinfo=UTC))
    moment = datetime(2026, 12, 5, 8, tzinfo=UTC)
    report = weekly(rhythm="monthly", day=5, for_at=moment, due_at=moment)
    clock.move_to(moment)
    counts.rebuild()

    letter = letters.write(report)

    assert "1 November 2026 – 30 November 2026" in letter.subject
    assert "Calls: 1" in letter.text


def test_it_holds_what_its_owner_may_see_at_that_time(clock):
    starts(CallOutcome.OK, at=NOW - timedelta(days=2))
    report = weekly()
    Person.objects.filter(pk=report.by_id).update(sees_all=False)
    clock.move_to(MONDAY)
    counts.rebuild()

    letter = letters.write(ScheduledReport.objects.select_related("by", "view").get())

    assert "Calls: 0" in letter.text
    assert "Evening classes" not in letter.text + letter.html


def test_a_filter_that_makes_no_sense_any_more_is_told_and_not_sent(clock):
    application = factories.application()
    report = weekly(query=f"application={application.pk}")
    Person.objects.filter(pk=report.by_id).update(sees_all=False)
    clock.move_to(MONDAY)

    jobs.do_mail(report.pk)

    report.refresh_from_db()
    assert mail.outbox == []
    assert "Its filter makes no sense any more" in report.trouble


def test_the_worker_sends_what_is_due(clock):
    starts(CallOutcome.OK, at=NOW - timedelta(days=2))
    report = weekly(name="A name\nwith a line")
    clock.move_to(MONDAY)
    counts.rebuild()

    word = jobs.do_mail(report.pk)

    [sent] = mail.outbox
    assert word == "mails"
    assert sent.subject == "Recorder: A name with a line, 16 November 2026 – 22 November 2026"
    assert [kind for _body, kind in sent.alternatives] == ["text/html"]

"""What the databases do for the pages, read from their plans on 100,000 calls: none reads all of the history."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recorder_app.filling import fill
from recorder_app.models import ApiCall, Application, Person, Recording
from tests.factories import NOW
from tests.people import person

ROWS = 100_000
HISTORY = (ApiCall._meta.db_table, Recording._meta.db_table)
MONTH, YEARS = NOW - timedelta(days=30), NOW - timedelta(days=730)


def calls(**words: object) -> str:
    return f"/calls/?{urlencode(words, doseq=True)}"


def recordings(**words: object) -> str:
    return f"/recordings/?{urlencode(words, doseq=True)}"


def addresses() -> dict[str, str]:
    """Every question that is asked of the history, by name."""
    busiest = Application.objects.get(name="Mathematics, live (made up)").pk
    call = ApiCall.objects.exclude(error_code="").order_by("pk")[500]
    at, pk = ApiCall.objects.newest_first().values_list("created_at", "pk")[50_000]
    began, number = Recording.objects.newest_first().values_list("created_at", "pk")[5_000]
    recording = Recording.objects.exclude(task_id="").order_by("pk")[500]
    return {
        "overview": "/",
        "calls": "/calls/",
        "calls, a deep page": calls(before=f"{at.isoformat()}~{pk}"),
        "calls, the page before": calls(after=f"{at.isoformat()}~{pk}"),
        "calls by outcome": calls(outcome="no_answer"),
        "calls by outcomes": calls(outcome=["refused", "no_answer", "not_sent"]),
        "calls by outcome, application and time": calls(
            outcome="refused", application=busiest, since=MONTH.date()
        ),
        "calls by application": calls(application=busiest),
        "calls by room": calls(room=call.room_id),
        "calls by person": calls(by="lin.chen"),
        "calls by somebody removed": calls(by="nobody"),
        "calls by code": calls(code=call.error_code),
        "calls by a code that never was": calls(code="NoSuchCode"),
        "calls by person and code": calls(by="lin.chen", code="RequestLimitExceeded", since=YEARS.date()),
        "calls by action": calls(action="DescribeRunningTasks"),
        "calls by an action that never was": calls(action="SetOnlineRecordCallback"),
        "calls of the demonstration": calls(origin="demo"),
        "calls by time": calls(since=MONTH.date(), until=(MONTH + timedelta(days=2)).date()),
        "calls that were slow": calls(slower=9000),
        "recordings": "/recordings/",
        "recordings, a deep page": recordings(before=f"{began.isoformat()}~{number}"),
        "recordings that run": recordings(status="running"),
        "recordings in trouble": recordings(status="troubled"),
        "recordings by application": recordings(application=busiest),
        "recordings by room": recordings(room=recording.room_id),
        "recordings by person": recordings(by="lin.chen"),
        "recordings by somebody removed": recordings(by="nobody"),
        "recordings of the demonstration": recordings(origin="demo"),
        "a call": f"/calls/{call.pk}/",
        "a recording": f"/recordings/{recording.pk}/",
        "look-up by RequestId": f"/lookup/?q={call.request_id}",
        "look-up by the beginning of a RequestId": f"/lookup/?q={call.request_id[:9]}",
        "look-up by TaskId": f"/lookup/?q={recording.task_id}",
        "look-up by room": f"/lookup/?q={recording.room_id}",
        "look-up of what is not there": "/lookup/?q=ffffffff-0000-0000-0000-000000000000",
        "gauges": "/metrics",
    }


def plans_of(browser: Client, address: str) -> Iterator[tuple[str, list[str]]]:
    """Each question about the history that a page asks, and the lines of its plan."""
    with CaptureQueriesContext(connection) as asked:
        browser.get(address)
    words = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    for query in asked.captured_queries:
        sql = query["sql"]
        if sql.startswith(("SELECT", "(SELECT")) and any(f'"{table}"' in sql for table in HISTORY):
            with connection.cursor() as cursor:
                cursor.execute(f"{words} {sql.replace('%', '%%')}", ())
                yield sql, [str(row[-1]) for row in cursor.fetchall()]


def reads_everything(sql: str, line: str) -> bool:
    """Whether a line of a plan says that a table of the history is read from its beginning to its end."""
    tables = "|".join(HISTORY)
    if connection.vendor == "postgresql":
        return bool(re.search(rf"Seq Scan on ({tables})\b", line))
    scan = re.match(rf"SCAN ({tables}|[UVT]\d)\b(.*)", line)
    # In the order of an index, up to a limit, it is not read to the end.
    return bool(scan) and not ("USING" in scan[2] and "LIMIT" in sql)


@pytest.mark.django_db(transaction=True)
def test_no_page_reads_all_of_the_history():
    with time_machine.travel(NOW, tick=True):
        fill(ROWS, until=NOW)
        all_seeing, limited = person("support"), person("manager")
        Person.objects.filter(pk=limited.pk).update(sees_all=False)
        limited.applications.set(Application.objects.filter(name__startswith="Night watch"))
        asked, found = 0, []
        for who in (all_seeing, limited):
            browser = Client()
            browser.force_login(who)
            for name, address in addresses().items():
                for sql, plan in plans_of(browser, address):
                    asked += 1
                    found += [(who.username, name, line, sql) for line in plan if reads_everything(sql, line)]

    assert found == []
    assert asked > 100

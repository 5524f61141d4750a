"""/exports/: small ones at once, large ones by order, each for its owner alone."""

import csv
import io
import re
import uuid

import openpyxl
import pytest
from django.urls import reverse

from recorder_app.choices import ExportKind, ExportState
from recorder_app.models import AuditEntry, Export, ExportPart
from recorder_app.services import exports
from tests import factories, steps
from tests.people import person

pytestmark = pytest.mark.django_db
TASK_ID = "18446744073709551615"


def new(**query) -> str:
    return reverse("export-new", query={"page": "calls", **query})


def posted(kind: str = "csv", columns: str = "shown") -> dict[str, str]:
    return {"kind": kind, "columns": columns, "intention": str(uuid.uuid4())}


def text_of(response) -> str:
    return b"".join(response.streaming_content).decode("utf-8-sig")


@pytest.fixture
def history():
    recording = factories.recording(application=factories.application(product="gme"), task_id=TASK_ID)
    return [factories.call(recording=recording, outcome=outcome) for outcome in ("ok", "refused", "refused")]


def test_the_page_says_how_many_rows_match_and_through_which_filter(support_client, history):
    page = support_client.get(new(outcome="refused")).content.decode()

    assert "Export 2 rows?" in page
    assert "Outcome: Refused" in page
    assert 'href="/calls/?outcome=refused"' in page


def test_a_few_rows_are_downloaded_at_once(support_client, history):
    response = support_client.post(new(outcome="refused"), posted())

    lines = text_of(response).splitlines()
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(
        r'attachment; filename="calls_outcome-refused_\d{4}-\d\d-\d\d-\d{4}\.csv"',
        response["Content-Disposition"],
    )
    assert lines[0].endswith("Filter: Outcome: Refused")
    assert len(lines) == 3


def test_a_download_is_left_as_it_is_by_the_middleware(support_client, history):
    response = support_client.post(new(), posted(), headers={"Accept-Encoding": "gzip"})

    assert response["Content-Encoding"] == "identity"
    assert response["Cache-Control"] == "private, no-store"
    assert text_of(response).startswith("Intended at")


def test_a_workbook_opens_with_every_digit_of_a_task_id(support_client, history):
    response = support_client.post(new(), posted(kind="xlsx", columns="all"))

    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    sheet = book["Calls"]
    place = [cell.value for cell in sheet[1]].index("TaskId")
    assert [row[place].value for row in sheet.iter_rows(min_row=2)] == [TASK_ID] * 3
    assert ["Filter", "All calls"] in [[cell.value for cell in row] for row in book["About"].rows]


def test_recordings_are_exported_by_their_own_filter(support_client, history):
    page = reverse("export-new", query={"page": "recordings", "status": "recording"})

    lines = text_of(support_client.post(page, posted())).splitlines()

    assert len(lines) == 2
    assert TASK_ID in lines[1]


def test_hidden_columns_stay_out_unless_everything_is_asked_for(support_client, history):
    support = person("support")
    support.list_settings = {"calls": {"hidden": ["request"]}}
    support.save()

    shown = text_of(support_client.post(new(), posted()))
    everything = text_of(support_client.post(new(), posted(columns="all")))

    assert "RequestId" not in shown
    assert "RequestId" in everything


def test_times_are_told_in_the_zone_of_the_person(support_client, history):
    support = person("support")
    support.time_zone = "Asia/Kolkata"
    support.save()

    assert "2026-11-20T14:30:00.000+05:30,2026-11-20T09:00:00.000Z" in text_of(
        support_client.post(new(), posted())
    )


def test_who_took_what_is_in_the_audit(support_client, history):
    text_of(support_client.post(new(outcome="refused"), posted()))

    entry = AuditEntry.objects.get(event="export_taken")
    assert entry.by_name == "support"
    assert entry.details == {"page": "calls", "filter": "outcome=refused", "file": "csv", "rows": 2}


def test_many_rows_are_ordered_instead(support_client, history, monkeypatch):
    monkeypatch.setattr(exports, "MOST_AT_ONCE", 2)

    response = support_client.post(new(room="1203"), posted())

    export = Export.objects.get()
    assert response.url == export.get_absolute_url()
    assert (export.by.username, export.query, export.state) == ("support", "room=1203", ExportState.WAITING)
    assert not AuditEntry.objects.filter(event="export_taken").exists()


def test_a_second_click_orders_nothing_more(support_client, history, monkeypatch):
    monkeypatch.setattr(exports, "MOST_AT_ONCE", 2)
    form = posted()

    first, second = (support_client.post(new(), form) for _time in range(2))

    assert first.url == second.url
    assert Export.objects.count() == 1


def test_a_filter_that_makes_no_sense_exports_nothing(support_client, history):
    asked = support_client.get(new(since="yesterdayish"))
    ordered = support_client.post(new(since="yesterdayish"), posted())

    assert "cannot be understood" in asked.content.decode()
    assert "cannot be understood" in ordered.content.decode()
    assert not AuditEntry.objects.filter(event="export_taken").exists()


@pytest.mark.parametrize("page", ["", "audit", "people", "../calls"])
def test_there_is_nothing_to_export_from_other_pages(support_client, page):
    assert support_client.get(reverse("export-new", query={"page": page})).status_code == 404


def test_no_rows_make_no_file(support_client):
    assert "Nothing to export" in support_client.get(new()).content.decode()
    assert "Nothing to export" in support_client.post(new(), posted()).content.decode()


def test_a_damaged_form_is_told(support_client, history):
    response = support_client.post(new(), {"kind": "exe"})

    assert "nothing was exported" in response.content.decode()


def test_the_page_of_an_order_shows_its_progress_and_asks_again(support_client):
    export = factories.export(by=person("support"), state=ExportState.WAITING, total=200_000, done=50_000)

    page = support_client.get(export.get_absolute_url()).content.decode()
    part = support_client.get(
        export.get_absolute_url(), headers={"HX-Request": "true", "HX-Target": "progress"}
    ).content.decode()

    assert "50,000 of 200,000 done" in page
    assert 'hx-trigger="every 2s"' in page
    assert "No worker is at work" in page
    assert "<html" not in part


def test_time_left_is_what_the_rest_takes_as_it_went_so_far(clock, support_client):
    export = factories.export(by=person("support"), state=ExportState.WAITING, total=400_000, done=100_000)
    clock.shift(60)

    assert "about 3 minutes" in support_client.get(export.get_absolute_url()).content.decode()


@pytest.mark.parametrize("who", ["manager", "admin"])
def test_a_file_exists_for_its_owner_alone(client_of, who):
    export = factories.export(by=person("support"))
    browser = client_of(who)

    assert browser.get(export.get_absolute_url()).status_code == 404
    assert browser.get(reverse("export-file", args=[export.pk])).status_code == 404
    assert browser.post(reverse("export-delete", args=[export.pk])).status_code == 404
    assert Export.objects.count() == 1


def test_a_file_that_is_not_ready_cannot_be_taken(support_client):
    export = factories.export(by=person("support"), state=ExportState.WAITING)

    assert support_client.get(reverse("export-file", args=[export.pk])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_an_ordered_file_is_the_same_whether_or_not_the_browser_takes_it_compressed(
    support_client, history, monkeypatch
):
    monkeypatch.setattr(exports, "MOST_AT_ONCE", 2)
    support_client.post(new(), posted())
    steps.work_off()
    address = reverse("export-file", args=[Export.objects.get().pk])

    plain = support_client.get(address)
    packed = support_client.get(address, headers={"Accept-Encoding": "gzip, br"})

    text = b"".join(plain.streaming_content)
    assert int(plain["Content-Length"]) == len(text)
    assert packed["Content-Encoding"] == "gzip"
    assert b"".join(packed.streaming_content)[:2] == b"\x1f\x8b"
    assert text.decode("utf-8-sig").count("\n") == 4
    assert AuditEntry.objects.filter(event="export_taken", details__rows=3).count() == 2


def test_my_exports_lists_mine(support_client):
    factories.export(by=person("support"), query="outcome=refused")
    factories.export(by=person("manager"), query="outcome=not_sent")
    factories.export(by=person("support"), kind=ExportKind.BUNDLE, page="lookup")

    page = support_client.get("/exports/").content.decode()

    assert "Outcome: Refused" in page
    assert "Not sent" not in page
    assert "Support bundle: Look-up" in page


def test_a_file_can_be_thrown_away(support_client):
    export = factories.export(by=person("support"))
    ExportPart.objects.create(export=export, number=0, body=b"x")

    support_client.post(reverse("export-delete", args=[export.pk]))

    assert (Export.objects.count(), ExportPart.objects.count()) == (0, 0)


def test_a_failed_file_says_why_and_how_to_order_it_again(support_client):
    export = factories.export(
        by=person("support"), state=ExportState.FAILED, reason="It was begun five times.", query="room=5"
    )

    page = support_client.get(export.get_absolute_url()).content.decode()

    assert "It was begun five times." in page
    assert "/exports/new/?page=calls&amp;room=5" in page


@pytest.mark.parametrize(
    "query",
    [
        *(
            "status=running",
            "status=troubled",
            "status=recording&status=failed",
            "code=InvalidParameter.RecordParameter",
        ),
        *(
            "longer=1",
            "shorter=999999",
            "by=operator",
            "room=1203",
            "product=gme",
            "since=2026-11-20",
            "until=2026-11-20",
        ),
        *("application={application}", "since=2026-11-20T00:00&until=2026-11-21&status=running&by=operator"),
    ],
)
def test_every_filter_exports_what_its_list_shows(support_client, history, query):
    factories.recording(room_id="other", by=person("manager"), created_at=factories.NOW.replace(year=2025))
    query = query.format(application=history[0].application_id)
    listed = support_client.get(f"/recordings/?{query}").context["page"].rows

    answer = support_client.post(f"/exports/new/?page=recordings&{query}", posted(columns="all"))

    lines = csv.DictReader(io.StringIO(text_of(answer))) if answer.streaming else []
    assert [line["TaskId"] for line in lines] == [row.task_id for row in listed]

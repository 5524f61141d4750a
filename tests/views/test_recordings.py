"""The list of recordings and the page of one."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recorder_app.choices import CallOutcome, Environment, Product, RecordingStatus
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
BIGGEST = "9223372036854775807"


def page_of(client, recording) -> str:
    return client.get(f"/recordings/{recording.pk}/").content.decode()


def asked_again(client, recording) -> str:
    """What the page gets when it asks for its moving part again."""
    headers = {"HX-Request": "true", "HX-Target": "recording-now"}
    return client.get(f"/recordings/{recording.pk}/", headers=headers).content.decode()


def test_the_list_is_newest_first_and_pages_by_key(support_client):
    application = factories.application()
    made = [
        factories.recording(application=application, created_at=NOW + timedelta(minutes=minute))
        for minute in range(51)
    ]

    first = support_client.get("/recordings/")
    second = support_client.get("/recordings/", {"before": first.context["page"].older})

    assert [row.pk for row in first.context["page"].rows] == [row.pk for row in made[:0:-1]]
    assert [row.pk for row in second.context["page"].rows] == [made[0].pk]
    assert 'rel="next"' in first.content.decode()
    assert 'rel="prev"' in second.content.decode()


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        ("", {"recording", "refused", "unknown", "finished"}),
        ("running", {"recording", "unknown"}),
        ("troubled", {"refused", "unknown"}),
        ("nonsense", set()),
    ],
)
def test_a_chip_narrows_the_list(support_client, chosen, shown):
    application = factories.application()
    for status in ("recording", "refused", "unknown", "finished"):
        factories.recording(application=application, status=status)

    answer = support_client.get("/recordings/", {"status": chosen})

    assert {row.status for row in answer.context["page"].rows} == shown


def test_older_pages_keep_the_chosen_chip(support_client):
    application = factories.application()
    for _number in range(51):
        factories.recording(application=application)

    page = support_client.get("/recordings/?status=running").content.decode()

    assert 'href="?status=running&amp;before=' in page


def test_a_task_id_beyond_two_to_the_53_keeps_every_digit(support_client):
    application = factories.application(product=Product.GME)
    recording = factories.recording(application=application, task_id=BIGGEST)

    pages = [support_client.get("/recordings/").content.decode(), page_of(support_client, recording)]

    assert [f'data-copy="{BIGGEST}"' in page and f"<code>{BIGGEST}</code>" in page for page in pages] == [
        True,
        True,
    ]


def test_the_list_says_which_recordings_are_live(support_client):
    account = factories.account(environment=Environment.LIVE, endpoint="")
    factories.recording(application=factories.application(account=account))

    page = support_client.get("/recordings/").content.decode()

    assert page.count('class="env env-live"') == 2  # in its row, and in the top bar


def test_the_list_needs_the_same_queries_for_one_row_and_for_three(support_client):
    counts = []
    for _round in (1, 2):
        factories.recording(application=factories.application())
        with CaptureQueriesContext(connection) as queries:
            support_client.get("/recordings/")
        counts.append(len(queries))
        factories.recording()

    assert counts == [6, 6]


def test_the_list_fetches_no_key_and_no_parameters(support_client):
    factories.recording()

    with CaptureQueriesContext(connection) as queries:
        support_client.get("/recordings/")

    rows = next(query["sql"] for query in queries if "recorder_app_recording" in query["sql"])
    assert [word for word in ("secret_key", "sdk_key", "params") if word in rows] == []


@pytest.mark.parametrize("status", RecordingStatus)
def test_every_status_is_told_in_a_sentence(support_client, status):
    recording = factories.recording(status=status)

    page = page_of(support_client, recording)

    sentence = page.split('class="status-sentence">')[1].split("</p>")[0].strip()
    assert sentence.endswith(".")
    assert str(status.label) in page


def test_an_unknown_recording_is_not_called_failed(support_client):
    recording = factories.recording(status=RecordingStatus.UNKNOWN)
    factories.call(recording=recording, outcome=CallOutcome.NO_ANSWER)

    page = page_of(support_client, recording)

    assert "The cloud may be recording this room." in page
    assert "Do not start the room again yet" in page
    assert "failed" not in page.split("<main")[1]


def test_a_refusal_is_explained_with_what_to_do_and_its_request_id(support_client):
    recording = factories.recording(status=RecordingStatus.REFUSED)
    call = factories.call(
        recording=recording,
        outcome=CallOutcome.REFUSED,
        error_code="InvalidParameter.SdkAppIdNotFound",
        error_message="no such <app>",
    )

    page = page_of(support_client, recording)

    assert "No application has this SdkAppId." in page
    assert "What to do" in page
    assert "no such &lt;app&gt;" in page
    assert f'data-copy="{call.request_id}"' in page


@pytest.mark.parametrize(
    ("status", "outcome", "every"),
    [
        (RecordingStatus.INTENDED, CallOutcome.SENDING, 2),
        (RecordingStatus.STARTING, CallOutcome.OK, 2),
        (RecordingStatus.RECORDING, CallOutcome.SENDING, 2),
        (RecordingStatus.RECORDING, CallOutcome.OK, 10),
        (RecordingStatus.STOPPING, CallOutcome.OK, 2),
        (RecordingStatus.PROCESSING, CallOutcome.OK, 10),
        (RecordingStatus.UNKNOWN, CallOutcome.NO_ANSWER, 2),
        (RecordingStatus.REFUSED, CallOutcome.REFUSED, 0),
        (RecordingStatus.FINISHED, CallOutcome.OK, 0),
    ],
)
def test_the_page_asks_again_while_something_moves_and_no_longer(support_client, status, outcome, every):
    recording = factories.recording(status=status)
    factories.call(recording=recording, outcome=outcome)

    parts = [page_of(support_client, recording), asked_again(support_client, recording)]

    found = [re.findall(r'id="recording-now"[^>]*hx-trigger="every (\d+)s"', part) for part in parts]
    assert found == [[str(every)] if every else []] * 2


def test_the_page_gets_nothing_when_nothing_changed(support_client):
    recording = factories.recording()
    address = f"/recordings/{recording.pk}/"
    seen = support_client.get(address).context["seen"]
    headers = {"HX-Request": "true", "HX-Target": "recording-now", "X-Seen": seen}

    same = support_client.get(address, headers=headers)
    factories.call(recording=recording)
    changed = support_client.get(address, headers=headers)

    assert (same.status_code, same.content, changed.status_code) == (204, b"", 200)


def test_what_is_asked_again_is_a_part_of_the_page(support_client):
    recording = factories.recording()

    part = asked_again(support_client, recording)

    assert part.strip().startswith('<div id="recording-now"')
    assert "<html" not in part


def test_everything_that_happened_stands_on_the_page_newest_first(support_client):
    recording = factories.recording()
    factories.call(recording=recording, created_at=NOW)
    factories.call(recording=recording, action="DescribeOnlineRecord", created_at=NOW + timedelta(minutes=1))

    answer = support_client.get(f"/recordings/{recording.pk}/")

    story = [entry.row.action for entry in answer.context["story"]]
    assert story == ["DescribeOnlineRecord", "StartOnlineRecord"]


def test_only_those_who_may_start_can_start_again(operator_client, support_client):
    recording = factories.recording()

    pages = [page_of(client, recording) for client in (operator_client, support_client)]

    assert [f'href="/start/tiw/?like={recording.pk}"' in page for page in pages] == [True, False]


def test_a_recording_that_is_not_there_is_told_so(support_client):
    answer = support_client.get("/recordings/999/")

    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_the_page_needs_a_fixed_number_of_queries(support_client):
    recording = factories.recording()
    counts = []
    for _round in (1, 2):
        factories.call(recording=recording, outcome=CallOutcome.REFUSED)
        with CaptureQueriesContext(connection) as queries:
            page_of(support_client, recording)
        counts.append(len(queries))

    assert counts == [10, 10]


@pytest.mark.parametrize(
    ("lists", "told"),
    [
        ({}, "of everybody"),
        ({"SubscribeUserIds": ["7"]}, "only of <code>7</code>"),
        ({"UnSubscribeUserIds": ["7", "8"]}, "of everybody but <code>7</code>, <code>8</code>"),
    ],
)
def test_a_voice_recording_says_whose_voice_it_records(support_client, lists, told):
    application = factories.application(product=Product.GME)
    recording = factories.recording(application=application, task_id="446192236330927912")
    params = {"RecordMode": 2, **({"SubscribeRecordUserIds": lists} if lists else {})}
    factories.call(recording=recording, action="ModifyRecordInfo", params=params)

    page = " ".join(page_of(support_client, recording).split())

    assert f"one mixed file; {told}" in page

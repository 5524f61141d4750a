"""Live pages: the part that changed, nothing when nothing did; and the alarms at the top of every page."""

import gzip
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recorder_app.choices import AccountTrouble, CallOutcome, RecordingStatus
from recorder_app.models import ApiCall, CloudAccount, Recording, WorkerBeat
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
PAGES = ("/", "/recordings/", "/calls/")
MOST_BYTES = 10 * 1024


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as standing:
        yield standing


def part_of(client: Client, address: str, seen: str = "", target: str = "live", **headers: str):
    """What the page's live part gets when it asks for itself, showing the state ``seen``."""
    asked = {"HX-Request": "true", "HX-Target": target, "X-Seen": seen, **headers}
    return client.get(address, headers=asked)


def seen_on(client: Client, address: str) -> str:
    return client.get(address).context["live_seen"]


@pytest.mark.parametrize("address", PAGES)
def test_nothing_is_sent_when_nothing_changed(support_client, address, clock):
    factories.call(recording=factories.recording())
    seen = seen_on(support_client, address)
    clock.shift(timedelta(seconds=50))

    answer = part_of(support_client, address, seen)

    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("address", PAGES)
def test_the_part_alone_is_sent_when_something_is_new(support_client, address):
    recording = factories.recording()
    seen = seen_on(support_client, address)
    factories.call(recording=factories.recording(application=recording.application, room_id="new-room"))

    answer = part_of(support_client, address, seen)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "new-room" in page
    assert "<html" not in page
    assert 'id="live"' in page


@pytest.mark.parametrize("address", PAGES)
def test_a_part_once_taken_over_is_not_sent_again(support_client, address):
    factories.call(recording=factories.recording())
    seen = part_of(support_client, address, "old").context["live_seen"]

    answer = part_of(support_client, address, seen)

    assert answer.status_code == 204


def test_a_recording_that_changed_its_status_is_news(support_client):
    recording = factories.recording(status=RecordingStatus.STARTING)
    seen = seen_on(support_client, "/recordings/")
    Recording.objects.filter(pk=recording.pk).update(status=RecordingStatus.RECORDING)

    answer = part_of(support_client, "/recordings/", seen)

    assert answer.context["page"].rows[0].status == RecordingStatus.RECORDING


def test_a_call_that_got_its_answer_is_news(support_client):
    call = factories.call(outcome=CallOutcome.SENDING)
    seen = seen_on(support_client, "/calls/")
    ApiCall.objects.filter(pk=call.pk).update(outcome=CallOutcome.OK, answered_at=NOW, request_id="r-1")

    assert "r-1" in part_of(support_client, "/calls/", seen).content.decode()


def test_what_the_filter_hides_is_no_news(support_client):
    application = factories.application()
    factories.recording(application=application)
    seen = seen_on(support_client, "/recordings/?status=running")
    factories.recording(application=application, status=RecordingStatus.FINISHED)

    assert part_of(support_client, "/recordings/?status=running", seen).status_code == 204


def test_older_pages_stay_as_they_are(support_client):
    application = factories.application()
    for number in range(52):
        factories.recording(application=application, created_at=NOW - timedelta(minutes=number))
    first = support_client.get("/recordings/")

    older = support_client.get("/recordings/", {"before": first.context["page"].older}).content.decode()

    assert 'data-live="5"' in first.content.decode()
    assert 'data-live="5"' not in older
    assert "data-live-bar" not in older


@pytest.mark.parametrize("address", PAGES)
def test_a_part_is_at_most_ten_kilobytes_on_the_wire(operator_client, address):
    application = factories.application(name="Evening classes of the northern campus, second term")
    for number in range(50):
        status = RecordingStatus.REFUSED if number % 2 else RecordingStatus.RECORDING
        recording = factories.recording(
            application=application, status=status, room_id=uuid.uuid4().hex,
            task_id="" if number % 2 else uuid.uuid4().hex,
        )  # fmt: skip
        outcome = CallOutcome.REFUSED if number % 2 else CallOutcome.OK
        factories.call(recording=recording, outcome=outcome, request_id=str(uuid.uuid4()))

    answer = part_of(operator_client, address, **{"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"<tr" in gzip.decompress(answer.content)
    assert len(answer.content) <= MOST_BYTES


@pytest.mark.parametrize("address", PAGES)
def test_asking_costs_the_same_whatever_there_is(support_client, address):
    counts = []
    for _round in range(2):
        for status in (RecordingStatus.RECORDING, RecordingStatus.REFUSED):
            factories.call(recording=factories.recording(status=status))
        with CaptureQueriesContext(connection) as queries:
            part_of(support_client, address)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 12


def test_a_session_that_ended_leads_the_whole_page_to_the_door():
    answer = part_of(Client(), "/recordings/", **{"HX-Current-URL": "http://testserver/recordings/"})

    assert answer.headers["HX-Redirect"] == "/sign-in/?next=%2Frecordings%2F"


# --- The worker on the overview ---------------------------------------------------------------------------
def beat(**fields) -> WorkerBeat:
    return WorkerBeat.objects.create(
        **{"name": f"w{WorkerBeat.objects.count()}", "started_at": NOW, "beat_at": NOW, **fields}
    )


def test_without_a_worker_the_overview_says_so_and_what_to_do(admin_client, operator_client):
    pages = [client.get("/").content.decode() for client in (admin_client, operator_client)]

    assert ["No worker is running" in page for page in pages] == [True, True]
    assert ["manage.py worker" in page for page in pages] == [True, False]
    assert "never been a sign of life" in pages[0]


@pytest.mark.parametrize("gone", [{"beat_at": NOW - timedelta(seconds=31)}, {"stopped_at": NOW}])
def test_a_worker_that_fell_silent_or_ended_is_not_at_work(support_client, gone):
    beat(**gone)

    page = support_client.get("/").content.decode()

    assert "No worker is running" in page
    assert "Last sign of life" in page


def test_workers_on_time_are_counted_in_a_line(support_client):
    beat()
    beat()
    factories.recording(due_at=NOW - timedelta(seconds=59))

    assert "2 workers are at work" in support_client.get("/").content.decode()


def test_work_that_waits_long_is_told_with_the_moment_it_fell_due(support_client):
    beat()
    factories.recording(due_at=NOW - timedelta(minutes=7))
    factories.recording(due_at=NOW - timedelta(minutes=5))

    page = support_client.get("/")

    assert page.context["work"].oldest_due == NOW - timedelta(minutes=7)
    assert "The background work is late" in page.content.decode()


def test_work_that_somebody_holds_is_not_late(support_client):
    beat()
    factories.recording(
        due_at=NOW - timedelta(minutes=7), claimed_by="w0:1", claimed_until=NOW + timedelta(seconds=30)
    )

    assert support_client.get("/").context["work"].oldest_due is None


def test_signs_of_life_alone_are_no_news(support_client, clock):
    worker = beat()
    seen = seen_on(support_client, "/")
    clock.shift(timedelta(seconds=20))
    WorkerBeat.objects.filter(pk=worker.pk).update(beat_at=timezone.now(), refreshed=7)

    assert part_of(support_client, "/", seen).status_code == 204


def test_a_worker_that_falls_silent_is_news(support_client, clock):
    beat()
    seen = seen_on(support_client, "/")
    clock.shift(timedelta(seconds=31))

    assert "No worker is running" in part_of(support_client, "/", seen).content.decode()


# --- Alarms -----------------------------------------------------------------------------------------------
def in_trouble(trouble: str = AccountTrouble.KEY, **fields) -> CloudAccount:
    return factories.account(
        **{
            "trouble": trouble,
            "trouble_since": NOW,
            "trouble_message": "The SecretId is not found.",
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (AccountTrouble.UNREACHABLE, "The cloud cannot be reached"),
        (AccountTrouble.SILENT, "The cloud gives no answer"),
        (AccountTrouble.CLOCK, "This machine's clock is wrong"),
        (AccountTrouble.KEY, "The cloud refuses the key"),
        (AccountTrouble.ARREARS, "The cloud account owes money"),
    ],
)
def test_every_trouble_is_told_in_words_on_every_page(operator_client, trouble, words):
    in_trouble(trouble, name="Campus")

    pages = [
        operator_client.get(address).content.decode()
        for address in ("/", "/calls/", "/start/", "/settings/me/")
    ]

    assert [page.count(words) for page in pages] == [1, 1, 1, 1]
    assert all("Campus" in page for page in pages)


def test_one_trouble_of_many_accounts_is_one_alarm(admin_client):
    for number in range(3):
        in_trouble(AccountTrouble.UNREACHABLE, trouble_since=NOW - timedelta(minutes=number))

    answer = admin_client.get("/")

    assert len(answer.context["alarms"]) == 1
    assert answer.context["alarms"][0].since == NOW - timedelta(minutes=2)
    assert answer.content.decode().count("The cloud cannot be reached") == 1


def test_each_role_is_told_what_concerns_it(anybody):
    account = in_trouble(name="Campus")
    who, client = anybody

    page = client.get("/settings/me/").content.decode()

    told = (
        "Campus" in page,
        "The SecretId is not found." in page,
        f"/settings/accounts/{account.pk}/" in page,
    )
    expected = {"admin": (True, True, True), "operator": (True, False, False)}
    assert told == expected.get(who, (False, False, False))
    assert ("does not take the dashboard's calls" in page) == (who in ("support", "manager"))


def test_an_alarm_comes_along_with_a_live_part_and_goes_with_it(operator_client):
    account = factories.account()
    quiet = seen_on(operator_client, "/calls/")
    CloudAccount.objects.filter(pk=account.pk).update(trouble=AccountTrouble.KEY, trouble_since=NOW)
    raised = part_of(operator_client, "/calls/", quiet)
    CloudAccount.objects.filter(pk=account.pk).update(trouble="", trouble_since=None)
    cleared = part_of(operator_client, "/calls/", raised.context["live_seen"])

    assert "The cloud refuses the key" in raised.content.decode()
    assert 'hx-swap-oob="morph"' in raised.content.decode()
    assert "The cloud refuses the key" not in cleared.content.decode()
    assert cleared.context["live_seen"] == quiet


def test_pages_that_are_not_live_ask_for_the_alarms_alone(operator_client):
    account = factories.account()
    seen = operator_client.get("/errors/").context["alarms_seen"]
    unchanged = part_of(operator_client, "/alarms/", seen, target="alarms")
    CloudAccount.objects.filter(pk=account.pk).update(trouble=AccountTrouble.CLOCK, trouble_since=NOW)
    raised = part_of(operator_client, "/alarms/", seen, target="alarms")

    assert unchanged.status_code == 204
    assert "clock is wrong" in raised.content.decode()
    assert "hx-swap-oob" not in raised.content.decode()

"""Support bundles in the browser: shown, then taken; and nothing of what is secret anywhere."""

import io
import json
import uuid
import zipfile
from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import get_resolver, reverse

from recorder_app.choices import ExportState
from recorder_app.cloud.masking import masked
from recorder_app.models import ApiCall, AuditEntry, CallbackEvent, Export, Note, Recording, RecordingFile
from recorder_app.services import bundles, exports, making
from tests import factories, steps
from tests.people import person

pytestmark = pytest.mark.django_db


def files_of(response) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as package:
        return {name: package.read(name).decode() for name in package.namelist()}


@pytest.fixture
def call() -> ApiCall:
    return factories.call(outcome="refused")


def test_a_recordings_bundle_is_shown_before_it_is_taken(support_client, call):
    address = reverse("recording-bundle", args=[call.recording_id])

    page = support_client.get(address).content.decode()

    assert f'href="{address}file/"' in page
    assert call.request_id in page
    assert "请协助排查" in page
    assert "Nothing: no secret was found." in page
    assert not AuditEntry.objects.filter(event="bundle_taken").exists()


def test_taking_it_gives_a_zip_and_is_written_down(support_client, call):
    response = support_client.get(reverse("recording-bundle-file", args=[call.recording_id]))

    assert response["Content-Type"] == "application/zip"
    assert f"support-bundle-recording-{call.recording_id}.zip" in response["Content-Disposition"]
    assert f"recordings/{call.recording_id}.json" in files_of(response)
    entry = AuditEntry.objects.get(event="bundle_taken")
    assert (entry.by_name, entry.about_id) == ("support", call.recording_id)
    assert entry.details == {"recordings": 1, "calls": 0}


def test_a_calls_bundle_is_about_the_call(support_client, call):
    page = support_client.get(reverse("call-bundle", args=[call.pk])).content.decode()
    files = files_of(support_client.get(reverse("call-bundle-file", args=[call.pk])))

    assert "StartOnlineRecord was refused with InvalidParameter.RecordParameter" in page
    assert call.request_id in files["ticket-zh.txt"]


@pytest.mark.parametrize(
    "name", ["recording-bundle", "recording-bundle-file", "call-bundle", "call-bundle-file"]
)
def test_the_bundle_of_what_is_hidden_does_not_exist(support_client, call, name):
    support = person("support")
    support.sees_all = False
    support.save()
    key = call.recording_id if name.startswith("recording") else call.pk

    assert support_client.get(reverse(name, args=[key])).status_code == 404


def test_pages_lead_to_their_bundles(support_client, call):
    of_call = support_client.get(call.get_absolute_url()).content.decode()
    of_recording = support_client.get(call.recording.get_absolute_url()).content.decode()

    assert reverse("call-bundle", args=[call.pk]) in of_call
    assert reverse("recording-bundle", args=[call.recording_id]) in of_recording


def test_everything_a_look_up_found_goes_into_one_bundle(support_client):
    recording = factories.recording()
    calls = [factories.call(recording=recording, outcome="refused"), factories.call()]
    text = "\n".join(f"RequestId: {call.request_id} secretKey=planted-secret-1" for call in calls)

    shown = support_client.post(reverse("lookup-bundle"), {"q": text})
    form = {name: shown.context["form"].initial[name] for name in ("recordings", "calls")}
    files = files_of(support_client.post(reverse("lookup-bundle-file"), form))

    assert "2 cases of cloud recording" in files["ticket-en.txt"]
    assert all(call.request_id in files["ticket-en.txt"] for call in calls)
    assert "planted-secret-1" not in shown.content.decode() + "".join(files.values())


def test_the_page_of_a_look_up_leads_to_the_bundle_without_its_text(support_client):
    calls = [factories.call(outcome="refused"), factories.call()]
    text = "\n".join(f"RequestId: {call.request_id}" for call in calls)

    page = support_client.post("/lookup/", {"q": text}).content.decode()
    shown = support_client.post(
        reverse("lookup-bundle"), {"recordings": "", "calls": ",".join(str(call.pk) for call in calls)}
    )

    assert f'action="{reverse("lookup-bundle")}"' in page
    assert calls[0].request_id in shown.content.decode()


@pytest.mark.parametrize("form", [{"q": "nothing-like-it"}, {}, {"recordings": "1;2"}, {"calls": "999999"}])
def test_a_look_up_that_found_nothing_packs_nothing(support_client, form):
    page = support_client.post(reverse("lookup-bundle"), form).content.decode()

    assert "Nothing to pack" in page


def test_a_damaged_form_takes_nothing(support_client, call):
    response = support_client.post(reverse("lookup-bundle-file"), {"calls": "1 OR 1=1"})

    assert response.status_code == 302
    assert not AuditEntry.objects.filter(event="bundle_taken").exists()


@pytest.mark.django_db(transaction=True)
def test_the_bundle_of_many_is_made_in_the_background(support_client, monkeypatch):
    monkeypatch.setattr(bundles, "MOST_AT_ONCE", 2)
    calls = [factories.call(outcome="refused") for _number in range(3)]
    form = {"calls": ",".join(str(call.pk) for call in calls), "recordings": ""}

    asked = support_client.post(reverse("lookup-bundle"), form).content.decode()
    ordered = support_client.post(reverse("lookup-bundle-file"), {**form, "intention": str(uuid.uuid4())})
    steps.work_off()

    export = Export.objects.get()
    assert "Pack 3 recordings and calls?" in asked
    assert (ordered.url, export.state, export.done) == (export.get_absolute_url(), ExportState.READY, 3)
    files = files_of(support_client.get(reverse("export-file", args=[export.pk])))
    assert sum(name.startswith("recordings/") for name in files) == 3
    assert AuditEntry.objects.filter(event="bundle_taken").count() == 1


# --- Planted secrets -------------------------------------------------------------------------------------
PLANTED = {
    "secret key": "PLANTEDsecretkey00000000000000001",
    "token": "PLANTEDtoken000000000000000000002",
    "SDK key": "PLANTEDsdkkey0000000000000000003",
    "callback key": "PLANTEDcallbackkey000000000000004",
    "callback token": "PLANTEDcallbacktoken0000000000005",
    "signature": "PLANTEDusersig0000000000000000006",
    "password": "PLANTEDpassword000000000000000007",
    "signed address": "PLANTEDaddress0000000000000000008",
    "callback signature": "PLANTEDsign0000000000000000000009",
}


@pytest.fixture
def planted(client_of) -> Iterator[Client]:
    """A history with a secret in every place that holds one, also where nobody expects it; support has signed in."""
    account = factories.account(secret_key=PLANTED["secret key"], token=PLANTED["token"])
    application = factories.application(
        account=account,
        sdk_key=PLANTED["SDK key"],
        callback_key=PLANTED["callback key"],
        callback_token=PLANTED["callback token"],
    )
    support = person("support")
    support.set_password(PLANTED["password"])
    support.save()
    # As stored: signatures and keys are masked before they reach a model.
    params = masked({"SdkAppId": 1400000001, "RoomId": 1203, "RecordUserSig": PLANTED["signature"]})
    recording = factories.recording(application=application, status="failed", params=params)
    factories.call(recording=recording, params=params)
    address = f"https://us.example.com/callbacks/tiw/{PLANTED['callback token']}/"
    factories.call(recording=recording, outcome="refused", params=masked({"Callback": address}))
    CallbackEvent.objects.create(
        application=application, application_name=application.name, product="tiw", recording=recording,
        event_type="TaskFinished", digest="1", received_at=factories.NOW, last_received_at=factories.NOW,
        created_at=factories.NOW, body=json.dumps({"Sign": PLANTED["callback signature"], "Url": address}),
    )  # fmt: skip
    RecordingFile.objects.create(
        recording=recording, key="1", name="a.mp4", seen_at=factories.NOW,
        url=f"https://f.example.com/a.mp4?sign={PLANTED['signed address']}",
    )  # fmt: skip
    return client_of("support")


@pytest.fixture
def spilled(planted) -> Client:
    """And secrets where none should ever be: in old rows, in the cloud's own words, in notes."""
    recording, support = Recording.objects.get(), person("support")
    Recording.objects.update(failure=f"UserSig={PLANTED['signature']} is wrong")
    factories.call(
        recording=recording,
        outcome="refused",
        params={"Callback": f"https://us.example.com/callbacks/tiw/{PLANTED['callback token']}/"},
        error_message=f"RecordUserSig: {PLANTED['signature']} has expired; key {PLANTED['SDK key']}",
        answer={"Error": {"Message": f"SecretKey={PLANTED['secret key']}"}, "Token": PLANTED["token"]},
    )
    Note.objects.create(
        recording=recording, by=support, by_name=support.name, created_at=factories.NOW,
        text=f"I tried password: {PLANTED['password']} and {PLANTED['callback key']}",
    )  # fmt: skip
    return planted


def secrets_of(browser: Client) -> dict[str, str]:
    """What was planted, and what is secret by itself."""
    return {
        **PLANTED,
        "session": browser.cookies[django_settings.SESSION_COOKIE_NAME].value,
        "Django's key": django_settings.SECRET_KEY,
        "field key": django_settings.FIELD_ENCRYPTION_KEYS[0],
        "password hash": person("support").password,
    }


def found_in(text: str, browser: Client) -> list[str]:
    return [name for name, secret in secrets_of(browser).items() if secret in text]


def test_what_is_planted_can_be_found_where_it_may_stand(spilled):
    planted = spilled
    # Otherwise the tests below would pass whatever happens.
    raw = repr(list(ApiCall.objects.values())) + repr(list(CallbackEvent.objects.values()))
    raw += repr(list(Note.objects.values())) + repr(list(RecordingFile.objects.values()))

    assert {"signature", "SDK key", "secret key", "callback signature", "password"} <= set(
        found_in(raw, planted)
    )
    assert Session.objects.exists()


def test_no_bundle_holds_a_secret_wherever_it_stood(spilled):
    planted = spilled
    recording, call = Recording.objects.get(), ApiCall.objects.last()
    shown = [
        planted.get(reverse("recording-bundle", args=[recording.pk])).content.decode(),
        planted.get(reverse("call-bundle", args=[call.pk])).content.decode(),
        planted.post(
            reverse("lookup-bundle"), {"q": f"{call.request_id}\n{PLANTED['SDK key']}"}
        ).content.decode(),
    ]
    taken = [
        files_of(planted.get(reverse("recording-bundle-file", args=[recording.pk]))),
        files_of(planted.get(reverse("call-bundle-file", args=[call.pk]))),
        files_of(planted.post(reverse("lookup-bundle-file"), {"calls": str(call.pk)})),
    ]

    assert [found_in(page, planted) for page in shown] == [[], [], []]
    for files in taken:
        assert [name for name, text in files.items() if found_in(text, planted)] == []


def test_what_was_masked_is_listed(spilled):
    planted = spilled
    about = json.loads(
        files_of(planted.get(reverse("recording-bundle-file", args=[Recording.objects.get().pk])))[
            "about.json"
        ]
    )

    assert {
        "RecordUserSig",
        "Sign",
        "Token",
        "Callback",
        "url",
        "Url",
        "error_message",
        "failure",
        "note",
    } <= set(about["masked"])
    assert (
        "<li><code>RecordUserSig</code>"
        in planted.get(reverse("recording-bundle", args=[Recording.objects.get().pk])).content.decode()
    )


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("page", ["calls", "recordings"])
def test_no_export_holds_a_planted_secret(planted, page, kind):
    form = {"kind": kind, "columns": "all", "intention": str(uuid.uuid4())}

    raw = b"".join(planted.post(reverse("export-new", query={"page": page}), form).streaming_content)
    texts = [raw.decode("utf-8-sig")] if kind == "csv" else _sheets(raw)

    assert [found_in(text, planted) for text in texts] == [[]] * len(texts)


def _sheets(raw: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        return [book.read(name).decode() for name in book.namelist()]


@pytest.mark.django_db(transaction=True)
def test_no_file_made_in_the_background_holds_a_planted_secret(planted, monkeypatch):
    monkeypatch.setattr(exports, "MOST_AT_ONCE", 1)
    form = {"kind": "csv", "columns": "all", "intention": str(uuid.uuid4())}
    planted.post(reverse("export-new", query={"page": "calls"}), form)

    steps.work_off()

    text = b"".join(making.unpacked(making.parts_of(Export.objects.get()))).decode("utf-8-sig")
    assert len(text.splitlines()) == 3
    assert found_in(text, planted) == []


def test_no_page_of_support_holds_a_planted_secret(planted):
    keys = {"recording": Recording.objects.get().pk, "call": ApiCall.objects.last().pk}
    names = [
        pattern.name
        for pattern in get_resolver().url_patterns
        if "<" not in str(pattern.pattern) or pattern.name in keys
    ]
    pages = {
        name: planted.get(reverse(name, args=[keys[name]] if name in keys else []), {"page": "calls"})
        for name in names
        if name not in ("sign-out", "sign-in")
    }

    # The page of a recording links to its files, whose addresses may be signed: that is how one gets them.
    allowed = {"recording": ["signed address"]}
    found = {
        name: found_in(page.content.decode(), planted)
        for name, page in pages.items()
        if page.status_code == 200 and not page.streaming
    }

    assert {name: secrets for name, secrets in found.items() if secrets} == allowed
    assert {"recording", "call", "calls", "recordings", "overview"} <= set(found)


def test_the_bundle_of_many_is_never_made_while_somebody_waits(support_client, monkeypatch):
    monkeypatch.setattr(bundles, "MOST_AT_ONCE", 2)
    keys = ",".join(str(factories.call().pk) for _number in range(3))

    response = support_client.post(reverse("lookup-bundle-file"), {"calls": keys})

    assert (response.status_code, response.headers.get("Location")) == (302, "/lookup/")
    assert not Export.objects.exists()

"""The pages that start a recording, against a real sandbox cloud."""

import gzip
import json
import re
import urllib.request
import uuid
from html import unescape

import pytest

from recorder_app.choices import CallOutcome, Edition, Environment, RecordingStatus
from recorder_app.models import ApiCall, Recording
from tests import factories
from tests.forms.filled import (
    GME_EXAMPLE,
    SECOND_TIW_EXAMPLE,
    SENT_BY_GME_EXAMPLE,
    SENT_BY_SECOND_TIW_EXAMPLE,
    layout,
)

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = "MixStream.Custom.InputStreamList"
HTMX_FORM = {"HX-Request": "true", "HX-Target": "start-form"}


@pytest.fixture
def tiw(sandbox):
    return factories.application(product="tiw", endpoint=sandbox.url)


@pytest.fixture
def gme(sandbox):
    return factories.application(product="gme", endpoint=sandbox.url)


def filled(application=None, **names) -> dict[str, str]:
    chosen = {"application": str(application.pk)} if application else {}
    return {"intention": str(uuid.uuid4()), "RoomId": "1203", **chosen, **names}


def intention_in(page: str) -> str:
    return re.search(r'name="intention" value="([^"]+)"', page)[1]


def calls_of(sandbox) -> list[dict]:
    with urllib.request.urlopen(f"{sandbox.url}/_sandbox/state", timeout=5) as answer:
        return json.load(answer)["calls"]


def fault(sandbox, **what) -> None:
    request = urllib.request.Request(
        f"{sandbox.url}/_sandbox/faults", json.dumps([what]).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=5).close()


# --- Who may, and what is offered ------------------------------------------------------------------------
@pytest.mark.parametrize("address", ["/start/", "/start/tiw/", "/start/gme/"])
def test_only_operators_and_administrators_may_start(anybody, address):
    who, browser = anybody

    answer = browser.get(address)

    assert answer.status_code == (200 if who in ("operator", "admin") else 403)


@pytest.mark.parametrize("address", ["/start/tiw/preview/", "/start/gme/preview/"])
def test_preview_is_only_for_posts(operator_client, address):
    assert operator_client.get(address).status_code == 405


def test_start_page_offers_every_application_in_use(operator_client):
    factories.application(name="Evening classes")
    factories.application(product="gme", name="Voice rooms")
    factories.application(name="Old school", app_id="1400000009", is_active=False)

    page = operator_client.get("/start/").content.decode()

    assert "Evening classes" in page
    assert "Voice rooms" in page
    assert "Old school" not in page


def test_start_page_without_applications_says_who_adds_one(operator_client):
    page = operator_client.get("/start/").content.decode()

    assert page.count("An administrator adds one") == 2


# --- Starting --------------------------------------------------------------------------------------------
def test_second_example_arrives_in_the_cloud_exactly(operator_client, sandbox, tiw):
    answer = operator_client.post("/start/tiw/", {**filled(), **SECOND_TIW_EXAMPLE, "confirm": "user-sig"})

    recording = Recording.objects.get()
    (call,) = calls_of(sandbox)
    assert answer.status_code == 302
    assert answer["Location"] == recording.get_absolute_url()
    assert recording.status == RecordingStatus.STARTING
    signature = call["parameters"].pop("RecordUserSig")
    assert len(signature) == 64
    assert call["parameters"] == {
        name: value for name, value in SENT_BY_SECOND_TIW_EXAMPLE.items() if name != "RecordUserSig"
    }


def test_gme_example_arrives_in_the_cloud_exactly(operator_client, sandbox, gme):
    answer = operator_client.post("/start/gme/", {**filled(), **GME_EXAMPLE, "confirm": "both-lists"})

    (call,) = calls_of(sandbox)
    assert answer["Location"] == Recording.objects.get().get_absolute_url()
    assert call["parameters"] == SENT_BY_GME_EXAMPLE


def test_htmx_is_told_to_follow_to_the_recording(operator_client, tiw):
    answer = operator_client.post("/start/tiw/", filled(tiw), headers=HTMX_FORM)

    assert answer.status_code == 200
    assert answer["HX-Redirect"] == Recording.objects.get().get_absolute_url()


def test_same_form_sent_twice_starts_one_recording(operator_client, sandbox, tiw):
    form = filled(tiw)

    first, second = (operator_client.post("/start/tiw/", form) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert Recording.objects.count() == 1
    assert len(calls_of(sandbox)) == 1


def test_preview_and_request_name_the_same_account(operator_client, sandbox, tiw):
    form = filled(tiw)
    preview = operator_client.post("/start/tiw/preview/", form).content.decode()

    operator_client.post("/start/tiw/", form)

    assert calls_of(sandbox)[0]["parameters"]["RecordUserId"] in preview


# --- Coming back -----------------------------------------------------------------------------------------
def test_mistake_brings_the_form_back_with_everything_typed_and_sends_nothing(operator_client, tiw):
    form = filled(
        tiw, RoomId="1", GroupId="class-a", **{"Whiteboard": ["off", "on"], "Whiteboard.Width": "640"}
    )

    answer = operator_client.post("/start/tiw/", form)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="class-a"' in page
    assert 'value="640"' in page
    assert "One thing has to be mended; nothing was sent." in page
    assert "A room is a whole number greater than 1" in page
    assert intention_in(page) == form["intention"]
    assert ApiCall.objects.count() == 0


def test_unconfirmed_warning_sends_nothing_and_offers_to_confirm(operator_client, gme):
    answer = operator_client.post("/start/gme/", {**filled(), **GME_EXAMPLE})

    assert 'name="confirm" value="both-lists"' in answer.content.decode()
    assert ApiCall.objects.count() == 0


def test_refusal_brings_the_form_back_explained_marked_and_with_a_new_intention(operator_client, tiw):
    account = {"RecordUserId": "tic_record_user_1203_141551"}
    operator_client.post("/start/tiw/", filled(tiw, **account))
    form = filled(tiw, **account, GroupId="class-a", confirm="room-unknown")

    answer = operator_client.post("/start/tiw/", form, headers=HTMX_FORM)

    page = answer.content.decode()
    call = ApiCall.objects.newest_first()[0]
    assert call.error_code == "ResourceInUse.RecordUserId"
    assert f'data-copy="{call.request_id}"' in page
    assert str(call.meaning.what_to_do) in unescape(page)
    assert 'id="id_RecordUserId_error"' in page
    assert 'value="class-a"' in page
    assert intention_in(page) != form["intention"]
    assert page.lstrip().startswith('<form id="start-form"')


def test_corrected_form_starts_after_a_refusal(operator_client, tiw):
    account = {"RecordUserId": "tic_record_user_1203_141551"}
    operator_client.post("/start/tiw/", filled(tiw, **account))
    again = {"confirm": "room-unknown"}
    refused = operator_client.post("/start/tiw/", filled(tiw, **account, **again)).content.decode()

    answer = operator_client.post("/start/tiw/", filled(tiw, **again, intention=intention_in(refused)))

    assert answer.status_code == 302
    assert Recording.objects.newest_first()[0].status == RecordingStatus.STARTING


def test_start_that_never_left_brings_the_form_back(operator_client):
    nowhere = factories.application(endpoint=factories.NOWHERE)

    answer = operator_client.post("/start/tiw/", filled(nowhere))

    page = answer.content.decode()
    assert Recording.objects.get().status == RecordingStatus.NOT_STARTED
    assert ApiCall.objects.get().outcome == CallOutcome.NOT_SENT
    assert "Nothing reached the cloud" in page


def test_start_without_an_answer_leads_to_the_recording(operator_client, sandbox, tiw):
    fault(sandbox, action="StartOnlineRecord", kind="drop_after", count=1)

    answer = operator_client.post("/start/tiw/", filled(tiw))

    recording = Recording.objects.get()
    assert recording.status == RecordingStatus.UNKNOWN
    assert answer["Location"] == recording.get_absolute_url()


def test_form_that_has_started_something_else_says_so_and_links_to_it(operator_client, tiw):
    form = filled(tiw)
    operator_client.post("/start/tiw/", form)

    answer = operator_client.post("/start/tiw/", {**form, "RoomId": "1204"})

    page = answer.content.decode()
    assert Recording.objects.count() == 1
    assert "This form has already started a recording" in page
    assert Recording.objects.get().get_absolute_url() in page
    assert 'value="1204"' in page
    assert intention_in(page) != form["intention"]


@pytest.mark.parametrize("intention", ["", "junk", "\x00" * 5])
def test_damaged_intention_sends_nothing_and_gets_a_new_one(operator_client, tiw, intention):
    answer = operator_client.post("/start/tiw/", filled(tiw, intention=intention))

    page = answer.content.decode()
    assert "The mark that keeps a form from starting two recordings" in page
    assert uuid.UUID(intention_in(page))
    assert ApiCall.objects.count() == 0


def test_typed_signature_is_never_in_a_page(operator_client, tiw):
    form = {**filled(tiw), **SECOND_TIW_EXAMPLE, "RoomId": "1"}
    page = operator_client.post("/start/tiw/", form).content.decode()
    preview = operator_client.post("/start/tiw/preview/", form).content.decode()

    assert "usersig_of_" not in page
    assert "usersig_of_" not in preview


# --- Filling ---------------------------------------------------------------------------------------------
def test_only_application_is_chosen_already(operator_client, tiw):
    page = operator_client.get("/start/tiw/").content.decode()

    assert f'<option value="{tiw.pk}" selected>' in page


def test_form_starts_from_an_earlier_recording(operator_client, tiw):
    params = {"SdkAppId": 1400000001, "RoomId": 4711, "RecordUserSig": "***", "GroupId": "class-a", "Odd": 1}
    earlier = factories.recording(application=tiw, params=params)

    page = operator_client.get(f"/start/tiw/?like={earlier.pk}").content.decode()

    assert 'value="4711"' in page
    assert 'value="class-a"' in page
    assert "The earlier recording had parameters that this form does not know: Odd." in page
    assert "tic_record_user_4711_" in page


@pytest.mark.parametrize("like", ["0", "x", "-1", "9" * 50, "999999"])
def test_unknown_recording_to_start_from_is_told(operator_client, tiw, like):
    answer = operator_client.get("/start/tiw/", {"like": like})

    assert answer.status_code == 200
    assert "was not found, so the form is empty" in answer.content.decode()


def test_trtc_fields_appear_only_where_the_application_has_them(operator_client, tiw):
    chinese = factories.application(
        account=factories.account(edition=Edition.CHINESE), app_id="1400000002", name="Shanghai"
    )

    here = operator_client.get(f"/start/tiw/?application={tiw.pk}").content.decode()
    there = operator_client.post(
        "/start/tiw/", filled(chinese, GroupId="typed", row="refresh"), headers=HTMX_FORM
    ).content.decode()

    assert "TRTCRoomIdStr" not in here
    assert 'name="TRTCRoomIdStr"' in there
    assert 'value="typed"' in there
    assert "has to be mended" not in there


def test_live_start_says_live_on_its_button(operator_client):
    live = factories.application(account=factories.account(environment=Environment.LIVE))

    page = operator_client.get(f"/start/tiw/?application={live.pk}").content.decode()

    assert "Start LIVE recording" in page


# --- Rows and preview ------------------------------------------------------------------------------------
def test_row_is_added_without_script_as_a_whole_page(operator_client, tiw):
    answer = operator_client.post(
        "/start/tiw/", {**filled(tiw), **layout({"name": "board"}), "row": f"add:{ROWS}"}
    )

    page = answer.content.decode()
    assert page.lstrip().startswith("<!doctype html>")
    assert f'name="{ROWS}.1.InputStreamId"' in page
    assert 'value="board"' in page
    assert ApiCall.objects.count() == 0


def test_row_is_removed_in_place_and_the_preview_is_asked_for(operator_client, tiw):
    posted = {**filled(tiw), **layout({"name": "a"}, {"name": "b"}), "row": f"remove:{ROWS}.0"}

    answer = operator_client.post("/start/tiw/", posted, headers=HTMX_FORM)

    page = answer.content.decode()
    assert page.lstrip().startswith('<form id="start-form"')
    assert f'name="{ROWS}.0.InputStreamId"' not in page
    assert f'name="{ROWS}.1.InputStreamId"' in page
    assert json.loads(answer["HX-Trigger-After-Swap"]) == {"form-changed": {}}


def test_preview_shows_the_picture_and_the_request_in_five_forms_and_sends_nothing(operator_client, tiw):
    form = {**filled(tiw), **layout({"name": "tic_record_user", "w": 960, "h": 720}), "shown": "curl"}

    answer = operator_client.post("/start/tiw/preview/", form)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Ready to send" in page
    assert 'class="mix-picture"' in page
    assert re.findall(r'id="request-(\w+)"', page) == ["title", "json", "curl", "tccli", "python", "get"]
    assert 'id="shown-curl" value="curl" checked' in page
    assert ApiCall.objects.count() == 0


@pytest.mark.parametrize(("model", "says"), [("1", "four small pictures in a row"), ("2", "whiteboard left")])
def test_preview_draws_the_built_in_layout_that_is_chosen(operator_client, tiw, model, says):
    form = filled(tiw, **{"MixStream.Enabled": "on", "MixStream.ModelId": model})

    page = operator_client.post("/start/tiw/preview/", form).content.decode()

    assert says in page.split('class="mix-picture"')[1]


def test_preview_says_what_is_missing(operator_client, tiw):
    page = operator_client.post("/start/tiw/preview/", filled(tiw, RoomId="")).content.decode()

    assert "Not ready to send" in page
    assert 'href="#id_RoomId"' in page


def test_largest_preview_is_at_most_ten_kilobytes_compressed_in_every_form(operator_client, tiw):
    streams = [
        {"name": f"student-{n:03}", "x": 128 * (n % 10), "y": 72 * (n // 10), "w": 128, "h": 72}
        for n in range(100)
    ]
    form = {**filled(tiw), **layout(*streams), "Whiteboard": "on", "Whiteboard.InitParam": '{"ratio":"16:9"}'}

    for shown in ("json", "curl", "tccli", "python", "get"):
        answer = operator_client.post(
            "/start/tiw/preview/", {**form, "shown": shown}, headers={"HX-Request": "true"}
        )

        assert "Ready to send" in answer.content.decode()
        assert f'id="request-{shown}"' in answer.content.decode()
        assert len(gzip.compress(answer.content)) <= 10_240


@pytest.mark.parametrize(("status", "warned"), [("unknown", True), ("recording", True), ("finished", False)])
def test_a_room_that_may_be_recorded_already_has_to_be_confirmed(operator_client, tiw, status, warned):
    factories.recording(application=tiw, status=status, room_id="1203")

    page = operator_client.post("/start/tiw/", filled(tiw)).content.decode()

    assert ('name="confirm" value="room-unknown"' in page) == warned
    assert ApiCall.objects.count() == (0 if warned else 1)


def test_a_confirmed_room_is_started(operator_client, tiw):
    factories.recording(application=tiw, status="unknown", room_id="1203")

    answer = operator_client.post("/start/tiw/", filled(tiw, confirm="room-unknown"))

    assert answer.status_code == 302


def test_what_differs_from_the_original_is_listed(operator_client, tiw):
    params = {
        "SdkAppId": 1400000001,
        "RoomId": 1203,
        "GroupId": "a",
        "RecordUserId": "tic_record_user_1203_x",
    }
    original = factories.recording(application=tiw, status="finished", params=params)
    form = filled(tiw, RoomId="1204", like=str(original.pk))

    fresh = operator_client.get(f"/start/tiw/?like={original.pk}")
    changed = operator_client.post("/start/tiw/preview/", form)

    differences = changed.context["differences"]
    assert fresh.context["differences"] == []
    assert [(one.name, one.before, one.after) for one in differences] == [
        ("RoomId", 1203, 1204),
        ("GroupId", "a", None),
    ]
    assert "Changed from the original" in changed.content.decode()


# --- After a refusal, and what is remembered ---------------------------------------------------------------
def refused(operator_client, tiw) -> tuple[dict, str]:
    """A form whose account is in use already, and the page it came back as."""
    form = filled(tiw, RecordUserId="tic_record_user_1203_141551")
    operator_client.post("/start/tiw/", form)
    form = filled(tiw, RecordUserId="tic_record_user_1203_141551", confirm="room-unknown")
    page = operator_client.post("/start/tiw/", form, headers=HTMX_FORM).content.decode()
    return {**form, "refused": re.search(r'name="refused" value="(\w+)"', page)[1]}, page


def test_refusal_leads_to_its_field_its_call_and_the_recording_in_the_way(operator_client, tiw):
    _form, page = refused(operator_client, tiw)

    first = Recording.objects.order_by("pk")[0]
    call = ApiCall.objects.newest_first()[0]
    explained = page.split('class="explained', 1)[1].split("</section>", 1)[0]
    assert 'href="#id_RecordUserId"' in explained
    assert f'href="{call.get_absolute_url()}"' in explained
    assert f'href="{first.get_absolute_url()}"' in explained


def test_preview_does_not_call_ready_what_was_refused_until_something_changes(operator_client, tiw):
    form, _page = refused(operator_client, tiw)
    form["intention"] = str(uuid.uuid4())

    same = operator_client.post("/start/tiw/preview/", form).content.decode()
    changed = operator_client.post("/start/tiw/preview/", {**form, "GroupId": "b"}).content.decode()

    assert "Refused as it stands" in same
    assert "Ready to send" not in same
    assert "Ready to send" in changed


def test_preview_of_an_incomplete_form_says_so_and_is_not_to_be_copied(operator_client, tiw):
    form = {**filled(tiw), "AutoStopTimeout": "5"}

    wrong = operator_client.post("/start/tiw/preview/", form).content.decode()
    right = operator_client.post("/start/tiw/preview/", filled(tiw)).content.decode()
    fresh = operator_client.get("/start/tiw/").content.decode()

    assert "What would be sent without the marked fields" in wrong
    assert 'data-copy-from="request-json" disabled' in wrong
    assert "What will be sent" in right
    assert 'data-copy-from="request-json" disabled' not in right
    assert "still without a room" in fresh


def test_application_used_last_is_chosen_already_and_the_room_comes_next(operator_client, tiw):
    other = factories.application(app_id="1400000002", name="Other", account=tiw.account)
    before = operator_client.get("/start/tiw/").content.decode()

    operator_client.post("/start/tiw/", filled(other))
    after = operator_client.get("/start/tiw/").content.decode()

    assert '<option value="" selected>' in before
    assert re.search(r'<select name="application"[^>]* autofocus', before)
    assert f'<option value="{other.pk}" selected>' in after
    assert re.search(r'<input type="text" name="RoomId"[^>]* autofocus', after)

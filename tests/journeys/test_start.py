"""An operator starts recordings in a browser, against a real sandbox cloud."""

import re

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from recorder_app.models import ApiCall, Recording
from tests.journeys.conftest import CHROMIUM
from tests.journeys.switches import SWITCHES
from tests.people import person
from tests.talk import misbehave, truth


def field(page: Page, name: str):
    """The input of the API's own name."""
    return page.locator(f'[name="{name}"]:not([type=hidden])')


def press_start(page: Page) -> None:
    page.get_by_role("button", name="Start recording").click()


def on_a_recording(page: Page) -> None:
    page.wait_for_url(re.compile(r"/recordings/\d+/$"))


def open_form(page: Page, product: str) -> None:
    page.goto(f"/start/{product}/")
    expect(page.locator("#start-form")).to_be_visible()


def test_the_first_class_recording_of_an_operator(sign_in, applications, sandbox):
    page = sign_in("operator")

    page.get_by_role("navigation").get_by_role("link", name="Start").click()
    page.locator('main a[href^="/start/tiw/"]').first.click()
    field(page, "RoomId").fill("1203")
    expect(page.locator("#request-json")).to_contain_text('"RoomId": 1203')
    press_start(page)
    on_a_recording(page)

    task = truth(sandbox)["tasks"][0]
    expect(page.get_by_role("heading", name="Room 1203")).to_be_visible()
    expect(page.locator("#recording-now")).to_contain_text(task["TaskId"])
    expect(page.locator("#recording-now")).to_contain_text("Starting")
    expect(page.locator("main")).to_contain_text("Sandbox")


def test_the_first_voice_recording_of_an_operator(sign_in, applications, sandbox):
    page = sign_in("operator")

    open_form(page, "gme")
    field(page, "RoomId").fill("guild-7")
    page.get_by_label(re.compile("mixed", re.IGNORECASE)).first.check()
    press_start(page)
    on_a_recording(page)

    task = truth(sandbox)["tasks"][0]
    assert int(task["TaskId"]) > 2**53
    expect(page.locator("#recording-now")).to_contain_text(task["TaskId"])


def test_a_refusal_keeps_everything_typed_and_can_be_corrected(sign_in, applications, sandbox):
    page = sign_in("operator")
    open_form(page, "gme")

    field(page, "RoomId").fill("missing-room")
    page.get_by_label(re.compile("mixed", re.IGNORECASE)).first.check()
    press_start(page)
    expect(page.get_by_text("The cloud refused the call")).to_be_visible()

    refusal = truth(sandbox)["calls"][0]
    expect(page.locator("#start-form")).to_contain_text(refusal["RequestId"])
    expect(page.locator("#start-form")).to_contain_text("ResourceNotFound.RoomNotFound")
    expect(field(page, "RoomId")).to_have_value("missing-room")
    expect(field(page, "RoomId")).to_have_attribute("aria-invalid", "true")

    field(page, "RoomId").fill("guild-8")
    press_start(page)
    on_a_recording(page)

    assert [call["outcome"] for call in truth(sandbox)["calls"]] == ["ResourceNotFound.RoomNotFound", "ok"]
    assert Recording.objects.count() == 2


def test_a_mistake_is_told_before_anything_is_sent(sign_in, applications, sandbox):
    page = sign_in("operator")
    open_form(page, "tiw")

    field(page, "RoomId").fill("4294967295")
    press_start(page)

    expect(field(page, "RoomId")).to_have_attribute("aria-invalid", "true")
    expect(field(page, "RoomId")).to_have_value("4294967295")
    assert truth(sandbox)["calls"] == []
    assert ApiCall.objects.count() == 0


def test_a_double_click_starts_one_recording(sign_in, applications, sandbox):
    page = sign_in("operator")
    open_form(page, "tiw")
    field(page, "RoomId").fill("1204")

    page.get_by_role("button", name="Start recording").dblclick()
    on_a_recording(page)

    assert len(truth(sandbox)["tasks"]) == 1
    assert Recording.objects.count() == 1


def test_a_reload_of_the_result_and_a_second_tab_start_nothing_more(sign_in, applications, sandbox):
    page = sign_in("operator")
    open_form(page, "tiw")
    field(page, "RoomId").fill("1205")
    intention = page.locator('[name="intention"]').input_value()
    press_start(page)
    on_a_recording(page)

    page.reload()
    # The same form in a second tab, as "duplicate tab" makes it: sent without htmx, by the browser itself.
    other = page.context.new_page()
    open_form(other, "tiw")
    field(other, "RoomId").fill("1205")
    other.evaluate("key => { document.querySelector('[name=intention]').value = key }", intention)
    other.get_by_role("button", name="Start recording").click()
    on_a_recording(other)

    assert other.url == page.url
    assert len(truth(sandbox)["calls"]) == 1


def test_a_form_changed_after_it_was_sent_is_told_and_not_lost(sign_in, applications, sandbox):
    page = sign_in("operator")
    open_form(page, "tiw")
    field(page, "RoomId").fill("1206")
    intention = page.locator('[name="intention"]').input_value()
    press_start(page)
    on_a_recording(page)

    open_form(page, "tiw")
    field(page, "RoomId").fill("1207")
    page.evaluate("key => { document.querySelector('[name=intention]').value = key }", intention)
    press_start(page)

    expect(page.get_by_text("already started a recording")).to_be_visible()
    expect(field(page, "RoomId")).to_have_value("1207")
    press_start(page)
    on_a_recording(page)
    assert [task["RoomId"] for task in truth(sandbox)["tasks"]] in ([1206, 1207], ["1206", "1207"])


def test_a_custom_layout_with_three_streams(sign_in, applications, sandbox):
    page = sign_in("operator")
    open_form(page, "tiw")
    field(page, "RoomId").fill("1208")
    page.locator('[id="switch_MixStream"]').check()
    page.locator('[id="switch_MixStream.Custom"]').check()
    rows = page.locator("[data-stream]")
    # A layout of one's own begins as the documented one: the whiteboard and four free places.
    expect(rows).to_have_count(5)
    for remaining in (4, 3):
        rows.last.get_by_role("button", name=re.compile("Remove")).click()
        expect(rows).to_have_count(remaining)
    field(page, f"{rows.nth(1).get_attribute('data-stream')}.InputStreamId").fill("teacher")

    expect(page.locator(".preview-picture svg")).to_contain_text("teacher")
    press_start(page)
    on_a_recording(page)

    sent = truth(sandbox)["calls"][0]["parameters"]
    streams = sent["MixStream"]["Custom"]["InputStreamList"]
    places = [stream["LayoutParams"] for stream in streams]
    assert [stream.get("InputStreamId") for stream in streams] == ["tic_record_user", "teacher", None]
    assert [
        (place["X"], place["Y"], place["Width"], place["Height"], place["ZOrder"]) for place in places
    ] == [
        (8, 8, 1280, 960, 1),
        (1296, 8, 320, 240, 3),
        (1296, 256, 320, 240, 3),
    ]
    assert sent["Extras"] == ["MIX_STREAM"]


def test_a_box_of_the_picture_is_moved_with_the_keyboard_and_changes_the_numbers(
    sign_in, applications, sandbox
):
    page = sign_in("operator")
    open_form(page, "tiw")
    page.locator('[id="switch_MixStream"]').check()
    page.locator('[id="switch_MixStream.Custom"]').check()
    name = page.locator("[data-stream]").nth(1).get_attribute("data-stream")
    box = page.locator(".preview-picture svg [tabindex]").nth(1)
    before = int(field(page, f"{name}.LayoutParams.Y").input_value())

    box.focus()
    box.press("ArrowDown")

    expect(field(page, f"{name}.LayoutParams.Y")).not_to_have_value(str(before))


def test_adding_and_removing_a_row_loses_nothing_that_is_typed(sign_in, applications, sandbox):
    page = sign_in("operator")
    open_form(page, "tiw")
    field(page, "RoomId").fill("1209")
    page.locator('[id="switch_MixStream"]').check()
    page.locator('[id="switch_MixStream.Custom"]').check()
    rows = page.locator("[data-stream]")
    before = rows.count()
    page.get_by_role("button", name="Add a stream").click()
    expect(rows).to_have_count(before + 1)
    prefix = rows.last.get_attribute("data-stream")
    field(page, f"{prefix}.InputStreamId").fill("kept")

    page.get_by_role("button", name="Add a stream").click()
    expect(rows).to_have_count(before + 2)
    rows.last.get_by_role("button", name=re.compile("Remove")).click()
    expect(rows).to_have_count(before + 1)

    expect(field(page, f"{prefix}.InputStreamId")).to_have_value("kept")
    expect(field(page, "RoomId")).to_have_value("1209")
    assert truth(sandbox)["calls"] == []


def test_both_lists_of_a_voice_room_are_sent_once_the_warning_is_confirmed(sign_in, applications, sandbox):
    page = sign_in("operator")
    open_form(page, "gme")
    field(page, "RoomId").fill("1987")
    page.get_by_label(re.compile("single|each", re.IGNORECASE)).first.check()
    page.locator('[id="switch_SubscribeRecordUserIds"]').check()
    field(page, "SubscribeRecordUserIds.SubscribeUserIds.0").fill("1145")
    field(page, "SubscribeRecordUserIds.UnSubscribeUserIds.0").fill("1987")
    press_start(page)

    expect(page.get_by_text("looks unusual")).to_be_visible()
    assert truth(sandbox)["calls"] == []
    page.get_by_label("I mean it so.").check()
    press_start(page)
    on_a_recording(page)

    assert truth(sandbox)["calls"][0]["parameters"] == {
        "BizId": 3400352518,
        "RoomId": "1987",
        "RecordMode": 1,
        "SubscribeRecordUserIds": {"SubscribeUserIds": ["1145"], "UnSubscribeUserIds": ["1987"]},
    }


def test_a_form_works_without_scripts(sign_in, applications, sandbox):
    page = sign_in("operator", java_script_enabled=False)
    page.goto("/start/tiw/")

    field(page, "RoomId").fill("1210")
    page.locator(".start-button").click()
    on_a_recording(page)

    assert len(truth(sandbox)["tasks"]) == 1


def test_a_start_whose_answer_is_lost_says_that_it_is_unknown(sign_in, applications, sandbox):
    misbehave(sandbox, kind="drop_after", action="StartOnlineRecord")
    page = sign_in("operator")
    open_form(page, "tiw")

    field(page, "RoomId").fill("1211")
    press_start(page)
    on_a_recording(page)

    expect(page.locator("#recording-now")).to_contain_text("Unknown")
    expect(page.locator("#recording-now")).to_contain_text("The cloud may be recording this room")


def test_a_cloud_that_is_down_leaves_the_form_as_it_was(sign_in, transactional_db):
    from tests import factories

    factories.application(product="tiw", name="Evening classes")
    page = sign_in("operator")
    open_form(page, "tiw")

    field(page, "RoomId").fill("1212")
    press_start(page)

    expect(page.get_by_text("The call never left")).to_be_visible()
    expect(field(page, "RoomId")).to_have_value("1212")


# --- When the dashboard itself does not take it -------------------------------------------------------------
NOTICE = "#notices .notice"


def forgive(watch, *words: str) -> None:
    """What the browser and htmx write about an answer that failed on purpose."""
    watch.wrong[:] = [line for line in watch.wrong if not any(word in line for word in words)]


def sign_in_again_elsewhere(page: Page, who: str) -> None:
    """Sign out and in again as in a second tab: the session and the token of the forms are new then."""
    client = Client()
    client.force_login(person(who))
    cookies = page.context.cookies()
    address = page.url
    page.context.clear_cookies(name=settings.CSRF_COOKIE_NAME)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])
    other = page.context.new_page()
    other.goto(address)
    other.close()
    assert page.context.cookies() != cookies


def test_a_start_after_signing_in_again_elsewhere_is_told_and_works_at_the_second_press(
    sign_in, applications, sandbox, watch
):
    page = sign_in("operator")
    open_form(page, "tiw")
    field(page, "RoomId").fill("1220")
    expect(page.locator("#request-json")).to_contain_text('"RoomId": 1220')
    sign_in_again_elsewhere(page, "operator")

    press_start(page)
    expect(page.locator(NOTICE)).to_contain_text("press Start once more")

    assert truth(sandbox)["calls"] == []
    expect(field(page, "RoomId")).to_have_value("1220")
    press_start(page)
    on_a_recording(page)
    assert len(truth(sandbox)["tasks"]) == 1
    forgive(watch, "403")


def test_a_preview_after_signing_in_again_elsewhere_renews_itself(sign_in, applications, sandbox, watch):
    page = sign_in("operator")
    open_form(page, "tiw")
    sign_in_again_elsewhere(page, "operator")

    field(page, "RoomId").fill("1221")

    expect(page.locator("#request-json")).to_contain_text('"RoomId": 1221')
    expect(page.locator(NOTICE)).to_have_count(0)
    forgive(watch, "403")


@pytest.mark.parametrize("lost", ["everything", "the session"])
def test_a_start_while_signed_out_keeps_the_page_and_says_how_to_go_on(
    sign_in, applications, sandbox, watch, lost
):
    page = sign_in("operator")
    open_form(page, "tiw")
    field(page, "RoomId").fill("1222")
    expect(page.locator("#request-json")).to_contain_text('"RoomId": 1222')

    page.context.clear_cookies(**({} if lost == "everything" else {"name": settings.SESSION_COOKIE_NAME}))
    press_start(page)

    expect(page.locator(NOTICE)).to_contain_text("You are signed out, so nothing was")
    expect(field(page, "RoomId")).to_have_value("1222")
    expect(page.locator(".start-button")).to_be_enabled()
    assert truth(sandbox)["calls"] == []
    forgive(watch, "403")


@pytest.mark.parametrize(
    ("failure", "says"), [("500", "The dashboard failed"), ("no connection", "did not answer")]
)
def test_a_start_the_dashboard_fails_on_is_told_and_can_be_pressed_again(
    sign_in, applications, sandbox, watch, failure, says
):
    page = sign_in("operator")
    open_form(page, "tiw")
    field(page, "RoomId").fill("1223")
    expect(page.locator("#request-json")).to_contain_text('"RoomId": 1223')
    page.route(
        "**/start/tiw/", lambda route: route.fulfill(status=500) if failure == "500" else route.abort()
    )

    press_start(page)
    expect(page.locator(NOTICE)).to_contain_text(says)
    field(page, "GroupId").evaluate("input => input.dispatchEvent(new Event('input', {bubbles: true}))")
    page.wait_for_load_state("networkidle")

    expect(page.locator(NOTICE)).to_contain_text("press Start once more", ignore_case=True)
    page.unroute("**/start/tiw/")
    press_start(page)
    on_a_recording(page)
    forgive(watch, "500", "ERR_FAILED", "htmx:")


# --- While an answer is on its way ---------------------------------------------------------------------------
def held(page: Page, address: str) -> list:
    """The requests to an address, each kept waiting until the test lets it go on."""
    waiting: list = []
    page.route(address, lambda route: waiting.append(route))
    return waiting


def let_go(page: Page, waiting: list, address: str) -> None:
    expect(page.locator("html.is-waiting")).to_be_attached()
    for route in waiting:
        route.continue_()
    page.unroute(address)


def test_what_is_typed_while_the_form_is_drawn_anew_is_kept(sign_in, applications, sandbox):
    page = sign_in("operator")
    open_form(page, "tiw")
    page.locator('[id="switch_MixStream"]').check()
    page.locator('[id="switch_MixStream.Custom"]').check()
    page.locator(".more summary").first.click()
    rows = page.locator("[data-stream]")
    waiting = held(page, "**/start/tiw/")

    page.get_by_role("button", name="Add a stream").first.click()
    field(page, "MixStream.DisableAudio").check()
    field(page, "RoomId").fill("1230")
    let_go(page, waiting, "**/start/tiw/")

    expect(rows).to_have_count(6)
    expect(field(page, "RoomId")).to_have_value("1230")
    expect(field(page, "RoomId")).to_be_focused()
    expect(field(page, "MixStream.DisableAudio")).to_be_checked()
    expect(page.locator(".more").first).to_have_attribute("open", "")


def test_after_a_row_is_removed_the_next_one_can_be_removed_by_the_keyboard(sign_in, applications, sandbox):
    page = sign_in("operator")
    open_form(page, "tiw")
    page.locator('[id="switch_MixStream"]').check()
    page.locator('[id="switch_MixStream.Custom"]').check()
    rows = page.locator("[data-stream]")
    third = rows.nth(2).get_attribute("data-stream")

    rows.nth(1).get_by_role("button", name=re.compile("Remove")).press("Enter")

    expect(rows).to_have_count(4)
    expect(page.locator(f'button[value="remove:{third}"]')).to_be_focused()


def test_the_button_says_that_it_sends(sign_in, applications, sandbox):
    page = sign_in("operator")
    open_form(page, "tiw")
    field(page, "RoomId").fill("1")
    waiting = held(page, "**/start/tiw/")

    press_start(page)
    expect(page.locator(".start-button")).to_have_text("Sending…")
    expect(page.locator("#start-form")).to_have_attribute("aria-busy", "true")
    let_go(page, waiting, "**/start/tiw/")

    expect(page.locator(".start-button")).to_have_text("Start recording")
    expect(page.locator("#start-form")).not_to_have_attribute("aria-busy", "true")


def test_the_button_can_be_pressed_again_after_going_back(browser, server, sign_in, applications, sandbox):
    page = sign_in("operator")
    cookies = page.context.cookies()
    remembering = browser.browser_type.launch(
        executable_path=CHROMIUM, args=SWITCHES, ignore_default_args=["--disable-back-forward-cache"]
    )
    context = remembering.new_context(base_url=server)
    context.add_cookies(cookies)
    page = context.new_page()
    open_form(page, "tiw")
    page.evaluate("() => { window.isRemembered = true }")
    field(page, "RoomId").fill("1231")
    press_start(page)
    on_a_recording(page)

    page.go_back(wait_until="commit")

    assert page.evaluate("() => window.isRemembered")
    expect(page.locator(".start-button")).to_be_enabled()
    expect(page.locator(".start-button")).to_have_text("Start recording")
    remembering.close()

"""What an operator copied elsewhere fills in the form, and is started from there."""

from playwright.sync_api import expect

from tests import talk

CURL = """curl https://gme.tencentcloudapi.com -H 'X-TC-Action: StartRecord' \\
  -d '{"BizId": 3400352518, "RoomId": "lounge", "RecordMode": 2, "Colour": "red"}'"""


def test_a_pasted_curl_command_fills_in_the_form_and_is_started_by_hand(sign_in, applications, sandbox):
    page = sign_in("operator")

    page.goto("/start/")
    page.get_by_role("link", name="Paste a request").click()
    page.get_by_label("The request of a start, from anywhere").fill(CURL)
    page.get_by_role("button", name="Fill in the form").click()

    expect(page.locator("main")).to_contain_text("This form does not know Colour")
    expect(page.locator("[name=RoomId]")).to_have_value("lounge")
    expect(page.locator("[name=application]")).to_have_value(str(applications["gme"].pk))
    assert talk.truth(sandbox)["calls"] == []

    page.get_by_role("button", name="Start recording").click()
    page.wait_for_url("**/recordings/*/")

    assert [call["parameters"]["RoomId"] for call in talk.truth(sandbox)["calls"]] == ["lounge"]

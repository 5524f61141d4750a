"""Setting, reading and clearing the callback address and key at a real sandbox cloud."""

import json
import urllib.request
from typing import Any

import pytest

from recorder_app.choices import CallOutcome
from recorder_app.models import ApiCall, Application, AuditEntry
from recorder_app.services import callback_settings
from recorder_app.services.callback_settings import NotDone, SetByOthers
from tests import factories
from tests.callbacks import CALLBACK_KEY, address_of
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)

ANOTHERS = "http://127.0.0.1:9/another/system"


@pytest.fixture
def tiw(sandbox) -> Application:
    return factories.application(product="tiw", endpoint=sandbox.url)


@pytest.fixture
def here(tiw) -> str:
    return f"http://127.0.0.1:8000{address_of(tiw)}"


def break_next(sandbox, **fault: Any) -> None:
    body = json.dumps([{"count": 1, **fault}]).encode()
    request = urllib.request.Request(f"{sandbox.url}/_sandbox/faults", data=body, method="POST")
    with urllib.request.urlopen(request, timeout=5):
        pass


def set_here(tiw: Application, here: str, **changes: Any) -> None:
    callback_settings.set_at_cloud(tiw, address=here, by=person("admin"), **changes)


def at_cloud(tiw: Application) -> tuple[str, str]:
    setting = callback_settings.read(tiw, by=person("admin"))
    return setting.address, setting.key


def events() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("event", flat=True))


def test_address_and_key_are_set_and_the_key_is_stored(tiw, here):
    set_here(tiw, here, key=CALLBACK_KEY)

    tiw.refresh_from_db()
    assert at_cloud(tiw) == (here, CALLBACK_KEY)
    assert tiw.callback_key == CALLBACK_KEY
    assert events() == ["callback_key_stored", "callback_set"]


def test_the_key_is_there_before_the_first_event_may_come(tiw, here):
    set_here(tiw, here, key=CALLBACK_KEY)

    actions = ApiCall.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == [
        "DescribeOnlineRecordCallback", "SetOnlineRecordCallbackKey", "SetOnlineRecordCallback",
    ]  # fmt: skip


def test_without_a_typed_key_one_is_made_that_nobody_knows(tiw, here):
    set_here(tiw, here)

    tiw.refresh_from_db()
    assert at_cloud(tiw) == (here, tiw.callback_key)
    assert 32 <= len(tiw.callback_key) <= 64


def test_the_stored_key_is_used_again(tiw, here):
    callback_settings.store_key(tiw, CALLBACK_KEY, by=person("admin"))

    set_here(tiw, here)

    assert at_cloud(tiw) == (here, CALLBACK_KEY)


def test_the_key_is_nowhere_in_the_history(tiw, here):
    set_here(tiw, here, key=CALLBACK_KEY)
    at_cloud(tiw)

    kept = [f"{call.params}{call.answer}{call.error_message}" for call in ApiCall.objects.all()]
    details = [f"{entry.about}{entry.details}" for entry in AuditEntry.objects.all()]
    assert [text for text in kept + details if CALLBACK_KEY in text] == []
    assert len(kept) == 4


def history() -> str:
    calls = [f"{call.params}{call.answer}{call.error_message}" for call in ApiCall.objects.order_by("pk")]
    return "\n".join([*calls, *(f"{entry.about}{entry.details}" for entry in AuditEntry.objects.all())])


def test_of_the_address_the_history_keeps_the_host_and_no_secret(tiw, here):
    set_here(tiw, here, key=CALLBACK_KEY)
    setting = callback_settings.read(tiw, by=person("admin"))

    asked, answered = (
        ApiCall.objects.filter(action=action).order_by("-pk")[0]
        for action in ("SetOnlineRecordCallback", "DescribeOnlineRecordCallback")
    )
    assert asked.params["Callback"] == "http://127.0.0.1:8000/callbacks/tiw/***"
    assert answered.answer["Callback"] == "http://127.0.0.1:8000/callbacks/tiw/***"
    assert tiw.callback_token not in history()
    assert (setting.address, setting.leads_here) == (here, True)
    assert tiw.callback_token not in repr(setting)


def test_of_anothers_address_the_history_keeps_the_host_alone(tiw, here):
    set_here(tiw, ANOTHERS)

    with pytest.raises(SetByOthers) as found:
        set_here(tiw, here)

    assert "127.0.0.1:9/***" in history()
    assert "another/system" not in history() + str(found.value)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "code": "InvalidParameter.CallbackAddressFormatError", "message": "{} is bad."},
        {"kind": "error", "code": "FailedOperation", "message": "cannot reach {}"},
    ],
)
def test_a_refusal_that_quotes_the_address_gives_nothing_away(tiw, here, sandbox, fault):
    message = fault["message"].format(here)
    break_next(sandbox, action="SetOnlineRecordCallback", **{**fault, "message": message})

    with pytest.raises(NotDone) as broken:
        set_here(tiw, here)

    call = broken.value.call
    assert call.error_message == message.replace(tiw.callback_token, "***")
    assert tiw.callback_token not in f"{history()}{broken.value}{broken.value.__cause__}"


def test_the_setting_shows_no_key_by_itself(tiw, here):
    set_here(tiw, here, key=CALLBACK_KEY)

    setting = callback_settings.read(tiw, by=person("admin"))

    assert CALLBACK_KEY not in repr(setting)
    assert (setting.leads_here, setting.has_key, setting.key_is_ours) == (True, True, True)


def clear(tiw: Application, here: str) -> None:
    callback_settings.clear_at_cloud(tiw, by=person("admin"))


@pytest.mark.parametrize("verb", [set_here, clear])
def test_another_systems_address_is_not_replaced_unasked(tiw, here, verb):
    set_here(tiw, ANOTHERS, key="EXAMPLE-other-key")

    with pytest.raises(SetByOthers) as found:
        verb(tiw, here)

    assert found.value.setting.address == ANOTHERS
    assert at_cloud(tiw) == (ANOTHERS, "EXAMPLE-other-key")


def test_another_systems_address_is_replaced_when_somebody_says_so(tiw, here):
    set_here(tiw, ANOTHERS)

    set_here(tiw, here, key=CALLBACK_KEY, replaces=True)

    assert at_cloud(tiw) == (here, CALLBACK_KEY)


def test_clearing_forgets_address_and_key_there_and_here(tiw, here):
    set_here(tiw, here, key=CALLBACK_KEY)

    callback_settings.clear_at_cloud(tiw, by=person("admin"))

    tiw.refresh_from_db()
    assert (at_cloud(tiw), tiw.callback_key) == (("", ""), "")
    assert events()[-2:] == ["callback_key_removed", "callback_cleared"]


@pytest.mark.parametrize("action", ["SetOnlineRecordCallbackKey", "SetOnlineRecordCallback"])
def test_an_answer_that_is_lost_is_looked_up(tiw, here, sandbox, action):
    break_next(sandbox, action=action, kind="drop_after")

    set_here(tiw, here, key=CALLBACK_KEY)

    tiw.refresh_from_db()
    assert (at_cloud(tiw), tiw.callback_key) == ((here, CALLBACK_KEY), CALLBACK_KEY)


def test_a_key_the_cloud_did_not_take_is_not_stored(tiw, here, sandbox):
    break_next(sandbox, action="SetOnlineRecordCallbackKey", kind="drop_before")

    with pytest.raises(NotDone) as broken:
        set_here(tiw, here, key=CALLBACK_KEY)

    tiw.refresh_from_db()
    assert (at_cloud(tiw), tiw.callback_key) == (("", ""), "")
    assert broken.value.call.outcome == CallOutcome.NO_ANSWER


def test_a_refusal_is_told_with_its_call(tiw, here, sandbox):
    break_next(sandbox, action="*", kind="error", code="UnauthorizedOperation.SdkAppId")

    with pytest.raises(NotDone) as broken:
        callback_settings.read(tiw, by=person("admin"))

    assert broken.value.call.error_code == "UnauthorizedOperation.SdkAppId"


def test_a_new_address_makes_the_old_one_a_strangers(tiw):
    old = tiw.callback_token

    callback_settings.renew_address(tiw, by=person("admin"))

    tiw.refresh_from_db()
    assert tiw.callback_token != old
    assert len(tiw.callback_token) >= 43
    assert events() == ["callback_address_renewed"]

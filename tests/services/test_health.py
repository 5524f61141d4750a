"""The alarm of an account: raised by what keeps its calls from succeeding, cleared by the first that gets through."""

from datetime import timedelta

import pytest

from recorder_app.choices import AccountTrouble, CallOutcome, Environment
from recorder_app.models import ApiCall, Application, CloudAccount
from recorder_app.services import accounts, calls
from tests import factories, steps
from tests.factories import NOW
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tiw(sandbox) -> Application:
    return factories.application(product="tiw", endpoint=sandbox.url)


def ask(application: Application, times: int = 1, action: str = "DescribeOnlineRecordCallback") -> None:
    """Calls as any part of the house makes them, with the account as it is stored now."""
    for _time in range(times):
        account = CloudAccount.objects.get(pk=application.account_id)
        params = {"SdkAppId": int(application.app_id)}
        call = calls.intend(
            account=account, application=application, action=action, params=params, by=person("operator")
        )
        calls.send_patiently(call, params)


def trouble_of(application: Application) -> str:
    return CloudAccount.objects.get(pk=application.account_id).trouble


# --- A cloud that gives no answer ------------------------------------------------------------------------
@pytest.mark.parametrize("fault", [{"kind": "drop_after"}, {"kind": "garbage"}, {"kind": "http_status"}])
def test_three_calls_without_an_answer_raise_the_alarm(tiw, sandbox, clock, fault):
    steps.break_all(sandbox, **fault)

    ask(tiw, 2)
    after_two = trouble_of(tiw)
    clock.shift(20)
    ask(tiw, action="DescribeOnlineRecord")

    account = CloudAccount.objects.get(pk=tiw.account_id)
    assert (after_two, account.trouble) == ("", AccountTrouble.SILENT)
    assert account.trouble_since == NOW
    assert account.trouble_message


def test_the_first_answer_ends_it_though_it_is_a_refusal(tiw, sandbox, clock):
    steps.break_all(sandbox, kind="drop_before")
    ask(tiw, 3)
    steps.mend(sandbox)

    ask(tiw, action="DescribeOnlineRecord")

    assert ApiCall.objects.order_by("-pk")[0].outcome == CallOutcome.REFUSED
    assert trouble_of(tiw) == ""


def test_an_answer_between_them_keeps_it_quiet(tiw, sandbox, clock):
    for _turn in range(4):
        steps.break_next(sandbox, kind="drop_after")
        ask(tiw, 2)

    outcomes = list(ApiCall.objects.order_by("pk").values_list("outcome", flat=True))
    assert outcomes == [CallOutcome.NO_ANSWER, CallOutcome.OK] * 4
    assert trouble_of(tiw) == ""


def test_lost_answers_far_apart_are_no_silence(tiw, sandbox, clock):
    steps.break_all(sandbox, kind="drop_after")

    for _time in range(4):
        ask(tiw)
        clock.shift(180)

    assert trouble_of(tiw) == ""


def test_what_killed_processes_left_behind_is_not_the_clouds_silence(tiw, sandbox, clock):
    lost = factories.recording(application=tiw)
    for _number in range(3):
        factories.call(
            recording=lost, outcome=CallOutcome.NO_ANSWER, duration_ms=None, answer=None, http_status=None
        )
    steps.break_next(sandbox, kind="drop_after")

    ask(tiw)

    assert trouble_of(tiw) == ""


def test_another_accounts_silence_is_its_own(tiw, sandbox, clock):
    quiet = factories.application(product="tiw", endpoint=sandbox.url, name="quiet")
    steps.break_all(sandbox, kind="drop_after")

    ask(tiw, 2)
    ask(quiet, 2)

    assert (trouble_of(tiw), trouble_of(quiet)) == ("", "")


@pytest.mark.parametrize("before", [AccountTrouble.UNREACHABLE, AccountTrouble.KEY])
def test_the_newest_trouble_is_the_one_told(tiw, sandbox, clock, before):
    CloudAccount.objects.filter(pk=tiw.account_id).update(trouble=before, trouble_since=NOW)
    steps.break_all(sandbox, kind="drop_before")

    ask(tiw, 2)
    after_two = trouble_of(tiw)
    ask(tiw)
    silent = trouble_of(tiw)
    steps.mend(sandbox)
    steps.break_next(sandbox, kind="error", code="AuthFailure.SecretIdNotFound")
    ask(tiw)

    assert (after_two, silent, trouble_of(tiw)) == (before, AccountTrouble.SILENT, AccountTrouble.KEY)


def test_a_call_that_succeeds_costs_nothing_more_for_the_alarm(tiw, django_assert_num_queries):
    params = {"SdkAppId": int(tiw.app_id)}
    call = calls.intend(
        account=tiw.account, application=tiw, action="DescribeOnlineRecordCallback", params=params, by=None
    )

    with django_assert_num_queries(1):  # the answer
        calls.send(call, params)


# --- Asking whether it is over ---------------------------------------------------------------------------
def in_trouble(application: Application, trouble: str = AccountTrouble.SILENT) -> int:
    CloudAccount.objects.filter(pk=application.account_id).update(trouble=trouble, trouble_since=NOW)
    return application.account_id


def test_an_alarm_goes_by_itself_when_the_cloud_is_back(tiw, sandbox, clock):
    steps.break_all(sandbox, kind="drop_before")
    ask(tiw, 3)
    clock.shift(31)
    still = accounts.ask_again(tiw.account_id)
    steps.mend(sandbox)
    clock.shift(31)

    answered = accounts.ask_again(tiw.account_id)

    assert (still.outcome, answered.outcome) == (CallOutcome.NO_ANSWER, CallOutcome.OK)
    assert (answered.origin, answered.by, answered.action) == (
        "background", None, "DescribeOnlineRecordCallback",
    )  # fmt: skip
    assert trouble_of(tiw) == ""


def test_a_cloud_that_refuses_connections_is_asked_until_it_is_back(clock):
    nowhere = factories.application(product="gme")
    key = in_trouble(nowhere, AccountTrouble.UNREACHABLE)

    asked = []
    for _second in range(95):
        asked.append(accounts.ask_again(key))
        clock.shift(1)

    assert [(second, call.action) for second, call in enumerate(asked) if call] == [
        (second, "DescribeTaskInfo") for second in (0, 31, 62, 93)
    ]
    assert trouble_of(nowhere) == AccountTrouble.UNREACHABLE


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (AccountTrouble.KEY, "AuthFailure.SecretIdNotFound"),
        (AccountTrouble.ARREARS, "ResourceUnavailable.ServiceExpired"),
    ],
)
def test_what_people_have_to_mend_is_asked_about_every_five_minutes(tiw, sandbox, clock, trouble, code):
    key = in_trouble(tiw, trouble)
    steps.break_all(sandbox, kind="error", code=code)

    asked = []
    for _turn in range(64):
        asked.append(accounts.ask_again(key))
        clock.shift(10)

    assert [turn for turn, call in enumerate(asked) if call] == [0, 31, 62]
    assert trouble_of(tiw) == trouble


def test_nobody_is_asked_while_other_calls_tell_as_much(tiw, clock):
    key = in_trouble(tiw)
    factories.call(recording=factories.recording(application=tiw))
    clock.shift(29)

    assert accounts.ask_again(key) is None
    assert trouble_of(tiw) == AccountTrouble.SILENT


def test_a_new_key_is_tried_at_once(tiw, sandbox, clock):
    steps.break_all(sandbox, kind="error", code="AuthFailure.SecretIdNotFound")
    ask(tiw)
    steps.mend(sandbox)
    clock.shift(5)
    before = accounts.ask_again(tiw.account_id)
    account = CloudAccount.objects.get(pk=tiw.account_id)
    key = {"secret_id": factories.SECRET_ID, "secret_key": factories.SECRET_KEY, "token": ""}
    accounts.replace_account_key(account, **key, by=person("admin"))

    after = accounts.ask_again(tiw.account_id)

    assert (before, after.outcome, trouble_of(tiw)) == (None, CallOutcome.OK, "")


def test_many_workers_ask_once(tiw, sandbox, clock, together):
    key = in_trouble(tiw)
    steps.break_all(sandbox, kind="drop_after")

    asked = together(8, lambda: accounts.ask_again(key))

    assert len([call for call in asked if call]) == 1
    assert len(steps.truth(sandbox)["calls"]) == 1


def test_only_accounts_in_trouble_with_an_application_in_use_are_asked(tiw):
    in_trouble(tiw)
    factories.application(product="gme")
    in_trouble(factories.application(product="tiw", is_active=False))
    factories.account(environment=Environment.SANDBOX, trouble=AccountTrouble.KEY)

    assert accounts.in_trouble() == [tiw.account_id]


def test_a_trouble_that_is_over_is_not_asked_about(tiw):
    assert accounts.ask_again(tiw.account_id) is None


def test_the_pause_is_counted_from_the_newest_call_whoever_made_it(tiw, clock):
    key = in_trouble(tiw)
    clock.shift(timedelta(seconds=31))
    first = accounts.probe_account(CloudAccount.objects.get(pk=key), by=person("admin"))
    in_trouble(tiw)

    assert first.call_is_accepted
    assert accounts.ask_again(key) is None

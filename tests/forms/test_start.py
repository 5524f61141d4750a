"""What both start forms have in common: application, intention, strange names, refusals."""

import uuid
from types import SimpleNamespace

import pytest
from django.http import QueryDict

from recorder_app.cloud.error_codes import explain
from recorder_app.forms.start import read_intention
from recorder_app.forms.tiw import StartOnlineRecord
from recorder_app.models import ApiCall
from tests import factories
from tests.forms.filled import INTENTION, application, errors_of, layout, tiw, wrong_fields


def refused(code: str, message: str = "") -> ApiCall:
    return ApiCall(product="tiw", action="StartOnlineRecord", error_code=code, error_message=message)


# --- Application and intention ---------------------------------------------------------------------------
@pytest.mark.django_db
def test_application_is_found_by_its_row_or_by_the_only_sdk_app_id():
    mine = factories.application()
    factories.application(app_id="1400000002", is_active=False)

    def found(**posted):
        return StartOnlineRecord.find_application(posted)

    assert found(application=str(mine.pk)) == mine
    assert found(SdkAppId="1400000001") == mine
    assert found(SdkAppId="1400000002") is None
    assert found() is None
    assert StartOnlineRecord.only_application() == mine


@pytest.mark.django_db
def test_application_is_not_guessed_between_two_of_one_id():
    factories.application()
    factories.application()

    assert StartOnlineRecord.find_application({"SdkAppId": "1400000001"}) is None
    assert StartOnlineRecord.only_application() is None


@pytest.mark.django_db
@pytest.mark.parametrize("chosen", ["0", "-1", "x", "9" * 40, "²", "\x00", "1 OR 1"])
def test_senseless_application_is_none(chosen):
    factories.application()

    assert StartOnlineRecord.find_application({"application": chosen}) is None
    assert StartOnlineRecord.find_application({"SdkAppId": chosen}) is None


@pytest.mark.parametrize("posted", [{}, {"application": "99"}])
def test_form_without_application_asks_for_one(posted):
    form = StartOnlineRecord({"RoomId": "1203", **posted}, application=None, intention=INTENTION)

    assert form.is_valid() is False
    assert wrong_fields(form) == ["application"]
    assert form.params() == {"RoomId": 1203, "RecordUserId": form.generated_user_id}


def test_sdk_app_id_that_is_not_the_chosen_applications_is_refused():
    assert wrong_fields(tiw({"SdkAppId": "1400000009"})) == ["application"]


def test_lost_intention_is_told_and_replaced():
    form = StartOnlineRecord({"RoomId": "1203"}, application=application(), intention=None)

    assert form.is_valid() is False
    assert wrong_fields(form) == ["start-form"]
    assert isinstance(form.intention, uuid.UUID)


@pytest.mark.parametrize("text", [None, "", "junk", "x" * 10_000, "\x00", "6f1d0f6e-7c44"])
def test_damaged_intention_is_none(text):
    assert read_intention(text) is None


def test_sound_intention_is_read():
    assert read_intention(str(INTENTION)) == INTENTION


# --- Strange names ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name",
    [
        "Nonsense",
        "roomid",
        "Whiteboard.Depth",
        "Extras.x",
        "Extras.",
        "Extras.0.Name",
        "MixStream.Custom.InputStreamList.Width",
        "MixStream.Custom.InputStreamList.01.LayoutParams.Width",
        "MixStream.Custom.InputStreamList.0.LayoutParams",
        "RecordUserSig.other",
        ".",
    ],
)
def test_name_that_no_field_has_is_told_and_nothing_can_be_sent(name):
    form = tiw({name: "1"})

    assert form.is_valid() is False
    assert any(f"“{name}”" in message for message in errors_of(form)["start-form"])


def test_names_the_page_itself_posts_are_not_strange():
    form = tiw(
        {"csrfmiddlewaretoken": "x", "intention": str(INTENTION), "confirm": ["a", "b"], "shown": "curl"}
    )

    assert form.is_valid() is True


def test_long_strange_names_are_cut_and_only_some_are_named():
    form = tiw({f"{number}" + "x" * 5000: "1" for number in range(50)})

    (message,) = errors_of(form)["start-form"]
    assert len(message) < 500


def test_browser_and_program_post_alike():
    browser = QueryDict("RoomId=1203&Whiteboard=off&Whiteboard=on&Whiteboard.Width=640")

    form = StartOnlineRecord(browser, application=application(), intention=INTENTION)

    assert form.is_valid() is True
    assert form.params()["Whiteboard"] == {"Width": 640}


# --- What the cloud said ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "message", "field"),
    [
        ("ResourceInUse.RecordUserId", "", "RecordUserId"),
        ("InvalidParameter.InvalidExtra", "", "Extras"),
        ("InvalidParameter.SdkAppIdNotFound", "", "application"),
        ("InvalidParameter.RecordParameter", "AutoStopTimeout is out of range", "AutoStopTimeout"),
        ("InvalidParameter.RecordParameter", "MixStream.Custom.Canvas.LayoutParams.Width is bad",
         "MixStream.Custom.Canvas.LayoutParams.Width"),
        ("InvalidParameter.RecordParameter", "MixStream is bad", "MixStream"),
    ],
)  # fmt: skip
def test_refusal_lands_at_the_field_it_points_at(code, message, field):
    form = tiw(layout({}))
    assert form.is_valid() is True

    form.mark(refused(code, message))

    assert errors_of(form) == {field: [f"The cloud refused this: {explain(code, product='tiw').meaning}"]}


def test_refusal_counts_rows_as_they_were_sent():
    form = tiw(layout({"name": "a", "x": 0}, {"name": "b", "x": 200}, first=3, gap=4))
    assert form.is_valid() is True

    form.mark(
        refused(
            "InvalidParameter.RecordParameter", "MixStream.Custom.InputStreamList.1.LayoutParams.X is bad"
        )
    )

    assert wrong_fields(form) == ["MixStream.Custom.InputStreamList.7.LayoutParams.X"]


@pytest.mark.parametrize("code", ["InternalError", "LimitExceeded.TaskConcurrency", "Never.Heard.Of"])
def test_refusal_that_points_at_no_field_marks_none(code):
    form = tiw()
    assert form.is_valid() is True

    form.mark(refused(code))

    assert form.refusal.error_code == code
    assert errors_of(form) == {}


def test_refusal_renews_the_intention():
    form = tiw()
    assert form.is_valid() is True

    form.mark(refused("InternalError"))

    assert form.intention != INTENTION


def test_call_that_was_never_sent_marks_no_field():
    form = tiw()
    assert form.is_valid() is True

    form.mark(SimpleNamespace(meaning=None, outcome="not_sent"))

    assert errors_of(form) == {}


# --- The draft -------------------------------------------------------------------------------------------
def test_draft_holds_numbers_out_of_range_and_leaves_out_what_is_no_number():
    posted = {**layout({"w": 9000, "h": "12a", "x": 5}, {"w": 10}), "RoomId": "1"}

    mix = tiw(posted).draft()["MixStream"]

    assert mix["Custom"]["InputStreamList"] == [
        {"LayoutParams": {"Width": 9000, "X": 5}},
        {"LayoutParams": {"Width": 10, "Height": 100}},
    ]


def test_parameters_of_a_form_that_is_not_valid_hold_only_what_is():
    form = tiw({"RoomId": "1", "AutoStopTimeout": "600", "Whiteboard.Width": "1", "Whiteboard.Height": "480"})

    assert form.is_valid() is False
    assert form.params() == {"SdkAppId": 1400000001, "AutoStopTimeout": 600, "Whiteboard": {"Height": 480}}

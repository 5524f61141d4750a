import pytest

from recorder_app.choices import CallOutcome
from recorder_app.services import lookup
from tests import factories
from tests.people import person

pytestmark = pytest.mark.django_db

# The document's own example, which is no valid UUID.
REQUEST_ID = "h9167d24-a2c6-1125-a5bd-5c023ba721c2"
TASK_ID = "446192236330927912"


def find(text: str) -> lookup.Found:
    return lookup.find(text, person=person("support"))


def test_a_request_id_finds_its_call():
    call = factories.call(request_id=REQUEST_ID)

    assert find(REQUEST_ID).only == call


@pytest.mark.parametrize(
    "text",
    [
        f"  {REQUEST_ID}\n",
        f'"{REQUEST_ID}"',
        f"'{REQUEST_ID}',",
        f"RequestId: {REQUEST_ID}",
        f'"RequestId": "{REQUEST_ID}",',
        REQUEST_ID.upper(),
    ],
)
def test_what_comes_along_with_copying_does_not_matter(text):
    call = factories.call(request_id=REQUEST_ID)

    assert find(text).only == call


def test_a_task_id_beyond_what_browsers_can_count_is_found_exactly():
    recording = factories.recording(task_id=TASK_ID)
    factories.recording(task_id="446192236330927913")

    assert find(TASK_ID).only == recording


def test_a_record_user_id_finds_its_recording():
    recording = factories.recording(record_user_id="tic_record_user_1203_x")

    assert find("tic_record_user_1203_x").only == recording


def test_a_room_finds_all_its_recordings_newest_first():
    first, second = factories.recording(room_id="1203"), factories.recording(room_id="1203")
    factories.recording(room_id="12034")

    found = find("1203")

    assert (found.recordings, found.only) == ([second, first], None)


def test_nothing_is_found_by_nothing():
    factories.call(outcome=CallOutcome.NO_ANSWER)

    found = find("   ")

    assert (found.recordings, found.calls) == ([], [])


def test_a_look_up_takes_two_queries_however_much_it_finds(django_assert_num_queries):
    for _ in range(3):
        factories.recording(room_id="1203")
    who = person("support")

    with django_assert_num_queries(2):
        lookup.find("1203", person=who)


def test_a_room_that_is_called_like_a_quotation_is_found():
    recording = factories.recording(room_id='"a";')

    assert find('"a";').only == recording

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


def test_a_request_id_takes_one_query(django_assert_num_queries):
    call = factories.call(request_id=REQUEST_ID)
    who = person("support")

    with django_assert_num_queries(1):
        found = lookup.find(REQUEST_ID, person=who)

    assert found.only == call


def test_a_room_takes_four_queries_however_much_it_finds(django_assert_num_queries):
    for _ in range(3):
        factories.recording(room_id="1203")
    who = person("support")

    with django_assert_num_queries(4):
        lookup.find("1203", person=who)


def test_a_room_that_is_called_like_a_quotation_is_found():
    recording = factories.recording(room_id='"a";')

    assert find('"a";').only == recording


@pytest.mark.parametrize("text", ["h9167d", "h9167d24-a2c6-1125"])
def test_the_beginning_of_a_request_id_is_enough(text):
    call = factories.call(request_id=REQUEST_ID)
    factories.call(request_id="a9167d24-a2c6-1125-a5bd-5c023ba721c2")

    found = find(text)

    assert (found.begins, found.calls, found.only) == (True, [call], call)


def test_five_characters_are_too_few_for_a_beginning():
    factories.call(request_id=REQUEST_ID)

    assert find(REQUEST_ID[:5]).known == []


@pytest.mark.parametrize("column", ["task_id", "record_user_id", "room_id"])
def test_a_recording_is_found_by_the_beginning_of_any_of_its_identifiers(column):
    recording = factories.recording(**{column: "Lounge_7%x"})
    factories.recording(**{column: "LoungeA7%x"})
    factories.recording(**{column: "Lounge_6%x"})

    assert find("Lounge_7").recordings == [recording]


def test_what_is_called_exactly_so_goes_before_what_begins_so():
    exact = factories.recording(room_id="123456")
    factories.recording(room_id="1234567")

    found = find("123456")

    assert (found.recordings, found.begins) == ([exact], False)


def test_an_application_id_finds_the_application():
    application = factories.application(app_id="1400000077")

    found = find("SdkAppId: 1400000077")

    assert [hit.applications for hit in found.hits] == [[application]]


def test_an_error_code_is_explained():
    found = find("ResourceInUse.RecordUserId")

    assert found.hits[0].code.code == "ResourceInUse.RecordUserId"
    assert found.known == found.hits


LOG = f"""
Ticket 77: the class did not start. {{"RequestId": "{REQUEST_ID}", "Code": "ResourceInUse.RecordUserId"}}
TaskId={TASK_ID} in room 1203, then eac6b301-0000-493a-8e36-83b295459397 and TaskId 446192236330927000
"""


def test_a_text_is_told_identifier_by_identifier_in_its_order():
    recording = factories.recording(task_id=TASK_ID, room_id="1203")
    call = factories.call(recording=recording, request_id=REQUEST_ID)

    found = find(LOG)

    assert [(hit.identifier.text, hit.rows) for hit in found.hits] == [
        (REQUEST_ID, [call]),
        ("ResourceInUse.RecordUserId", []),
        (TASK_ID, [recording]),
        ("1203", [recording]),
        ("eac6b301-0000-493a-8e36-83b295459397", []),
        ("446192236330927000", []),
    ]
    assert [len(found.known), len(found.unknown)] == [4, 2]
    assert found.only is None


def test_a_text_is_grouped_by_recording_and_by_error():
    recording = factories.recording(task_id=TASK_ID, room_id="1203")
    call = factories.call(
        recording=recording,
        request_id=REQUEST_ID,
        outcome=CallOutcome.REFUSED,
        error_code="LimitExceeded.TaskConcurrency",
    )

    found = find(LOG)

    assert [(group.recording, group.calls) for group in found.by_recording] == [(recording, [call])]
    assert [one.text for one in found.by_recording[0].identifiers] == [REQUEST_ID, TASK_ID, "1203"]
    assert [(group.code, group.calls) for group in found.by_error] == [
        ("LimitExceeded.TaskConcurrency", [call]),
        ("ResourceInUse.RecordUserId", []),
    ]


def test_a_call_of_no_recording_stands_by_itself():
    call = factories.call(request_id=REQUEST_ID)
    call.recording = None
    call.save()

    found = find(LOG)

    assert found.calls_alone == [call]
    assert [group.calls for group in found.by_recording] == [[]]


def test_of_a_busy_room_in_a_text_the_newest_recording_is_told():
    application = factories.application()
    rooms = [
        factories.recording(application=application, room_id=room) for room in ("1203", "1203", "77", "77")
    ]

    found = find("room 1203 and room 77 and room 78")

    assert [hit.recordings for hit in found.hits] == [[rooms[1]], [rooms[3]], []]


def test_a_bare_number_nobody_knows_is_not_worth_a_word():
    application = factories.application(app_id="1400000077")

    found = find(f"{REQUEST_ID} 1400000077 1763629200")

    assert [hit.identifier.text for hit in found.hits] == [REQUEST_ID, "1400000077"]
    assert found.hits[1].applications == [application]


def test_a_text_with_one_identifier_leads_straight_to_it():
    call = factories.call(request_id=REQUEST_ID)

    assert find(f"It failed again!\nRequestId is {REQUEST_ID}\nPlease help.").only == call


def test_a_text_takes_the_same_queries_for_few_identifiers_and_for_many(django_assert_num_queries):
    application = factories.application()
    recordings = [
        factories.recording(application=application, task_id=f"{10**18 + number}", room_id=f"r{number}")
        for number in range(20)
    ]
    calls = [factories.call(recording=recording, outcome=CallOutcome.REFUSED) for recording in recordings]
    lines = [
        f"RequestId={call.request_id} TaskId={call.recording.task_id} RoomId={call.recording.room_id}"
        for call in calls
    ]
    who = person("support")

    for count in (2, 20):
        with django_assert_num_queries(3):
            found = lookup.find("\n".join(lines[:count]), person=who)
            assert [group.recording for group in found.by_recording] == recordings[:count]
            assert [len(group.calls) for group in found.by_error] == [count]
        assert len(found.known) == 3 * count


def test_more_than_five_hundred_identifiers_are_cut():
    found = find("\n".join(f"RequestId={number:08d}-0000-0000-0000-000000000000" for number in range(501)))

    assert (len(found.hits), found.is_cut) == (500, True)


def test_what_is_hidden_is_told_as_what_does_not_exist():
    mine, theirs = factories.application(), factories.application(app_id="1400000009")
    hidden = factories.recording(
        application=theirs, task_id=TASK_ID, room_id="1203", record_user_id="hidden-user"
    )
    factories.call(recording=hidden, request_id=REQUEST_ID)
    who = person("support")
    who.sees_all = False
    who.save()
    who.applications.set([mine])

    texts = [REQUEST_ID, REQUEST_ID[:9], TASK_ID, "1203", "hidden-user", "hidden", "1400000009", LOG]
    found = [lookup.find(text, person=who) for text in texts]

    assert [[*one.calls, *one.recordings] for one in found] == [[]] * len(texts)
    assert [hit.applications for one in found for hit in one.hits if hit.applications] == []

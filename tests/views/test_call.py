"""The page of one call."""

from datetime import timedelta

import pytest

from recorder_app.choices import CallOutcome
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def page_of(client, call) -> str:
    return client.get(f"/calls/{call.pk}/").content.decode()


def test_a_call_shows_its_request_id_to_copy(support_client):
    call = factories.call(request_id="not a uuid ‘at all’")

    page = page_of(support_client, call)

    assert '<code id="request-id">not a uuid ‘at all’</code>' in page
    assert 'data-copy="not a uuid ‘at all’"' in page


def test_an_accepted_call_says_so_in_a_sentence(support_client):
    call = factories.call(duration_ms=87)

    page = page_of(support_client, call)

    assert "the cloud accepted it after 87 ms." in page
    assert "What went wrong" not in page


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (CallOutcome.REFUSED, "the cloud refused it after 87 ms."),
        (CallOutcome.NO_ANSWER, "nobody can tell from this call whether it took effect."),
        (CallOutcome.NOT_SENT, "it never left, so it had no effect."),
        (CallOutcome.SENDING, "the answer has not arrived yet."),
    ],
)
def test_every_other_outcome_is_told_in_a_sentence(support_client, outcome, sentence):
    call = factories.call(outcome=outcome)

    assert sentence in page_of(support_client, call)


def test_a_start_that_may_have_taken_effect_is_not_called_repeatable(support_client):
    recording = factories.recording()
    start = factories.call(recording=recording, outcome=CallOutcome.REFUSED, error_code="InternalError")
    question = factories.call(
        recording=recording,
        outcome=CallOutcome.REFUSED,
        error_code="InternalError",
        action="DescribeOnlineRecord",
    )

    pages = [page_of(support_client, call) for call in (start, question)]

    assert "Look first: it may have taken effect" in pages[0]
    assert "Possible after waiting" in pages[1]


def test_request_and_answer_stand_side_by_side_and_exact(support_client):
    call = factories.call(
        params={"BizId": 9223372036854775807, "RoomId": "<b>"}, answer={"TaskId": "9223372036854775806"}
    )

    page = page_of(support_client, call)

    assert '<span class="j-num">9223372036854775807</span>' in page
    assert '<span class="j-str">&quot;&lt;b&gt;&quot;</span>' in page
    assert '<span class="j-str">&quot;9223372036854775806&quot;</span>' in page


def test_an_answer_that_is_no_json_is_shown_as_text(support_client):
    call = factories.call(outcome=CallOutcome.NO_ANSWER, answer="<html>502</html>")

    assert "&lt;html&gt;502&lt;/html&gt;" in page_of(support_client, call)


def test_the_timing_of_a_call_is_on_its_page(support_client):
    call = factories.call(duration_ms=87, http_status=200, clock_offset_ms=-1200, attempt=2)

    page = page_of(support_client, call)

    assert [
        words in page for words in ("87 ms", "-1200 ms", "<dd>200</dd>", "<dd>2</dd>", "ap-singapore")
    ] == [True] * 5
    assert "2026-11-20 09:00:00 UTC" in page


def test_a_call_without_a_recording_has_a_page(support_client):
    call = factories.call()
    call.recording = None
    call.save()

    pages = [page_of(support_client, call), support_client.get("/calls/").content.decode()]

    assert ["Open the recording" in page for page in pages] == [False, False]


def test_the_page_needs_six_queries(support_client, django_assert_num_queries):
    call = factories.call()

    with django_assert_num_queries(6):
        page_of(support_client, call)


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        (-1200, "agree"),
        (2000, "agree"),
        (42_000, "clock was 42 seconds behind the cloud&#x27;s. From five minutes on"),
        (-100_000, "clock was 1 minute 40 seconds ahead of the cloud&#x27;s. From five minutes on"),
        (-300_000, "clock was 5 minutes ahead of the cloud&#x27;s. The cloud refuses calls"),
        (366 * 86_400_000, "clock was 366 days behind"),
    ],
)
def test_the_difference_of_the_clocks_is_told_in_words(support_client, offset, words):
    page = " ".join(page_of(support_client, factories.call(clock_offset_ms=offset)).split())

    assert words in page.replace("'", "&#x27;")


def test_a_call_that_waited_for_its_turn_says_how_long(support_client):
    call = factories.call(sent_at=NOW + timedelta(milliseconds=1234))

    assert "<dd>1234 ms</dd>" in page_of(support_client, call)


def test_other_attempts_at_the_same_thing_are_listed_oldest_first(support_client):
    recording = factories.recording()
    first = factories.call(
        recording=recording, outcome=CallOutcome.REFUSED, error_code="RequestLimitExceeded"
    )
    second = factories.call(recording=recording, attempt=2, created_at=NOW + timedelta(seconds=1))
    factories.call(recording=recording, action="StopOnlineRecord")

    pages = [page_of(support_client, call) for call in (first, second)]

    assert ["Attempts at the same thing" in page for page in pages] == [True, True]
    assert f'<a class="row-link" href="/calls/{first.pk}/">' in pages[1]
    assert f'<a class="row-link" href="/calls/{second.pk}/">' not in pages[1]


def test_a_call_leads_on_to_its_error_its_room_and_its_person(support_client):
    call = factories.call(outcome=CallOutcome.REFUSED, error_code="InternalError")

    page = page_of(support_client, call)

    assert 'href="/calls/?code=InternalError&amp;period=7d"' in page
    assert f'href="/calls/?room=1203&amp;application={call.application_id}"' in page
    assert 'href="/calls/?by=operator"' in page
    assert f'href="/compare/?calls={call.pk}"' in page


def test_a_call_by_somebody_who_was_removed_leads_on_by_the_name(support_client):
    call = factories.call(by_name="Lin Wei")
    type(call).objects.update(by=None)

    assert 'href="/calls/?by=Lin+Wei"' in page_of(support_client, call)


def test_a_very_long_answer_is_folded(support_client):
    call = factories.call(answer={"Files": ["x" * 100] * 100})

    assert page_of(support_client, call).count("json-fold") == 1

"""The page of one call."""

import pytest

from recorder_app.choices import CallOutcome
from tests import factories

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


def test_the_page_needs_four_queries(support_client, django_assert_num_queries):
    call = factories.call()

    with django_assert_num_queries(4):
        page_of(support_client, call)

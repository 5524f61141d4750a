"""The catalogue of error codes."""

import re

import pytest

from recorder_app.cloud.error_codes import ALL, SDK_CODES

pytestmark = pytest.mark.django_db


def codes_on(answer) -> list[str]:
    return [code.code for group in answer.context["groups"] for code in group.codes]


def test_every_code_is_there_once(support_client):
    answer = support_client.get("/errors/")

    assert sorted(codes_on(answer)) == sorted(code.code for code in (*ALL, *SDK_CODES))


def test_every_code_has_an_anchor_of_its_own(support_client):
    page = support_client.get("/errors/").content.decode()

    anchors = re.findall(r'class="code-entry" id="([^"]+)"', page)
    assert "tiw-ResourceInUse.RecordUserId" in anchors
    assert len(anchors) == len(set(anchors)) == len(ALL) + len(SDK_CODES)


@pytest.mark.parametrize(
    "query", ["resourceinuse.recorduserid", " RecordUserId ", "already running under this"]
)
def test_the_filter_looks_at_code_field_and_words(support_client, query):
    answer = support_client.get("/errors/", {"q": query})

    assert "ResourceInUse.RecordUserId" in codes_on(answer)
    assert "AuthFailure.TokenFailure" not in codes_on(answer)


def test_a_filter_that_fits_nothing_says_so(support_client):
    page = support_client.get("/errors/", {"q": "<zzz>"}).content.decode()

    assert "No code fits" in page
    assert 'value="&lt;zzz&gt;"' in page

"""The way back to a list as it was left."""

import re

import pytest

from tests import factories

pytestmark = pytest.mark.django_db
LIST = "/calls/?outcome=ok&room=1203"


def way_back(client, address: str, **headers: str) -> str:
    page = client.get(address, headers=headers).content.decode()
    return re.search(r'<nav class="back"[^>]*><a href="([^"]*)"', page)[1].replace("&amp;", "&")


def test_it_leads_to_the_list_with_the_filter_that_was_open_last(support_client):
    call = factories.call()
    support_client.get(LIST)

    assert way_back(support_client, f"/calls/{call.pk}/") == LIST
    assert way_back(support_client, f"/recordings/{call.recording_id}/") == "/recordings/"


def test_the_list_one_came_from_goes_before_one_that_was_opened_later_elsewhere(support_client):
    call = factories.call()
    support_client.get("/calls/?outcome=refused")

    came_from = f"http://testserver{LIST}"

    assert way_back(support_client, f"/calls/{call.pk}/", Referer=came_from) == LIST


@pytest.mark.parametrize(
    "elsewhere", ["http://evil.example/calls/?outcome=refused", "http://testserver/lookup/?q=1"]
)
def test_other_places_one_came_from_do_not_count(support_client, elsewhere):
    call = factories.call()

    assert way_back(support_client, f"/calls/{call.pk}/", Referer=elsewhere) == "/calls/"


def test_a_plain_visit_of_the_list_is_where_it_leads_afterwards(support_client):
    call = factories.call()
    support_client.get(LIST)
    support_client.get("/calls/")

    assert way_back(support_client, f"/calls/{call.pk}/") == "/calls/"


def test_only_pages_below_the_list_are_sent_the_cookie(support_client):
    answer = support_client.get(LIST)

    cookie = answer.cookies["recorder-calls"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/calls/", True, "Lax")


def test_a_list_that_keeps_itself_fresh_sets_no_cookie(support_client):
    answer = support_client.get(LIST, headers={"HX-Request": "true", "HX-Target": "live"})

    assert answer.cookies == {}

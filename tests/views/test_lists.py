"""What the lists share: chips, the form of the filter, the count, columns, and what an empty list says."""

import re
from datetime import timedelta

import pytest

from recorder_app.choices import CallOutcome, RecordingStatus
from recorder_app.models import Recording, StopOrder
from tests import factories
from tests.factories import NOW
from tests.people import person

pytestmark = pytest.mark.django_db


def page_of(client, address: str) -> str:
    return client.get(address).content.decode()


def chips_of(page: str) -> list[tuple[str, str]]:
    """Every chip that is set: the address without it, and its words."""
    found = re.findall(r'<a class="chip-set[^"]*" href="\?([^"]*)">.*?</span>(.*?)<svg', page)
    return [(query.replace("&amp;", "&"), re.sub(r"<[^>]*>", "", words)) for query, words in found]


def test_every_filter_is_a_chip_that_takes_it_away(support_client):
    factories.call()

    page = page_of(support_client, "/calls/?room=1203&outcome=ok&outcome=refused&before=junk")

    assert chips_of(page) == [
        ("outcome=ok&outcome=refused", "Room: 1203"),
        ("room=1203&outcome=refused", "Outcome: Accepted"),
        ("room=1203&outcome=ok", "Outcome: Refused"),
    ]
    assert '<a class="chip-clear" href="?all=1">' in page


def test_quick_choices_keep_the_rest_of_the_filter(support_client):
    page = page_of(support_client, "/calls/?room=1203&outcome=ok&period=7d")

    assert 'href="?room=1203&amp;period=7d&amp;outcome=refused">Refused</a>' in page
    assert 'href="?room=1203&amp;outcome=ok&amp;period=24h">Last 24 hours</a>' in page
    assert 'href="?room=1203&amp;outcome=ok">Any time</a>' in page
    assert re.findall(r'aria-current="true">([^<]*)</a>', page) == ["Accepted", "Last 7 days"]


def test_a_value_that_makes_no_sense_is_told_with_a_way_to_take_it_away(support_client):
    factories.call()

    page = page_of(support_client, "/calls/?outcome=junk&room=1203")

    assert "“junk” is none of those there are." in page
    assert "One of the filters makes no sense, so nothing is shown." in page
    assert '<a href="?room=1203">Take it away</a>' in page
    assert "call-row-" not in page


def test_an_empty_list_names_the_filter_that_is_to_blame(support_client):
    factories.call(outcome=CallOutcome.REFUSED)

    page = page_of(support_client, "/calls/?outcome=refused&room=elsewhere&by=operator")

    way_out = page.split("There is something without one of these:")[1]
    assert chips_of(way_out) == [("by=operator&outcome=refused", "Room: elsewhere")]


def test_the_form_holds_the_filter_and_leads_to_the_list(support_client):
    form = page_of(support_client, "/calls/filter/?outcome=refused&since=2026-11-20")
    led = support_client.get(
        "/calls/filter/?apply=1&product=&outcome=refused&since=2026-11-20&since_time=09:30&room=+1203+&slower="
    )

    assert re.search(r'<input[^>]*value="refused"[^>]*checked', form)
    assert 'name="since" value="2026-11-20"' in form
    assert led.headers["Location"] == "/calls/?room=1203&since=2026-11-20T09%3A30&outcome=refused"


def test_a_wrong_value_comes_back_to_its_field_in_the_form(support_client):
    page = page_of(support_client, "/recordings/filter/?apply=1&longer=long&room=1203")

    assert "Enter a whole number." in page.split('name="longer"')[1]
    assert 'name="room" value="1203"' in page


def test_the_dialog_gets_the_form_alone(support_client):
    answer = support_client.get("/calls/filter/", headers={"HX-Request": "true", "HX-Target": "dialog"})

    assert "<html" not in answer.content.decode()
    assert 'id="dialog-title"' in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/calls/count/?outcome=ok", "2 calls"),
        ("/calls/count/?outcome=refused", "1 call"),
        ("/calls/count/?outcome=junk", ""),
        ("/recordings/count/?room=1203", "3 recordings"),
    ],
)
def test_a_list_fetches_how_many_match_once_it_stands(support_client, address, words):
    for outcome in ("ok", "ok", "refused"):
        factories.call(outcome=outcome)

    assert page_of(support_client, address).strip() == words


def test_more_than_ten_thousand_are_not_counted(support_client, monkeypatch):
    monkeypatch.setattr("recorder_app.services.counting.count.__kwdefaults__", {"most": 1, "patience": 5})
    for _number in (1, 2):
        factories.call()

    assert page_of(support_client, "/calls/count/?outcome=ok").strip() == "more than 1 calls"


def test_a_list_without_a_filter_fetches_no_count(support_client):
    assert "/calls/count/" not in page_of(support_client, "/calls/")
    assert 'hx-get="/calls/count/?outcome=ok"' in page_of(support_client, "/calls/?outcome=ok")


def test_hidden_columns_go_at_once_and_the_filter_stays(support_client):
    factories.call()
    form = {"columns": ["room", "when", "origin"], "compact": "1", "query": "outcome=ok&room=1203"}

    led = support_client.post("/calls/columns/", form)
    page = page_of(support_client, led.headers["Location"])

    assert led.headers["Location"] == "/calls/?outcome=ok&room=1203"
    heads = re.findall(r"<th scope=\"col\"[^>]*>([^<]*)</th>", page)
    assert heads == ["Outcome", "Action, error code", "Room", "Made by", "When"]
    assert 'class="rows rows-calls rows-compact"' in page


@pytest.mark.parametrize("query", ["//evil.example", "https://evil.example/", "\x00"])
def test_a_forged_way_back_leads_to_the_list(support_client, query):
    led = support_client.post("/calls/columns/", {"query": query})

    assert led.headers["Location"].startswith("/calls/?")


def test_a_list_fetches_the_columns_it_shows_and_no_others(support_client):
    factories.recording()
    support_client.post("/recordings/columns/", {"columns": []})

    answer = support_client.get("/recordings/?all=1")

    [row] = answer.context["page"].rows
    assert row._fields == ("pk", "created_at", "status", "room_id", "verb", "task_id")


def test_what_went_wrong_says_why(support_client):
    application = factories.application()
    made = {"application": application, "created_at": NOW}
    refused = factories.recording(status=RecordingStatus.REFUSED, **made)
    factories.call(recording=refused, outcome=CallOutcome.REFUSED, error_code="InternalError")
    factories.call(
        recording=refused,
        outcome=CallOutcome.REFUSED,
        error_code="LimitExceeded",
        created_at=NOW + timedelta(seconds=1),
    )
    factories.recording(status=RecordingStatus.UNKNOWN, **made)
    factories.recording(status=RecordingStatus.FAILED, failure="the <disk> is full", **made)

    page = page_of(support_client, "/recordings/?status=troubled")

    cells = re.findall(r'<td class="cell-error">(.*?)</td>', page)
    assert cells == [
        '<span class="why-words">the &lt;disk&gt; is full</span>',
        '<span class="none">no answer arrived</span>',
        '<code class="code-error">LimitExceeded</code>'
        '<span class="why-words">A quota of the account is used up.</span>',
    ]
    assert '<th scope="col">Why</th>' not in page_of(support_client, "/recordings/?status=finished")


def test_all_that_match_can_be_stopped_and_no_others(operator_client):
    mine, other = factories.application(name="Mine"), factories.application(name="Other")
    wanted = factories.recording(application=mine, room_id="1203")
    factories.recording(application=mine, room_id="1204")
    factories.recording(application=other, room_id="1203")
    address = f"/recordings/stop/?application={mine.pk}&room=1203&status=running"

    listed = page_of(operator_client, f"/recordings/?status=running&application={mine.pk}&room=1203")
    asked = operator_client.get(address)
    form = asked.context["form"].initial
    operator_client.post(
        address, {"newest": form["newest"], "intention": str(asked.context["form"]["intention"].value())}
    )

    assert "Stop the one that matches" in listed
    assert "Application: Mine · Room: 1203 · Status: Running" in asked.content.decode()
    assert [unit.recording_id for unit in StopOrder.objects.get().units.all()] == [wanted.pk]


def test_a_filter_that_makes_no_sense_stops_nothing(operator_client):
    factories.recording()

    page = page_of(operator_client, "/recordings/stop/?status=running&application=4711")

    assert "Nothing to stop" in page
    assert Recording.objects.count() == 1


def test_who_sees_some_applications_is_offered_and_counted_those_alone(support_client):
    mine, theirs = factories.application(name="Mine"), factories.application(name="Theirs")
    for application in (mine, theirs):
        factories.call(recording=factories.recording(application=application))
    support = person("support")
    support.sees_all = False
    support.save()
    support.applications.set([mine])

    assert "Theirs" not in page_of(support_client, "/calls/filter/")
    assert page_of(support_client, "/calls/count/?outcome=ok").strip() == "1 call"
    assert page_of(support_client, f"/calls/count/?application={theirs.pk}").strip() == ""


@pytest.mark.parametrize("page", ["calls", "recordings"])
def test_all_that_match_can_be_packed_for_support(support_client, page):
    wanted = factories.call(recording=factories.recording(room_id="1203"))
    factories.call(recording=factories.recording(room_id="1204"))

    listed = page_of(support_client, f"/{page}/?room=1203")
    answer = support_client.get(f"/{page}/bundle/?room=1203")

    key = wanted.pk if page == "calls" else wanted.recording_id
    assert f'href="/{page}/bundle/?room=1203"' in listed
    assert answer.context["form"].initial[page] == str(key)
    assert answer.context["counts"]["calls"] == 1


def test_more_than_a_bundle_holds_asks_for_a_narrower_filter(support_client, monkeypatch):
    monkeypatch.setattr("recorder_app.views.bundles.MOST_OF_LIST", 1)
    for _number in (1, 2):
        factories.call()

    answer = support_client.get("/calls/bundle/?outcome=ok", follow=True)

    assert answer.redirect_chain == [("/calls/?outcome=ok", 302)]
    assert "A bundle holds at most 1, and more than that match." in answer.content.decode()


def test_a_bundle_of_a_filter_that_makes_no_sense_is_empty(support_client):
    factories.call()

    assert "Nothing to pack" in page_of(support_client, "/calls/bundle/?outcome=junk")

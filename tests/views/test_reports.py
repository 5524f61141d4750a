"""/reports/: numbers in words, pictures and tables, with a way to the calls behind each, for whoever may see them."""

import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from recorder_app.choices import CallOutcome
from recorder_app.models import ApiCall, Person, SavedView
from recorder_app.services import counts
from tests import factories
from tests.people import person

pytestmark = pytest.mark.django_db
NOW = factories.NOW


@pytest.fixture(autouse=True)
def _standing(clock):
    """Time stands still at ``factories.NOW``."""


@pytest.fixture
def applications():
    """Two applications: six starts of the first, two refused; one of the second. All on the 18th of November."""
    first, second = factories.application(name="First"), factories.application(product="gme", name="Second")
    for number in range(6):
        _start(first, CallOutcome.REFUSED if number > 3 else CallOutcome.OK, number)
    _start(second, CallOutcome.OK, 0)
    counts.rebuild()
    return first, second


def _start(application, outcome, minutes: int) -> ApiCall:
    at = NOW - timedelta(days=2, minutes=minutes)
    recording = factories.recording(application=application, created_at=at, started_at=at, stopped_at=at)
    return factories.call(recording=recording, outcome=outcome, created_at=at, answered_at=at)


def figures(page: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))


def cells(page: str, section: str) -> list[list[str]]:
    """The rows of a section's table."""
    table = page.split(f'id="{section}"')[1].split("<tbody>")[1].split("</tbody>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table)
    return [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in rows
    ]


def links(page: str, section: str) -> list[str]:
    part = page.split(f'id="{section}"')[1].split("</section>")[0]
    return [link.replace("&amp;", "&") for link in re.findall(r'href="(/calls/[^"]*)"', part)]


def rows_behind(browser, link: str) -> int:
    return browser.get(link).content.decode().count('class="row-link"')


def test_it_says_how_many_and_how_they_ended(manager_client, applications):
    page = manager_client.get("/reports/?period=7d").content.decode()

    told = figures(page)
    assert (told["Calls"], told["Accepted"], told["Refused"]) == ("7", "71.4 %", "2")
    assert ["Wed 18 Nov 2026", "7", "5", "2"] in cells(page, "starts")


def test_each_number_leads_to_just_those_calls(manager_client, applications):
    page = manager_client.get("/reports/?period=7d").content.decode()

    behind = {
        link: rows_behind(manager_client, link) for link in links(page, "starts") + links(page, "codes")
    }
    refused = [link for link in behind if parse_qs(urlsplit(link).query).get("outcome") == ["refused"]]
    assert [behind[link] for link in refused] == [2]
    assert behind[links(page, "codes")[0]] == 2
    assert max(behind.values()) == 7


def test_pictures_are_drawn_from_the_same_numbers(manager_client, applications):
    page = manager_client.get("/reports/?period=7d").content.decode()

    source = re.search(r'<script id="report-charts" type="application/json">(.*?)</script>', page)[1]
    drawn = json.loads(source)
    bars = {one["label"]: sum(one["data"]) for one in drawn["starts"]["datasets"]}
    assert bars == {"Accepted": 5, "Refused": 2}
    assert set(re.findall(r'data-chart="(\w+)"', page)) == set(drawn)


def test_applications_and_people_are_ranked(manager_client, applications):
    page = manager_client.get("/reports/?period=7d").content.decode()

    assert cells(page, "applications") == [
        ["First", "6", "4", "2", "66.7 %"],
        ["Second", "1", "1", "0", "100.0 %"],
    ]
    assert cells(page, "people") == [["operator", "7", "5", "2", "71.4 %"]]


@pytest.mark.parametrize(
    ("query", "calls"),
    [
        ("product=gme", "1"),
        ("application={first}", "6"),
        ("application={first}&application={second}", "7"),
        ("outcome=refused", "2"),
        ("code=InvalidParameter.RecordParameter", "2"),
        ("by=operator", "7"),
        ("room=1203", "7"),
        ("room=1203&application={second}", "1"),
        ("action=StartRecord", "1"),
    ],
)
def test_it_is_filtered_as_the_lists_are(manager_client, applications, query, calls):
    first, second = applications

    page = manager_client.get(f"/reports/?period=7d&{query.format(first=first.pk, second=second.pk)}")

    assert figures(page.content.decode())["Calls"] == calls


@pytest.mark.parametrize("query", ["by=nobody", "room=7", "action=StopRecord", "period=1h"])
def test_an_empty_time_is_told_plainly(manager_client, applications, query):
    page = manager_client.get(f"/reports/?period=7d&{query}").content.decode()

    assert "No call in this time" in page
    assert "<canvas" not in page


def test_before_the_first_call_there_is_nothing_to_report(manager_client):
    page = manager_client.get("/reports/").content.decode()

    assert "Nothing to report yet" in page


def test_nonsense_is_told_and_nothing_shown(manager_client, applications):
    page = manager_client.get("/reports/?period=never").content.decode()

    assert "Give a period such as" in page
    assert "report-figures" not in page


def test_whoever_sees_one_application_has_a_report_of_that_alone(client_of, applications):
    first, second = applications
    limited = person("manager")
    limited.sees_all = False
    limited.save()
    limited.applications.set([second])

    browser = client_of("manager")
    pages = [
        browser.get(f"/reports/?period=7d{more}").content.decode()
        for more in ("", "&by=operator", "&grain=hour", "&product=gme")
    ]

    assert [figures(page)["Calls"] for page in pages] == ["1"] * 4
    assert not any("First" in page or "InvalidParameter" in page for page in pages)
    refused = browser.get(f"/reports/?period=7d&application={first.pk}").content.decode()
    assert "or you may not see it" in refused


def test_somebody_who_sees_nothing_is_shown_nothing(client_of, applications):
    limited = person("manager")
    limited.sees_all = False
    limited.save()

    page = client_of("manager").get("/reports/?period=7d").content.decode()

    assert "No call in this time" in page


def test_a_zone_whose_days_are_not_counted_yet_is_told(manager_client, applications):
    Person.objects.filter(username="manager").update(time_zone="Asia/Kolkata")

    page = manager_client.get("/reports/?period=7d").content.decode()

    assert "those of your own time zone are still being counted" in page


def test_it_needs_the_same_queries_for_a_day_and_for_two_years(
    manager_client, applications, django_assert_max_num_queries
):
    for query in ("period=24h", "period=7d", "period=2y"):
        with django_assert_max_num_queries(16):
            manager_client.get(f"/reports/?{query}")


def test_too_many_to_count_one_by_one_is_told(manager_client, applications, monkeypatch):
    from recorder_app.forms import reports

    monkeypatch.setattr(reports, "MOST_CALLS", 3)

    page = manager_client.get("/reports/?period=7d&by=operator").content.decode()

    assert "Too many calls to count one by one" in page


def test_a_view_of_it_can_be_kept_and_opened_first(manager_client, applications):
    manager_client.post(
        "/views/new/?page=reports&period=7d&grain=hour", {"name": "By the hour", "is_default": "on"}
    )

    view = SavedView.objects.get()
    led = manager_client.get("/reports/")

    assert (view.page, view.query) == ("reports", "period=7d&grain=hour")
    assert led.headers["Location"] == f"{reverse('reports')}?period=7d&grain=hour"


def test_the_filter_s_form_leads_back_to_the_report(manager_client, applications):
    form = manager_client.get("/reports/filter/?period=7d").content.decode()
    led = manager_client.get("/reports/filter/?apply=1&period=7d&product=gme&grain=week")

    assert "Shown by" in form
    assert led.headers["Location"].startswith("/reports/?")


def test_a_name_that_is_markup_stays_text(manager_client):
    application = factories.application(name="</script><b>bold")
    _start(application, CallOutcome.OK, 0)
    counts.rebuild()

    page = manager_client.get("/reports/?period=7d").content.decode()

    assert "<b>bold" not in page

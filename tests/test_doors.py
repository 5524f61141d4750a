"""Who may enter where: every address is walked by all five people and by somebody who has not signed in."""

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from recorder_app.models import SavedView, StopOrder
from recorder_app.permissions import ROLES, Permission, declares_permission
from tests import factories
from tests.people import ROLE_OF, person

CALLBACKS = {"callback-tiw", "callback-gme"}
PUBLIC = {"sign-in", "healthz", "readyz", "metrics"} | CALLBACKS
# Signing out ends the session the walk needs; it has a test of its own.
NOT_WALKED = {"sign-out"}
# What some pages cannot do without.
QUERIES = {"export-new": {"page": "calls"}}
POST_ONLY = {
    "account-test",
    "export-delete",
    "mail-stop",
    "lookup-bundle",
    "lookup-bundle-file",
    "application-callbacks-ask",
    "application-callbacks-set",
    "application-callbacks-clear",
    "application-callbacks-key",
    "application-callbacks-renew",
    "recording-pause",
    "recording-resume",
} | CALLBACKS


def patterns() -> list[URLPattern]:
    return list(get_resolver().url_patterns)


@pytest.fixture
def addresses(db) -> dict[str, str]:
    """One working address for every name."""
    recording = factories.recording()
    keys = {
        "recording": recording.pk,
        "call": factories.call(recording=recording).pk,
        "account": recording.application.account.pk,
        "application": recording.application.pk,
        "person": recording.started_by.pk,
        "callback": recording.application.callback_token,
        "view": SavedView.objects.create(
            owner=recording.started_by, page="calls", name="Refused", query="outcome=refused", is_shared=True
        ).pk,
        "stop": StopOrder.objects.create(by_name="operator", created_at=factories.NOW).pk,
        # Only its owner finds these; for others they do not exist.
        "mail": factories.scheduled_report(by=person("admin")).pk,
        "export": factories.export(by=person("admin")).pk,
    }
    return {
        pattern.name: reverse(pattern.name, args=[keys[pattern.name.split("-")[0]]])
        if "<" in str(pattern.pattern)
        else reverse(pattern.name, query=QUERIES.get(pattern.name))
        for pattern in patterns()
        if pattern.name not in NOT_WALKED
    }


@pytest.mark.parametrize("pattern", patterns(), ids=lambda pattern: pattern.name)
def test_every_view_declares_who_may_enter(pattern):
    assert declares_permission(pattern.callback)


@pytest.mark.parametrize("pattern", patterns(), ids=lambda pattern: pattern.name)
def test_only_these_views_are_public(pattern):
    is_public = hasattr(pattern.callback, "public_because")

    assert is_public == (pattern.name in PUBLIC | {"sign-out"})


def test_each_person_enters_where_the_role_allows_and_nowhere_else(addresses, anybody):
    who, browser = anybody
    rights = ROLES[ROLE_OF[who]].permissions if ROLE_OF[who] else {Permission.BE_SIGNED_IN}

    entered = {name: browser.get(address).status_code != 403 for name, address in addresses.items()}

    expected = {
        pattern.name: pattern.name in PUBLIC or pattern.callback.permission in rights
        for pattern in patterns()
        if pattern.name in addresses
    }
    assert entered == expected


def test_whoever_may_enter_gets_a_page(addresses, admin_client):
    answers = {
        name: admin_client.get(address).status_code
        for name, address in addresses.items()
        if name not in POST_ONLY
    }

    # Previews answer the form that is posted to them; a look at the address itself is turned away politely.
    assert {name: status for name, status in answers.items() if status not in (200, 302, 405)} == {}


def test_somebody_who_has_not_signed_in_is_led_to_the_door(addresses):
    browser = Client()

    led = {name: browser.get(address).headers.get("Location", "") for name, address in addresses.items()}

    assert {name for name, location in led.items() if not location.startswith("/sign-in/")} == PUBLIC


def test_a_view_that_declares_nothing_is_refused(settings, admin_client, rf):
    from django.core.exceptions import ImproperlyConfigured

    from recorder_app.middleware import DeclaredPermission

    def forgetful(request):
        raise AssertionError("entered")

    with pytest.raises(ImproperlyConfigured):
        DeclaredPermission(forgetful).process_view(rf.get("/"), forgetful, (), {})


def test_signing_out_needs_a_post(operator_client):
    looked = operator_client.get("/sign-out/")
    left = operator_client.post("/sign-out/")
    after = operator_client.get("/")

    assert (looked.status_code, left.status_code) == (405, 302)
    assert after.headers["Location"] == "/sign-in/?next=%2F"


def test_pages_forbid_inline_scripts_and_other_hosts(operator_client):
    policy = operator_client.get("/").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy

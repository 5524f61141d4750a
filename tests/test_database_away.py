"""Requests whose database does not answer, wherever they notice it; tests/outages does it with a real PostgreSQL."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from tests import factories
from tests.callbacks import CALLBACK_KEY, address_of, gme_body, gme_signature
from tests.people import person

pytestmark = pytest.mark.django_db
HTML = {"Accept": "text/html"}


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorcode = code
    return error


GONE = psycopg.OperationalError("connection to server failed")


@contextmanager
def database_fails(
    cause: Exception = GONE, kind: type[Exception] = OperationalError, at: Callable[[str], bool] = bool
) -> Iterator[list[str]]:
    """Every statement for which ``at`` holds fails; answers the statements that were tried."""
    tried: list[str] = []

    def fail(execute, sql, params, many, context):
        tried.append(sql)
        if at(sql):
            raise kind(*cause.args) from cause
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail):
        yield tried


@pytest.fixture
def browser() -> Client:
    """The operator's, which shows what people see instead of raising what broke."""
    signed_in = Client(raise_request_exception=False, headers=HTML)
    signed_in.force_login(person("operator"))
    return signed_in


# Where a request meets the database first: the session before any view, the view, the template.
PLACES = {
    "middleware": lambda sql: "django_session" in sql,
    "view": lambda sql: "recorder_app_recording" in sql,
    "template": lambda sql: "recorder_app_cloudaccount" in sql,
}


@pytest.mark.parametrize("place", PLACES)
def test_wherever_it_is_noticed_the_page_says_what_happened_and_what_to_do(browser, place):
    with database_fails(at=PLACES[place]):
        answer = browser.get("/recordings/")

    page = answer.content.decode()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "no-store" in answer.headers["Cache-Control"]
    assert "<h1>The dashboard cannot reach its database</h1>" in page
    assert "Nothing is sent to the cloud while this lasts" in page
    assert "tell an administrator" in page
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("place", PLACES)
def test_the_database_is_not_touched_again_once_it_failed(browser, place):
    fails = PLACES[place]

    with database_fails(at=fails) as tried:
        browser.get("/recordings/")

    assert [fails(sql) for sql in tried].index(True) == len(tried) - 1


def test_a_form_that_was_sent_is_told_that_what_was_typed_is_not_lost(browser):
    with database_fails():
        answer = browser.post("/start/tiw/", {"RoomId": "1203"})

    page = answer.content.decode()
    assert answer.status_code == 503
    assert "What you typed is not lost" in page
    assert "Reload this page" not in page


def test_a_part_of_a_page_gets_one_line_that_destroys_nothing(browser):
    with database_fails():
        answer = browser.get("/recordings/", headers={"HX-Request": "true", "HX-Target": "live"})

    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode().startswith("The dashboard cannot reach its database")
    assert len(answer.content) < 200


def test_a_callback_is_not_taken_so_that_the_cloud_sends_it_again():
    application = factories.application(product="gme", callback_key=CALLBACK_KEY)
    body, cloud = gme_body(), Client(raise_request_exception=False)
    headers = {"Signature": gme_signature(body)}

    with database_fails():
        refused = cloud.post(address_of(application), body, "application/json", headers=headers)
    with database_fails(at=lambda sql: sql.startswith("INSERT")):
        not_stored = cloud.post(address_of(application), body, "application/json", headers=headers)
    taken = cloud.post(address_of(application), body, "application/json", headers=headers)

    assert [answer.status_code for answer in (refused, not_stored, taken)] == [503, 503, 200]


def test_while_it_is_away_only_a_look_is_tried_and_the_first_that_succeeds_opens_the_door(browser):
    with database_fails():
        browser.get("/recordings/")
    with database_fails() as tried:
        away = browser.get("/recordings/")
    back = browser.get("/recordings/")

    assert (away.status_code, tried) == (503, ["SELECT 1"])
    assert back.status_code == 200


def test_life_is_told_without_the_database_and_readiness_with_a_sentence(browser):
    monitor = Client(raise_request_exception=False)

    with database_fails():
        monitor.post("/sign-in/", {"username": "operator", "password": "x"})
        alive, ready = monitor.get("/healthz"), monitor.get("/readyz")

    assert (alive.status_code, alive.content) == (200, b"ok\n")
    assert ready.status_code == 503
    assert ready.json()["database"].startswith("The dashboard cannot reach its database, so nothing is sent")


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (psycopg.errors.AdminShutdown("ends"), OperationalError),
        (psycopg.errors.CannotConnectNow("starts"), OperationalError),
        (psycopg.errors.TooManyConnections("is full"), OperationalError),
        (psycopg.errors.ConnectionFailure("broke"), OperationalError),
        (psycopg.InterfaceError("the connection is closed"), InterfaceError),
        (sqlite_error(sqlite3.SQLITE_CANTOPEN), OperationalError),
        (sqlite_error(sqlite3.SQLITE_IOERR_READ), OperationalError),
        (sqlite_error(sqlite3.SQLITE_FULL), OperationalError),
    ],
    ids=lambda value: getattr(value, "sqlstate", None) or type(value).__name__,
)
def test_each_way_of_being_away_is_told_as_such(browser, cause, kind):
    with database_fails(cause, kind):
        answer = browser.get("/recordings/")

    assert answer.status_code == 503


@pytest.mark.parametrize("code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_SNAPSHOT, sqlite3.SQLITE_LOCKED])
def test_a_database_that_somebody_else_keeps_is_busy_and_not_away(browser, code):
    with database_fails(sqlite_error(code), at=PLACES["view"]):
        busy = browser.get("/recordings/")
    with database_fails(at=lambda sql: sql == "SELECT 1") as tried:
        next_one = browser.get("/recordings/")

    assert busy.status_code == 503
    assert "<h1>The database is busy</h1>" in busy.content.decode()
    assert next_one.status_code == 200
    assert "SELECT 1" not in tried


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (psycopg.errors.DeadlockDetected("deadlock"), OperationalError),
        (psycopg.errors.QueryCanceled("too slow"), OperationalError),
        (sqlite_error(sqlite3.SQLITE_ERROR), OperationalError),
        (sqlite3.InterfaceError("misuse"), InterfaceError),
        (ZeroDivisionError("a bug"), ZeroDivisionError),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_broken_stays_broken(browser, cause, kind):
    with database_fails(cause, kind, at=PLACES["view"]):
        answer = browser.get("/recordings/")

    assert answer.status_code == 500
    assert "Something broke on our side" in answer.content.decode()

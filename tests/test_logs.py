"""What the log says, as the dashboard's own settings write it."""

import logging
import sys

from django.conf import settings
from django.utils.module_loading import import_string


def written(record: logging.LogRecord) -> str:
    """The line that the console handler of the settings writes."""
    words = dict(settings.LOGGING["formatters"]["line"])
    formatter = import_string(words.pop("()"))(words["format"], style=words["style"])
    return formatter.format(record)


def test_a_refused_callback_is_logged_without_its_token():
    path = "/callbacks/tiw/madeUpTokenMadeUpToken-_0123456789/"
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s: %s", ("Forbidden", path), None)

    line = written(record)

    assert line.endswith("WARNING django.request: Forbidden: /callbacks/tiw/***/")


def test_nor_does_a_traceback_tell_it():
    try:
        raise ValueError("/callbacks/gme/madeUpTokenMadeUpToken/ broke")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "Broken", (), sys.exc_info())

    assert "madeUpToken" not in written(record)
    assert "/callbacks/gme/***/ broke" in written(record)

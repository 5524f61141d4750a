import sys

from django.views.debug import ExceptionReporter

SECRET = "EXAMPLE-secret-in-a-local-variable"


def test_a_report_shows_neither_locals_nor_what_was_posted(rf, settings):
    settings.DEBUG = True
    request = rf.post("/start/tiw/", {"RecordUserSig": SECRET})
    try:
        secret_key = SECRET
        raise ValueError("broken " + str(len(secret_key)))
    except ValueError:
        report = ExceptionReporter(request, *sys.exc_info())

    page, text = report.get_traceback_html(), report.get_traceback_text()

    assert "broken 34" in page
    assert "RecordUserSig" in text
    # The lines of the source are shown, the values in them are not.
    assert page.count(SECRET) == text.count(SECRET) == 0

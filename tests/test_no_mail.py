import pytest
from django.core.mail import EmailMessage

from recorder_app.no_mail import NoMailServer


def test_a_mail_without_a_server_is_refused_and_not_lost(settings):
    settings.MAILERS = {"default": {"BACKEND": "recorder_app.no_mail.EmailBackend"}}

    with pytest.raises(NoMailServer, match="MAIL_HOST is empty"):
        EmailMessage("Report", "Numbers", to=["manager@example.com"]).send()

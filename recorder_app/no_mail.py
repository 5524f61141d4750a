"""Stands where no mail server is set up: says so, instead of losing a mail in silence."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class NoMailServer(OSError):
    """Nothing was sent, because MAIL_HOST names no server."""


class EmailBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        raise NoMailServer("No mail server is set up: MAIL_HOST is empty. Nothing was sent.")

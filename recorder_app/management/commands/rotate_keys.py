"""Encrypt every stored secret anew with the first of FIELD_ENCRYPTION_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from recorder_app.crypto import EncryptedTextField
from recorder_app.models import Application, CloudAccount


class Command(BaseCommand):
    help = "Encrypt every stored secret with the first key, so that the others can be dropped."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        saved = 0
        for model in (CloudAccount, Application):
            secrets = [field.name for field in model._meta.fields if isinstance(field, EncryptedTextField)]
            for row in model.objects.select_for_update():
                row.save(update_fields=secrets)
                saved += 1
        self.stdout.write(f"{saved} rows are encrypted with the first key now.")

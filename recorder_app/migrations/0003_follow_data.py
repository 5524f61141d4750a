"""Give every application its callback address, and let what is alive be followed."""

import secrets

from django.db import migrations
from django.utils import timezone


def fill(apps, schema_editor):
    applications = apps.get_model("recorder_app", "Application")
    for application in applications.objects.filter(callback_token=None).only("pk"):
        applications.objects.filter(pk=application.pk).update(callback_token=secrets.token_urlsafe(32))
    alive = ("intended", "unknown", "starting", "recording", "paused", "stopping", "processing")
    apps.get_model("recorder_app", "Recording").objects.filter(status__in=alive).update(due_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("recorder_app", "0002_follow")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

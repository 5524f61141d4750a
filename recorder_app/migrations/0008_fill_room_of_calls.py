"""Give calls that are there already the room of their recording."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import OuterRef, Subquery

STEP = 10_000


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """In steps by key, so that no statement holds the whole table."""
    calls = apps.get_model("recorder_app", "ApiCall").objects.using(schema_editor.connection.alias)
    recordings = apps.get_model("recorder_app", "Recording").objects.filter(pk=OuterRef("recording_id"))
    last = calls.order_by("-pk").values_list("pk", flat=True).first() or 0
    for first in range(0, last + 1, STEP):
        some = calls.filter(pk__gte=first, pk__lt=first + STEP, room_id="", recording__isnull=False)
        some.update(room_id=Subquery(recordings.values("room_id")[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("recorder_app", "0007_room_of_calls"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

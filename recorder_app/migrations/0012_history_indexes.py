"""Exchange the indexes of the history for those that serve a named query; the models say which serves which."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recorder_app", "0011_exports"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="apicall",
            name="call_newest",
        ),
        migrations.RemoveIndex(
            model_name="apicall",
            name="call_by_request",
        ),
        migrations.RemoveIndex(
            model_name="apicall",
            name="call_by_outcome",
        ),
        migrations.RemoveIndex(
            model_name="callbackevent",
            name="event_by_task",
        ),
        migrations.RemoveIndex(
            model_name="recording",
            name="recording_newest",
        ),
        migrations.RemoveIndex(
            model_name="recording",
            name="recording_by_status",
        ),
        migrations.RemoveIndex(
            model_name="recording",
            name="recording_by_task",
        ),
        migrations.RemoveIndex(
            model_name="recording",
            name="recording_by_room",
        ),
        migrations.RemoveIndex(
            model_name="recording",
            name="recording_by_user",
        ),
        migrations.AlterField(
            model_name="apicall",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="recorder_app.cloudaccount",
            ),
        ),
        migrations.AlterField(
            model_name="apicall",
            name="application",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="calls",
                to="recorder_app.application",
            ),
        ),
        migrations.AlterField(
            model_name="apicall",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="apicall",
            name="recording",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="calls",
                to="recorder_app.recording",
                verbose_name="recording",
            ),
        ),
        migrations.AlterField(
            model_name="callbackevent",
            name="application",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="callback_events",
                to="recorder_app.application",
            ),
        ),
        migrations.AlterField(
            model_name="callbackevent",
            name="recording",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="callback_events",
                to="recorder_app.recording",
            ),
        ),
        migrations.AlterField(
            model_name="recording",
            name="application",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="recordings",
                to="recorder_app.application",
                verbose_name="application",
            ),
        ),
        migrations.AlterField(
            model_name="recording",
            name="started_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="recordings",
                to=settings.AUTH_USER_MODEL,
                verbose_name="started by",
            ),
        ),
        migrations.AddIndex(
            model_name="apicall",
            index=models.Index(fields=["created_at", "id"], name="call_newest"),
        ),
        migrations.AddIndex(
            model_name="apicall",
            index=models.Index(
                fields=["request_id"], name="call_by_request", opclasses=["varchar_pattern_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="apicall",
            index=models.Index(fields=["outcome", "created_at", "id"], name="call_by_outcome"),
        ),
        migrations.AddIndex(
            model_name="apicall",
            index=models.Index(fields=["application", "created_at", "id"], name="call_by_application"),
        ),
        migrations.AddIndex(
            model_name="apicall",
            index=models.Index(fields=["action", "created_at", "id"], name="call_by_action"),
        ),
        migrations.AddIndex(
            model_name="apicall",
            index=models.Index(
                condition=models.Q(("origin", "demo")), fields=["created_at", "id"], name="call_demo"
            ),
        ),
        migrations.AddIndex(
            model_name="apicall",
            index=models.Index(
                condition=models.Q(("by__isnull", False)),
                fields=["by", "created_at", "id"],
                name="call_by_person",
            ),
        ),
        migrations.AddIndex(
            model_name="apicall",
            index=models.Index(
                condition=models.Q(("by__isnull", True), models.Q(("by_name", ""), _negated=True)),
                fields=["by_name", "created_at", "id"],
                name="call_by_removed_person",
            ),
        ),
        migrations.AddIndex(
            model_name="apicall",
            index=models.Index(
                fields=["room_id", "created_at", "id"],
                name="call_by_room",
                opclasses=["varchar_pattern_ops", "timestamptz_ops", "int8_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="apicall",
            index=models.Index(
                condition=models.Q(("error_code", ""), _negated=True),
                fields=["error_code", "created_at", "id"],
                name="call_by_error",
            ),
        ),
        migrations.AddIndex(
            model_name="apicall",
            index=models.Index(
                condition=models.Q(("error_code", ""), _negated=True),
                fields=["by", "error_code", "created_at", "id"],
                name="call_by_error_of_person",
            ),
        ),
        migrations.AddIndex(
            model_name="apicall",
            index=models.Index(
                condition=models.Q(("duration_ms__gte", 2000)), fields=["created_at", "id"], name="call_slow"
            ),
        ),
        migrations.AddIndex(
            model_name="apicall",
            index=models.Index(fields=["recording", "created_at", "id"], name="call_of_recording"),
        ),
        migrations.AddIndex(
            model_name="callbackevent",
            index=models.Index(fields=["application", "created_at", "id"], name="event_by_application"),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(fields=["created_at", "id"], name="recording_newest"),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(fields=["status", "created_at", "id"], name="recording_by_status"),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                fields=["task_id"], name="recording_by_task", opclasses=["varchar_pattern_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                fields=["room_id", "created_at", "id"],
                name="recording_by_room",
                opclasses=["varchar_pattern_ops", "timestamptz_ops", "int8_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                fields=["record_user_id"], name="recording_by_user", opclasses=["varchar_pattern_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(fields=["application", "created_at", "id"], name="recording_by_application"),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                condition=models.Q(("started_by__isnull", False)),
                fields=["started_by", "created_at", "id"],
                name="recording_by_person",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                condition=models.Q(
                    ("started_by__isnull", True), models.Q(("started_by_name", ""), _negated=True)
                ),
                fields=["started_by_name", "created_at", "id"],
                name="recording_by_removed_person",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                condition=models.Q(("origin", "demo")), fields=["created_at", "id"], name="recording_demo"
            ),
        ),
    ]

"""Sums of the history, and reports by mail."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recorder_app", "0012_history_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="CountMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
            ],
            options={
                "verbose_name": "mark of a late change",
                "verbose_name_plural": "marks of late changes",
            },
        ),
        migrations.CreateModel(
            name="CountTurn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("holder", models.CharField(blank=True, default="", max_length=60)),
                ("until", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "turn at counting",
                "verbose_name_plural": "turns at counting",
            },
        ),
        migrations.CreateModel(
            name="CountedSpan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "grain",
                    models.CharField(
                        choices=[("hour", "Hour"), ("day", "Day"), ("week", "Week"), ("month", "Month")],
                        max_length=5,
                    ),
                ),
                ("zone", models.CharField(max_length=60)),
                ("start", models.DateTimeField()),
                ("end", models.DateTimeField()),
                ("is_open", models.BooleanField(default=True)),
                ("counted_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "counted span",
                "verbose_name_plural": "counted spans",
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_open", True)),
                        fields=["grain", "zone", "start"],
                        name="span_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("grain", "zone", "start"), name="span_once"),
                    models.CheckConstraint(
                        condition=models.Q(("grain__in", ["hour", "day", "week", "month"])),
                        name="span_grain_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("end__gt", models.F("start"))), name="span_ends_after_start"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_open", True), ("counted_at__isnull", False), _connector="OR"),
                        name="span_closed_was_counted",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CallCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("application", models.BigIntegerField(default=0)),
                ("is_start", models.BooleanField()),
                ("numbers", models.JSONField(default=dict)),
                ("details", models.JSONField(default=dict)),
                ("busiest", models.JSONField(default=dict)),
                (
                    "span",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="call_counts",
                        to="recorder_app.countedspan",
                    ),
                ),
            ],
            options={
                "verbose_name": "sum of calls",
                "verbose_name_plural": "sums of calls",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("span", "is_start", "application"), name="call_count_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RecordingCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("application", models.BigIntegerField(default=0)),
                ("recorded_ms", models.BigIntegerField(default=0)),
                ("most_running", models.IntegerField(default=0)),
                ("unknown", models.IntegerField(default=0)),
                ("unsettled", models.IntegerField(default=0)),
                ("settled", models.JSONField(default=dict)),
                (
                    "span",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recording_counts",
                        to="recorder_app.countedspan",
                    ),
                ),
            ],
            options={
                "verbose_name": "sum of recordings",
                "verbose_name_plural": "sums of recordings",
                "constraints": [
                    models.UniqueConstraint(fields=("span", "application"), name="recording_count_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ScheduledReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due at")),
                ("claimed_until", models.DateTimeField(blank=True, null=True, verbose_name="held until")),
                (
                    "claimed_by",
                    models.CharField(blank=True, default="", max_length=120, verbose_name="held by"),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("query", models.CharField(blank=True, default="", max_length=2000, verbose_name="filter")),
                (
                    "rhythm",
                    models.CharField(
                        choices=[("weekly", "every week"), ("monthly", "every month")],
                        max_length=8,
                        verbose_name="how often",
                    ),
                ),
                ("day", models.PositiveSmallIntegerField(verbose_name="day")),
                ("hour", models.PositiveSmallIntegerField(verbose_name="hour")),
                ("recipients", models.JSONField(default=list, verbose_name="addresses")),
                ("created_at", models.DateTimeField(verbose_name="scheduled at")),
                ("for_at", models.DateTimeField(verbose_name="next mail")),
                ("is_leaving", models.BooleanField(default=False)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="last sent at")),
                ("trouble", models.TextField(blank=True, default="", verbose_name="what went wrong last")),
                ("trouble_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scheduled_reports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "view",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="recorder_app.savedview",
                        verbose_name="saved view",
                    ),
                ),
            ],
            options={
                "verbose_name": "report by mail",
                "verbose_name_plural": "reports by mail",
                "ordering": ["name", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["due_at", "id"],
                        name="mail_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("rhythm__in", ["weekly", "monthly"])), name="mail_rhythm_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("day__lte", 6), ("rhythm", "weekly")),
                            models.Q(("day__gte", 1), ("day__lte", 28), ("rhythm", "monthly")),
                            _connector="OR",
                        ),
                        name="mail_day_exists",
                    ),
                    models.CheckConstraint(condition=models.Q(("hour__lte", 23)), name="mail_hour_exists"),
                ],
            },
        ),
    ]

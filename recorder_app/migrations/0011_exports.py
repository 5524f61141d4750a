import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recorder_app", "0010_views_and_notes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
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
                (
                    "kind",
                    models.CharField(
                        choices=[("csv", "CSV"), ("xlsx", "Excel workbook"), ("bundle", "Support bundle")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("page", models.CharField(max_length=20, verbose_name="page")),
                ("query", models.TextField(blank=True, default="", verbose_name="filter")),
                ("intention_key", models.UUIDField(unique=True, verbose_name="intention")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "being made"), ("ready", "ready"), ("failed", "failed")],
                        default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.TextField(blank=True, default="", verbose_name="why it failed")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("total", models.PositiveBigIntegerField(null=True, verbose_name="rows")),
                ("done", models.PositiveBigIntegerField(default=0, verbose_name="rows done")),
                ("file_name", models.CharField(blank=True, default="", max_length=200, verbose_name="file")),
                ("size", models.PositiveBigIntegerField(default=0, verbose_name="bytes")),
                ("created_at", models.DateTimeField(verbose_name="ordered at")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "export",
                "verbose_name_plural": "exports",
                "ordering": ["-created_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ExportPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("body", models.BinaryField()),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="recorder_app.export",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of an export",
                "verbose_name_plural": "parts of an export",
                "ordering": ["number"],
            },
        ),
        migrations.AddIndex(
            model_name="export",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["due_at", "id"], name="export_due"
            ),
        ),
        migrations.AddIndex(
            model_name="export",
            index=models.Index(fields=["by", "-created_at", "-id"], name="export_of_person"),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["csv", "xlsx", "bundle"]), ("state__in", ["waiting", "ready", "failed"])
                ),
                name="export_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("due_at__isnull", False), ("finished_at__isnull", True), ("state", "waiting")),
                    models.Q(
                        models.Q(("state", "waiting"), _negated=True),
                        ("due_at__isnull", True),
                        ("finished_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="export_waits_while_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="exportpart",
            constraint=models.UniqueConstraint(fields=("export", "number"), name="export_part_once"),
        ),
    ]

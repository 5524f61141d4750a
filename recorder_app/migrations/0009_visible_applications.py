from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recorder_app", "0008_fill_room_of_calls"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="applications",
            field=models.ManyToManyField(
                blank=True, related_name="people", to="recorder_app.application", verbose_name="applications"
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="list_settings",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="person",
            name="sees_all",
            field=models.BooleanField(default=True, verbose_name="sees every application"),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="event",
            field=models.CharField(
                choices=[
                    ("signed_in", "signed in"),
                    ("sign_in_failed", "failed to sign in"),
                    ("account_added", "added the account"),
                    ("account_changed", "changed the account"),
                    ("account_key_replaced", "replaced the key of the account"),
                    ("account_tested", "tested the account"),
                    ("application_added", "added the application"),
                    ("application_changed", "changed the application"),
                    ("application_key_replaced", "replaced the SDK key of the application"),
                    ("callback_key_stored", "stored the callback key of the application"),
                    ("callback_key_removed", "removed the callback key of the application"),
                    ("callback_set", "set the cloud's callback address for the application"),
                    ("callback_cleared", "cleared the cloud's callback address for the application"),
                    ("callback_address_renewed", "renewed the callback address of the application"),
                    ("person_added", "added the person"),
                    ("person_changed", "changed the person"),
                    ("person_password_set", "set a new password for the person"),
                    ("stops_ordered", "ordered the stop of many recordings"),
                    ("export_taken", "took an export"),
                    ("bundle_taken", "took a support bundle"),
                    ("view_shared", "shared the view"),
                    ("report_scheduled", "scheduled the report by mail"),
                    ("report_unscheduled", "ended the report by mail"),
                ],
                max_length=30,
                verbose_name="event",
            ),
        ),
        migrations.AlterField(
            model_name="cloudaccount",
            name="trouble",
            field=models.CharField(
                blank=True,
                choices=[
                    ("unreachable", "the cloud cannot be reached"),
                    ("silent", "the cloud gives no answer"),
                    ("clock", "this machine's clock is wrong"),
                    ("key", "the key is refused"),
                    ("arrears", "the account owes money"),
                ],
                default="",
                max_length=12,
                verbose_name="trouble",
            ),
        ),
    ]

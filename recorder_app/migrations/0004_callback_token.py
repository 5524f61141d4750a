"""Every application has an address of its own for callbacks."""

from django.db import migrations, models

import recorder_app.models.accounts


class Migration(migrations.Migration):
    dependencies = [("recorder_app", "0003_follow_data")]

    operations = [
        migrations.AlterField(
            model_name="application",
            name="callback_token",
            field=models.CharField(
                default=recorder_app.models.accounts.new_token, editable=False, max_length=64, unique=True
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recorder_app", "0006_stops"),
    ]

    operations = [
        migrations.AddField(
            model_name="apicall",
            name="room_id",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="room"),
        ),
    ]

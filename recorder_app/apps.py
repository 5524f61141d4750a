from django.apps import AppConfig


class RecorderConfig(AppConfig):
    name = "recorder_app"
    verbose_name = "Recorder"

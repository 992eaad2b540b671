"""Django app of the subject (its translations)."""

from django.apps import AppConfig


class RecordingConfig(AppConfig):
    """App of the subject ``recording``."""

    name = "rejent.recording"
    label = "recording"

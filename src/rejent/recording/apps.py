"""Django's handle on this subject (its translations)."""

from django.apps import AppConfig


class RecordingConfig(AppConfig):
    """The subject ``recording``."""

    name = "rejent.recording"
    label = "recording"

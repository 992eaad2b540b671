"""Django's handle on this subject (its translations)."""

from django.apps import AppConfig


class CaptureConfig(AppConfig):
    """The subject ``capture``."""

    name = "rejent.capture"
    label = "capture"

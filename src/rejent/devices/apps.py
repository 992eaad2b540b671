"""Django's handle on this subject."""

from django.apps import AppConfig


class DevicesConfig(AppConfig):
    """The subject ``devices``."""

    name = "rejent.devices"
    label = "devices"

"""Django's handle on this subject."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """The subject ``access``."""

    name = "rejent.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

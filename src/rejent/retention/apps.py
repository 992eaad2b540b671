"""Django's handle on this subject."""

from django.apps import AppConfig


class RetentionConfig(AppConfig):
    """The subject ``retention``."""

    name = "rejent.retention"
    label = "retention"
    default_auto_field = "django.db.models.BigAutoField"

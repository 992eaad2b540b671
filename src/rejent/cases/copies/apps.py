"""Django's handle on this subject."""

from django.apps import AppConfig


class CopiesConfig(AppConfig):
    """The subject ``copies``."""

    name = "rejent.cases.copies"
    label = "copies"
    default_auto_field = "django.db.models.BigAutoField"

"""Django's handle on this subject."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """The subject ``catalog``."""

    name = "rejent.catalog"
    label = "catalog"
    default_auto_field = "django.db.models.BigAutoField"

"""Django's handle on this subject."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The subject ``cases``."""

    name = "rejent.cases"
    label = "cases"

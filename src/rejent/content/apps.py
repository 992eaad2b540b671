"""Django's name for this subject; it has no rows, only sentences to translate."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    """From sealed objects to what a browser plays."""

    name = "rejent.content"
    label = "content"

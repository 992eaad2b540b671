"""Django's name for this subject; it has no rows, only sentences to translate."""

from django.apps import AppConfig


class PlaybackConfig(AppConfig):
    """From sealed objects to what a browser plays."""

    name = "rejent.playback"
    label = "playback"

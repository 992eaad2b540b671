"""Django's handle on this subject."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """The subject ``notices``."""

    name = "rejent.notices"
    label = "notices"

    def ready(self) -> None:
        """Announce that photos belong to plates."""
        from rejent.notices.plates.services import announce

        announce()

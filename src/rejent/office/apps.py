"""Django's handle on this subject."""

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    """The subject ``office``."""

    name = "rejent.office"
    label = "office"

    def ready(self) -> None:
        """Enter every signing in from now on."""
        from rejent.office.breaches import models  # noqa: F401 - rows of a room of its own
        from rejent.office.sign_in.entries import connect

        connect()

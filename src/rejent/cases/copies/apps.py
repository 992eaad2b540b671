"""Django's handle on this subject."""

from django.apps import AppConfig


class CopiesConfig(AppConfig):
    """The subject ``copies``."""

    name = "rejent.cases.copies"
    label = "copies"

    def ready(self) -> None:
        """Let keepers say which copies are to be destroyed."""
        from rejent.cases.copies import queries
        from rejent.retention.rounds.alarms import raise_for

        raise_for("copy-due", queries.due_subjects)

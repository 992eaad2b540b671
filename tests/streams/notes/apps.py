"""Notes as an application of Django."""

from rejent.streams import kind


class NotesConfig(kind.StreamConfig):
    """Text notes."""

    name = "tests.streams.notes"
    label = "notes"

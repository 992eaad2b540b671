"""The process of e-mail: one for all journals."""

from rejent.catalog import queries
from rejent.catalog.views import RecorderSource
from rejent.recording.stream_parts import RecorderProcess

MAIL = "mail"


def journals() -> list[RecorderSource]:
    """Return the journals that are received."""
    return queries.recorder_sources(stream=MAIL)


PROCESSES = (
    RecorderProcess(
        MAIL, "rejent.streams.mail.receiving.process:receive_mail", lambda: [()] if journals() else []
    ),
)

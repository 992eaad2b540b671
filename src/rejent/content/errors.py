"""Errors of opening a recording or making it fit for a browser."""

from rejent.kernel.errors import RejentError


class UndecodableError(Exception):
    """Nothing came of what a child of the workshop was given."""


class NotAsEnteredError(RejentError, code="playback.not-entered"):
    """The row of a recording does not name the object that was entered; nothing of it is opened."""


def not_as_entered() -> NotAsEnteredError:
    """Return the refusal of an object that is another one than was entered."""
    return NotAsEnteredError(
        "This part of the recording is not the one that was entered; it is not opened.",
        advice="Tell the data protection officer: the check on the page Promises names what differs.",
    )

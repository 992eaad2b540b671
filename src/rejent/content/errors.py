"""Errors of opening a recording or making it fit for a browser."""

from rejent.kernel.errors import RejentError


class UndecodableError(Exception):
    """Nothing came of what a child of the workshop was given."""


class NotAsEnteredError(RejentError):
    """The row of a recording does not name the object that was entered; nothing of it is opened."""

    code = "playback.not-entered"

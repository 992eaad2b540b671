"""Errors of listening to calls."""

from rejent.kernel.errors import RejentError


class SoundError(RejentError, code="playback.sound"):
    """A call could not be made audible; the recording itself is as it was."""


class UndecodableSoundError(SoundError, code="playback.sound-undecodable"):
    """The recording cannot be decoded, now or later."""

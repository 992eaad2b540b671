"""Errors of listening to calls."""

from rejent.kernel.errors import RejentError


class SoundError(RejentError):
    """A call could not be made audible; the recording itself is as it was."""

    code = "playback.sound"


class UndecodableSoundError(SoundError):
    """The recording cannot be decoded, now or later."""

    code = "playback.sound-undecodable"

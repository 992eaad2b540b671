"""Errors that keep a camera's recording from being shown."""

from rejent.kernel.errors import InputRefusedError, NotFoundError, RejentError


class NothingToShowError(NotFoundError, code="playback.nothing"):
    """No picture was recorded at that time, or none that can be shown by itself."""


class ClipRefusedError(InputRefusedError, code="playback.clip"):
    """A clip that cannot be asked for."""


class PictureError(RejentError, code="playback.picture"):
    """A picture could not be made of what was recorded; the recording itself is as it was."""


class UndecodableStillError(PictureError, code="playback.picture-undecodable"):
    """The recording cannot be decoded, now or later."""

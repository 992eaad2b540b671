"""Errors that keep a camera's recording from being shown."""

from rejent.kernel.errors import InputRefusedError, NotFoundError, RejentError


class NothingToShowError(NotFoundError):
    """No picture was recorded at that time, or none that can be shown by itself."""

    code = "playback.nothing"


class ClipRefusedError(InputRefusedError):
    """A clip that cannot be asked for."""

    code = "playback.clip"


class PictureError(RejentError):
    """A picture could not be made of what was recorded; the recording itself is as it was."""

    code = "playback.picture"


class UndecodableStillError(PictureError):
    """The recording cannot be decoded, now or later."""

    code = "playback.picture-undecodable"

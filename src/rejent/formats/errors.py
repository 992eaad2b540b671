"""Errors of recordings that are read."""

from rejent.kernel.errors import InputRefusedError, IntegrityError


class ContentError(IntegrityError):
    """The opened object is no recording of its stream, or not whole."""

    code = "formats.content"


class ParameterSetError(InputRefusedError):
    """A parameter set cannot be read, so that the stream cannot be described."""

    code = "capture.parameter-set"


class MovieError(ContentError):
    """A file is not a fragmented MP4 in our format, or is not whole."""

    code = "capture.movie"


class NoCallError(ContentError):
    """The content is no recorded call."""

    code = "capture.calls.no-call"

    def __init__(self) -> None:
        super().__init__(
            "What was opened is no recorded call, or not even its beginning is whole.",
            advice="Restore the object from a copy; enter the finding in the record of incidents.",
        )

"""Errors of recordings that are read."""

from rejent.kernel.errors import InputRefusedError, IntegrityError


class ContentError(IntegrityError, code="formats.content"):
    """The opened object is no recording of its stream, or not whole."""


class ParameterSetError(InputRefusedError, code="capture.parameter-set"):
    """A parameter set cannot be read, so that the stream cannot be described."""


class MovieError(ContentError, code="capture.movie"):
    """A file is not a fragmented MP4 in our format, or is not whole."""


class NoCallError(ContentError, code="capture.calls.no-call"):
    """The content is no recorded call."""

    def __init__(self) -> None:
        super().__init__(
            "What was opened is no recorded call, or not even its beginning is whole.",
            advice="Restore the object from a copy; enter the finding in the record of incidents.",
        )

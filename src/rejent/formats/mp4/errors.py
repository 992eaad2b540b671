"""Errors of parameter sets and MP4 files."""

from rejent.formats.errors import ContentError
from rejent.kernel.errors import InputRefusedError


class ParameterSetError(InputRefusedError):
    """A parameter set cannot be read, so that the stream cannot be described."""

    code = "capture.parameter-set"


class MovieError(ContentError):
    """A file is not a fragmented MP4 in our format, or is not whole."""

    code = "capture.movie"

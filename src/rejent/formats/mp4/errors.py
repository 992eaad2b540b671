"""What can be wrong with parameter sets and with MP4 files."""

from rejent.formats.errors import ContentError
from rejent.kernel.errors import InputRefusedError


class ParameterSetError(InputRefusedError):
    """A parameter set that cannot be read, so that the stream cannot be described."""

    code = "capture.parameter-set"


class MovieError(ContentError):
    """A file that is not a fragmented MP4 of ours, or no longer whole."""

    code = "capture.movie"

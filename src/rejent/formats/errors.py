"""Base of errors while recordings are read."""

from rejent.kernel.errors import IntegrityError


class ContentError(IntegrityError):
    """What was opened is no recording of its stream, or no longer whole."""

    code = "formats.content"

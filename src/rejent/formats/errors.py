"""Base of errors while recordings are read."""

from rejent.kernel.errors import IntegrityError


class ContentError(IntegrityError):
    """The opened object is no recording of its stream, or not whole."""

    code = "formats.content"

"""What is common to everything that can go wrong when a recording is read."""

from rejent.kernel.errors import IntegrityError


class ContentError(IntegrityError):
    """What was opened is no recording of its stream, or no longer whole."""

    code = "formats.content"

"""Errors of telling people."""

from rejent.kernel.errors import InputRefusedError, NotFoundError


class WordingRefusedError(InputRefusedError):
    """An office's own wording cannot be entered as it is stated."""

    code = "notices.wording"


class NoSuchDocumentError(NotFoundError):
    """There is no document of that name, stream and language."""

    code = "notices.no-document"


class PlateRefusedError(InputRefusedError):
    """A plate cannot be entered, looked at or taken down as it is stated."""

    code = "notices.plate"


class NoSuchPlateError(NotFoundError):
    """There is no plate of that number."""

    code = "notices.no-plate"


class PublicationRefusedError(InputRefusedError):
    """A publication, or what the statement of accessibility says, cannot be entered as it is stated."""

    code = "notices.publication"


class NoSuchPublicationError(NotFoundError):
    """There is no publication of that number."""

    code = "notices.no-publication"

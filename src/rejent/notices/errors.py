"""Errors of telling people."""

from rejent.kernel.errors import InputRefusedError, NotFoundError


class WordingRefusedError(InputRefusedError, code="notices.wording"):
    """An office's own wording cannot be entered as it is stated."""


class NoSuchDocumentError(NotFoundError, code="notices.no-document"):
    """There is no document of that name, stream and language."""


class PlateRefusedError(InputRefusedError, code="notices.plate"):
    """A plate cannot be entered, looked at or taken down as it is stated."""


class NoSuchPlateError(NotFoundError, code="notices.no-plate"):
    """There is no plate of that number."""


class RegulationTextRefusedError(InputRefusedError, code="notices.regulation-text"):
    """The office's own text of its regulation cannot be entered as it is stated."""


class PublicationRefusedError(InputRefusedError, code="notices.publication"):
    """A publication, or what the statement of accessibility says, cannot be entered as it is stated."""


class NoSuchPublicationError(NotFoundError, code="notices.no-publication"):
    """There is no publication of that number."""

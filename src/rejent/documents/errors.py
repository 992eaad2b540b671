"""Errors of making a document."""

from rejent.kernel.errors import RejentError


class DocumentError(RejentError):
    """The document could not be made."""

    code = "documents.failed"

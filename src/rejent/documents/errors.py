"""Errors of making a document."""

from rejent.kernel.errors import RejentError


class DocumentError(RejentError, code="documents.failed"):
    """The document could not be made."""

"""What keeps a document from being made."""

from rejent.kernel.errors import RejentError


class DocumentError(RejentError):
    """The document could not be made."""

    code = "documents.failed"

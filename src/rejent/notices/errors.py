"""Errors of telling people."""

from rejent.kernel.errors import InputRefusedError, NotFoundError


class WordingRefusedError(InputRefusedError):
    """An office's own wording cannot be entered as it is stated.

    Attributes:
        part: the field it is about; empty for the whole.
    """

    code = "notices.wording"

    def __init__(self, template: str, *, part: str = "", advice: str = "", **facts: object) -> None:
        super().__init__(template, advice=advice, **facts)
        self.part = part


class NoSuchDocumentError(NotFoundError):
    """There is no document of that name, stream and language."""

    code = "notices.no-document"

"""Errors in SIP messages; no text repeats the message, which may name people."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rejent.kernel.errors import RejentError

if TYPE_CHECKING:
    from rejent.streams.calls.network.sip.message import Request


class SipError(RejentError):
    """A SIP message that cannot be processed.

    Args:
        where: header field or part of the message, by its protocol name.
        status: response code where it was a request (RFC 3261 §21).

    Attributes:
        request: what could be parsed of the request, if enough to answer it.
    """

    code = "capture.calls.sip"

    def __init__(self, template: str, /, *, where: str, status: int = 400, **facts: object) -> None:
        super().__init__(template, advice="", where=where, **facts)
        self.where = where
        self.status = status
        self.request: Request | None = None

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """Return the sentence in the reader's language, followed by the protocol name of the part."""
        return f"{super().sentence(translate)} ({self.where})"

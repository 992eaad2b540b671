"""What can be wrong with a SIP message; no sentence repeats what the message says, for it may name people."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rejent.kernel.errors import RejentError

if TYPE_CHECKING:
    from rejent.streams.calls.sip.message import Request


class SipError(RejentError):
    """A message that cannot be taken.

    Args:
        template: what is wrong.
        where: the header field or the part of the message, by its name in the protocol.
        status: what to answer where it was a request (RFC 3261 §21).
        **facts: what fills the named places.

    Attributes:
        request: as much of the request as could be read, where that is enough to answer it.
    """

    code = "capture.calls.sip"

    def __init__(self, template: str, /, *, where: str, status: int = 400, **facts: object) -> None:
        super().__init__(template, advice="", where=where, **facts)
        self.where = where
        self.status = status
        self.request: Request | None = None

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """The sentence in the reader's language, with the name of the part, which is the same in all."""
        return f"{super().sentence(translate)} ({self.where})"

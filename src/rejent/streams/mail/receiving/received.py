"""A message that was handed over, and what becomes of it: the same for SMTP, LMTP and a milter."""

from dataclasses import dataclass, field
from enum import Enum

from rejent.streams.mail.messages.content import Content


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A message with its envelope; ``content`` is as it was handed over, without transparency dots.

    Of one that is not ``whole``, which a milter let pass, it is the head as far as that came.
    """

    sender: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    content: Content = field(repr=False)
    whole: bool = True


class Outcome(Enum):
    """Outcome of a message, which its reply states."""

    TAKEN = "250 2.0.0 Taken"
    NOT_KEPT = "451 4.3.0 Cannot be stored now, keep it and try again"
    TOO_LARGE = "452 4.3.4 Larger than this archive takes; keep it and see its log"
    NO_ROOM = "452 4.3.1 Too much is being received at once; try again"

"""Content of a message's record: its facts, readable under the day key alone, and the message sealed to two roles within.

The length of the facts in four bytes, the facts as JSON, and the sealed message. Each message is a packet of its own (`rejent.formats.records`).
"""

import json
import struct
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from itertools import chain

from rejent.formats.errors import ContentError
from rejent.formats.records import Record, packet, records_of

MEDIA_TYPE = "application/vnd.rejent.mail"
_HEAD = struct.Struct(">I")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFacts:
    """Facts of a message that the regulation lets be known without opening it.

    Attributes:
        at: when the program received it.
        stated: of an imported one when it was sent or delivered, as its mailbox or message states; nothing of any other.
        counterpart: the class of the domain of who is not the office.
        verdicts: what the office's mail server said of its sender, such as ``dkim=pass``.
        threats: what was found in it, by scanner and name, such as ``yara=Macro``.
        unchecked: which scanners did not look at all of it, and why, such as ``clamav=away``.
        check: the token of a test message of ours; of any other nothing.
        doubts: fields that could not be decoded or looked at whole, so that it may be private or exempt.
    """

    at: datetime
    size: int
    direction: str
    counterpart: str
    attachments: tuple[str, ...]
    verdicts: tuple[str, ...] = ()
    check: str = ""
    examined: bool = False
    threats: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    stated: datetime | None = None
    doubts: tuple[str, ...] = ()

    @property
    def counts_from(self) -> datetime:
        """Return the instant at which it stands among others, and from which its term counts."""
        return self.stated or self.at


_FACTS = tuple((each.name, each.default is MISSING) for each in fields(MessageFacts))
"""Names of facts, each with whether it is written though it is empty."""


@dataclass(frozen=True, slots=True)
class MessageFrame:
    """The facts of a message, and the message sealed to two roles."""

    facts: MessageFacts
    sealed: bytes

    def record(self) -> Record:
        """Return it as a record, at the instant from which it counts."""
        return Record(self.facts.counts_from, (_head_of(self.facts), self.sealed))

    def encoded(self) -> bytes:
        """Return it as it stands in an object."""
        record = self.record()
        return b"".join(packet([record], record.at).parts)

    @classmethod
    def decoded(cls, frame: bytes) -> "MessageFrame":
        """Read a whole packet. Raises ContentError: it is none of one message."""
        try:
            (record,) = records_of(frame)
            content = record.content
            (length,) = _HEAD.unpack_from(content)
            written = json.loads(content[_HEAD.size : _HEAD.size + length])
            facts = MessageFacts(
                at=datetime.fromisoformat(written["at"]),
                size=int(written["size"]),
                direction=str(written["direction"]),
                counterpart=str(written["counterpart"]),
                attachments=tuple(map(str, written["attachments"])),
                verdicts=tuple(map(str, written.get("verdicts", ()))),
                check=str(written.get("check", "")),
                examined=written.get("examined") is True,
                threats=tuple(map(str, written.get("threats", ()))),
                unchecked=tuple(map(str, written.get("unchecked", ()))),
                stated=datetime.fromisoformat(written["stated"]) if "stated" in written else None,
                doubts=tuple(map(str, written.get("doubts", ()))),
            )
        except (struct.error, ValueError, KeyError, TypeError):
            raise ContentError("The archive holds what is no message.") from None
        return cls(facts, content[_HEAD.size + length :])


@dataclass(frozen=True, slots=True)
class LongFrame:
    """The facts of a message, and the message that is sealed while it is written, once; ``size`` are the bytes that makes."""

    facts: MessageFacts
    sealed: Iterable[bytes]
    size: int

    def record(self) -> Record:
        """Return it as a record, at the instant from which it counts."""
        head = _head_of(self.facts)
        return Record(self.facts.counts_from, chain((head,), self.sealed), made=len(head) + self.size)


def _head_of(facts: MessageFacts) -> bytes:
    """Return what precedes a sealed message."""
    written = {name: value for name, always in _FACTS if (value := getattr(facts, name)) or always}
    head = json.dumps(written, separators=(",", ":"), default=datetime.isoformat).encode()
    return _HEAD.pack(len(head)) + head

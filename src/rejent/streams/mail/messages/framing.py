"""Content of an object: one frame a message, its facts readable under the day key alone, the message sealed to two roles within.

A frame is ``RJM1``, the lengths of facts and sealed message in four bytes each, the facts as JSON, and the sealed message; each
frame is a fragment.
"""

import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import datetime, timedelta
from itertools import chain

from rejent.formats.errors import ContentError
from rejent.formats.fragment_index import Fragment, FragmentIndex, FragmentPlace

TICKS = 10_000
"""A second."""
LASTS = 1
"""Ticks of a message: messages of one source follow one another at least so far apart."""
MEDIA_TYPE = "application/vnd.rejent.mail"
MAGIC = b"RJM1"
_HEAD = struct.Struct(">4sII")
_LONGEST_FACTS = 4096


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

    @property
    def size(self) -> int:
        """Return the bytes of the sealed message."""
        return len(self.sealed)

    def encoded(self) -> bytes:
        """Return it as it stands in an object."""
        return _head_of(self.facts, len(self.sealed)) + self.sealed

    def fragment(self, tick: int) -> Fragment:
        """Return it as a fragment at a tick of its segment."""
        return Fragment((self.encoded(),), tick, LASTS, 1, key=True)

    @classmethod
    def decoded(cls, frame: bytes) -> "MessageFrame":
        """Read a whole frame. Raises ContentError: it is none."""
        try:
            length = _length_of(frame, 0)
            if length != len(frame):
                raise _no_frame()
            _, facts_length, _ = _HEAD.unpack_from(frame)
            head = frame[_HEAD.size : _HEAD.size + facts_length]
            written = json.loads(head)
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
            raise _no_frame() from None
        return cls(facts, frame[_HEAD.size + facts_length :])


@dataclass(frozen=True, slots=True)
class LongFrame:
    """The facts of a message, and the message that is sealed while it is written, once; ``size`` are the bytes that makes."""

    facts: MessageFacts
    sealed: Iterable[bytes]
    size: int

    def fragment(self, tick: int) -> Fragment:
        """Return it as a fragment at a tick of its segment."""
        head = _head_of(self.facts, self.size)
        return Fragment(chain((head,), self.sealed), tick, LASTS, 1, key=True, made=len(head) + self.size)


def _head_of(facts: MessageFacts, size: int) -> bytes:
    """Return what precedes a sealed message of so many bytes."""
    written = {name: value for name, always in _FACTS if (value := getattr(facts, name)) or always}
    head = json.dumps(written, separators=(",", ":"), default=datetime.isoformat).encode()
    return _HEAD.pack(MAGIC, len(head), size) + head


def fragments(frames: Iterable[MessageFrame | LongFrame], start: datetime) -> Iterator[Fragment]:
    """Yield the fragments of messages of a segment that begins at ``start``; each waits for the one before."""
    after = 0
    for frame in frames:
        tick = max(tick_of(start, frame.facts.counts_from), after)
        yield frame.fragment(tick)
        after = tick + LASTS


def whole_frames(content: bytes) -> list[bytes]:
    """Return the encoded frames that stand whole at the beginning of content that may have been cut short.

    Raises ContentError.
    """
    found, offset = [], 0
    while len(content) - offset >= _HEAD.size:
        length = _length_of(content, offset)
        if offset + length > len(content):
            break
        found.append(content[offset : offset + length])
        offset += length
    return found


def index(frames: Sequence[bytes], places: Sequence[Fragment | FragmentPlace]) -> FragmentIndex:
    """Return where encoded frames lie one behind another; time and duration as their places say."""
    offset, found = 0, []
    for frame, place in zip(frames, places, strict=True):
        found.append(FragmentPlace(place.time, place.duration, 1, key=True, offset=offset, length=len(frame)))
        offset += len(frame)
    return FragmentIndex(tuple(found))


def _length_of(content: bytes, offset: int) -> int:
    try:
        magic, facts, sealed = _HEAD.unpack_from(content, offset)
    except struct.error:
        raise _no_frame() from None
    if magic != MAGIC or facts > _LONGEST_FACTS:
        raise _no_frame()
    return _HEAD.size + int(facts) + int(sealed)


def instant(start: datetime, tick: int) -> datetime:
    """Return the instant of a tick of a segment."""
    return start + timedelta(seconds=1) * tick / TICKS


def tick_of(start: datetime, at: datetime) -> int:
    """Return the tick of a segment at an instant."""
    return (at - start) * TICKS // timedelta(seconds=1)


def _no_frame() -> ContentError:
    return ContentError("The archive holds what is no message.")

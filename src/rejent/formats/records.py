"""Records in an object: facts with instants of their own, packets of them one behind another (docs/design/0029).

A packet is ``RJR1``, the lengths of its origins and of its records (four bytes each), the origins as JSON (``[device, boot]`` each, none
for records without), and the records. A record is the length of its content (4 bytes), its instant and the device's clock in microseconds
since 1970 (8 each), its sequence (8), the number of its origin in the packet (2, 65 535 for none), and its content.
"""

import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import NamedTuple

from rejent.formats.errors import ContentError
from rejent.formats.fragment_index import Fragment, FragmentPlace

MAGIC = b"RJR1"
TICKS = 1_000_000
"""A second; an instant of a record is exact."""
LASTS = 1
"""Ticks of a record: it is at an instant."""
MOST_ORIGINS = 0xFFFF
"""Of one packet."""
_HEAD = struct.Struct(">4sII")
_RECORD = struct.Struct(">IqqQH")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_LONGEST_ORIGINS = 1 << 24


class Origin(NamedTuple):
    """A device, and from when to when it ran: its sequence begins anew with each boot."""

    device: str
    boot: str


@dataclass(frozen=True, slots=True)
class Record:
    """A fact with its instant.

    Attributes:
        at: the instant at which it stands, by which it is found, held and destroyed; in UTC.
        parts: its content, in order.
        origin, sequence: which device told it, as its how-manieth since when; two with the same are one record told twice.
        clock: what that device's own clock said.
        made: the length in bytes of parts that are made while they are written, once.
    """

    at: datetime
    parts: Iterable[bytes] = field(repr=False)
    origin: Origin | None = None
    sequence: int = 0
    clock: datetime | None = None
    made: int = 0

    @property
    def size(self) -> int:
        """Return the bytes that it takes within its packet."""
        return _RECORD.size + (self.made or sum(map(len, self.parts)))

    @property
    def content(self) -> bytes:
        """Return its parts in one."""
        return b"".join(self.parts)


def packet(records: Sequence[Record], start: datetime) -> Fragment:
    """Return records as one fragment of a segment whose ticks count from ``start``; one that is earlier has a tick less than nothing."""
    origins = {
        each: number for number, each in enumerate(dict.fromkeys(one.origin for one in records if one.origin))
    }
    head = json.dumps(list(origins), separators=(",", ":")).encode() if origins else b""
    size = sum(each.size for each in records)
    parts: list[Iterable[bytes]] = [(_HEAD.pack(MAGIC, len(head), size), head)]
    for each in records:
        number = origins[each.origin] if each.origin else MOST_ORIGINS
        at, clock = tick_of(_EPOCH, each.at), tick_of(_EPOCH, each.clock or each.at)
        parts += [(_RECORD.pack(each.size - _RECORD.size, at, clock, each.sequence, number),), each.parts]
    first, last = min(each.at for each in records), max(each.at for each in records)
    place = tick_of(start, first), tick_of(first, last) + LASTS
    made = _HEAD.size + len(head) + size
    return Fragment(chain.from_iterable(parts), *place, len(records), key=True, made=made)


def records_of(content: bytes) -> list[Record]:
    """Return the records of one packet. Raises ContentError: it is none."""
    try:
        magic, origins, size = _HEAD.unpack_from(content)
        if magic != MAGIC or _HEAD.size + origins + size != len(content):
            raise _damaged()
        head = content[_HEAD.size : _HEAD.size + origins]
        known = [Origin(str(device), str(boot)) for device, boot in json.loads(head)] if head else []
        return list(_records(content, _HEAD.size + origins, known))
    except (struct.error, ValueError, TypeError, IndexError, OverflowError, RecursionError):
        raise _damaged() from None


def _records(content: bytes, offset: int, origins: Sequence[Origin]) -> Iterator[Record]:
    while offset < len(content):
        length, at, clock, sequence, number = _RECORD.unpack_from(content, offset)
        offset += _RECORD.size
        if offset + length > len(content):
            raise _damaged()
        origin = origins[number] if number != MOST_ORIGINS else None
        told = _EPOCH + clock * _TICK if origin else None
        yield Record(_EPOCH + at * _TICK, (content[offset : offset + length],), origin, sequence, told)
        offset += length


def whole_packets(content: bytes) -> list[bytes]:
    """Return the packets that stand whole at the beginning of content that may have been cut short.

    Raises ContentError: something else stands there.
    """
    found, offset = [], 0
    while len(content) - offset >= _HEAD.size:
        magic, origins, size = _HEAD.unpack_from(content, offset)
        if magic != MAGIC or origins > _LONGEST_ORIGINS or not size:
            raise _damaged()
        end = offset + _HEAD.size + origins + size
        if end > len(content):
            break
        found.append(content[offset:end])
        offset = end
    return found


def places_of(
    packets: Iterable[tuple[bytes, Sequence[Record]]], start: datetime
) -> tuple[FragmentPlace, ...]:
    """Return where packets lie one behind another in a segment that begins at ``start``, given with their records."""
    found, offset = [], 0
    for content, records in packets:
        at = packet(records, start)
        found.append(FragmentPlace(at.time, at.duration, at.units, at.key, offset, len(content)))
        offset += len(content)
    return tuple(found)


def instant(start: datetime, tick: int) -> datetime:
    """Return the instant of a tick of a segment."""
    return start + tick * _TICK


def tick_of(start: datetime, at: datetime) -> int:
    """Return the tick of a segment at an instant."""
    return (at - start) // _TICK


def _damaged() -> ContentError:
    return ContentError("The recording holds what is no record.")

"""Tables that describe RTP payload formats to the depacketiser (RFC 6184 for H.264, RFC 7798 for H.265).

The first byte of a payload, and the first byte of a unit, decide everything that is needed for each packet; so each
codec is two tables of 256 entries and three small functions.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from rejent.streams.cameras.errors import ProtocolError

MAX_UNITS_A_PACKET = 64
"""Units in one aggregation packet."""


class Packetization(IntEnum):
    """Packing of the units of a packet."""

    SINGLE = 0
    AGGREGATED = 1
    FRAGMENTED = 2
    REFUSED = 3


class UnitRole(IntFlag):
    """Role of a unit in finding the borders of pictures."""

    NONE = 0
    SLICE = 1
    """Coded picture samples."""
    KEY = 2
    """Decoding can start with its picture."""
    SETS = 4
    """A parameter set."""
    DELIMITER = 8
    """An access unit delimiter: begins a picture."""
    SEI = 16
    """Supplemental enhancement information before the first slice."""


FragmentHeader = Callable[[int, int, int], bytes]
"""Builds a unit's header from the first, the second and the fragment byte of its first fragment."""
Splitter = Callable[[memoryview, bool], Iterator[memoryview]]
"""Splits an aggregation packet into units; the flag tells if it carries order numbers."""


@dataclass(slots=True, frozen=True)
class PayloadFormat:
    """The RTP payload format of one codec.

    Attributes:
        packetization: by the first byte of a payload.
        fragment_size: bytes before the content of a fragment; the last of them carries the start and end bits.
        fragment_header: builds the unit's header from the first fragment.
        type_mask: bits of a fragment's last header byte that are the same in all fragments of a unit.
        is_recovery_point: tells if a SEI unit allows decoding to start with its picture.
    """

    packetization: bytes
    roles: tuple[UnitRole, ...]
    header_size: int
    fragment_size: int
    fragment_header: FragmentHeader
    split: Splitter
    type_mask: int
    is_recovery_point: Callable[[memoryview], bool]


def sized_units(payload: memoryview, position: int, skip: int, first_skip: int) -> Iterator[memoryview]:
    """Yield units each preceded by a length of two bytes, and by order numbers of the given sizes; ProtocolError if malformed."""
    end = len(payload)
    gap = first_skip
    for _ in range(MAX_UNITS_A_PACKET):
        position += gap
        gap = skip
        if position + 2 > end:
            break
        size = payload[position] << 8 | payload[position + 1]
        position += 2
        if position + size > end:
            raise ProtocolError("A unit reaches past the end of its packet.")
        if size:
            yield payload[position : position + size]
        position += size
        if position == end:
            return
    raise ProtocolError("An aggregation packet cannot be taken apart.")

"""How coded units travel in RTP, told as tables the depacketiser can look up (RFC 6184 for H.264, RFC 7798 for H.265).

The first byte of a payload, and the first byte of a unit, decide everything that is asked for each packet; so each codec
is two tables of 256 entries and three small functions.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from rejent.streams.cameras.errors import ProtocolError

MAX_UNITS_A_PACKET = 64
"""Units one aggregation packet may hold."""


class Travel(IntEnum):
    """How the units of a packet are packed."""

    SINGLE = 0
    AGGREGATED = 1
    FRAGMENTED = 2
    REFUSED = 3


class Meaning(IntFlag):
    """What a unit means for finding the borders of pictures."""

    NONE = 0
    SLICE = 1
    """It holds coded picture samples."""
    KEY = 2
    """Decoding can start with its picture."""
    SETS = 4
    """A parameter set."""
    DELIMITER = 8
    """It opens a picture (access unit delimiter)."""
    NOTE = 16
    """Supplemental information that may stand before the first slice."""


FragmentHeader = Callable[[int, int, int], bytes]
"""Makes the unit's own header from the first, the second and the fragment byte of its first fragment."""
Splitter = Callable[[memoryview, bool], Iterator[memoryview]]
"""Finds the units in an aggregation packet; the flag says whether it carries order numbers."""


@dataclass(slots=True, frozen=True)
class PayloadForm:
    """One codec's way through RTP.

    Attributes:
        travel: by the first byte of a payload.
        meaning: by the first byte of a unit.
        header_size: bytes of a unit's header.
        fragment_size: bytes before the content of a fragment; the last of them carries the start and end bits.
        fragment_header: the unit's header, put together from the first fragment.
        split: the units of an aggregation packet.
        reset_mask: keeps of a fragment's last header byte what is the same in all fragments of a unit.
        restarts: whether a note says that decoding may start with its picture.
    """

    travel: bytes
    meaning: tuple[Meaning, ...]
    header_size: int
    fragment_size: int
    fragment_header: FragmentHeader
    split: Splitter
    reset_mask: int
    restarts: Callable[[memoryview], bool]


def sized_units(payload: memoryview, position: int, skip: int, first_skip: int) -> Iterator[memoryview]:
    """Units each preceded by a length of two bytes, and by order numbers of the given sizes.

    Raises:
        ProtocolError: a length reaches past the end, or there are too many units.
    """
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

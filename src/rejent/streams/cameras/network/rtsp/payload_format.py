"""RTP payload formats of H.264 (RFC 6184 §5.6–§5.8) and H.265 (RFC 7798 §4.4), as tables for the depacketiser.

The first byte of a payload, and the first byte of a unit, decide everything that is needed for each packet. Of H.264, STAP-B, MTAP and
FU-B belong to interleaved mode, in which units need re-ordering: a camera that describes it is refused, and single packets of it
count as losses. Of H.265, order numbers (DONL, DOND) are skipped where the description announces them; PACI packets are refused.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from rejent.formats.mp4.picture import Codec
from rejent.streams.cameras.errors import ProtocolError

MAX_UNITS_A_PACKET = 64
"""Units in one aggregation packet."""
_RECOVERY_POINT = 6


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
    DELIMITER = 8
    """An access unit delimiter: begins a picture."""
    SEI = 16
    """Supplemental enhancement information before the first slice."""


@dataclass(slots=True, frozen=True)
class PayloadFormat:
    """The RTP payload format of one codec.

    ``packetization`` is by the first byte of a payload, ``roles`` by that of a unit. ``fragment_size`` bytes stand before the content of a
    fragment, the last of them with the start and end bits; its bits of ``type_mask`` are the same in all fragments of a unit.
    ``fragment_header`` builds the unit's header from the first, the second and the fragment byte of its first fragment.
    """

    packetization: bytes
    roles: tuple[UnitRole, ...]
    header_size: int
    fragment_size: int
    fragment_header: Callable[[int, int, int], bytes]
    type_mask: int

    @property
    def searched(self) -> bytes:
        """Return 1 by the first byte of units that may begin several parted by start codes: no slices, or a zero of a start code."""
        return bytes(not first or not role & UnitRole.SLICE for first, role in enumerate(self.roles))

    def split(self, payload: memoryview, donl: bool) -> Iterator[memoryview]:
        """Yield the units of an aggregation packet, each preceded by its length; ``donl`` says whether they carry order numbers."""
        position, end = self.header_size + (2 if donl else 0), len(payload)
        for _ in range(MAX_UNITS_A_PACKET):
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
            position += 1 if donl else 0
        raise ProtocolError("An aggregation packet cannot be taken apart.")


def is_recovery_point(sei: memoryview) -> bool:
    """Return whether decoding may start with an SEI's picture (H.264 §D.2.8), which some cameras send instead of IDR pictures."""
    return len(sei) >= 4 and sei[0] & 0x1F == 6 and sei[1] == _RECOVERY_POINT and bool(sei[3] & 0x80)


def _packetizations(kinds: list[int], aggregated: int, fragmented: int, refused: set[int]) -> bytes:
    known = dict.fromkeys(refused, Packetization.REFUSED)
    known |= {aggregated: Packetization.AGGREGATED, fragmented: Packetization.FRAGMENTED}
    return bytes(
        Packetization.REFUSED if first & 0x80 else known.get(kind, Packetization.SINGLE)
        for first, kind in enumerate(kinds)
    )


def _roles(
    kinds: list[int], slices: range, keys: range, sets: range, *, delimiter: int, sei: int
) -> tuple[UnitRole, ...]:
    known = dict.fromkeys(slices, UnitRole.SLICE) | dict.fromkeys(keys, UnitRole.SLICE | UnitRole.KEY)
    known |= dict.fromkeys(sets, UnitRole.SETS) | {delimiter: UnitRole.DELIMITER, sei: UnitRole.SEI}
    return tuple(known.get(kind, UnitRole.NONE) for kind in kinds)


_H264_KINDS = [first & 0x1F for first in range(256)]
_H265_KINDS = [first >> 1 & 0x3F for first in range(256)]
FORMATS = {
    Codec.H264: PayloadFormat(
        packetization=_packetizations(_H264_KINDS, 24, 28, {0, 25, 26, 27, 29, 30, 31}),
        roles=_roles(_H264_KINDS, range(1, 5), range(5, 6), range(7, 9), delimiter=9, sei=6),
        header_size=1,
        fragment_size=2,
        fragment_header=lambda first, _, fragment: bytes((first & 0xE0 | fragment & 0x1F,)),
        type_mask=0x1F,
    ),
    Codec.H265: PayloadFormat(
        packetization=_packetizations(_H265_KINDS, 48, 49, set(range(50, 64))),
        roles=_roles(_H265_KINDS, range(32), range(16, 22), range(32, 35), delimiter=35, sei=39),
        header_size=2,
        fragment_size=3,
        fragment_header=lambda first, second, fragment: bytes(
            (first & 0x81 | (fragment & 0x3F) << 1, second)
        ),
        type_mask=0x3F,
    ),
}

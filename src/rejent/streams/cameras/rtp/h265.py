"""RTP payload format of H.265: single units, aggregation packets and fragmentation units (RFC 7798 §4.4).

Order numbers (DONL, DOND) are skipped where the description announces them; PACI packets are refused.
"""

from collections.abc import Iterator

from rejent.streams.cameras.rtp.payload_format import Packetization, PayloadFormat, UnitRole, sized_units

_AGGREGATION, _FRAGMENTATION, _PACI = 48, 49, 50


def _kind(first: int) -> int:
    return first >> 1 & 0x3F


def _packetization(first: int) -> Packetization:
    kind = _kind(first)
    if first & 0x80 or kind >= _PACI:
        return Packetization.REFUSED
    return {_AGGREGATION: Packetization.AGGREGATED, _FRAGMENTATION: Packetization.FRAGMENTED}.get(
        kind, Packetization.SINGLE
    )


def _role(first: int) -> UnitRole:
    kind = _kind(first)
    if kind < 32:
        return UnitRole.SLICE | (UnitRole.KEY if 16 <= kind <= 21 else UnitRole.NONE)
    if 32 <= kind <= 34:
        return UnitRole.SETS
    if kind == 35:
        return UnitRole.DELIMITER
    return UnitRole.SEI if kind == 39 else UnitRole.NONE


def _fragment_header(first: int, second: int, fragment: int) -> bytes:
    return bytes((first & 0x81 | (fragment & 0x3F) << 1, second))


def _split(payload: memoryview, donl: bool) -> Iterator[memoryview]:
    return sized_units(payload, 2, *((1, 2) if donl else (0, 0)))


def _is_recovery_point(_sei: memoryview) -> bool:
    """Return False: in H.265 the slice types mark where decoding may start."""
    return False


H265_FORMAT = PayloadFormat(
    packetization=bytes(_packetization(first) for first in range(256)),
    roles=tuple(_role(first) for first in range(256)),
    header_size=2,
    fragment_size=3,
    fragment_header=_fragment_header,
    split=_split,
    type_mask=0x3F,
    is_recovery_point=_is_recovery_point,
)

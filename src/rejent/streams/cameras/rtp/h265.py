"""H.265 in RTP: single units, aggregation packets and fragmentation units (RFC 7798 §4.4).

Order numbers (DONL, DOND) are skipped where the description says that packets carry them; PACI packets are refused.
"""

from collections.abc import Iterator

from rejent.streams.cameras.rtp.payload_form import Meaning, PayloadForm, Travel, sized_units

_AGGREGATION, _FRAGMENTATION, _PACI = 48, 49, 50


def _kind(first: int) -> int:
    return first >> 1 & 0x3F


def _travel(first: int) -> Travel:
    kind = _kind(first)
    if first & 0x80 or kind >= _PACI:
        return Travel.REFUSED
    return {_AGGREGATION: Travel.AGGREGATED, _FRAGMENTATION: Travel.FRAGMENTED}.get(kind, Travel.SINGLE)


def _meaning(first: int) -> Meaning:
    kind = _kind(first)
    if kind < 32:
        return Meaning.SLICE | (Meaning.KEY if 16 <= kind <= 21 else Meaning.NONE)
    if 32 <= kind <= 34:
        return Meaning.SETS
    if kind == 35:
        return Meaning.DELIMITER
    return Meaning.NOTE if kind == 39 else Meaning.NONE


def _fragment_header(first: int, second: int, fragment: int) -> bytes:
    return bytes((first & 0x81 | (fragment & 0x3F) << 1, second))


def _split(payload: memoryview, order_numbers: bool) -> Iterator[memoryview]:
    return sized_units(payload, 2, *((1, 2) if order_numbers else (0, 0)))


def _restarts(_note: memoryview) -> bool:
    """Never: in H.265 the slices themselves say where decoding may start."""
    return False


H265_FORM = PayloadForm(
    travel=bytes(_travel(first) for first in range(256)),
    meaning=tuple(_meaning(first) for first in range(256)),
    header_size=2,
    fragment_size=3,
    fragment_header=_fragment_header,
    split=_split,
    reset_mask=0x3F,
    restarts=_restarts,
)

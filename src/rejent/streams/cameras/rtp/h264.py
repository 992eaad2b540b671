"""H.264 in RTP: single units, STAP-A and FU-A (RFC 6184 §5.6–§5.8).

STAP-B, MTAP and FU-B belong to interleaved mode, which needs units to be put back in order; a camera that uses them is
refused when it describes itself, and single packets of them are taken for damage.
"""

from collections.abc import Iterator

from rejent.streams.cameras.rtp.payload_form import Meaning, PayloadForm, Travel, sized_units

_STAP_A, _STAP_B, _FU_A, _FU_B = 24, 25, 28, 29
_RECOVERY_POINT = 6


def _travel(first: int) -> Travel:
    kind = first & 0x1F
    if first & 0x80 or kind in {0, 30, 31} or _STAP_B <= kind < _FU_A or kind == _FU_B:
        return Travel.REFUSED
    return {_STAP_A: Travel.AGGREGATED, _FU_A: Travel.FRAGMENTED}.get(kind, Travel.SINGLE)


def _meaning(first: int) -> Meaning:
    kind = first & 0x1F
    if 1 <= kind <= 5:
        return Meaning.SLICE | (Meaning.KEY if kind == 5 else Meaning.NONE)
    if kind in {7, 8}:
        return Meaning.SETS
    if kind == 9:
        return Meaning.DELIMITER
    return Meaning.NOTE if kind == 6 else Meaning.NONE


def _fragment_header(first: int, _second: int, fragment: int) -> bytes:
    return bytes((first & 0xE0 | fragment & 0x1F,))


def _split(payload: memoryview, _order_numbers: bool) -> Iterator[memoryview]:
    return sized_units(payload, 1, 0, 0)


def _restarts(note: memoryview) -> bool:
    """Whether a SEI unit says that decoding may start with its picture and is right from it on (H.264 §D.2.8).

    Cameras that never send an IDR picture say so with a recovery point whose count of frames is 0.
    """
    return len(note) >= 4 and note[0] & 0x1F == 6 and note[1] == _RECOVERY_POINT and bool(note[3] & 0x80)


H264_FORM = PayloadForm(
    travel=bytes(_travel(first) for first in range(256)),
    meaning=tuple(_meaning(first) for first in range(256)),
    header_size=1,
    fragment_size=2,
    fragment_header=_fragment_header,
    split=_split,
    reset_mask=0x1F,
    restarts=_restarts,
)

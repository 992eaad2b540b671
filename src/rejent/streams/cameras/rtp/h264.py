"""RTP payload format of H.264: single units, STAP-A and FU-A (RFC 6184 §5.6–§5.8).

STAP-B, MTAP and FU-B belong to interleaved mode, in which units need re-ordering; a camera that describes it is
refused, and single packets of it count as losses.
"""

from collections.abc import Iterator

from rejent.streams.cameras.rtp.payload_format import Packetization, PayloadFormat, UnitRole, sized_units

_STAP_A, _STAP_B, _FU_A, _FU_B = 24, 25, 28, 29
_RECOVERY_POINT = 6


def _packetization(first: int) -> Packetization:
    kind = first & 0x1F
    if first & 0x80 or kind in {0, 30, 31} or _STAP_B <= kind < _FU_A or kind == _FU_B:
        return Packetization.REFUSED
    return {_STAP_A: Packetization.AGGREGATED, _FU_A: Packetization.FRAGMENTED}.get(
        kind, Packetization.SINGLE
    )


def _role(first: int) -> UnitRole:
    kind = first & 0x1F
    if 1 <= kind <= 5:
        return UnitRole.SLICE | (UnitRole.KEY if kind == 5 else UnitRole.NONE)
    if kind in {7, 8}:
        return UnitRole.SETS
    if kind == 9:
        return UnitRole.DELIMITER
    return UnitRole.SEI if kind == 6 else UnitRole.NONE


def _fragment_header(first: int, _second: int, fragment: int) -> bytes:
    return bytes((first & 0xE0 | fragment & 0x1F,))


def _split(payload: memoryview, _donl: bool) -> Iterator[memoryview]:
    return sized_units(payload, 1, 0, 0)


def _is_recovery_point(sei: memoryview) -> bool:
    """Tell if a SEI unit allows decoding to start, correctly, with its picture (H.264 §D.2.8).

    Cameras that never send an IDR picture send a recovery point with a frame count of 0 instead.
    """
    return len(sei) >= 4 and sei[0] & 0x1F == 6 and sei[1] == _RECOVERY_POINT and bool(sei[3] & 0x80)


H264_FORMAT = PayloadFormat(
    packetization=bytes(_packetization(first) for first in range(256)),
    roles=tuple(_role(first) for first in range(256)),
    header_size=1,
    fragment_size=2,
    fragment_header=_fragment_header,
    split=_split,
    type_mask=0x1F,
    is_recovery_point=_is_recovery_point,
)

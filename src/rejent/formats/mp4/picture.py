"""What a camera yields once the network is taken away: coded pictures and the parameter sets they need.

Depacketisers make these, the segmenter and the fragmented MP4 writer take them.
"""

from dataclasses import dataclass
from enum import StrEnum

TICKS_PER_SECOND = 90_000
"""Media time is counted in 1/90 000 s, whatever clock rate the camera declares."""


class Codec(StrEnum):
    """How the pictures are coded."""

    H264 = "h264"
    H265 = "h265"


@dataclass(slots=True, frozen=True)
class ParameterSets:
    """What a decoder must know before the first picture.

    `sets` holds the NAL units without start codes or length prefixes: (VPS,) SPS, PPS in that order.
    """

    codec: Codec
    sets: tuple[bytes, ...]


@dataclass(slots=True)
class AccessUnit:
    """One coded picture as the camera sent it.

    Attributes:
        data: NAL units in the order received, each with a length prefix of 4 bytes, big-endian. Nothing is stripped:
            parameter sets in band and SEI (signed video) stay where they were.
        time: presentation time in ticks of 1/90 000 s since the session's first unit, unwrapped. May step back by a
            few pictures where the camera sends B-pictures.
        key: whether decoding can start here (IDR in H.264, IRAP in H.265).
        arrival: the receiver's monotonic seconds when its last packet arrived.
        damaged: a packet of it, or of a picture it depends on, was lost: it must not be kept as a good picture.
    """

    data: bytes
    time: int
    key: bool
    arrival: float
    damaged: bool

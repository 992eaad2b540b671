"""Coded pictures and the parameter sets they need, as depacketisers yield them and MP4 writers take them."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from rejent.formats.errors import ParameterSetError

TICKS_PER_SECOND = 90_000
"""Media time is counted in 1/90 000 s, whatever clock rate the camera declares."""


class Codec(StrEnum):
    """Video codecs that are recorded."""

    H264 = "h264"
    H265 = "h265"
    JPEG = "jpeg"
    """Motion JPEG: each picture a JPEG, and a key picture."""


@dataclass(slots=True, frozen=True)
class ParameterSets:
    """What a decoder needs first: NAL units (VPS,) SPS, PPS without start codes or length prefixes; of JPEG the frame header alone.

    ``coded_from`` is what the source sent, where its pictures were coded anew.
    """

    codec: Codec
    sets: tuple[bytes, ...]
    coded_from: str = ""


@dataclass(slots=True)
class AccessUnit:
    """One coded picture as the camera sent it.

    ``data`` holds the NAL units in the order received, each with a length prefix of 4 bytes, big-endian; parameter sets in
    band and SEI (signed video) stay in place. Of motion JPEG it is the JPEG. ``time`` is the presentation time in ticks of 1/90 000 s since the session's
    first unit, unwrapped; it steps back by a few pictures for B-pictures. Decoding can start at a ``key`` picture (IDR, IRAP).
    ``arrival`` is in the receiver's monotonic seconds, of its last packet. ``damaged``: a packet of it, or of a picture it
    depends on, was lost; it must not be kept as a good picture.
    """

    data: bytes
    time: int
    key: bool
    arrival: float
    damaged: bool


LARGEST_SIDE = 16384
"""Pixels; twice 8K, above which a size is refused."""


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """Facts from a sequence parameter set; width and height with cropping applied.

    ``codec_string`` is the ``codecs`` parameter for browsers (RFC 6381, ISO/IEC 14496-15 annex E); ``reorder`` the pictures
    that may precede one in decoding order and follow it in output order, None if not said; ``rate`` the claimed pictures a
    second, often wrong; ``chroma`` is ``chroma_format_idc``, ``profile`` the bytes of profile, tier and level in the sample
    entry, ``nested`` is ``sps_temporal_id_nesting_flag``, and ``layers`` are temporal layers (H.265; 1 for H.264).
    """

    width: int
    height: int
    codec_string: str
    reorder: int | None
    aspect: tuple[int, int]
    rate: Fraction | None
    chroma: int
    luma_bits: int
    chroma_bits: int
    profile: bytes
    layers: int = 1
    nested: bool = False


def checked_size(width: int, height: int) -> tuple[int, int]:
    """Return the size, refusing one that no camera has."""
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        raise ParameterSetError(
            "A picture of {width}×{height} pixels is impossible.", width=width, height=height
        )
    return width, height


def plausible_rate(scale: int, units: int) -> Fraction | None:
    """Return ``scale / units`` pictures a second if between one an hour and a thousand a second, else `None`."""
    if scale == 0 or units == 0:
        return None
    rate = Fraction(scale, units)
    return rate if Fraction(1, 3600) <= rate <= 1000 else None

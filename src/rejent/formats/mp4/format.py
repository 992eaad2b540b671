"""The description of a stream's pictures, the same for both codecs."""

from dataclasses import dataclass
from fractions import Fraction

from rejent.formats.mp4.errors import ParameterSetError

LARGEST_SIDE = 16384
"""Pixels; twice 8K, above which a size is taken for nonsense."""


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """What a sequence parameter set tells.

    Attributes:
        width: pixels shown in a row, cropping applied.
        height: rows shown, cropping applied.
        codec_string: the codec as browsers are asked for it (RFC 6381, ISO/IEC 14496-15 annex E).
        reorder: pictures that may precede a picture in the stream and follow it on the screen; ``None`` where the
            stream does not say.
        aspect: shape of a pixel, width to height.
        rate: pictures a second, where the stream claims one; cameras are often wrong.
        chroma: ``chroma_format_idc``.
        luma_bits: bits of a luma sample.
        chroma_bits: bits of a chroma sample.
        profile: the bytes of profile, tier and level as the sample entry repeats them.
        layers: temporal layers (H.265; 1 for H.264).
        nested: ``sps_temporal_id_nesting_flag`` (H.265).
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
    """The size, refused where no camera can have it."""
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        raise ParameterSetError(
            "A picture of {width}×{height} pixels is impossible.", width=width, height=height
        )
    return width, height


def plausible_rate(scale: int, units: int) -> Fraction | None:
    """``scale / units`` pictures a second, if between one an hour and a thousand a second."""
    if scale == 0 or units == 0:
        return None
    rate = Fraction(scale, units)
    return rate if Fraction(1, 3600) <= rate <= 1000 else None

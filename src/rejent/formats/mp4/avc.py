"""Parser of H.264 sequence parameter sets (ITU-T H.264 §7.3.2.1.1, §7.4.2.1.1, annex E)."""

from fractions import Fraction

from rejent.formats.errors import ParameterSetError
from rejent.formats.mp4.bits import BitReader, rbsp, sample_aspect_ratio, skip_video_signal_type
from rejent.formats.mp4.picture import PictureFormat, checked_size, plausible_rate

_CHROMA_PROFILES = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 144, 244})
"""Values of ``profile_idc`` whose sets carry chroma format and bit depths."""

_BASELINE = 66
_NO_REORDER_BY_CONSTRAINT = frozenset({44, 86, 100, 110, 122, 244})
"""Profiles in which ``constraint_set3_flag`` means intra pictures only (annex E, max_num_reorder_frames)."""

_MOST_REORDERED = 16


def parameter_set_id(nal: bytes) -> int:
    """Return ``seq_parameter_set_id`` or ``pic_parameter_set_id`` (§7.4.2.1.1, §7.4.2.2)."""
    is_sequence = nal[0] & 0x1F == 7
    return BitReader(rbsp(nal[4:] if is_sequence else nal[1:])).bounded(255, "parameter set number")


def parse_sps(nal: bytes) -> PictureFormat:
    """Parse a sequence parameter set; a broken annex E counts as absent. Raises ParameterSetError: truncated or impossible."""
    if len(nal) < 4:
        raise ParameterSetError("A sequence parameter set of {length} bytes is too short.", length=len(nal))
    profile, constraints, level = nal[1:4]
    bits = BitReader(rbsp(nal[4:]))
    bits.bounded(31, "seq_parameter_set_id")
    chroma, luma_bits, chroma_bits = 1, 8, 8
    if profile in _CHROMA_PROFILES:
        chroma, luma_bits, chroma_bits = _chroma_and_depths(bits)
    bits.bounded(12, "log2_max_frame_num_minus4")
    order_type = _picture_order(bits)
    bits.bounded(_MOST_REORDERED, "max_num_ref_frames")
    bits.flag()
    width, height = _size(bits, chroma)
    aspect, rate, reorder = _vui(bits)
    intra_only = constraints & 0x10 and profile in _NO_REORDER_BY_CONSTRAINT
    if order_type == 2 or profile == _BASELINE or (reorder is None and intra_only):
        reorder = 0
    return PictureFormat(
        width=width,
        height=height,
        codec_string=f"avc1.{profile:02X}{constraints:02X}{level:02X}",
        reorder=reorder,
        aspect=aspect,
        rate=rate,
        chroma=chroma,
        luma_bits=luma_bits,
        chroma_bits=chroma_bits,
        profile=nal[1:4],
    )


def has_chroma_fields(profile_idc: int) -> bool:
    """Return whether the configuration record repeats chroma format and depths (ISO/IEC 14496-15 §5.3.3.1.2)."""
    return profile_idc in _CHROMA_PROFILES


def _chroma_and_depths(bits: BitReader) -> tuple[int, int, int]:
    chroma = bits.bounded(3, "chroma_format_idc")
    if chroma == 3:
        bits.flag()
    luma_bits = 8 + bits.bounded(6, "bit_depth_luma_minus8")
    chroma_bits = 8 + bits.bounded(6, "bit_depth_chroma_minus8")
    bits.flag()
    if bits.flag():
        for index in range(12 if chroma == 3 else 8):
            if bits.flag():
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return chroma, luma_bits, chroma_bits


def _skip_scaling_list(bits: BitReader, size: int) -> None:
    last, following = 8, 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _picture_order(bits: BitReader) -> int:
    order_type = bits.bounded(2, "pic_order_cnt_type")
    if order_type == 0:
        bits.bounded(12, "log2_max_pic_order_cnt_lsb_minus4")
    elif order_type == 1:
        bits.flag()
        bits.signed()
        bits.signed()
        for _ in range(bits.bounded(255, "num_ref_frames_in_pic_order_cnt_cycle")):
            bits.signed()
    return order_type


def _size(bits: BitReader, chroma: int) -> tuple[int, int]:
    """Return width and height with the cropping rectangle applied (§7.4.2.1.1, formulas 7-13 to 7-22)."""
    columns = bits.bounded(4095, "pic_width_in_mbs_minus1") + 1
    rows = bits.bounded(4095, "pic_height_in_map_units_minus1") + 1
    frames_only = bits.flag()
    if not frames_only:
        bits.flag()
    bits.flag()
    field_factor = 1 if frames_only else 2
    width, height = columns * 16, rows * 16 * field_factor
    if bits.flag():
        left, right, top, bottom = (bits.bounded(65535, "cropping") for _ in range(4))
        across = 2 if chroma in {1, 2} else 1
        down = (2 if chroma == 1 else 1) * field_factor
        width -= (left + right) * across
        height -= (top + bottom) * down
    return checked_size(width, height)


def _vui(bits: BitReader) -> tuple[tuple[int, int], Fraction | None, int | None]:
    aspect: tuple[int, int] = (1, 1)
    rate: Fraction | None = None
    try:
        if not bits.flag():
            return aspect, rate, None
        aspect = sample_aspect_ratio(bits)
        skip_video_signal_type(bits)
        if bits.flag():
            units, scale = bits.bits(32), bits.bits(32)
            bits.flag()
            rate = plausible_rate(scale, units * 2)
        reorder = _reordering(bits)
    except ParameterSetError:
        reorder = None
    return aspect, rate, reorder


def _reordering(bits: BitReader) -> int | None:
    hypothetical = False
    for _ in range(2):
        if bits.flag():
            hypothetical = True
            _skip_hrd(bits)
    if hypothetical:
        bits.flag()
    bits.flag()
    if not bits.flag():
        return None
    bits.flag()
    for _ in range(4):
        bits.unsigned()
    return bits.bounded(_MOST_REORDERED, "max_num_reorder_frames")


def _skip_hrd(bits: BitReader) -> None:
    count = bits.bounded(31, "cpb_cnt_minus1") + 1
    bits.bits(8)
    for _ in range(count):
        bits.unsigned()
        bits.unsigned()
        bits.flag()
    bits.bits(20)

"""Parser of H.265 sequence parameter sets (ITU-T H.265 §7.3.2.2, §7.4.3.2, annex E)."""

from fractions import Fraction

from rejent.formats.errors import ParameterSetError
from rejent.formats.mp4.bits import BitReader, rbsp, sample_aspect_ratio, skip_video_signal_type
from rejent.formats.mp4.picture import PictureFormat, checked_size, plausible_rate

_VPS, _SPS = 32, 33
_PROFILE_BYTES = 12
"""``general_*`` of ``profile_tier_level``: 1 byte of space, tier and profile, 4 + 6 of flags, 1 of level."""

_MOST_REORDERED = 15
_MOST_SHORT_TERM_SETS = 64


def parameter_set_id(nal: bytes) -> int:
    """Return the identifier of a VPS, SPS or PPS (§7.4.3)."""
    kind = (nal[0] >> 1) & 0x3F
    payload = rbsp(nal[2:])
    if kind == _VPS:
        return BitReader(payload).bits(4)
    if kind == _SPS:
        bits = BitReader(payload)
        bits.bits(4)
        layers = bits.bits(3) + 1
        bits.bits(1)
        _profile_tier_level(bits, layers)
        return bits.bounded(15, "sps_seq_parameter_set_id")
    return BitReader(payload).bounded(63, "pps_pic_parameter_set_id")


def parse_sps(nal: bytes) -> PictureFormat:
    """Parse a sequence parameter set; a broken annex E counts as absent. Raises ParameterSetError: truncated or impossible."""
    bits = BitReader(rbsp(nal[2:]))
    bits.bits(4)
    layers = bits.bits(3) + 1
    nested = bits.flag()
    profile = _profile_tier_level(bits, layers)
    bits.bounded(15, "sps_seq_parameter_set_id")
    chroma = bits.bounded(3, "chroma_format_idc")
    if chroma == 3:
        bits.flag()
    width, height = _size(bits, chroma)
    luma_bits = 8 + bits.bounded(8, "bit_depth_luma_minus8")
    chroma_bits = 8 + bits.bounded(8, "bit_depth_chroma_minus8")
    order_bits = bits.bounded(12, "log2_max_pic_order_cnt_lsb_minus4") + 4
    reorder = _reordering(bits, layers)
    aspect, rate = _vui(bits, order_bits)
    return PictureFormat(
        width=width,
        height=height,
        codec_string=codec_string(profile),
        reorder=reorder,
        aspect=aspect,
        rate=rate,
        chroma=chroma,
        luma_bits=luma_bits,
        chroma_bits=chroma_bits,
        profile=profile,
        layers=layers,
        nested=nested,
    )


def codec_string(profile: bytes) -> str:
    """Return ``hvc1.…`` for the twelve bytes of profile, tier and level (ISO/IEC 14496-15 annex E.3)."""
    space = ("", "A", "B", "C")[profile[0] >> 6]
    tier = "H" if profile[0] & 0x20 else "L"
    mirrored = int(f"{int.from_bytes(profile[1:5], 'big'):032b}"[::-1], 2)  # type: ignore[outside-number]  # our own digits
    constraints = profile[5:11].rstrip(b"\x00")
    parts = [f"hvc1.{space}{profile[0] & 0x1F}", f"{mirrored:X}", f"{tier}{profile[11]}"]
    return ".".join(parts + [f"{byte:X}" for byte in constraints])


def _profile_tier_level(bits: BitReader, layers: int) -> bytes:
    """Read the general part of ``profile_tier_level``; skip those of the sub-layers (§7.3.3)."""
    general = bits.bits(_PROFILE_BYTES * 8).to_bytes(_PROFILE_BYTES, "big")
    present = [(bits.flag(), bits.flag()) for _ in range(layers - 1)]
    if layers > 1:
        bits.bits(2 * (9 - layers))
    for has_profile, has_level in present:
        bits.bits(88 * has_profile + 8 * has_level)
    return general


def _size(bits: BitReader, chroma: int) -> tuple[int, int]:
    width = bits.bounded(65535, "pic_width_in_luma_samples")
    height = bits.bounded(65535, "pic_height_in_luma_samples")
    if bits.flag():
        left, right, top, bottom = (bits.bounded(65535, "conformance window") for _ in range(4))
        width -= (left + right) * (2 if chroma in {1, 2} else 1)
        height -= (top + bottom) * (2 if chroma == 1 else 1)
    return checked_size(width, height)


def _reordering(bits: BitReader, layers: int) -> int:
    each_layer = bits.flag()
    reorder = 0
    for _ in range(layers if each_layer else 1):
        bits.bounded(_MOST_REORDERED, "sps_max_dec_pic_buffering_minus1")
        reorder = bits.bounded(_MOST_REORDERED, "sps_max_num_reorder_pics")
        bits.unsigned()
    return reorder


def _vui(bits: BitReader, order_bits: int) -> tuple[tuple[int, int], Fraction | None]:
    aspect: tuple[int, int] = (1, 1)
    rate: Fraction | None = None
    try:
        _skip_to_vui(bits, order_bits)
        if bits.flag():
            aspect = sample_aspect_ratio(bits)
            rate = _rate(bits)
    except ParameterSetError:
        pass
    return aspect, rate


def _skip_to_vui(bits: BitReader, order_bits: int) -> None:
    for _ in range(6):
        bits.unsigned()
    if bits.flag() and bits.flag():
        _skip_scaling_lists(bits)
    bits.bits(2)
    if bits.flag():
        bits.bits(8)
        bits.unsigned()
        bits.unsigned()
        bits.flag()
    deltas: list[int] = []
    for index in range(bits.bounded(_MOST_SHORT_TERM_SETS, "num_short_term_ref_pic_sets")):
        deltas.append(_short_term_set(bits, index, deltas))
    if bits.flag():
        for _ in range(bits.bounded(32, "num_long_term_ref_pics_sps")):
            bits.bits(order_bits + 1)
    bits.bits(2)


def _skip_scaling_lists(bits: BitReader) -> None:
    for size in range(4):
        for _ in range(0, 6, 3 if size == 3 else 1):
            if not bits.flag():
                bits.unsigned()
                continue
            if size > 1:
                bits.signed()
            for _ in range(min(64, 1 << (4 + (size << 1)))):
                bits.signed()


def _short_term_set(bits: BitReader, index: int, earlier: list[int]) -> int:
    """Skip ``st_ref_pic_set`` and return its ``NumDeltaPocs`` (§7.3.7, formulas 7-61 to 7-71)."""
    if index and bits.flag():
        bits.flag()
        bits.unsigned()
        count = 0
        for _ in range(earlier[index - 1] + 1):
            used = bits.flag()
            kept = used or bits.flag()
            count += kept
        return count
    negative = bits.bounded(16, "num_negative_pics")
    positive = bits.bounded(16, "num_positive_pics")
    for _ in range(negative + positive):
        bits.unsigned()
        bits.flag()
    return negative + positive


def _rate(bits: BitReader) -> Fraction | None:
    skip_video_signal_type(bits)
    bits.bits(3)
    if bits.flag():
        for _ in range(4):
            bits.unsigned()
    if not bits.flag():
        return None
    units, scale = bits.bits(32), bits.bits(32)
    return plausible_rate(scale, units)

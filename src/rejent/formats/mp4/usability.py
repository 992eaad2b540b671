"""What the usability information of both codecs begins with (H.264 §E.1.1, H.265 §E.2.1)."""

from rejent.formats.mp4.bits import BitReader

_ASPECTS = (
    (1, 1), (1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11),
    (80, 33), (18, 11), (15, 11), (64, 33), (160, 99), (4, 3), (3, 2), (2, 1),
)  # fmt: skip
"""Shapes of a pixel by ``aspect_ratio_idc`` (H.264 table E-1, H.265 table E.1)."""

_EXTENDED_ASPECT = 255


def pixel_shape(bits: BitReader) -> tuple[int, int]:
    """Width to height of a pixel; square where the stream does not tell it."""
    if not bits.flag():
        return (1, 1)
    kind = bits.bits(8)
    if kind == _EXTENDED_ASPECT:
        across, down = bits.bits(16), bits.bits(16)
        return (across, down) if across and down else (1, 1)
    return _ASPECTS[kind] if kind < len(_ASPECTS) else (1, 1)


def skip_signal(bits: BitReader) -> None:
    """Pass over overscan, colours and the place of chroma samples."""
    if bits.flag():
        bits.flag()
    if bits.flag():
        bits.bits(4)
        if bits.flag():
            bits.bits(24)
    if bits.flag():
        bits.unsigned()
        bits.unsigned()

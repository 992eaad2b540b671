"""Pictures of motion JPEG in MP4: each sample is one JPEG as it was sent, in a ``mp4v`` sample entry (ISO/IEC 14496-1 §7.2.6.6, type 6C).

What describes the stream is the frame header of its pictures (ITU-T T.81 §B.2.2), where H.264 has parameter sets.
"""

import struct

from rejent.formats.errors import ParameterSetError
from rejent.formats.mp4.picture import PictureFormat, checked_size

CODEC_STRING = "mp4v.6C"
_OBJECT_TYPE, _VISUAL_STREAM = 0x6C, 0x11
_BEGIN, _SCAN = 0xD8, 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a length."""
_MOST_SEGMENTS = 256
"""Marker segments before the frame header; cameras send up to twenty."""
_MOST_COMPONENTS = 4
_DESCRIPTOR = 26
"""Bytes of an ``esds`` before the frame header, its own length byte among them."""


def frame_header(picture: bytes) -> bytes:
    """Return the frame header of a JPEG, from its marker on. Raises ParameterSetError: the bytes are none, or end before it."""
    if picture[:2] != bytes((0xFF, _BEGIN)):
        raise ParameterSetError("A picture is no JPEG.")
    position = 2
    for _ in range(_MOST_SEGMENTS):
        if picture[position : position + 1] != b"\xff":
            break
        kind = picture[position + 1] if position + 1 < len(picture) else _SCAN
        if kind == 0xFF:
            position += 1
            continue
        end = position + 2
        if kind not in _ALONE:
            end += int.from_bytes(picture[position + 2 : position + 4], "big")
        if kind == _SCAN or end > len(picture) or end < position + 2:
            break
        if kind in _FRAMES:
            return picture[position:end]
        position = end
    raise ParameterSetError("A JPEG has no frame header.")


def parse_frame_header(header: bytes) -> PictureFormat:
    """Return the facts of a frame header. Raises ParameterSetError: it is malformed, or has a size that no camera has."""
    if len(header) < 10 or header[9] > _MOST_COMPONENTS or len(header) != 10 + 3 * header[9]:
        raise ParameterSetError("A JPEG has a malformed frame header.")
    precision, down, across = struct.unpack_from(">BHH", header, 4)
    width, height = checked_size(across, down)
    return PictureFormat(
        width=width,
        height=height,
        codec_string=CODEC_STRING,
        reorder=0,
        aspect=(1, 1),
        rate=None,
        chroma=1,
        luma_bits=precision,
        chroma_bits=precision,
        profile=b"",
    )


def descriptor(header: bytes) -> bytes:
    """Build the content of ``esds`` (ISO/IEC 14496-14 §5.6), which carries the frame header as decoder specific information."""
    specific = bytes((0x05, len(header))) + header
    config = bytes((_OBJECT_TYPE, _VISUAL_STREAM)) + bytes(11) + specific
    stream = bytes((0, 0, 0, 0x04, len(config))) + config + b"\x06\x01\x02"
    return bytes(4) + bytes((0x03, len(stream))) + stream


def header_in(content: bytes) -> bytes:
    """Return the frame header in the content of an ``esds`` of ours; empty where it is another's."""
    header = (
        content[_DESCRIPTOR : _DESCRIPTOR + content[_DESCRIPTOR - 1]] if len(content) > _DESCRIPTOR else b""
    )
    return header if content[: len(content)] == descriptor(header) else b""

"""Motion JPEG in MP4: frame headers, sample entries, and pictures as they were sent."""

from fractions import Fraction

import av
import pytest

from rejent.formats.errors import MovieError, ParameterSetError
from rejent.formats.mp4.boxes import initialisation
from rejent.formats.mp4.jpeg import descriptor, frame_header, header_in
from rejent.formats.mp4.parameters import describe, in_band, updated_parameters
from rejent.formats.mp4.picture import AccessUnit, Codec, ParameterSets
from rejent.formats.mp4.reader import configuration_of, parameters_of
from rejent.formats.mp4.writer import FragmentWriter
from rejent.streams.cameras.player.converter import Converter, jpeg


def picture(width: int = 64, height: int = 48) -> bytes:
    """A JPEG."""
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = (
        width,
        height,
        "yuvj420p",
        Fraction(1, 25),
    )
    return b"".join(bytes(packet) for packet in encoder.encode(av.VideoFrame(width, height, "yuvj420p")))


def test_a_frame_header_tells_the_size_and_is_found_again_in_the_file() -> None:
    """It goes into the sample entry, from which a reader has codec, size and the header itself."""
    parameters = ParameterSets(Codec.JPEG, in_band(Codec.JPEG, picture(64, 48)))
    form = describe(parameters)
    assert (form.width, form.height, form.codec_string) == (64, 48, "mp4v.6C")
    head = initialisation(parameters)
    assert configuration_of(head) == (Codec.JPEG, parameters.sets[0])
    assert parameters_of(head) == parameters


def test_another_size_is_another_form() -> None:
    """Pictures of one size change nothing; the first of another does."""
    known = ParameterSets(Codec.JPEG, in_band(Codec.JPEG, picture()))
    assert updated_parameters(known, picture()) is None
    changed = updated_parameters(known, picture(80, 48))
    assert changed is not None
    assert describe(changed).width == 80


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\xff\xff",
        b"\xff\xd8\xff\xe0\0\0" * 9,
        b"\xff\xd8" + b"\xff" * 5000,
        b"\xff\xd8" + b"\xff\xd0" * 5000,
        b"\xff\xd8\xff\xda\0\x08" + bytes(20),
        b"GIF89a",
    ],
)
def test_what_has_no_frame_header_is_refused(content: bytes) -> None:
    """Whatever a camera sends in place of a picture."""
    with pytest.raises(ParameterSetError):
        frame_header(content)


@pytest.mark.parametrize(
    "header", [b"", b"\xff\xc0\0\x11\x08\0\0\0\x10\x01\x01\x11\0", b"\xff\xc0\0\x0b" + bytes(40)]
)
def test_an_impossible_frame_header_is_refused(header: bytes) -> None:
    """Too short, of no height, or of more than it says."""
    with pytest.raises(ParameterSetError):
        describe(ParameterSets(Codec.JPEG, (header,)))


def test_an_elementary_stream_of_another_kind_is_foreign() -> None:
    """MPEG-4 video by another writer is not taken for JPEG."""
    header = frame_header(picture())
    assert header_in(descriptor(header)) == header
    assert header_in(descriptor(header).replace(b"\x6c", b"\x20", 1)) == b""
    assert header_in(bytes(10)) == b""
    head = initialisation(ParameterSets(Codec.JPEG, (header,)))
    with pytest.raises(MovieError):
        configuration_of(head.replace(b"\x6c\x11", b"\x20\x11"))


def test_a_recording_is_converted_for_browsers_and_gives_stills() -> None:
    """The mechanism that converts H.265 converts it, too."""
    parameters = ParameterSets(Codec.JPEG, in_band(Codec.JPEG, picture()))
    writer = FragmentWriter(parameters)
    for number in range(10):
        writer.add(AccessUnit(picture(), number * 9000, key=True, arrival=number / 10, damaged=False))
    last = writer.finish()
    assert last is not None
    converter = Converter(initialisation(parameters), 1080)
    made = converter.feed(b"".join(last.parts)) + converter.finish()
    assert configuration_of(made)[0] is Codec.H264
    assert jpeg([parameters.sets[0], picture()], "jpeg", 32, 32)[:2] == b"\xff\xd8"

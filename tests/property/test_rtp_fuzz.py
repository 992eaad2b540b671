"""The hot loop takes what the careful path takes, and neither is shaken by what may arrive."""

import contextlib
import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from rejent.formats.mp4.picture import AccessUnit, Codec
from rejent.recording.errors import SourceError
from rejent.streams.cameras.network.rtsp.assembly import MAX_PICTURE, Assembly
from rejent.streams.cameras.network.rtsp.payload_format import FORMATS
from rejent.streams.cameras.network.rtsp.receiver import RtpReceiver
from rejent.streams.cameras.simulated.sender import packet, payloads
from tests.examples import examples

CODECS = st.sampled_from(list(FORMATS))
HEADS = {
    Codec.H264: [
        b"\x67",
        b"\x68",
        b"\x06\x06\x01\xc4",
        b"\x09\xf0",
        b"\x65\x88",
        b"\x41\x9a",
        b"\x41\x1a",
        b"\x0c",
        b"\x00",
        b"\x7e",
    ],
    Codec.H265: [
        b"\x40\x01",
        b"\x42\x01",
        b"\x44\x01",
        b"\x46\x01",
        b"\x4e\x01",
        b"\x26\x01\xaf",
        b"\x02\x01\xd0",
        b"\x02\x01\x50",
        b"\x64\x01",
    ],
}


def units(codec):
    """NAL units of any kind, often long enough to be sent in fragments."""
    sizes = st.integers(0, 60) | st.integers(400, 2500)
    return st.builds(
        lambda head, size, fill: head + bytes((fill,)) * size,
        st.sampled_from(HEADS[codec]),
        sizes,
        st.integers(0, 255),
    )


@st.composite
def streams(draw):
    """Packets of some pictures, some lost, doubled, shuffled, cut or changed."""
    codec = draw(CODECS)
    sequence, timestamp, sent = draw(st.integers(0, 0xFFFF)), draw(st.integers(0, 2**32 - 1)), []
    for _ in range(draw(st.integers(1, 12))):
        timestamp += draw(st.sampled_from([3600, 3600, 3600, 0, 2**31, -9000]))
        picture = tuple(draw(st.lists(units(codec), min_size=1, max_size=4)))
        carried = payloads(
            codec, picture, draw(st.sampled_from([100, 300, 1400])), aggregate=draw(st.booleans())
        )
        for place, payload in enumerate(carried):
            marker = draw(st.sampled_from([place == len(carried) - 1] * 6 + [True, False]))
            one = packet(96, sequence, timestamp, 7, payload, marker=marker)
            sequence += 1
            fate = draw(st.sampled_from(["kept"] * 12 + ["lost", "doubled", "cut", "foreign", "noise"]))
            sent += {
                "kept": [one],
                "lost": [],
                "doubled": [one, one],
                "cut": [one[: draw(st.integers(0, len(one)))]],
                "foreign": [one, packet(96, 1, 1, 9, payload, marker=True)],
                "noise": [one, draw(st.binary(max_size=30))],
            }[fate]
    return codec, sent


def by_packets(codec, sent):
    """Return the result of the general path for packets."""
    reception = RtpReceiver(Assembly(codec), 96)
    for one in sent:
        reception.take_packet(memoryview(one), 0, len(one), 0.0)
        reception.assembly.settle()
    reception.assembly.flush()
    return reception.assembly.taken()


def by_frames(codec, sent, cut):
    """Return the result of the hot loop for the same packets, in one stream cut into batches."""
    reception = RtpReceiver(Assembly(codec), 96)
    stream = b"".join(struct.pack(">BBH", 0x24, 0, len(one)) + one for one in sent)
    rest = b""
    for at in range(0, len(stream), cut):
        buffer = bytearray(rest + stream[at : at + cut])
        view, end, position = memoryview(buffer), len(buffer), 0
        while end - position >= 4:
            stop = position + 4 + (view[position + 2] << 8 | view[position + 3])
            if stop > end:
                break
            used = reception.take_frames(view, position, end, 0, 0.0)
            if used == position:
                reception.take_packet(view, position + 4, stop, 0.0)
                used = stop
            position = used
        reception.assembly.settle()
        rest = bytes(buffer[position:])
        view[:] = bytes(end)
    reception.assembly.flush()
    return reception.assembly.taken()


@settings(max_examples=examples(300))
@given(streams(), st.sampled_from([150, 1000, 4096, 100_000]))
def test_the_hot_loop_equals_the_careful_path(stream, cut):
    """However the stream is cut, the hot loop yields exactly what single packets yield."""
    codec, sent = stream
    assert by_frames(codec, sent, cut) == by_packets(codec, sent)


@settings(deadline=None)
@given(streams())
def test_pictures_keep_their_rules(stream):
    """Good pictures hold whole units; damaged ones hold nothing and are never key."""
    for item in by_packets(*stream):
        if isinstance(item, AccessUnit):
            assert not (item.damaged and (item.key or item.data))
            position = 0
            while position < len(item.data):
                position += 4 + int.from_bytes(item.data[position : position + 4], "big")
            assert position == len(item.data)


@given(CODECS, st.lists(st.binary(max_size=120), max_size=40))
def test_any_payload_is_survived(codec, contents):
    """Payloads of any content never raise anything but the subject's errors, and hold no more than a picture may."""
    reception = RtpReceiver(Assembly(codec, donl=bool(contents)), 96)
    with contextlib.suppress(SourceError):
        for number, content in enumerate(contents):
            one = packet(96, number, number // 3 * 3600, 7, content, marker=number % 3 == 2)
            reception.take_packet(memoryview(one), 0, len(one), number / 100)
            reception.assembly.settle()
            assert sum(map(len, reception.assembly.pieces)) <= MAX_PICTURE

"""Packets that come by themselves, over real sockets on this machine."""

import base64
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rejent.formats.mp4.picture import AccessUnit
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.network.rtsp.address import Camera, Transport, parse_address
from rejent.streams.cameras.network.rtsp.assembly import Discontinuity, StreamItem
from rejent.streams.cameras.network.rtsp.camera_stream import CameraStream
from rejent.streams.cameras.network.rtsp.connection import BUFFER
from rejent.streams.cameras.network.rtsp.datagrams import REORDER_WAIT, DatagramPair
from tests.unit.streams_cameras.stream import PPS, SPS

HOST = "127.0.0.1"
SDP = (
    "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    f"a=fmtp:96 sprop-parameter-sets={base64.b64encode(SPS).decode()},{base64.b64encode(PPS).decode()}\r\n"
).encode()


@contextmanager
def listening() -> Iterator[tuple[DatagramPair, CameraStream]]:
    """A pair of ports, and the stream of a camera that has agreed to send to them."""
    pair = DatagramPair(socket.AF_INET, HOST)
    camera = Camera("hall", parse_address(f"rtsp://{HOST}/")[0], transport=Transport.UDP)
    stream = CameraStream(camera, 0.0, pair.ports)
    more = (
        b"",
        b"Content-Type: application/sdp\r\nContent-Length: %d\r\n" % len(SDP),
        b"Session: 1\r\nTransport: RTP/AVP;server_port=6970-6971\r\n",
        b"",
    )
    for number, fields in enumerate(more, 1):
        body = SDP if number == 2 else b""
        answer = b"RTSP/1.0 200 OK\r\nCSeq: %d\r\n%s\r\n%s" % (number, fields, body)
        stream.take(memoryview(answer), len(answer), 0.0)
    assert stream.session.playing
    yield pair, stream
    pair.close()


def received(
    pair: DatagramPair, stream: CameraStream, packets: list[bytes], sender: str = HOST, now: float = 0.0
) -> list[StreamItem]:
    """Return the items of packets that somebody sends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as camera:
        camera.bind((sender, 0))
        for packet in packets:
            camera.sendto(packet, (HOST, pair.ports[0]))
    pair.read(stream, memoryview(bytearray(BUFFER)), now)
    return stream.pictures()


def packet(number: int, unit: bytes) -> bytes:
    """One picture in one packet, each a second after the last."""
    return b"\x80\xe0" + number.to_bytes(2, "big") + (number * 90_000).to_bytes(4, "big") + b"cam1" + unit


@pytest.mark.parametrize("size", [100, 3_000, 60_000])
def test_a_packet_of_any_size_comes_whole(size: int) -> None:
    """However long a datagram is, its picture is not cut short and taken for a good one."""
    unit = b"\x65\x88" + b"\x84" * size
    with listening() as (pair, stream):
        pictures = received(pair, stream, [packet(number, unit) for number in range(3)])
    whole = [picture for picture in pictures if isinstance(picture, AccessUnit)]
    assert len(whole) == 2
    assert all(picture.data == len(unit).to_bytes(4, "big") + unit and picture.key for picture in whole)


def test_packets_of_another_ssrc_are_sorted_apart() -> None:
    """Metadata with an SSRC of its own may have the same numbers as the pictures, or any others, and displaces none of them."""
    unit = b"\x65\x88\x84\x00"
    with listening() as (pair, stream):
        pictures = received(pair, stream, [packet(0, unit)])
        for number in range(1, 60):
            strange = [
                b"\x80\x32" + numbered.to_bytes(2, "big") + bytes(4) + b"meta" + b"data"
                for numbered in (number, 7 * number, 40_000)
            ]
            pictures += received(pair, stream, [packet(number, unit), *strange], now=number / 25)
    assert len(pictures) >= 58
    assert not any(isinstance(picture, Discontinuity) or picture.damaged for picture in pictures)


def test_packets_from_elsewhere_change_nothing() -> None:
    """Packets from another machine to the port are dropped, and lose the camera nothing."""
    unit = b"\x65\x88\x84\x00"
    with listening() as (pair, stream):
        forged = [packet(number, b"\x65\x99\x99\x99") for number in range(400)]
        assert received(pair, stream, forged, sender="127.0.0.2") == []
        pictures = received(pair, stream, [packet(number, unit) for number in range(3)])
    assert [picture.data[4:] for picture in pictures if isinstance(picture, AccessUnit)] == [unit] * 2


def test_packets_that_overtake_each_other_cost_nothing() -> None:
    """Each hole waits its own turn: two in consecutive turns, both filled a turn later, lose no picture."""
    unit = b"\x65\x88\x84\x00"
    turns = [[0, 1, 3], [2, 4, 6], [5, 7, 7, 9], [8, 10, 4], [3], [11]]
    with listening() as (pair, stream):
        items = [
            item
            for turn, numbers in enumerate(turns)
            for item in received(pair, stream, [packet(number, unit) for number in numbers], now=turn * 0.03)
        ]
    assert [isinstance(item, AccessUnit) and not item.damaged for item in items] == [True] * 12


def test_a_missing_packet_is_waited_for_no_longer_than_needed() -> None:
    """What is behind a packet that never comes is handed over once it has waited, whatever else is missing since."""
    unit = b"\x65\x88\x84\x00"
    with listening() as (pair, stream):
        assert len(received(pair, stream, [packet(number, unit) for number in (0, 1, 3, 5)])) == 1
        assert received(pair, stream, [packet(7, unit)], now=REORDER_WAIT / 2) == []
        items = received(pair, stream, [], now=REORDER_WAIT)
    assert [item.cause for item in items if isinstance(item, Discontinuity)] == [CameraCause.PACKETS_LOST] * 2
    assert len([item for item in items if isinstance(item, AccessUnit)]) == 2


def test_a_stream_that_begins_anew_far_behind_is_followed() -> None:
    """Numbers far below the last ones are those of a restarted stream, once there are enough of them in a row."""
    unit = b"\x65\x88\x84\x00"
    with listening() as (pair, stream):
        received(pair, stream, [packet(number, unit) for number in range(20_000, 20_004)])
        items = [
            item
            for number in range(60)
            for item in received(pair, stream, [packet(number, unit)], now=number / 10)
        ]
    whole = [item for item in items if isinstance(item, AccessUnit) and not item.damaged]
    assert len(whole) >= 59
    assert [item.cause for item in items if isinstance(item, Discontinuity)] == [CameraCause.CAMERA_CLOCK]

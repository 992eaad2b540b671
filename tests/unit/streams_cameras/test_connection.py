"""One camera on a real connection, read turn by turn."""

import base64
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rejent.streams.cameras.network.rtsp.address import Camera, parse_address
from rejent.streams.cameras.network.rtsp.assembly import StreamItem
from rejent.streams.cameras.network.rtsp.connection import BUFFER, FIRST_A_TURN, LEAST_A_TURN, Connection
from tests.unit.streams_cameras.stream import PPS, SPS

SDP = (
    "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    f"a=fmtp:96 sprop-parameter-sets={base64.b64encode(SPS).decode()},{base64.b64encode(PPS).decode()}\r\n"
).encode()
SIZE = 1_000
"""Bytes a picture takes on the wire."""


def answers() -> bytes:
    """Return a camera's responses to OPTIONS, DESCRIBE, SETUP and PLAY."""
    described = b"Content-Type: application/sdp\r\nContent-Length: %d\r\n" % len(SDP)
    fields = (b"", described, b"Session: 1\r\n", b"")
    return b"".join(
        b"RTSP/1.0 200 OK\r\nCSeq: %d\r\n%s\r\n%s" % (number, more, SDP if number == 2 else b"")
        for number, more in enumerate(fields, 1)
    )


def picture(number: int) -> bytes:
    """One picture in one frame."""
    head = b"\x80\xe0" + number.to_bytes(2, "big") + (number * 3600).to_bytes(4, "big") + b"cam1"
    packet = head + b"\x65\x88" + bytes(SIZE - 4 - len(head) - 2)
    return b"$\0" + len(packet).to_bytes(2, "big") + packet


@contextmanager
def sending(pictures: int) -> Iterator[Connection]:
    """A connection to a camera that sends so many pictures as fast as it can."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        camera = Camera("hall", parse_address("rtsp://127.0.0.1/")[0])
        connection = Connection(camera, (socket.AF_INET, server.getsockname()), 0.0)
        accepted, _ = server.accept()
        stream = answers() + b"".join(picture(number) for number in range(pictures))
        sender = threading.Thread(target=accepted.sendall, args=(stream,))
        sender.start()
        yield connection
        accepted.shutdown(socket.SHUT_RDWR)
        sender.join()
        accepted.close()
        connection.close()


def turn(connection: Connection, seconds: float) -> list[StreamItem]:
    """Return the items of one turn that takes so long."""
    select.select([connection.fileno()], [], [], 10)
    pictures = connection.proceed(memoryview(bytearray(BUFFER)), 0.0)
    connection.adapt_read_size(seconds)
    return pictures


def test_a_camera_that_costs_the_others_time_is_read_in_small_pieces() -> None:
    """After turns that took long, a turn brings 4 KiB at most; it never brings much before it is known what that costs."""
    with sending(2_000) as connection:
        first = turn(connection, 1.0)
        rest = [len(turn(connection, 1.0)) for _ in range(10)]
    assert len(first) <= FIRST_A_TURN // SIZE
    assert max(rest[4:]) <= LEAST_A_TURN // SIZE + 1


def test_a_camera_that_costs_little_is_read_as_fast_as_it_sends() -> None:
    """Turns that take no time bring twice as much each time, so that two megabytes are read in a few."""
    with sending(2_000) as connection:
        turns = 0
        received = 0
        while received < 1_990:
            received += len(turn(connection, 0.001))
            turns += 1
        assert turns < 200

"""Datagrams come many with one system call, and each as Python's own call gives it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rejent.kernel.clock import SystemClock
from rejent.streams.calls.network.rtp.datagrams import (
    BATCH,
    MAX_DATAGRAM,
    SO_RXQ_OVFL,
    SO_TIMESTAMPNS,
    DatagramReader,
)

ROOM = DatagramReader()
NEWEST_S = 60


@contextmanager
def listening(host: str, buffer: int = 1 << 20) -> Iterator[socket.socket]:
    """A socket as the recorder opens them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as opened:
        opened.bind((host, 0))
        opened.setblocking(False)
        for option in (SO_TIMESTAMPNS, SO_RXQ_OVFL):
            opened.setsockopt(socket.SOL_SOCKET, option, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        yield opened


def sender(to: socket.socket) -> socket.socket:
    """A socket that sends to another."""
    made = socket.socket(to.family, socket.SOCK_DGRAM)
    made.connect(to.getsockname()[:2])
    return made


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_each_datagram_comes_as_python_would_have_given_it(host: str) -> None:
    """Content, length and sender are those that were sent, in order, however many senders take turns; the kernel's stamp is of now."""
    with listening(host) as opened, sender(opened) as one, sender(opened) as another:
        sent = []
        for number in range(2 * BATCH + 5):
            by = (one, another)[number % 3 == 0]
            content = bytes((number,)) * (number * 7 % 1400)
            by.send(content)
            sent.append((content, by.getsockname()[:2]))
        found = list(ROOM.arrived(opened.fileno(), 1000))
        assert [(content, by) for content, _, by, _, _ in found] == sent
        assert not any(cut for *_, cut in found)
        assert {dropped for *_, dropped, _ in found} == {-1}
        stamps = [taken for _, taken, *_ in found]
        assert stamps == sorted(stamps)
        now = SystemClock().now().timestamp()
        assert now - NEWEST_S < stamps[0] / 1e9 <= now + 1
        assert list(ROOM.arrived(opened.fileno(), 1000)) == []


@pytest.mark.parametrize("most", [1, BATCH - 1, BATCH, BATCH + 1])
def test_no_more_are_taken_than_are_wanted(most: int) -> None:
    """The rest stays where it is until it is asked for."""
    with listening("127.0.0.1") as opened, sender(opened) as by:
        for number in range(2 * BATCH):
            by.send(bytes((number,)))
        first = [content[0] for content, *_ in ROOM.arrived(opened.fileno(), most)]
        rest = [content[0] for content, *_ in ROOM.arrived(opened.fileno(), 1000)]
        assert first == list(range(most))
        assert first + rest == list(range(2 * BATCH))


def test_one_that_is_too_long_is_told_and_the_next_is_whole() -> None:
    """What does not fit is cut off and said to be; nothing of it is left over in the next one."""
    with listening("127.0.0.1") as opened, sender(opened) as by:
        for content in (bytes(MAX_DATAGRAM), b"x" * (MAX_DATAGRAM + 1), b"next", b""):
            by.send(content)
        found = [(len(content), cut) for content, *_, cut in ROOM.arrived(opened.fileno(), 10)]
        assert found == [(MAX_DATAGRAM, False), (MAX_DATAGRAM, True), (4, False), (0, False)]


def test_what_the_kernel_had_no_room_for_is_counted() -> None:
    """The count comes with the next datagram that there was room for, beside its stamp."""
    with listening("127.0.0.1", buffer=4096) as opened, sender(opened) as by:
        for _ in range(200):
            by.send(bytes(500))
        kept = len(list(ROOM.arrived(opened.fileno(), 1000)))
        by.send(b"after")
        ((content, taken, _, dropped, _),) = ROOM.arrived(opened.fileno(), 10)
        assert (content, kept + dropped) == (b"after", 200)
        assert taken > 0


def test_a_refusal_that_a_report_met_stops_nothing() -> None:
    """Where nobody listens at the other end any more, the error is passed over and what has come is taken."""
    with listening("127.0.0.1") as opened, sender(opened) as by:
        opened.connect(by.getsockname())
        by.send(b"before")
        by.close()
        opened.send(b"report")
        assert list(ROOM.arrived(opened.fileno(), 1)) == []
        opened.send(b"report")
        found = [content for content, *_ in ROOM.arrived(opened.fileno(), 10)]
    assert found == [b"before"]

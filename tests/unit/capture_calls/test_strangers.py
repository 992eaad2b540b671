"""Packets of a stranger in a call whose packets do not come from who hands calls over: they neither keep the party out nor refuse."""

import socket
from collections.abc import Iterator

import pytest

from tests.unit.capture_calls.rtp_legs import packet
from tests.unit.capture_calls.test_call_under_way import DEVICE, FIRST, Desk
from tests.unit.capture_calls.test_rtp_receiver import HOST

RELAY, STRANGER = "127.0.0.77", "127.0.0.66"
NINE = bytes((9, 10, 0, 160))


class Voice:
    """Somebody who sends packets from an address, with a number of its own for what it sends."""

    def __init__(self, host: str, ssrc: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self._ssrc, self._number = ssrc, 0

    def speak(self, desk: Desk, count: int = 1, *, every: float = 0.02) -> None:
        """Send speech to the first leg of a call."""
        for _ in range(count):
            self._send(desk, b"\xd5" * 160, 8)
            desk.wait(every)

    def press(self, desk: Desk, count: int = 1) -> None:
        """Press the nine."""
        for _ in range(count):
            self._send(desk, NINE, 101)
            desk.wait(0.02)

    def _send(self, desk: Desk, payload: bytes, kind: int) -> None:
        datagram = packet(self._number, 160 * self._number, ssrc=self._ssrc, payload=payload, kind=kind)
        self.socket.sendto(datagram, (HOST, desk.opened[0].number))
        self._number += 1


@pytest.fixture
def party() -> Iterator[Voice]:
    """Who was signalled."""
    made = Voice(RELAY, 5)
    yield made
    made.socket.close()


@pytest.fixture
def stranger() -> Iterator[Voice]:
    """Somebody else."""
    made = Voice(STRANGER, 9)
    yield made
    made.socket.close()


def desk_of(media: str = RELAY, callers: tuple[str, ...] = (DEVICE,)) -> Desk:
    """A call under way whose recording the nine refuses."""
    desk = Desk(media, callers, refusal="9")
    desk.invite(FIRST)
    desk.begin()
    desk.wait(0.2)
    return desk


def kept(desk: Desk) -> dict[int, int]:
    """Packets that were kept, by who sent them, after the end."""
    desk.end()
    desk.wait(1)
    desk.wait(1)
    found: dict[int, int] = {}
    for one in desk.sink.objects:
        for each in one.reader.packets():
            ssrc = int.from_bytes(each.datagram[8:12], "big")
            found[ssrc] = found.get(ssrc, 0) + 1
    return found


def test_a_stranger_who_speaks_first_does_not_keep_the_party_out(party: Voice, stranger: Voice) -> None:
    """Every packet of the party is kept, though a stranger spoke before it and goes on."""
    desk = desk_of()
    stranger.speak(desk)
    for _ in range(100):
        party.speak(desk)
        stranger.speak(desk, every=0)
    assert kept(desk) == {5: 100, 9: 1}


def test_the_party_is_preferred_again_after_it_was_held(party: Voice, stranger: Voice) -> None:
    """A hold written as an address of zeros takes nothing from whom we know: who speaks meanwhile is displaced by its first packet."""
    desk = desk_of()
    party.speak(desk, 10)
    held = desk.caller.ask("INVITE", desk._offer("inactive", "sendonly", version=2).replace(RELAY.encode(), b"0.0.0.0"))  # fmt: skip
    desk.caller.acknowledge()
    desk.hear()
    desk.wait(5)
    stranger.speak(desk, 10)
    party.speak(desk, 10)
    assert held.status == 200
    assert kept(desk) == {5: 20, 9: 10}


def test_a_device_that_sends_from_elsewhere_is_recorded(stranger: Voice) -> None:
    """Where nobody speaks from the address that was signalled, whoever speaks is kept: a NAT may hide it."""
    desk = desk_of()
    stranger.speak(desk, 20)
    assert kept(desk) == {9: 20}

"""Packets of a stranger in a call whose packets do not come from who hands calls over: they neither keep the party out nor refuse."""

import socket
from collections.abc import Callable, Iterator
from typing import Protocol

import pytest

from rejent.formats.rtp.leg import PERSISTENT_PACKETS
from rejent.streams.calls.recorder.line import Refusal
from tests.unit.streams_calls.rtp_legs import packet
from tests.unit.streams_calls.test_call_under_way import DEVICE, FIRST, Desk
from tests.unit.streams_calls.test_rtp_receiver import HOST
from tests.unit.streams_calls.test_rtp_srtp import OFFER, OFFERED, sender

RELAY, STRANGER = "127.0.0.77", "127.0.0.66"
NINE = bytes((9, 10, 0, 160))


class Voice:
    """Somebody who sends packets from an address, with a number of its own for what it sends."""

    def __init__(self, host: str, ssrc: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self._ssrc, self._number = ssrc, 0
        self.seal: Callable[[bytes], bytes] = bytes

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
        self.socket.sendto(self.seal(datagram), (HOST, desk.opened[0].number))
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


class MakesDesk(Protocol):
    """Makes calls."""

    def __call__(self, media: str = RELAY, callers: tuple[str, ...] = (DEVICE,), key: str = "") -> Desk:
        """A call under way whose recording the nine refuses."""


@pytest.fixture
def desk_of() -> Iterator[MakesDesk]:
    """Makes calls, and ends them."""
    made: list[Desk] = []

    def opened(media: str = RELAY, callers: tuple[str, ...] = (DEVICE,), key: str = "") -> Desk:
        made.append(Desk(media, callers, refusal="9", key=key))
        made[-1].invite(FIRST)
        made[-1].begin()
        made[-1].wait(0.2)
        return made[-1]

    yield opened
    for each in made:
        each.receiver.close()


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


def test_a_stranger_who_speaks_first_does_not_keep_the_party_out(
    desk_of: MakesDesk, party: Voice, stranger: Voice
) -> None:
    """Every packet of the party is kept, though a stranger spoke before it and goes on."""
    desk = desk_of()
    stranger.speak(desk)
    for _ in range(100):
        party.speak(desk)
        stranger.speak(desk, every=0)
    assert kept(desk) == {5: 100, 9: 1}


def test_the_party_is_preferred_again_after_it_was_held(
    desk_of: MakesDesk, party: Voice, stranger: Voice
) -> None:
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


def test_a_device_that_sends_from_elsewhere_is_recorded(desk_of: MakesDesk, stranger: Voice) -> None:
    """Where nobody speaks from the address that was signalled, whoever speaks is kept: a NAT may hide it."""
    desk = desk_of()
    stranger.speak(desk, 20)
    assert kept(desk) == {9: 20}


def test_the_key_of_a_stranger_refuses_nothing(desk_of: MakesDesk, stranger: Voice) -> None:
    """Neither as the first datagram of a call nor after speech: the recording goes on, the key in it."""
    desk = desk_of()
    stranger.press(desk, 10)
    stranger.speak(desk, 10)
    stranger.press(desk, 10)
    assert kept(desk) == {9: 30}
    assert (desk.books.refused, desk.sink.discarded) == ([], [])


@pytest.mark.parametrize("callers", [(DEVICE,), (DEVICE, RELAY)])
@pytest.mark.parametrize("media", [RELAY, "relay.example.org"])
def test_the_key_of_the_party_refuses_once_it_has_spoken(
    callers: tuple[str, ...], media: str, desk_of: MakesDesk, party: Voice, stranger: Voice
) -> None:
    """It counts from the address that was signalled and from who may hand calls over, and from nobody else."""
    desk = desk_of(media, callers)
    believed = RELAY in {media, *callers}
    stranger.speak(desk, 3)
    party.press(desk)
    party.speak(desk, PERSISTENT_PACKETS)
    assert desk.books.refused == []
    party.press(desk)
    desk.wait(0.1)
    assert [how for _, how in desk.books.refused] == [Refusal.KEY] * believed
    assert len(desk.sink.discarded) == believed


def test_the_key_counts_again_when_the_party_speaks_after_a_stranger(
    desk_of: MakesDesk, party: Voice, stranger: Voice
) -> None:
    """A key that was not believed takes nothing from one that is."""
    desk = desk_of()
    stranger.speak(desk, 10)
    stranger.press(desk, 5)
    party.speak(desk, 10)
    party.press(desk)
    assert [how for _, how in desk.books.refused] == [Refusal.KEY]


def test_a_key_that_is_sealed_with_the_key_agreed_on_refuses_wherever_it_comes_from(
    desk_of: MakesDesk, party: Voice
) -> None:
    """Behind a NAT SRTP tells the party from a stranger."""
    desk = desk_of(STRANGER, key=OFFER)
    party.seal = sender(OFFERED).protect
    party.speak(desk, PERSISTENT_PACKETS)
    party.press(desk)
    assert [how for _, how in desk.books.refused] == [Refusal.KEY]


def test_what_is_not_sealed_with_the_key_agreed_on_keeps_nobody_out(
    desk_of: MakesDesk, party: Voice, stranger: Voice
) -> None:
    """Where no address tells the party from a stranger, the first authentic packet does, however much came before it."""
    desk = desk_of("relay.example.org", key=OFFER)
    party.seal = sender(OFFERED).protect
    for _ in range(20):
        stranger.speak(desk, 2)
        party.speak(desk)
    assert kept(desk) == {5: 20}

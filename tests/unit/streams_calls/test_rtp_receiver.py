"""Packets of calls over real sockets of this machine: taken with the kernel's instant, reported on, bounded."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from rejent.formats.rtp.account import SECOND, ReceiverCounts, Role
from rejent.formats.rtp.leg import Leg
from rejent.formats.rtp.rtcp import read_compound
from rejent.kernel.clock import ManualClock
from rejent.recording.steady_time import SteadyTime
from rejent.streams.calls.network.rtp.datagrams import DatagramReader
from rejent.streams.calls.network.rtp.incoming_stream import MAX_PACKETS_PER_SECOND, IncomingStream
from rejent.streams.calls.network.rtp.ports import MediaPort, NoPortError, PortPairs
from rejent.streams.calls.network.rtp.receiver import LATE, REPORT_EVERY, Receiver
from rejent.streams.calls.network.rtp.source_lock import SourceLock
from tests.unit.streams_calls.rtp_legs import packet
from tests.waiting import CEILING_S

HOST = "127.0.0.1"
SENDER_REPORT = bytes.fromhex("80c8000600c0ffeeed3b0a0080000000000000a0") + bytes(8)


@dataclass
class Heard:
    """A call that keeps what it is given."""

    legs: list[Leg] = field(default_factory=lambda: [Leg({}, 0), Leg({}, 0)])
    taken: list[tuple[int, bytes, int]] = field(default_factory=list)
    controls: list[tuple[int, bytes]] = field(default_factory=list)
    outside: dict[int, ReceiverCounts] = field(default_factory=dict)
    finished: int = 0

    def leg(self, number: int) -> Leg:
        """One leg."""
        return self.legs[number]

    def take(self, leg: int, datagram: bytes, arrival: int) -> Role:
        """Keep a packet."""
        self.taken.append((leg, datagram, arrival))
        return self.legs[leg].take(datagram, arrival)

    def take_control(self, leg: int, datagram: bytes, _arrival: int) -> None:
        """Keep a report."""
        self.controls.append((leg, datagram))

    def note_counts(self, leg: int, outside: ReceiverCounts) -> None:
        """Keep what was counted beside."""
        self.outside[leg] = outside

    def note_unread(self, leg: int, start: int, end: int, packets: int) -> None:
        """Keep what this machine dropped."""
        self.legs[leg].note_unread(start, end, packets)

    def tick(self, _now: int) -> None:
        """Nothing is due."""

    def finish(self, now: int) -> None:
        """Keep the end."""
        self.finished = now


class Machine:
    """A receiver of one call with two legs on free ports, on a clock that stands until told."""

    def __init__(self) -> None:
        self.clock = ManualClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
        self.kernel = 0
        self.pairs = PortPairs(HOST, *free_range(), self.clock)
        self.receiver = Receiver(SteadyTime(self.clock), self.pairs, self.stamped)
        self.call = Heard()
        self.streams = [IncomingStream(leg, self.pairs.take(), SourceLock(HOST)) for leg in (0, 1)]
        self.received = self.receiver.begin(self.call, self.streams)
        self.receiver.turn()

    def stamped(self) -> int:
        """The kernel's clock as these tests set it: 0 until they do, so that every stamp is of another time."""
        return self.kernel

    def turn(self, seconds: float = 0.1) -> None:
        """Let time pass, then take a turn."""
        self.clock.advance(timedelta(seconds=seconds))
        self.receiver.turn()


def free_range() -> tuple[int, int]:
    """Forty ports that nobody seems to have."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return min(port, 65_000), min(port, 65_000) + 39


@pytest.fixture
def machine() -> Iterator[Machine]:
    """A receiver, given back afterwards."""
    made = Machine()
    yield made
    made.receiver.close()


@pytest.fixture
def party() -> Iterator[socket.socket]:
    """The socket of who speaks."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind((HOST, 0))
        made.settimeout(CEILING_S)
        yield made


def speak(party: socket.socket, port: MediaPort, count: int, first: int = 0) -> list[bytes]:
    """Send packets to a leg; what was sent."""
    sent = [packet(first + number, 160 * (first + number)) for number in range(count)]
    for datagram in sent:
        party.sendto(datagram, (HOST, port.number))
    return sent


def test_what_is_sent_to_a_leg_is_taken_by_that_leg(machine: Machine, party: socket.socket) -> None:
    """Datagrams come out bit by bit, in order, at the leg whose port they were sent to."""
    sent = speak(party, machine.streams[1].port, 30)
    machine.turn()
    assert [(leg, datagram) for leg, datagram, _ in machine.call.taken] == [(1, each) for each in sent]


def test_arrival_is_the_kernels_instant_in_steady_time(party: socket.socket) -> None:
    """However late a batch is read, a datagram has the age that the kernel's stamp gives it, also after the clock was stepped."""
    machine = Machine()
    stream = machine.streams[0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as copy:
        copy.bind((HOST, 0))
        copy.setsockopt(socket.SOL_SOCKET, 35, 1)
        party.sendto(packet(0, 0), copy.getsockname())
        _, ((_, _, stamp),), *_ = copy.recvmsg(2048, 64)
    speak(party, stream.port, 1)
    machine.kernel = (
        int.from_bytes(stamp[:8], "little") * SECOND + int.from_bytes(stamp[8:16], "little") + 3 * SECOND
    )
    machine.clock.step(timedelta(hours=1))
    machine.turn()
    ((_, _, arrival),) = machine.call.taken
    assert machine.receiver.now() - arrival == pytest.approx(3 * SECOND, abs=SECOND)
    machine.receiver.close()


def test_a_stamp_of_another_time_is_not_believed(machine: Machine, party: socket.socket) -> None:
    """Where the kernel's clock was set between stamp and reading, the datagram came now."""
    speak(party, machine.streams[0].port, 1)
    machine.turn()
    assert [arrival for _, _, arrival in machine.call.taken] == [machine.receiver.now()]


def test_a_spoofed_datagram_is_dropped_and_told(machine: Machine, party: socket.socket) -> None:
    """What comes from another port than our party's is counted, not taken."""
    speak(party, machine.streams[0].port, 3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((HOST, 0))
        speak(other, machine.streams[0].port, 5)
    machine.turn()
    assert len(machine.call.taken) == 3
    assert machine.call.outside[0].refused == 5


def test_a_flood_is_bounded_and_told(machine: Machine, party: socket.socket) -> None:
    """More than a leg may send in a second is counted and dropped, however many turns it is spread over."""
    for first in range(0, 800, 80):
        speak(party, machine.streams[0].port, 80, first)
        machine.turn(0.01)
    taken = len(machine.call.taken)
    assert MAX_PACKETS_PER_SECOND <= taken < 800
    assert machine.call.outside[0].flooded == 800 - taken


def test_what_is_longer_than_speech_is_dropped(machine: Machine, party: socket.socket) -> None:
    """A datagram of 20 kB is counted, and the next one taken."""
    party.sendto(bytes(20_000), (HOST, machine.streams[0].port.number))
    sent = speak(party, machine.streams[0].port, 1)
    machine.turn()
    assert [datagram for _, datagram, _ in machine.call.taken] == sent
    assert machine.call.outside[0].flooded == 1


def test_sender_reports_come_in_on_either_port(machine: Machine, party: socket.socket) -> None:
    """RTCP is taken on its own port, and on the port of speech where a sender puts it there (RFC 5761)."""
    speak(party, machine.streams[0].port, 1)
    party.sendto(SENDER_REPORT, (HOST, machine.streams[0].port.number))
    party.sendto(SENDER_REPORT, (HOST, machine.streams[0].port.number + 1))
    machine.turn()
    assert machine.call.controls == [(0, SENDER_REPORT)] * 2
    assert len(machine.call.taken) == 1


def test_the_sender_gets_a_report_of_what_came(machine: Machine, party: socket.socket) -> None:
    """Within seven and a half seconds a receiver report arrives where the sender's own reports came from."""
    sent = [packet(number, 160 * number) for number in range(20)]
    for datagram in sent[:5] + sent[10:]:
        party.sendto(datagram, (HOST, machine.streams[0].port.number))
    party.sendto(SENDER_REPORT, (HOST, machine.streams[0].port.number + 1))
    machine.turn()
    machine.turn(1.5 * REPORT_EVERY / SECOND)
    told = party.recv(2048)
    assert (told[0], told[1], told[8:12]) == (0x81, 201, bytes.fromhex("00c0ffee"))
    assert int.from_bytes(told[13:16], "big") == 5
    assert read_compound(told) == (None, False)


def test_reports_go_to_the_host_that_speaks(machine: Machine, party: socket.socket) -> None:
    """Another host that sent a report before anybody spoke gets none of ours."""
    stream = machine.streams[0]
    stream.lock = SourceLock()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.66", 0))
        stranger.sendto(SENDER_REPORT, (HOST, stream.port.number + 1))
        machine.turn()
        speak(party, stream.port, 20)
        machine.turn()
        due = stream.report_at
        machine.turn(1.5 * REPORT_EVERY / SECOND)
        assert stream.report_at > due
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.recv(2048)


def test_late_packets_are_taken_before_a_call_is_finished(machine: Machine, party: socket.socket) -> None:
    """After the end what is still on its way is kept; then the call is finished and its ports are closed."""
    machine.receiver.end(machine.received)
    machine.turn(0.01)
    speak(party, machine.streams[0].port, 2)
    machine.turn(0.01)
    assert (len(machine.call.taken), machine.call.finished) == (2, 0)
    machine.turn(LATE / SECOND)
    assert machine.call.finished == machine.receiver.now()
    assert machine.streams[0].port.media.fileno() == -1


def test_a_wish_that_fails_harms_no_other_call(machine: Machine, party: socket.socket) -> None:
    """An error in what signalling asked for is logged, and packets are taken as before."""

    def fails() -> None:
        raise ValueError

    machine.receiver.do(fails)
    speak(party, machine.streams[0].port, 1)
    machine.turn()
    assert len(machine.call.taken) == 1


def test_a_port_rests_after_a_call() -> None:
    """One that was given back is not taken again before it has rested."""
    clock = ManualClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
    first, _ = free_range()
    pairs = PortPairs(HOST, first, first + first % 2 + 3, clock)
    taken = [pairs.take(), pairs.take()]
    assert (abs(taken[1].number - taken[0].number), pairs.free) == (2, 0)
    pairs.give_back(taken[0])
    with pytest.raises(NoPortError, match="wider range"):
        pairs.take()
    clock.advance(timedelta(seconds=60))
    again = pairs.take()
    assert again.number == taken[0].number
    again.close()
    taken[1].close()


def test_nobody_can_foretell_a_port() -> None:
    """Each pair is any of those that are free, as chance has it, also of those that are open ahead and of those that rested."""
    asked: list[int] = []

    def last_of(count: int) -> int:
        asked.append(count)
        return count - 1

    clock = ManualClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
    first, last = free_range()
    pairs = PortPairs("127.0.0.99", first, last, clock, ahead=2, chosen=last_of)
    free = pairs.free
    taken = [pairs.take(), pairs.take()]
    pairs.open_ahead(2)
    taken += [pairs.take(), pairs.take()]
    highest = last - 2 + last % 2
    assert [each.number for each in taken] == [highest - 2 * place for place in range(4)]
    pairs.give_back(taken[1])
    clock.advance(timedelta(seconds=60))
    again = pairs.take()
    assert again.number == taken[1].number
    assert asked == [free, free - 1, free - 2, free - 3, free - 3]
    for each in (taken[0], *taken[2:], again):
        each.close()


def test_a_port_that_somebody_else_has_is_passed_over() -> None:
    """A pair of which one half is taken by another program is no pair."""
    clock = ManualClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
    first, _ = free_range()
    even = first + first % 2
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((HOST, even + 1))
        pairs = PortPairs(HOST, even, even + 3, clock)
        taken = pairs.take()
        taken.close()
    assert taken.number == even + 2


def test_what_comes_to_a_port_that_is_open_ahead_is_not_heard(party: socket.socket) -> None:
    """Before it is taken a pair hears nothing and counts nothing as lost; it is as free as any other, and closed at the end."""
    clock = ManualClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
    pairs = PortPairs(HOST, *free_range(), clock, ahead=3)
    free = pairs.free
    receiver = Receiver(SteadyTime(clock), pairs, lambda: 0)
    receiver.turn()
    assert pairs.free == free
    ready = list(pairs._ready)
    assert len(ready) == 3
    for number in (each.number + place for each in ready for place in (0, 1)):
        party.sendto(b"early", (HOST, number))
    taken = pairs.take()
    assert (taken.number, pairs.free) == (ready[0].number, free - 1)
    for place in (0, 1):
        party.sendto(b"later", (HOST, taken.number + place))
    assert [each for each, _, _ in taken.arrived(DatagramReader(), 0, 0, 10)] == [b"later"]
    assert (taken.dropped, taken.control.recv(10)) == (0, b"later")
    pairs.give_back(taken)
    receiver.turn()
    assert len(pairs._ready) == 3
    receiver.close()
    assert all(each.media.fileno() == each.control.fileno() == -1 for each in ready)

"""Datagrams that are no speech, among those that are: each costs itself, and nothing that came with it."""

import socket

import pytest

from rejent.formats.rtp.account import Role
from rejent.formats.rtp.codecs import Codec
from rejent.formats.rtp.leg import Leg
from rejent.streams.calls.network.rtp.datagrams import DatagramReader
from rejent.streams.calls.network.rtp.incoming_stream import MAX_BURST_OCTETS, MAX_OCTETS_PER_SECOND
from tests.unit.streams_calls import test_rtp_receiver
from tests.unit.streams_calls.rtp_legs import FRAME, START, packet
from tests.unit.streams_calls.test_rtp_receiver import HOST, SENDER_REPORT, Machine, speak

machine, party = test_rtp_receiver.machine, test_rtp_receiver.party

EXTENDED = bytes.fromhex("bede000110ff0000")
"""A header extension of one word (RFC 8285)."""


def extended(number: int) -> bytes:
    """A packet with a header extension, as border controllers write it."""
    plain = packet(number, 160 * number)
    return bytes((plain[0] | 0x10,)) + plain[1:12] + EXTENDED + plain[12:]


@pytest.mark.parametrize("size", range(12))
def test_packet_too_short_is_nonsense_whatever_came_before(size: int) -> None:
    """An empty one or half a head follows from no other: not from one with an extension, not from the change of a coding."""
    leg = Leg({}, START)
    for number in range(6):
        leg.take(extended(number), START + number * FRAME)
    assert leg.take(bytes(size), START + 6 * FRAME) is Role.NONSENSE
    leg.renegotiate({})
    assert leg.take(bytes(size), START + 6 * FRAME) is Role.NONSENSE
    assert leg.take(extended(6), START + 6 * FRAME) is Role.SPEECH


def test_empty_keep_alive_costs_nothing_that_came_with_it(machine: Machine, party: socket.socket) -> None:
    """Speech before and after it in the same batch is taken, and none of it is told as lost."""
    port = machine.streams[0].port
    for number in range(0, 20, 4):
        for each in range(number, number + 4):
            party.sendto(extended(each), (HOST, port.number))
        party.sendto(b"", (HOST, port.number))
    machine.turn()
    leg = machine.call.legs[0]
    assert leg.packets[Role.SPEECH] == 20
    assert leg.packets[Role.NONSENSE] == 5
    assert leg.account(machine.receiver.now()).lost == 0


def test_fault_in_one_datagram_costs_that_one(
    machine: Machine, party: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody foresaw of one leaves the others, their counts and the call as they are."""
    taking = machine.call.take

    def take(leg: int, datagram: bytes, arrival: int) -> Role:
        if datagram[3] == 5:
            raise RuntimeError
        return taking(leg, datagram, arrival)

    monkeypatch.setattr(machine.call, "take", take)
    party.sendto(bytes(20_000), (HOST, machine.streams[0].port.number))
    speak(party, machine.streams[0].port, 20)
    machine.turn()
    assert [datagram[3] for _, datagram, _ in machine.call.taken] == [*range(5), *range(6, 20)]
    assert machine.call.outside[0].flooded == 1


def test_room_is_as_new_where_reading_was_broken_off(party: socket.socket) -> None:
    """Who takes only the first of a batch leaves nothing of it behind for the next one."""
    room = DatagramReader()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hearing:
        hearing.bind((HOST, 0))
        party.sendto(b"one", hearing.getsockname())
        party.sendto(b"two", hearing.getsockname())
        batch = room.arrived(hearing.fileno(), 10)
        first = next(batch)
        del batch
        assert first[0] == b"one"
        assert room._messages == room._fresh


def test_flood_of_octets_is_bounded_and_told(machine: Machine, party: socket.socket) -> None:
    """Packets as long as none of speech use up what a leg may keep, as unknown ones do and those beside it; then speech goes on."""
    stream, number = machine.streams[0], 0
    for _ in range(20):
        for kind in (8, 100):
            for _ in range(5):
                datagram = packet(number, 160 * number, kind=kind, payload=bytes(8000))
                party.sendto(datagram, (HOST, stream.port.number))
                number += 1
        machine.turn(0.01)
    kept = sum(len(datagram) for _, datagram, _ in machine.call.taken)
    most = MAX_BURST_OCTETS + MAX_OCTETS_PER_SECOND // 5
    assert most - 2 * 8012 < kept <= most
    assert machine.call.outside[0].flooded == number - len(machine.call.taken)
    machine.turn(1)
    sent = speak(party, stream.port, 20, number)
    machine.turn(0.01)
    assert [datagram for _, datagram, _ in machine.call.taken[-20:]] == sent


def test_of_control_packets_nothing_is_kept_but_themselves(machine: Machine, party: socket.socket) -> None:
    """What stands behind a report is none of it, on either port; what is no report at all is not kept."""
    speak(party, machine.streams[0].port, 1)
    for datagram in (SENDER_REPORT + b"\xff" * 8000, bytes.fromhex("00c8ffff") + bytes(8000)):
        for place in (0, 1):
            party.sendto(datagram, (HOST, machine.streams[0].port.number + place))
    machine.turn()
    assert machine.call.controls == [(0, SENDER_REPORT)] * 2


def test_control_packets_count_as_any_others(machine: Machine, party: socket.socket) -> None:
    """Reports without end on their own port use up what a leg may keep, too."""
    speak(party, machine.streams[0].port, 1)
    machine.turn()
    report = SENDER_REPORT + bytes.fromhex("80cc07cf") + bytes(4 * 0x7CF)
    for _ in range(10):
        for _ in range(8):
            party.sendto(report, (HOST, machine.streams[0].port.number + 1))
        machine.turn(0.01)
    kept = len(machine.call.controls)
    assert kept <= (MAX_BURST_OCTETS + MAX_OCTETS_PER_SECOND) // len(report) < 80
    speak(party, machine.streams[0].port, 1, 1)
    machine.turn(1)
    assert machine.call.outside[0].flooded >= 80 - kept


def test_marked_packets_of_a_low_number_are_speech_where_that_was_negotiated(
    machine: Machine, party: socket.socket
) -> None:
    """With a mark they look like control packets (RFC 5761 §4)."""
    port, leg = machine.streams[0].port, machine.call.legs[0]
    marked = [packet(number, 160 * number, kind=66, marker=True) for number in range(8)]
    for each in marked[:3]:
        party.sendto(each, (HOST, port.number))
    machine.turn()
    assert machine.call.taken == []
    leg.renegotiate({66: Codec("PCMA")})
    for each in marked[3:]:
        party.sendto(each, (HOST, port.number))
    machine.turn()
    assert [datagram for _, datagram, _ in machine.call.taken] == marked[3:]

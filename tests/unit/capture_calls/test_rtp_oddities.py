"""Datagrams that are no speech, among those that are: each costs itself, and nothing that came with it."""

import socket

import pytest

from rejent.capture.calls.rtp.account import Role
from rejent.capture.calls.rtp.datagrams import Datagrams
from rejent.capture.calls.rtp.streams import Leg
from tests.unit.capture_calls import test_rtp_receiver
from tests.unit.capture_calls.rtp_legs import FRAME, START, packet
from tests.unit.capture_calls.test_rtp_receiver import HOST, Machine, speak

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
    room = Datagrams()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hearing:
        hearing.bind((HOST, 0))
        party.sendto(b"one", hearing.getsockname())
        party.sendto(b"two", hearing.getsockname())
        batch = room.arrived(hearing.fileno(), 10)
        first = next(batch)
        del batch
        assert first[0] == b"one"
        assert room._messages == room._fresh

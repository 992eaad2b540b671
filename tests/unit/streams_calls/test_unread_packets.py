"""Packets that this machine did not read in time: taken where they still can be, else counted, with the recorder as their cause."""

import socket
from datetime import timedelta

import pytest

from rejent.formats.rtp.account import SECOND, GapCause
from rejent.streams.calls.network.rtp.incoming_stream import IncomingStream
from rejent.streams.calls.network.rtp.receiver import LATE, SLOW_TURN_S, SLOW_TURNS
from tests.unit.streams_calls.test_rtp_receiver import Machine, machine, party, speak

__all__ = ["machine", "party"]
SENT = 2_000


@pytest.fixture
def narrow(machine: Machine) -> IncomingStream:
    """The first leg, whose socket holds few packets."""
    stream = machine.streams[0]
    stream.port.media.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    return stream


def end(machine: Machine) -> None:
    """Let the call end, and what is late come."""
    machine.receiver.end(machine.received)
    machine.turn(0.01)
    machine.turn(LATE / SECOND)


def test_what_waits_when_a_call_ends_after_a_stall_is_taken(machine: Machine, party: socket.socket) -> None:
    """Eight seconds without a turn, across the end of the call: all that the kernel kept is stored, none counts as a flood."""
    sent = speak(party, machine.streams[1].port, 250)
    machine.receiver.end(machine.received)
    machine.turn(8)
    machine.turn(LATE / SECOND)
    assert [datagram for _, datagram, _ in machine.call.taken] == sent
    assert machine.call.finished
    assert 1 not in machine.call.outside


def test_what_was_dropped_up_to_the_end_is_counted(
    machine: Machine, narrow: IncomingStream, party: socket.socket
) -> None:
    """No packet comes after the dropped ones to tell of them; they are the recorder's loss and not the sender's."""
    speak(party, narrow.port, SENT)
    end(machine)
    taken = len(machine.call.taken)
    assert 0 < taken < SENT
    assert machine.call.outside[0].dropped == SENT - taken
    account = machine.call.legs[0].account(machine.receiver.now())
    told = [gap.packets for gap in account.gaps if gap.cause is GapCause.DROPPED]
    assert (told, account.lost) == ([SENT - taken], 0)


def test_a_hole_of_our_own_making_is_told_as_ours(
    machine: Machine, narrow: IncomingStream, party: socket.socket
) -> None:
    """Where a later packet shows what is missing, the same holds; what was lost before the machine stalled stays the sender's."""
    speak(party, narrow.port, 5)
    speak(party, narrow.port, 5, first=8)
    machine.turn()
    speak(party, narrow.port, SENT, first=13)
    machine.turn()
    speak(party, narrow.port, 5, first=13 + SENT)
    machine.turn()
    taken = len(machine.call.taken)
    account = machine.call.legs[0].account(machine.receiver.now())
    told = {gap.cause: gap.packets for gap in account.gaps if gap.packets}
    assert told == {GapCause.LOST: 3, GapCause.DROPPED: 15 + SENT - taken}
    assert account.lost == 3


@pytest.fixture
def slow(machine: Machine) -> Machine:
    """A machine whose turns take longer than they may."""
    machine.receiver._pause = lambda: machine.clock.advance(timedelta(seconds=1.5 * SLOW_TURN_S))
    return machine


def test_a_machine_that_does_not_keep_up_says_so(slow: Machine) -> None:
    """Not after one turn, which a frozen program has too, but once several running took too long; a quick one ends it."""
    for _ in range(SLOW_TURNS - 1):
        slow.receiver.turn()
        assert not slow.receiver.is_overloaded
    slow.receiver.turn()
    assert slow.receiver.is_overloaded
    slow.receiver._pause = lambda: None
    slow.receiver.turn()
    assert not slow.receiver.is_overloaded

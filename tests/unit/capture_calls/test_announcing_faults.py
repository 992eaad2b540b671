"""What goes wrong with one caller who is answered is that caller's alone."""

import pytest

from rejent.capture.calls.announcing.course import Programme
from rejent.capture.calls.announcing.ending import LONGEST_S
from rejent.capture.calls.announcing.session import Outcome
from tests.unit.capture_calls.announced_caller import INCOMING, TARGET, AnnouncedCaller


def broken(datagram: bytes, host: str, port: int) -> None:
    """A socket that fails in a way nobody foresaw."""
    raise RuntimeError(f"{len(datagram)} octets for {host}:{port}")


def test_caller_who_cannot_be_spoken_to_is_let_go_and_the_others_are_spoken_to() -> None:
    """The fault is told once; the next turn is as if that caller had never been there."""
    first = AnnouncedCaller()
    first.call()
    second = AnnouncedCaller(core=first.core, call_id="second")
    second.call()
    first.voices[0].send = broken
    with pytest.raises(ExceptionGroup) as told:
        first.core.tick(first.at)
    assert [type(fault) for fault in told.value.exceptions] == [RuntimeError]
    first.collect()
    assert [one.outcome for one in first.events] == [Outcome.STOPPED]
    assert first.methods() == ["BYE"]
    assert first.voices[0].closed
    first.wait(0.2)
    assert len(first.voices[1].sent) == 11
    assert first.core.sessions == 1


def test_who_has_stayed_too_long_is_let_go_whatever_becomes_of_the_others() -> None:
    """The longest stay is looked at before anybody is spoken to."""
    longest = AnnouncedCaller(Programme(INCOMING, target=TARGET, stays=True))
    longest.call()
    longest.wait(1.5)
    longest.reply(longest.asked[0], 603)
    longest.wait(LONGEST_S - 2)
    other = AnnouncedCaller(core=longest.core, call_id="other")
    other.now = longest.now
    other.call()
    longest.voices[1].send = broken
    longest.now += 5
    with pytest.raises(ExceptionGroup):
        longest.core.tick(longest.at)
    longest.collect()
    assert [one.outcome for one in longest.events] == [Outcome.TOO_LONG, Outcome.STOPPED]

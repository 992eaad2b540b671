"""What goes wrong with one caller who is answered is that caller's alone."""

import pytest

from rejent.streams.calls.announcing.hand_over import MAX_DURATION_S
from rejent.streams.calls.announcing.playback import Programme
from rejent.streams.calls.announcing.session import Outcome
from tests.unit.streams_calls.announced_caller import INCOMING, TARGET, AnnouncedCaller


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
    longest.wait(MAX_DURATION_S - 2)
    other = AnnouncedCaller(core=longest.core, call_id="other")
    other.now = longest.now
    other.call()
    longest.voices[1].send = broken
    longest.now += 5
    with pytest.raises(ExceptionGroup):
        longest.core.tick(longest.at)
    longest.collect()
    assert [one.outcome for one in longest.events] == [Outcome.TOO_LONG, Outcome.STOPPED]


TOO_MANY = "".join(f";p{number}" for number in range(65))


@pytest.mark.parametrize(
    "header",
    [
        {"contact": f"<sip:src@192.0.2.10>{TOO_MANY}"},
        {"extra": [("P-Asserted-Identity", f"<sip:005550100@192.0.2.10>{TOO_MANY}")]},
        {"extra": [("Record-Route", ", ".join(["<sip:192.0.2.10;lr>"] * 65))]},
    ],
    ids=["contact", "identity", "routes"],
)
def test_refused_call_keeps_no_port(header: dict) -> None:
    """A head that cannot be understood gets 400, and the ports that were opened for its caller are given back."""
    caller = AnnouncedCaller()
    assert caller.call(**header).status == 400
    assert all(voice.closed for voice in caller.voices)
    assert caller.core.sessions == 0

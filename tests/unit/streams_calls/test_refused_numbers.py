"""Whoever stands on the list of refusals is not recorded, by whatever of a session names them, and however late."""

from pathlib import Path

import pytest

from rejent.streams.calls.receiving.siprec.events import Begun
from rejent.streams.calls.recorder.line import RefusedNumbers
from rejent.streams.calls.recorder.parties import named
from tests.unit.streams_calls.caller import Caller, metadata, offer
from tests.unit.streams_calls.mirror_traffic import Killed, kill_at_discard
from tests.unit.streams_calls.test_call_under_way import FIRST, PARTIES, Desk

CALLER, REFUSED = "+48600100200", "+48225559999"
THIRD = f'<participant participant_id="p9"><nameID aor="tel:{REFUSED}"/></participant>'


def participant(*addresses: str) -> str:
    """One who takes part, by these addresses."""
    names = "".join(f'<nameID aor="{each}"/>' for each in addresses)
    return f'<participant participant_id="p0">{names}</participant>'


def told(desk: Desk) -> tuple[list[str], list[str]]:
    """How the call was refused, and why it ended, once all is done."""
    desk.wait(1)
    desk.wait(1)
    return [how.value for _, how in desk.books.refused], [why for _, _, why in desk.books.ended]


@pytest.mark.parametrize(
    "people",
    [
        participant("tel:+48225559999"),
        PARTIES + THIRD,
        participant("sip:reception@pbx.example", "sip:*31%23225559999@pbx.example"),
    ],
)
def test_whoever_a_session_names_is_asked_about(people: str) -> None:
    """Also a third party, a second address, and a number behind the sign that hides the caller's own."""
    caller, refusing = Caller(), RefusedNumbers()
    caller.invite(offer("sendonly", "sendonly"), metadata(people))
    (begun,) = [each for each in caller.events if isinstance(each, Begun)]
    assert not refusing.names(named(begun, begun.metadata))
    refusing.numbers = frozenset({REFUSED})
    assert refusing.names(named(begun, begun.metadata))


@pytest.mark.parametrize("mode", ["complete", "partial"])
def test_a_call_that_is_passed_on_to_one_who_refused_is_destroyed(mode: str) -> None:
    """Though which way it goes was decided long before."""
    desk = Desk()
    desk.refused.add(f"tel:{REFUSED}")
    desk.invite(FIRST)
    desk.begin()
    desk.wait(10)
    desk.change(THIRD, mode=mode)
    desk.change(THIRD, mode=mode)
    desk.end()
    assert told(desk) == (["list"], ["refused"])
    assert desk.sink.discarded == desk.sink.objects != []


@pytest.mark.parametrize("ends", [False, True])
def test_a_refusal_that_was_entered_just_before_counts(ends: bool) -> None:
    """It is learnt a moment later: a look a few seconds after the beginning, or at the end that comes sooner, finds it."""
    desk = Desk()
    desk.invite(FIRST)
    desk.begin()
    desk.refused.add(f"tel:{CALLER}")
    if ends:
        desk.end()
    elif desk.call is not None:
        desk.call.look_again(5.0)
        desk.end()
    assert told(desk) == (["list"], ["refused"])
    assert desk.sink.discarded == desk.sink.objects != []


def test_a_refusal_is_noted_before_what_was_recorded_is_destroyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is killed in between has it on disk, also where the receiver's thread destroys at once: the next start enters it."""
    desk = Desk()
    desk.invite(FIRST)
    desk.begin()
    desk.refused.add(f"tel:{CALLER}")
    assert desk.call is not None
    with monkeypatch.context() as killing:
        notes = kill_at_discard(desk.books, tmp_path, killing)
        killing.setattr(desk.receiver, "do", lambda work: work())
        with pytest.raises(Killed):
            desk.call.look_again(5.0)
    assert [(each.call_id, each.how) for each in notes.left()] == [(desk.books.begun[0].id, "list")]
    assert desk.books.refused == []
    desk.end()
    desk.wait(1)
    desk.wait(1)


def test_a_refusal_that_is_entered_later_means_calls_to_come() -> None:
    """What is under way then is recorded to its end, whatever its session says anew of the same people."""
    desk = Desk()
    desk.invite(FIRST)
    desk.begin()
    assert desk.call is not None
    desk.call.look_again(5.0)
    desk.refused.add(f"tel:{CALLER}")
    desk.change(PARTIES)
    desk.end()
    assert told(desk) == ([], ["bye"])
    assert desk.sink.discarded == []

"""Sessions whose end got lost are found, and no session ends while media flows."""

import pytest

from rejent.streams.calls.network.sip.message import Headers
from rejent.streams.calls.receiving.siprec.core import Settings
from rejent.streams.calls.receiving.siprec.events import (
    DeviationNoted,
    Ended,
    EndReason,
    StreamPaused,
    StreamResumed,
)
from rejent.streams.calls.receiving.siprec.sdp import Direction
from tests.unit.streams_calls.caller import Caller, described, offer


def why(caller):
    """Why the session ended, if it did."""
    return [one.reason for one in caller.of(Ended)]


def notes(caller):
    """The deviations noted."""
    return [one.deviation for one in caller.of(DeviationNoted)]


def test_the_caller_refreshes():
    """The answer makes the caller the refresher, and each refresh lengthens the session."""
    caller = Caller()
    response = caller.invite(timer="600;refresher=uac")
    assert response.headers.get("Session-Expires") == "600;refresher=uac"
    assert response.headers.get("Require") == "timer"
    caller.wait(500)
    assert caller.ask("UPDATE", timer="600").status == 200
    caller.wait(599)
    assert why(caller) == []
    caller.wait(2)
    assert why(caller) == [EndReason.NOT_REFRESHED]
    assert caller.asked[0].method == "BYE"


def test_no_end_while_media_flows():
    """A session that is not refreshed goes on while packets come, marked, and ends when they cease."""
    caller = Caller()
    caller.invite(timer="100")
    for second in range(90, 400, 10):
        caller.ports.heard = float(second)
        caller.wait(second + 5 - caller.now)
    assert why(caller) == []
    assert notes(caller) == ["not-refreshed"]
    caller.wait(100)
    assert why(caller) == [EndReason.NOT_REFRESHED]


@pytest.mark.parametrize("heard", [None, 30.0])
def test_an_answer_never_confirmed(heard):
    """Without ACK the session ends, unless speech comes all the same."""
    caller = Caller()
    caller.ask("INVITE", offer("sendonly"))
    caller.ports.heard = heard
    caller.wait(40)
    assert why(caller) == ([] if heard else [EndReason.NOT_CONFIRMED])
    assert (["ack-missing"] if heard else []) == notes(caller)
    assert [one.status for one in caller.answers].count(200) == 11


@pytest.mark.parametrize(("status", "ended"), [(200, []), (405, []), (481, [EndReason.VANISHED])])
def test_a_silent_caller_without_timer_is_asked(status, ended):
    """Without session timer a silent caller is asked; one that knows nothing of the session ends it."""
    caller = Caller()
    caller.invite()
    caller.wait(301)
    assert caller.asked[0].method == "OPTIONS"
    caller.reply(caller.asked[0], status)
    assert why(caller) == ended
    assert [one.method for one in caller.asked] == ["OPTIONS"]


def test_a_caller_that_answers_nothing():
    """A caller that answers nothing any more is gone, unless media flows."""
    caller = Caller()
    caller.invite()
    caller.wait(301)
    caller.ports.heard = 302.0
    caller.wait(35)
    assert notes(caller) == []
    assert why(caller) == [EndReason.VANISHED]
    other = Caller()
    other.invite()
    other.wait(301)
    other.ports.heard = 331.0
    other.wait(32)
    assert notes(other) == ["caller-unresponsive"]
    assert why(other) == []


def test_a_caller_that_insists_on_our_refresh():
    """Where the caller insists we refresh by UPDATE at half the interval; a refusal is noted and ends nothing."""
    caller = Caller()
    assert "refresher=uas" in caller.invite(timer="200;refresher=uas").headers.get("Session-Expires")
    caller.wait(100)
    update = caller.asked[0]
    assert update.method == "UPDATE"
    assert update.headers.get("Session-Expires") == "200;refresher=uac"
    caller.reply(update, 200)
    caller.wait(100)
    caller.reply(caller.asked[-1], 500)
    assert notes(caller) == ["refresh-refused"]
    assert why(caller) == []


def test_no_session_lasts_for_ever():
    """A session longer than any call may be is ended."""
    caller = Caller(settings=Settings("198.51.100.1", longest=1000))
    caller.invite()
    caller.ports.heard = 5000.0
    caller.wait(1001)
    assert why(caller) == [EndReason.TOO_LONG]


def test_not_ready_and_ready_again():
    """By re-INVITE we say that we take nothing for a while and then again; its answer counts and is confirmed."""
    caller = Caller()
    caller.invite()
    name = caller.events[0].session
    assert caller.core.set_receiving(name, caller.at, receiving=False)
    caller.collect()
    invite = caller.asked[0]
    assert {one.direction for one in described(invite).media} == {Direction.INACTIVE}
    assert caller.ask("UPDATE").status == 200
    assert caller.ask("INVITE", offer("sendonly", "sendonly")).status == 491
    caller.reply(invite, 200, offer("inactive", "inactive", version=2))
    assert [one.method for one in caller.asked] == ["INVITE", "ACK"]
    assert len(caller.of(StreamPaused)) == 2
    caller.core.set_receiving(name, caller.at, receiving=True)
    caller.collect()
    caller.reply(caller.asked[2], 200, offer("sendonly", "sendonly", version=3))
    assert len(caller.of(StreamResumed)) == 2


def test_two_reinvites_that_met():
    """A re-INVITE of ours that met the caller's is repeated after a short while."""
    caller = Caller()
    caller.invite()
    caller.core.set_receiving(caller.events[0].session, caller.at, receiving=False)
    caller.collect()
    caller.reply(caller.asked[0], 491)
    caller.wait(2)
    assert [one.method for one in caller.asked] == ["INVITE", "ACK", "INVITE"]


def test_answers_to_nothing():
    """An answer to nothing we asked changes nothing."""
    caller = Caller()
    caller.invite()
    stray = caller.request("BYE")
    caller.reply(stray, 481)
    assert why(caller) == []
    assert isinstance(stray.headers, Headers)

"""A caller whom nothing can be written to, or with whom something else goes wrong, keeps nobody from anything: not from an end, either."""

import pytest

from rejent.streams.calls.announcing.session import Outcome
from rejent.streams.calls.network.sip.deadlines import Moment
from rejent.streams.calls.network.sip.dialogs import Dialog
from rejent.streams.calls.receiving.siprec.core import RecordingCore, Settings
from rejent.streams.calls.receiving.siprec.events import Ended, EndReason
from tests.unit.streams_calls.announced_caller import AnnouncedCaller
from tests.unit.streams_calls.caller import Caller
from tests.unit.streams_calls.test_siprec_server import Running, run

UNREADABLE = "<sip:192.0.2.1;lr>" + ";x" * 65
"""More parameters than we read."""


@pytest.mark.parametrize("routes", [(UNREADABLE,), ("<sip:192.0.2.1;lr>", UNREADABLE)])
@pytest.mark.parametrize("make", [Caller, AnnouncedCaller])
def test_way_that_nothing_can_be_sent_back_is_refused(make: type[Caller], routes: tuple[str, ...]) -> None:
    """A Record-Route that cannot be read gets 400 before anything is begun."""
    caller = make()
    request = caller.invite if make is Caller else caller.call
    assert request(extra=[("Record-Route", one) for one in routes]).status == 400
    assert caller.core.sessions == 0
    assert caller.ports.open == set()
    assert caller.events == []


def dialogs(core: RecordingCore) -> list[Dialog]:
    """The dialogs of all sessions, the oldest first."""
    return [one.dialog for one in core._sessions.values()]


def three() -> list[Caller]:
    """Three callers of one server, whose sessions last no longer than a thousand seconds."""
    first = Caller(settings=Settings("198.51.100.1", longest=1000))
    others = [Caller(first.core, ports=first.ports, call_id=name) for name in ("second", "third")]
    for each in (first, *others):
        each.invite()
    return [first, *others]


def test_session_that_nothing_can_be_written_to_ends_like_any_other() -> None:
    """It is told, its ports are given back, and the others get their BYE."""
    first, *_ = three()
    dialogs(first.core)[0].routes = (UNREADABLE,)
    first.core.stop_all(first.at)
    first.collect()
    assert [one.reason for one in first.of(Ended)] == [EndReason.STOPPED] * 3
    assert [one.method for one in first.asked] == ["BYE", "BYE"]
    assert (first.core.sessions, first.ports.open) == (0, set())


def test_session_that_nothing_can_be_written_to_does_not_last_for_ever() -> None:
    """No refresh, no question and no BYE can be sent: it ends when it is due, and so do all others."""
    first, *_ = three()
    dialogs(first.core)[0].routes = (UNREADABLE,)
    first.wait(1000)
    assert [one.reason for one in first.of(Ended)] == [
        EndReason.VANISHED,
        EndReason.VANISHED,
        EndReason.TOO_LONG,
    ]
    assert first.core.sessions == 0


@pytest.mark.parametrize("stopping", [True, False])
def test_fault_in_one_session_keeps_no_other_from_its_end(
    stopping: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever nobody foresaw of one is told once the others are served."""
    first, *_ = three()
    broken = dialogs(first.core)[0].id
    writing = Dialog.request

    def request(dialog: Dialog, *arguments: object) -> object:
        if dialog.id == broken:
            raise RuntimeError
        return writing(dialog, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Dialog, "request", request)
    at = Moment(first.at.wall, 1000.0)
    with pytest.raises(ExceptionGroup):
        first.core.stop_all(at) if stopping else first.core.tick(at)
    first.collect()
    assert len(first.of(Ended)) == 2
    assert first.core.sessions == 0


def test_caller_who_is_announced_and_cannot_be_written_to_is_let_go_with_the_others() -> None:
    """Neither the end of the service nor what is due stops at that one."""
    first = AnnouncedCaller()
    first.call()
    second = AnnouncedCaller(core=first.core, call_id="second")
    second.call()
    dialogs(first.core)[0].routes = (UNREADABLE,)
    first.core.stop_all(first.at)
    first.collect()
    assert [one.outcome for one in first.events] == [Outcome.STOPPED] * 2
    assert first.methods() == ["BYE"]
    assert all(voice.closed for voice in first.voices)


def test_server_closes_whatever_goes_wrong_with_a_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault while its sessions are ended is told in the log, and nobody can call any more."""
    running = Running()

    def broken(_at: Moment) -> None:
        raise RuntimeError

    async def closed() -> None:
        async with running:
            assert running.server.listens
            monkeypatch.setattr(running.core, "stop_all", broken)

    run(closed())
    assert running.server.dropped == {"fault": 1}
    assert running.server._datagrams.is_closing()

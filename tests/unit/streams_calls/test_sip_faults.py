"""A fault of ours is answered, too: with 500, as often as the request comes, and nothing of it stays behind."""

import pytest

from rejent.streams.calls.network.sip.message import read_message
from rejent.streams.calls.receiving.siprec.core import Settings
from rejent.streams.calls.receiving.siprec.events import Ended, EndReason
from rejent.streams.calls.receiving.siprec.sdp import Media, Ports
from tests.unit.streams_calls.announced_caller import OFFER, AnnouncedCaller
from tests.unit.streams_calls.caller import PARTY, Caller, PortsOfTest, metadata, offer
from tests.unit.streams_calls.test_siprec_server import Running, invite, run, udp


class BreakingPorts(PortsOfTest):
    """Ports of which one breaks in a way nobody foresaw, as long as the test says so."""

    def __init__(self, whole: int) -> None:
        super().__init__()
        self.whole = whole

    def allocate(self, session: str, media: Media) -> Ports | None:
        """The next two, or a fault."""
        if self.whole == 0:
            raise RecursionError(media.kind)
        self.whole -= 1
        return super().allocate(session, media)


@pytest.mark.parametrize("whole", [0, 1], ids=["first line", "second line"])
def test_recording_that_cannot_be_begun_is_refused_and_leaves_nothing(whole: int) -> None:
    """The ports of the lines before are given back, nobody is told of a call, and the next one is taken."""
    caller = Caller(ports=BreakingPorts(whole))
    request = caller.request("INVITE", offer("sendonly", "sendonly"))
    with pytest.raises(RecursionError):
        caller.send(request)
    (refused,) = caller.collect()
    assert refused.status == 500
    assert caller.send(request) == [refused]
    assert caller.events == []
    assert (caller.core.sessions, caller.ports.open) == (0, set())
    caller.ports.whole = 2
    assert Caller(caller.core, ports=caller.ports, call_id="next").invite().status == 200
    assert len(caller.ports.open) == 2


def test_change_that_fails_leaves_the_recording() -> None:
    """A re-INVITE that we fail at gets 500, and its session goes on (RFC 3261 §14.1)."""
    caller = Caller(ports=BreakingPorts(1))
    caller.invite(offer("sendonly"), metadata(PARTY))
    with pytest.raises(RecursionError):
        caller.send(caller.request("INVITE", offer("sendonly", "sendonly")))
    assert [one.status for one in caller.collect()] == [500]
    caller.acknowledge()
    assert caller.core.sessions == 1
    assert caller.ask("BYE", required=()).status == 200
    assert caller.ports.open == set()


def test_announcement_that_cannot_be_begun_is_refused_and_leaves_nothing() -> None:
    """The dialplan goes on at once."""
    caller = AnnouncedCaller()
    caller.core._first_answer = None
    request = caller.request("INVITE", OFFER, required=())
    with pytest.raises(TypeError):
        caller.send(request)
    (refused,) = caller.collect()
    assert refused.status == 500
    assert caller.send(request) == [refused]
    assert [voice.closed for voice in caller.voices] == [True]
    assert caller.core.sessions == 0


def test_fault_is_counted_and_its_caller_answered() -> None:
    """On the network, too, the answer goes out, also to the repeated request."""

    async def test() -> None:
        async with Running() as running:
            running.core._ports = BreakingPorts(0)
            channel, caller = await udp(running.server.port)
            for _ in range(2):
                channel.sendto(invite())
                assert read_message(await caller.received.get()).status == 500
            assert running.server.dropped["fault"] == 1
            channel.close()

    run(test())


def test_fault_at_one_deadline_takes_no_other() -> None:
    """Two sessions have lasted as long as any may; one cannot be ended, and the same turn ends the other."""
    first = Caller(settings=Settings("198.51.100.1", longest=60.0))
    first.invite()
    second = Caller(first.core, ports=first.ports, call_id="second")
    second.invite()
    faulty, _ = first.core._sessions.values()
    faulty.streams.close = None
    first.now = 60.0
    with pytest.raises(ExceptionGroup):
        first.core.tick(first.at)
    first.collect()
    assert [one.reason for one in first.of(Ended)] == [EndReason.TOO_LONG]

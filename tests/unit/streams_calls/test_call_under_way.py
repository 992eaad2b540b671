"""One call from what its session tells to what is kept of it, whatever happens between answer and beginning."""

import socket
import struct
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from rejent.formats.matroska import manifest
from rejent.formats.matroska.rows import Row
from rejent.kernel.clock import ManualClock
from rejent.recording.contract import GeneralCause
from rejent.recording.steady_time import SteadyTime
from rejent.streams.calls.catalog.lines.addresses import StatedLine, line_address
from rejent.streams.calls.network.rtp.ports import MediaPort, PortPairs
from rejent.streams.calls.network.rtp.receiver import Receiver
from rejent.streams.calls.receiving.siprec.bodies import METADATA, SDP
from rejent.streams.calls.receiving.siprec.events import Begun, Ended, StreamRemoved
from rejent.streams.calls.receiving.siprec.sdp import Description, Media, Ports
from rejent.streams.calls.recorder.line import AdmittedCall, Line, LineOrder
from rejent.streams.calls.recorder.parties import MAX_LEGS, parties, possible_ways
from rejent.streams.calls.recorder.siprec_call import SiprecCall
from tests.unit.streams_calls.caller import START, Caller, described, metadata, offer, write_parts
from tests.unit.streams_calls.mirror_traffic import KeepingLineSink, KeptBooks
from tests.unit.streams_calls.rtp_legs import packet
from tests.unit.streams_calls.test_rtp_receiver import HOST, free_range

PARTIES = "".join(
    f'<participant participant_id="p{number}"><nameID aor="tel:{told}"/></participant>'
    for number, told in enumerate(("+48600100200", "+48748410001"))
)
DEVICE = "192.0.2.10"
"""Where sessions come from."""
EVENTS = "a=rtpmap:101 telephone-event/8000\r\n"
FIRST, SECOND = '<session session_id="s1"/>', '<session session_id="s2"><group-ref>g1</group-ref></session>'


class Desk:
    """A line with one caller, real ports, and time that goes on when it is told to.

    Args:
        media: where the caller says that its packets come from.
        callers: who may hand calls over.
        refusal: the digit that refuses.
        key: with which the caller encrypts.
    """

    def __init__(
        self,
        media: str = DEVICE,
        callers: tuple[str, ...] = (DEVICE,),
        refusal: str | None = None,
        key: str = "",
    ) -> None:
        self._media, self._key = media, key
        self.clock = ManualClock(START)
        steady = SteadyTime(self.clock)
        self.pairs = PortPairs(HOST, *free_range(), self.clock)
        self.receiver = Receiver(steady, self.pairs, lambda: 0)
        self.sink, self.books = KeepingLineSink(), KeptBooks()
        stated = StatedLine(
            siprec="127.0.0.1:5060", numbers=("+48 74 841",), callers=callers, refusal=refusal
        )
        self.line = Line(
            LineOrder("line", line_address(stated), frozenset({"incoming"})), self.sink, steady.now
        )  # type: ignore[arg-type]  # one of sessions
        self.caller = Caller(ports=self)
        self.opened: list[MediaPort] = []
        self._sockets: dict[int, MediaPort] = {}
        self.refused: set[str] = set()
        """Numbers as they are told that refused."""
        self._told = 0
        self.call: SiprecCall | None = None

    @property
    def free(self) -> int:
        """Pairs that are left."""
        return self.pairs.free

    def allocate(self, session: str, media: Media) -> Ports:
        """The next pair."""
        assert (session, media.kind) != ("", "")
        taken = self.pairs.take()
        self.opened.append(taken)
        self._sockets[taken.number] = taken
        return Ports(HOST, taken.number, taken.number + 1)

    def release(self, ports: Ports) -> None:
        """Give a pair back that no call took over."""
        if (taken := self._sockets.pop(ports.rtp, None)) is not None:
            self.pairs.give_back(taken)

    def invite(self, *sessions: str) -> None:
        """Somebody calls."""
        self.caller.invite(self._offer("sendonly", "sendonly"), metadata(PARTIES + "".join(sessions)))
        self.hear()

    def change(self, *sessions: str, mode: str = "complete") -> None:
        """The session says that it carries other calls, a minute later."""
        self.wait(60)
        parts = [
            (SDP, "", self._offer("sendonly", "sendonly")),
            (METADATA, "recording-session", metadata("".join(sessions), mode)),
        ]
        media_type, body = write_parts(parts, "b")
        assert self.caller.ask("INVITE", body, media_type).status == 200
        self.caller.acknowledge()
        self.hear()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(seconds=seconds))
        self.caller.now = self.clock.monotonic()
        self.receiver.turn()

    def hear(self) -> None:
        """Hand on what the session told; what became of removed streams follows, as the door has it."""
        fresh, self._told = self.caller.events[self._told :], len(self.caller.events)
        over = any(isinstance(event, Ended) for event in fresh)
        for event in fresh:
            if isinstance(event, Begun):
                stated = parties(event, event.metadata)
                ways = possible_ways(stated, self.line.order.address.numbers)
                self.call = SiprecCall(
                    AdmittedCall(self.line, stated, ways), event, receiver=self.receiver, ports=self._sockets.pop,
                    books=self.books, end_session=lambda: None, is_refused=self.refused.intersection, later=lambda work: work(),
                )  # fmt: skip
            elif self.call is not None:
                self.call.take(event)
        for event in fresh:
            if isinstance(event, StreamRemoved) and self.call is not None and not over:
                self.call.stream_removed(event.stream, self.receiver.instant(event.at.monotonic))

    def offer(self, *directions: str, version: int, labels: tuple[str, ...] | None = None) -> Description:
        """The session offers its lines anew; what is answered."""
        answer = self.caller.ask("INVITE", self._offer(*directions, version=version, labels=labels), SDP)
        self.caller.acknowledge()
        self.hear()
        return described(answer)

    def _offer(self, *directions: str, version: int = 1, labels: tuple[str, ...] | None = None) -> bytes:
        secured = {"protocol": "RTP/SAVP", "extra": f"{EVENTS}a=crypto:{self._key}\r\n"} if self._key else {}
        text: bytes = offer(
            *directions, version=version, formats="8 101", labels=labels, **{"extra": EVENTS} | secured
        )
        return text.replace(DEVICE.encode(), self._media.encode())

    def end(self) -> None:
        """The caller says that it is over, and all that is due is done."""
        self.caller.ask("BYE")
        self.hear()

    def begin(self) -> None:
        """The call's turn to begin has come."""
        assert self.call is not None
        self.call.start()


def test_a_call_that_was_over_before_it_was_begun_is_entered_with_its_end() -> None:
    """It is begun at the instant of its INVITE all the same, and nothing of it stays open."""
    desk = Desk()
    free = desk.pairs.free
    desk.invite(FIRST)
    desk.end()
    assert desk.books.begun == []
    desk.begin()
    desk.wait(1)
    desk.wait(1)
    (begun,), (ended,) = desk.books.begun, desk.books.ended
    assert (begun.start, ended[0], ended[2]) == (START, begun.id, "bye")
    assert desk.sink.objects[0].reader.manifest["final"]  # type: ignore[index]  # there is one
    desk.wait(60)
    assert desk.pairs.free == free


def test_a_call_that_cannot_be_stored_after_it_was_answered_has_its_gap_from_its_answer_on() -> None:
    """The line takes no more, and says from when on nothing was stored; the ports are given back at the call's end."""
    desk = Desk()
    desk.sink.gone = True
    desk.invite(FIRST)
    desk.wait(0.2)
    desk.begin()
    assert desk.line.cause is GeneralCause.STORAGE_FAILED
    assert [gap[0] for gap in desk.sink.gaps] == [START]
    assert desk.sink.objects == []
    desk.end()
    desk.wait(1)
    desk.wait(1)
    assert {port.media.fileno() for port in desk.opened} == {-1}


@pytest.mark.parametrize("mode", ["complete", "partial"])
def test_calls_that_follow_each_other_in_one_session_are_told(mode: str) -> None:
    """The manifest says from when on the session named which calls, and which of them make a group."""
    desk = Desk()
    desk.invite(FIRST)
    desk.begin()
    stopped = (
        '<session session_id="s1"><stop-time>2026-03-02T08:16:00Z</stop-time></session>'
        if mode == "partial"
        else ""
    )
    desk.change(stopped, SECOND, mode=mode)
    desk.change(stopped, SECOND, mode=mode)
    desk.end()
    desk.wait(1)
    desk.wait(1)
    assert desk.sink.objects[0].reader.manifest["sessions"] == [  # type: ignore[index]  # there is one
        {"from": "2026-03-02T08:15:00.000000000Z", "calls": [{"id": "s1", "group": ""}]},
        {"from": "2026-03-02T08:16:00.000000000Z", "calls": [{"id": "s2", "group": "g1"}]},
    ]


def test_calls_without_end_are_told_up_to_a_bound() -> None:
    """A session that names other calls in each message makes no manifest without end, and loses nothing of its sound by it."""
    desk = Desk()
    desk.invite(FIRST)
    desk.begin()
    for number in range(30):
        desk.change(*(f'<session session_id="s{number}-{each}"/>' for each in range(60)))
    desk.end()
    desk.wait(1)
    desk.wait(1)
    manifest = desk.sink.objects[-1].reader.manifest
    assert manifest["final"]  # type: ignore[index]  # there is one
    told = [1 + len(each["calls"]) for each in manifest["sessions"]]  # type: ignore[index]
    assert (len(told), sum(told)) == (17, 2 + 16 * 61)


def test_a_session_of_one_call_tells_of_no_change() -> None:
    """Nor does one whose caller says later who talks."""
    desk = Desk()
    desk.invite()
    desk.begin()
    desk.change(PARTIES, FIRST)
    desk.end()
    desk.wait(1)
    desk.wait(1)
    assert "sessions" not in desk.sink.objects[0].reader.manifest  # type: ignore[operator]  # there is one


def speak(party: socket.socket, port: MediaPort, count: int, *, ssrc: int = 5, first: int = 0) -> None:
    """Somebody sends speech to a leg."""
    for number in range(first, first + count):
        party.sendto(packet(number, 160 * number, ssrc=ssrc), (HOST, port.number))


@pytest.fixture
def party() -> Iterator[socket.socket]:
    """The socket of who speaks, where the session says."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind((HOST, 0))
        yield made


@pytest.mark.parametrize(("called", "most"), [(lambda _: "2", 2), (str, MAX_LEGS)])
def test_lines_that_come_and_go_end_neither_the_call_nor_its_recording(
    called: Callable[[int], str], most: int, party: socket.socket
) -> None:
    """However often a line is taken out and put back, by the same label or each time by another, what comes on either is kept as sound."""
    desk = Desk(HOST, (DEVICE, HOST))
    free = desk.pairs.free
    desk.invite(FIRST)
    desk.begin()
    for round_ in range(2, 270):
        desk.offer("sendonly", "", version=2 * round_)
        desk.wait(61)
        labels = ("1", called(round_))
        assert desk.offer("sendonly", "sendonly", version=2 * round_ + 1, labels=labels).media[1].port
    for port in (desk.opened[0], desk.opened[-1]):
        speak(party, port, 30)
    desk.wait(0.2)
    desk.end()
    desk.wait(1)
    desk.wait(1)
    kept = [each.leg for one in desk.sink.objects for each in one.reader.packets()]
    assert sorted(kept) == [0] * 30 + [most - 1] * 30
    assert f"leg {most} PCMA".encode() in desk.sink.objects[-1].opening.init
    told = desk.sink.objects[-1].reader.manifest
    assert told is not None
    assert [leg["packets"] for leg in told["legs"]] == [{"speech": 30}, *[{}] * (most - 2), {"speech": 30}]
    assert [why for _, _, why in desk.books.ended] == ["bye"]
    desk.wait(61)
    assert desk.pairs.free == free


def test_a_line_that_comes_back_goes_on_with_its_leg(party: socket.socket) -> None:
    """What waits at its former ports is taken first, and counts go on."""
    desk = Desk(HOST, (DEVICE, HOST))
    desk.invite(FIRST)
    desk.begin()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.66", 0))
        speak(party, desk.opened[1], 10)
        speak(stranger, desk.opened[1], 3)
        desk.wait(0.1)
        desk.offer("sendonly", "", version=2)
        speak(party, desk.opened[1], 5, first=10)
        desk.clock.advance(timedelta(seconds=0.1))
        desk.offer("sendonly", "sendonly", version=3)
        speak(party, desk.opened[2], 10, first=15)
        speak(stranger, desk.opened[2], 2)
        desk.wait(0.1)
        assert desk.opened[1].media.fileno() == -1
    desk.end()
    desk.wait(1)
    desk.wait(1)
    kept = [each for one in desk.sink.objects for each in one.reader.packets()]
    sent = [packet(number, 160 * number, ssrc=5) for number in range(25)]
    assert [(each.leg, each.datagram) for each in kept] == [(1, each) for each in sent]
    told = desk.sink.objects[-1].reader.manifest
    assert told is not None
    assert [leg["refused"] for leg in told["legs"]] == [0, 5]
    assert (told["legs"][1]["packets"], told["legs"][1]["lost"]) == ({"speech": 25}, 0)


def test_a_call_whose_rows_cannot_be_written_is_closed_and_entered_and_its_ports_are_given_back(
    party: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours in one call keeps nothing of it in memory; what was stored before stays, and so does what comes after."""
    desk = Desk(HOST, (DEVICE, HOST))
    free = desk.pairs.free
    desk.invite(FIRST)
    desk.begin()
    speak(party, desk.opened[0], 10)
    desk.wait(0.6)

    def fails(_row: Row) -> bytes:
        raise struct.error

    with monkeypatch.context() as broken:
        broken.setattr(Row, "encoded", fails)
        speak(party, desk.opened[0], 10, first=10)
        desk.wait(0.6)
        desk.wait(0.6)
        assert desk.call is not None
        assert desk.call._recording is not None
        assert desk.call._recording._rows == []
        speak(party, desk.opened[0], 10, first=20)
        desk.end()
        desk.wait(1)
        desk.wait(1)
    (stored,) = desk.sink.objects
    assert [each.datagram for each in stored.reader.packets()] == [
        packet(number, 160 * number, ssrc=5) for number in range(10)
    ]
    assert stored.reader.manifest is not None
    assert [why for _, _, why in desk.books.ended] == ["bye"]
    desk.wait(61)
    assert desk.pairs.free == free


def test_a_call_of_which_no_manifest_can_be_made_is_closed_all_the_same(
    party: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was heard is there, without the account of it; the call has its end, and its ports are given back."""
    desk = Desk(HOST, (DEVICE, HOST))
    desk.invite(FIRST)
    desk.begin()
    speak(party, desk.opened[0], 10)
    desk.wait(0.6)

    def fails(*_told: object) -> bytes:
        raise ValueError

    monkeypatch.setattr(manifest, "encoded", fails)
    desk.end()
    desk.wait(1)
    desk.wait(1)
    (stored,) = desk.sink.objects
    assert stored.ending is not None
    assert (len(list(stored.reader.packets())), stored.reader.manifest) == (10, None)
    assert [why for _, _, why in desk.books.ended] == ["bye"]
    assert {port.media.fileno() for port in desk.opened} == {-1}

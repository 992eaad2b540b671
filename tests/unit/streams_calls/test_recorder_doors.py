"""The recorder of calls opens and closes the addresses at which calls are handed over."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from rejent.kernel.clock import SystemClock
from rejent.recording.contract import GeneralCause
from rejent.streams.calls.catalog.lines.addresses import StatedLine, line_address
from rejent.streams.calls.catalog.lines.parts import LineCause
from rejent.streams.calls.network.rtp.receiver import Receiver, SignallingPriority
from rejent.streams.calls.network.sip.message import Request, Response, read_message, write_message
from rejent.streams.calls.receiving.siprec import server
from rejent.streams.calls.receiving.siprec.bodies import METADATA, SDP
from rejent.streams.calls.recorder.engine import CallsRecorder
from rejent.streams.calls.recorder.line import LineOrder
from rejent.streams.calls.recorder.siprec_endpoint import SiprecEndpoint
from tests.ports import free_port
from tests.unit.streams_calls.caller import Caller, metadata, offer, write_parts
from tests.unit.streams_calls.mirror_traffic import KeepingLineSink, KeptBooks
from tests.unit.streams_calls.test_call_under_way import PARTIES
from tests.unit.streams_calls.test_rtp_receiver import free_range
from tests.waiting import CEILING_S, until

HOST = "127.0.0.5"


class Sink(KeepingLineSink):
    """A sink that takes gaps, too."""

    def gap(self, *_: object) -> None:
        """Nobody asks."""

    def clock_stepped(self, *_: object) -> None:
        """Nobody asks."""


class Office:
    """A recorder on free addresses of this machine, in a thread of its own as the program has it."""

    def __init__(self) -> None:
        clock, self.off_by = SystemClock(), timedelta()
        self.books = KeptBooks()
        self.recorder = CallsRecorder(
            Sink(),
            clock,
            self.books,
            free_range(),
            answering=SignallingPriority(clock),  # type: ignore[arg-type]  # as far as it is asked
            off_by=lambda: self.off_by,
        )
        self.thread = threading.Thread(target=self.recorder.run)
        self.thread.start()

    def add(self, name: str, port: int, rtp_ports: str = "") -> None:
        """Record a line, and wait until it can be called."""
        stated = StatedLine(
            siprec=f"{HOST}:{port}", numbers=("+48 74 841",), callers=("127.0.0.0/8",), rtp_ports=rtp_ports
        )
        self.recorder.add(LineOrder(name, line_address(stated), frozenset({"incoming"})), None)
        until(lambda: any(one.source_id == name for one in self.recorder.statuses()))

    def stop(self) -> None:
        """End it."""
        self.recorder.stop()
        self.thread.join(CEILING_S)


@pytest.fixture
def office() -> Iterator[Office]:
    """A recorder, ended afterwards."""
    made = Office()
    yield made
    if made.thread.is_alive():
        made.stop()


def test_recorder_stops_whatever_goes_wrong_at_one_address(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other addresses are closed, every call is finished, and no thread stays behind."""
    closed: list[SiprecEndpoint] = []
    closing = SiprecEndpoint.close

    async def close(door: SiprecEndpoint) -> None:
        closed.append(door)
        await closing(door)
        if len(closed) == 1:
            raise RuntimeError

    monkeypatch.setattr(SiprecEndpoint, "close", close)
    office.add("line", free_port())
    office.add("other", free_port())
    office.stop()
    assert len(closed) == 2
    assert not office.thread.is_alive()
    assert not [one for one in threading.enumerate() if one.name == f"receiving-{HOST}"]


def test_an_address_is_opened_with_its_line(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who calls as soon as somebody listens is not told that nobody may call."""
    heard: list[bool] = []
    listens = SiprecEndpoint._listens

    async def listen(door: SiprecEndpoint) -> bool:
        heard.append(HOST in door)
        return await listens(door)

    monkeypatch.setattr(SiprecEndpoint, "_listens", listen)
    office.add("line", free_port())
    assert heard == [True]


def hand_over(device: socket.socket, call_id: str) -> tuple[Caller, int]:
    """A call of somebody to us, as it is handed over by UDP; who hands it over, and the status of the answer."""
    caller, told = answered(device, call_id)
    return caller, told.status


def answered(device: socket.socket, call_id: str) -> tuple[Caller, Response]:
    """The same, and what is answered."""
    caller = Caller(call_id=call_id)
    parts = [(SDP, "", offer("sendonly")), (METADATA, "recording-session", metadata(PARTIES))]
    media_type, body = write_parts(parts, "b")
    told = ask(device, caller.request("INVITE", body, media_type))
    if told.status == 200:
        caller.tag = (told.headers.get("To") or "").rpartition("tag=")[2]
        ack = caller.request("ACK", sequence=1, required=(), branch="z9hG4bKack")
        device.send(write_message(ack))
    return caller, told


def ask(device: socket.socket, request: Request) -> Response:
    """The answer to a request."""
    device.send(write_message(request))
    while True:
        told = read_message(device.recv(65_535))
        if isinstance(told, Response) and told.sequence == (request.sequence, request.method):
            return told


def is_free(port: int) -> bool:
    """Whether nobody has a port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def test_address_of_a_line_that_was_removed_is_closed_after_its_last_call(office: Office) -> None:
    """Until then its caller is heard, for what it says of that call alone; afterwards the address is anybody's."""
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        device.settimeout(CEILING_S)
        device.connect((HOST, port))
        office.add("line", port)
        caller, status = hand_over(device, "first")
        assert status == 200
        until(lambda: office.books.begun)
        office.recorder.remove("line")
        until(lambda: not office.recorder.statuses())
        assert hand_over(device, "second")[1] == 503
        assert not is_free(port)
        assert ask(device, caller.request("BYE", required=())).status == 200
        until(lambda: is_free(port))
        until(lambda: office.books.ended)


def test_a_call_for_which_there_is_no_room_is_a_gap_of_its_line_until_one_ends(office: Office) -> None:
    """The refusal leaves a trace: the line says that it has no room, from then until a call ends, and takes calls again."""
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        device.settimeout(CEILING_S)
        device.connect((HOST, port))
        office.add("line", port)
        caller, status = hand_over(device, "first")
        number = 0
        while status == 200:
            number += 1
            _, status = hand_over(device, f"further {number}")
        assert (status, number) == (503, 10)
        until(lambda: office.recorder.statuses()[0].cause is LineCause.NO_ROOM)
        assert ask(device, caller.request("BYE", required=())).status == 200
        until(lambda: not office.recorder.statuses()[0].cause)
        assert hand_over(device, "another")[1] == 200


def test_a_line_with_ports_of_its_own_takes_its_speech_there_and_runs_out_alone(office: Office) -> None:
    """Two pairs, both within its range; a third call is refused, and only that line says that it has no room."""
    first, last = four_ports()
    own, common = free_port(), free_port()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        for one, port in ((device, own), (other, common)):
            one.settimeout(CEILING_S)
            one.connect((HOST, port))
        office.add("own", own, f"{first}-{last}")
        office.add("common", common)
        for call in ("first", "second"):
            told = answered(device, call)[1]
            assert told.status == 200
            ports = [
                int(line.split()[1]) for line in told.body.decode().splitlines() if line.startswith("m=")
            ]
            assert ports
            assert all(first <= port < last for port in ports)
        assert hand_over(device, "third")[1] == 503
        until(lambda: {one.source_id: one.cause for one in office.recorder.statuses()}["own"])
        causes = {one.source_id: one.cause for one in office.recorder.statuses()}
        assert causes == {"own": LineCause.NO_ROOM, "common": GeneralCause.NONE}
        office.recorder.hinder("common", GeneralCause.NONE)
        assert hand_over(other, "elsewhere")[1] == 200
        assert {one.source_id: one.cause for one in office.recorder.statuses()} == causes


def held_ports() -> set[int]:
    """The ports of UDP that this process holds at the address, as the kernel lists them."""
    own = set()
    for each in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            own.add(str(each.readlink()))
    address = socket.inet_aton(HOST)[::-1].hex().upper()
    rows = [line.split() for line in Path("/proc/self/net/udp").read_text().splitlines()[1:]]
    return {
        int(row[1].partition(":")[2], 16)
        for row in rows
        if row[1].startswith(address) and f"socket:[{row[9]}]" in own
    }


def test_ports_are_open_ahead_within_the_ranges_of_lines_alone(office: Office) -> None:
    """The common range is the range of lines that have none: where there is no such line, nothing of it is held."""
    (first, last), port = four_ports(), free_port()
    office.add("own", port, f"{first}-{last}")
    until(lambda: held_ports() & set(range(first, last + 1)))
    assert held_ports() - {port} <= set(range(first, last + 1))
    office.add("common", free_port())
    until(lambda: len(held_ports()) > 4)
    office.recorder.remove("common")
    office.recorder.remove("own")
    until(lambda: not held_ports())


def four_ports() -> tuple[int, int]:
    """The first and the last of four ports that nobody has, the first even."""
    first, last = free_range()
    return next(
        (even, even + 3)
        for even in range(first + first % 2, last - 3, 2)
        if all(map(is_free, range(even, even + 4)))
    )


def test_a_recorder_that_begins_after_a_step_of_the_clock_goes_on_in_the_time_before_it(
    office: Office,
) -> None:
    """Its calls are dated by the believed time, as the pictures of cameras are."""
    port, office.off_by = free_port(), timedelta(hours=1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        device.settimeout(CEILING_S)
        device.connect((HOST, port))
        office.add("line", port)
        assert hand_over(device, "first")[1] == 200
        until(lambda: office.books.begun)
    assert timedelta(minutes=59) < SystemClock().now() - office.books.begun[0].start < timedelta(minutes=61)


def test_a_machine_that_does_not_keep_up_refuses_further_calls(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole new ones, with 503, before current ones lose packets; the line says so until the machine keeps up again."""
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        device.settimeout(CEILING_S)
        device.connect((HOST, port))
        office.add("line", port)
        with monkeypatch.context() as busy:
            busy.setattr(Receiver, "is_overloaded", True)
            assert hand_over(device, "one too many")[1] == 503
            until(lambda: office.recorder.statuses()[0].cause is LineCause.OVERLOADED)
        office.recorder.hinder("line", GeneralCause.NONE)
        until(lambda: not office.recorder.statuses()[0].cause)
        assert hand_over(device, "another")[1] == 200


def test_calls_given_up_while_the_recorder_stood_still_are_none(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of INVITEs that waited those whose callers still know of them are calls; the others leave no entry, and give their ports back."""
    monkeypatch.setattr(server, "BACKLOG_S", CEILING_S)
    port = free_port()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone,
    ):
        for one in (device, gone):
            one.settimeout(CEILING_S)
            one.connect((HOST, port))
        office.add("line", port)
        (endpoint,) = office.recorder._endpoints.values()
        endpoint._server._pulsed -= 2 * server.STOOD_STILL_S
        caller = Caller(call_id="given up")
        parts = [(SDP, "", offer("sendonly")), (METADATA, "recording-session", metadata(PARTIES))]
        media_type, body = write_parts(parts, "b")
        told = ask(gone, caller.request("INVITE", body, media_type))
        assert told.status == 200
        caller.tag = (told.headers.get("To") or "").rpartition("tag=")[2]
        known, status = hand_over(device, "still there")
        assert status == 200
        until(lambda: office.books.begun)
        assert ask(gone, caller.request("BYE", required=())).status == 200
        assert ask(device, known.request("BYE", required=())).status == 200
        until(lambda: office.books.ended)
        until(lambda: not endpoint.calls)
    assert len(office.books.begun) == len(office.books.ended) == 1
    assert not endpoint._sockets

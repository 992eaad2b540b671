"""Soak: a simulated day of calls, from INVITE to BYE, through the recorder's own code, without growth.

Signalling core, calls, reception over real sockets, sealing, catalogue and keepers are those of the program; only the
clock is simulated. Calls follow one another, several at once; some are refused by a key, some pause, some end without
BYE. Every packet must be booked, every file descriptor returned, and ``fsck`` find nothing; the process's memory is
printed each hour and may not grow after the first six.

``python -m benchmarks.calls_soak [--hours 24] [--every 20] [--lasts 60]``
"""

import argparse
import gc
import os
import secrets
import socket
import struct
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rejent.recording.steady_time import SteadyTime
from rejent.streams.calls.network.rtp.ports import MediaPort, PortPairs, allow_open_files
from rejent.streams.calls.network.rtp.receiver import Receiver
from rejent.streams.calls.network.sip.deadlines import Moment
from rejent.streams.calls.network.sip.flow import Flow
from rejent.streams.calls.network.sip.message import Response, read_message
from rejent.streams.calls.receiving.siprec.core import RecordingCore, Settings
from rejent.streams.calls.receiving.siprec.events import Begun, Ended, Event
from rejent.streams.calls.receiving.siprec.sdp import Media, Ports
from rejent.streams.calls.recorder.line import Line, LineOrder
from rejent.streams.calls.recorder.parties import parties, possible_ways
from rejent.streams.calls.recorder.siprec_call import AdmittedCall, SiprecCall

HOST, PEER = "127.0.0.1", Flow("udp", "127.0.0.1", 5062)
FIRST_PORT, LAST_PORT = 20_000, 21_999
STEP = timedelta(seconds=0.2)
PACKETS_A_STEP = 2
"""Packets of each party a step: sparse speech of ten a second."""
SETTLED_H = 6
"""Hours after which nothing may grow."""
MOST_GROWTH_MIB = 8.0
REFUSES, LOSES_ITS_BYE, PAUSES = 50, 40, 10
"""One call in so many does so."""
SILENCE = bytes(160)


class Switchboard:
    """A recorder without threads, stepped by hand; also the `MediaPorts` of its sessions."""

    def __init__(self, line: Line, books: Any, clock: Any) -> None:
        self._line, self._books, self._clock = line, books, clock
        self._steady = SteadyTime(clock)
        self.pairs = PortPairs(HOST, FIRST_PORT, LAST_PORT, clock)
        self.receiver = Receiver(self._steady, self.pairs)
        self.calls: dict[str, SiprecCall] = {}
        self.opened: list[MediaPort] = []
        """Sockets of the call being invited."""
        self._sockets: dict[int, MediaPort] = {}
        self._admitted: AdmittedCall | None = None
        self._later: list[Callable[[], object]] = []
        self.core = RecordingCore(Settings(HOST), self, secrets.token_bytes, self._admission)

    @property
    def free(self) -> int:
        """Count the free pairs."""
        return self.pairs.free

    def allocate(self, session: str, media: Media) -> Ports:  # noqa: ARG002 - the form of `MediaPorts`
        """Return two open ports."""
        taken = self.pairs.take()
        self._sockets[taken.number] = taken
        self.opened.append(taken)
        return Ports(HOST, taken.number, taken.number + 1)

    def release(self, ports: Ports) -> None:
        """Release the ports of a stream."""
        taken = self._sockets.pop(ports.rtp, None)
        if taken is not None:
            self.pairs.give_back(taken)

    def last_packet_at(self, session: str) -> float | None:
        """Return nothing: the session timer alone ends calls that lost their BYE."""
        return None if session else 0.0

    def says(self, message: str) -> list[Response]:
        """Return the core's answers."""
        self.core.receive(message.encode(), PEER, self._moment())
        return self._responses()

    def step(self) -> None:
        """Advance the clock one step."""
        self._clock.advance(STEP)
        self.core.tick(self._moment())
        self._responses()
        self.receiver.turn()
        later, self._later = self._later, []
        for work in later:
            work()

    def _do_later(self, work: Callable[[], object]) -> None:
        self._later.append(work)

    def _moment(self) -> Moment:
        return Moment(self._clock.now(), self._clock.monotonic())

    def _responses(self) -> list[Response]:
        for event in self.core.take_events():
            self._take(event)
        messages = [read_message(outgoing.data) for outgoing in self.core.take_outgoing()]
        return [each for each in messages if isinstance(each, Response)]

    def _admission(self, begun: Begun) -> int:
        stated = parties(begun, begun.metadata)
        self._admitted = AdmittedCall(
            self._line, stated, possible_ways(stated, self._line.order.address.numbers)
        )
        return 0

    def _take(self, event: Event) -> None:
        if isinstance(event, Begun) and self._admitted is not None:
            call = self.calls[event.session] = SiprecCall(
                self._admitted,
                event,
                receiver=self.receiver,
                ports=self._sockets.pop,
                books=self._books,
                end_session=lambda: self._do_later(lambda: self.core.stop(event.session, self._moment())),
                is_refused=lambda _: False,
                later=self._do_later,
            )
            self._do_later(call.start)
        elif event.session in self.calls:
            self.calls[event.session].take(event)
            if isinstance(event, Ended):
                del self.calls[event.session]


class SpokenCall:
    """One call of the exchange: two parties who speak until it ends."""

    def __init__(self, board: Switchboard, number: int, out: socket.socket) -> None:
        self._board, self._out = board, out
        self.number, self.name, self.sent, self.said = number, secrets.token_hex(8), 0, 0
        board.opened.clear()
        self._to = ""
        answers = board.says(self._message("INVITE", 1, _description(), "application/sdp"))
        answer = next(each for each in answers if each.status == 200)
        self._to = (answer.headers.get("To") or "").rpartition(";tag=")[2]
        self._ports = [port.number for port in board.opened]
        board.says(self._message("ACK", 1))

    def speak(self) -> None:
        """Send a few packets of both; the refusing caller presses the key in the middle."""
        for _ in range(PACKETS_A_STEP):
            for leg, port in enumerate(self._ports):
                head = struct.pack(">BBHII", 0x80, 8, self.said & 0xFFFF, 160 * self.said, leg + 1)
                self._out.sendto(head + SILENCE, (HOST, port))
                self.sent += 1
            self.said += 1

    def refuse(self) -> None:
        """Press the caller's key."""
        head = struct.pack(">BBHII", 0x80, 101, self.said & 0xFFFF, 160 * self.said, 1)
        self._out.sendto(head + bytes((9, 10, 0, 160)), (HOST, self._ports[0]))
        self.said += 1

    def pause(self) -> None:
        """Put both on hold, and resume at once."""
        for sequence, direction in ((2, "inactive"), (3, "sendonly")):
            body = _description(direction)
            self._board.says(self._message("INVITE", sequence, body, "application/sdp"))
            self._board.says(self._message("ACK", sequence))

    def end(self) -> None:
        """End the call."""
        self._board.says(self._message("BYE", 9))

    def _message(self, method: str, sequence: int, body: str = "", kind: str = "") -> str:
        tag = f";tag={self._to}" if self._to else ""
        caller = f"+4810777{self.number % 10_000:04d}"
        return (
            f"{method} sip:rec@{HOST} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {HOST}:5062;branch=z9hG4bK{self.name}{method[0]}{sequence}\r\n"
            f"From: <sip:{caller}@{HOST}>;tag=a\r\nTo: <sip:+48105550100@{HOST}>{tag}\r\n"
            f"Call-ID: {self.name}\r\nCSeq: {sequence} {method}\r\n"
            f"Contact: <sip:pbx@{HOST}:5062>;+sip.src\r\nRequire: siprec\r\nMax-Forwards: 70\r\n"
            f"Supported: timer\r\nSession-Expires: 120;refresher=uac\r\n"
            + (f"Content-Type: {kind}\r\n" if kind else "")
            + f"Content-Length: {len(body)}\r\n\r\n{body}"
        )


def _description(direction: str = "sendonly") -> str:
    lines = "".join(
        f"m=audio {9000 + 2 * leg} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
        f"a={direction}\r\na=label:{leg}\r\n"
        for leg in (1, 2)
    )
    return f"v=0\r\no=pbx 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n{lines}"


def held() -> tuple[float, int]:
    """Return memory in MiB and open files."""
    gc.collect()
    status = Path("/proc/self/status").read_text()
    size = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
    return size / 1024, len(list(Path("/proc/self/fd").iterdir()))


class Day:
    """So many hours of calls at fixed intervals.

    Attributes:
        wanted: packets that must be booked.
        hours: memory and files at the end of each.
    """

    def __init__(self, board: Switchboard, given: argparse.Namespace) -> None:
        self.wanted, self.hours = 0, list[tuple[float, int]]()
        self._board, self._given = board, given
        self._every, self._lasts = (_steps(seconds=each) for each in (given.every, given.lasts))
        self._running: list[tuple[int, SpokenCall]] = []
        self._begun = 0

    def run(self, sink: Any, keep: Any) -> None:
        """Run the calls, with a keeper's round each hour."""
        last = self._given.hours * _steps(hours=1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            for step in range(last):
                if step % self._every == 0 and step + self._lasts < last:
                    self._running.append((step, SpokenCall(self._board, self._begun, out)))
                    self._begun += 1
                self._board.step()
                self._running = [one for one in self._running if self._goes_on(one[1], step - one[0])]
                if step % _steps(minutes=1) == 0:
                    sink.settle()
                if (step + 1) % _steps(hours=1) == 0:
                    keep()
                    self.hours.append(held())
            for _ in range(_steps(minutes=5)):
                self._board.step()
        sink.settle()

    def _goes_on(self, call: SpokenCall, age: int) -> bool:
        """Step one call by its age in steps; return False once it has ended."""
        middle = self._lasts // 2
        if call.number % REFUSES == 1:
            if age < middle:
                call.speak()
            elif age == middle:
                call.refuse()
            return age <= middle + _steps(seconds=1)
        if age >= self._lasts:
            self.wanted += call.sent
            if call.number % LOSES_ITS_BYE != 2:
                call.end()
            return False
        if age == middle and call.number % PAUSES == 3:
            call.pause()
        call.speak()
        return True


def _steps(**span: float) -> int:
    return round(timedelta(**span) / STEP)


def main() -> int:
    """Run the day; return 0 only if every packet is booked, nothing grew and nothing is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--every", type=int, default=20, help="seconds from one call to the next")
    parser.add_argument("--lasts", type=int, default=60, help="seconds that a call lasts")
    given = parser.parse_args()
    allow_open_files()
    start = datetime(2026, 5, 1, 4, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["REJENT_CLOCK"] = start.isoformat()
        from rejent.ops.commands.init import create

        create(Path(folder) / "office", "walbrzych-mops", test=True)
        return soaked(given, start)


def soaked(given: argparse.Namespace, start: datetime) -> int:
    """Run the day in an existing office."""
    from django.conf import settings
    from django.db.models import Sum

    from rejent.catalog.models import Segment, Source
    from rejent.kernel.clock import ManualClock
    from rejent.recording.day_keys import DayKeys
    from rejent.retention import services as retention
    from rejent.streams.calls.catalog import services as call_services
    from rejent.streams.calls.catalog.lines.addresses import SiprecLine, StatedLine, read_line
    from rejent.streams.calls.catalog.models import Call
    from rejent.streams.calls.recorder.call_books import CallBooks
    from rejent.streams.calls.recorder.line import calls_sink

    clock = settings.CLOCK = settings.VAULT.clock = ManualClock(start)
    stated = StatedLine(siprec=f"{HOST}:5060", numbers=("+48 10 555",), refusal="9")
    line = call_services.add_line(name="Switchboard", stated=stated, clock=clock, actor="")
    keys, books = DayKeys(clock.now), CallBooks(clock)

    def keep() -> None:
        done = retention.keep_once(settings.KEEPING())
        assert not done.failed, done.failed
        keys.look_ahead([line])

    keep()
    address = read_line(Source.objects.get(pk=line).address)
    assert isinstance(address, SiprecLine)
    sink = calls_sink(settings.VAULT.store, keys, books)
    order = LineOrder(line, address, frozenset({"incoming"}))
    board = Switchboard(Line(order, sink, clock.now), books, clock)
    day = Day(board, given)
    day.run(sink, keep)
    wanted, hours = day.wanted, day.hours
    board.receiver.close()
    sink.close()
    booked = Segment.objects.exclude(state="destroyed").aggregate(Sum("units"))["units__sum"]
    refused = Call.objects.filter(ended_by="refused").count()
    unended = Call.objects.filter(end__isnull=True).count()
    findings = [finding.sentence() for finding in settings.CHECKS()]
    settled = hours[min(SETTLED_H, len(hours)) - 1]
    growth, files = hours[-1][0] - settled[0], hours[-1][1] - settled[1]
    print(
        f"{given.hours} h, {Call.objects.count()} calls, {refused} refused: {booked} of {wanted} packets booked, {unended} not ended, "
        f"{len(findings)} findings; memory {hours[0][0]:.0f} MiB after an hour, {settled[0]:.0f} after {min(SETTLED_H, len(hours))}, "
        f"{hours[-1][0]:.0f} at the end; open files {settled[1]} and {hours[-1][1]}",
        flush=True,
    )
    for finding in findings[:5]:
        print("  ", finding)
    return 0 if booked == wanted and not (unended or findings or files > 0 or growth > MOST_GROWTH_MIB) else 1


if __name__ == "__main__":
    sys.exit(main())

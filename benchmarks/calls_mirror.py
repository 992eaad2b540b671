"""Two-party calls a core at a mirror port: found by signalling, sealed and made durable, beside a bare receiver.

A sender in its own process puts whole calls on a cable between two interfaces made for it: INVITE, answer, G.711 of
both parties, 50 packets a second each, BYE. Each receiver runs alone, in turn, at the other end, in a process whose
CPU time is measured. *recorded* is the recorder's own path; *bare* reads frames of the same kind of socket one by one
and writes them to a file each second, unsealed and unsorted. Needs the right to create interfaces and to capture on
them.

``python -m benchmarks.calls_mirror [--calls 500] [--seconds 12] [--only recorded] [--freeze 2]``
"""

import argparse
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import structlog

from benchmarks.figures import row
from rejent.kernel.clock import SystemClock
from rejent.recording.contract import Cause, FinishedSegment, SourceStatus
from rejent.streams.calls.catalog.lines.addresses import MirrorLine
from rejent.streams.calls.catalog.views import BegunCall
from rejent.streams.calls.receiving.mirror.mirror_recorder import MirrorRecorder
from rejent.streams.calls.recorder.line import Line, LineOrder, Refusal, RefusedNumbers, calls_sink
from rejent.vault.age import Identity, Recipient
from rejent.vault.store.disk import DiskStore
from tests.networks import has_net_raw
from tests.unit.streams_calls.mirror_traffic import Call

MUST = 500
FAR, NEAR = "rjbenchf", "rjbenchn"
FRAME_S = 0.02
KINDS = ("recorded", "bare")
_SPEECH_AT = 14 + 20 + 8
_SEQUENCE = struct.Struct(">HI")


class Books:
    """Counts what is booked."""

    def __init__(self) -> None:
        self.packets = 0

    def segments(self, finished: Sequence[FinishedSegment]) -> None:
        """Count packets of finished objects."""
        self.packets += sum(segment.ending.units for segment in finished)

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:
        """Report a failure of the store."""
        print(f"gap of {source_id} from {start} to {end}: {cause}", file=sys.stderr)

    def status(self, status: SourceStatus) -> None:
        """Ignore it."""

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """Ignore it."""

    def call_begun(self, call: BegunCall) -> None:
        """Ignore it."""

    def call_ended(self, call_id: str, end: datetime, why: str) -> None:
        """Ignore it."""

    def call_refused(self, source_id: str, call_id: str, how: Refusal, after_s: float) -> None:
        """Ignore it: no call is refused here."""


def cpu() -> float:
    """Return the CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def report(packets: int, dropped: int, before: float) -> None:
    """Print a receiver's packets and CPU time."""
    print(json.dumps({"packets": packets, "dropped": dropped, "cpu_s": cpu() - before}), flush=True)


def receive_recorded(folder: Path) -> None:
    """Record until a line comes in."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    key, books, clock = Identity.generate().recipient, Books(), SystemClock()

    def recipient_for(_source_id: str, _day: date) -> Recipient:
        return key

    sink = calls_sink(DiskStore(folder), recipient_for, books)
    watch = MirrorRecorder(NEAR, clock, books, RefusedNumbers())
    address = MirrorLine(numbers=("+4810123",), interface=NEAR)
    watch.add(Line(LineOrder("line", address, frozenset({"incoming"})), sink, watch.now))
    while not watch.watching:
        time.sleep(0.01)  # the port is opened in a thread of its own
    print("{}", flush=True)
    before = cpu()
    sys.stdin.readline()
    dropped = watch.dropped
    watch.close()
    sink.close()
    report(books.packets, dropped, before)


def receive_bare(folder: Path) -> None:
    """Keep frames until a line comes in."""
    listening = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
    listening.setsockopt(socket.SOL_SOCKET, 33, 32 << 20)  # SO_RCVBUFFORCE: as much as the recorder's ring
    listening.bind((NEAR, 0x0003))
    listening.settimeout(0.2)
    print("{}", flush=True)
    before, packets, content, written = cpu(), 0, bytearray(), time.monotonic()
    os.set_blocking(sys.stdin.fileno(), False)
    with (folder / "kept").open("wb") as file:
        while not sys.stdin.readline():
            for _ in range(1000):
                try:
                    frame = listening.recv(2048)
                except TimeoutError:
                    break
                content += struct.pack(">QH", time.time_ns(), len(frame)) + frame
                packets += len(frame) == _SPEECH_AT + 172
            if time.monotonic() - written >= 1:
                file.write(content)
                content.clear()
                written = time.monotonic()
    _, dropped = struct.unpack("@II", listening.getsockopt(263, 6, 8))
    report(packets, dropped, before)


def send(calls: int, seconds: float) -> int:
    """Put calls on the wire; return the number of packets of speech."""
    made = [
        Call(
            phones=(f"10.{number >> 8 & 255}.{number & 255}.1", f"10.{number >> 8 & 255}.{number & 255}.2"),
            call_id=f"{number}@example.org",
            ports=(20_000, 20_000),
        )
        for number in range(calls)
    ]
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    out.setsockopt(263, 20, 1)  # PACKET_QDISC_BYPASS
    out.bind((FAR, 0))
    put = _patient(out)
    for call in made:
        put(call.sip(call.invite()))
        put(call.sip(call.ok(), 1))
    frames = [bytearray(call.speech(side)[0]) for call in made for side in (0, 1)]
    for number, frame in enumerate(frames):
        struct.pack_into(">I", frame, _SPEECH_AT + 8, number + 1)
    groups, rounds, begun = (
        [frames[place::10] for place in range(10)],
        round(seconds / FRAME_S),
        time.monotonic(),
    )
    for step in range(rounds):
        for place, group in enumerate(groups):
            ahead = begun + step * FRAME_S + place * FRAME_S / 10 - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)  # speech comes every 20 ms
            for frame in group:
                _SEQUENCE.pack_into(frame, _SPEECH_AT + 2, step & 0xFFFF, 160 * step & 0xFFFFFFFF)
                put(frame)
    for call in made:
        put(call.sip(call.request("BYE")))
    return rounds * len(frames)


def _patient(out: socket.socket) -> Callable[[bytes | bytearray], None]:
    """Send a frame, again where the interface had no room for it."""

    def put(frame: bytes | bytearray) -> None:
        while True:
            try:
                out.send(frame)
            except OSError:
                continue
            return

    return put


def measured(kind: str, calls: int, seconds: float, freeze: float) -> tuple[float, int, int, int]:
    """Return calls a core, packets lost, packets sent, and those the receiver reports as dropped for lack of room."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.calls_mirror", "--receive", kind, "--folder", folder]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as receiver:
            assert receiver.stdin is not None
            assert receiver.stdout is not None
            receiver.stdout.readline()
            if freeze:
                pid, script = str(receiver.pid), f"sleep 3; kill -STOP $0; sleep {freeze}; kill -CONT $0"
                subprocess.Popen(["sh", "-c", script, pid])
            begun = time.monotonic()
            sent = send(calls, seconds)
            lasted = time.monotonic() - begun
            time.sleep(2)  # what is late comes, and calls end
            if freeze:
                receiver.send_signal(signal.SIGCONT)
            receiver.stdin.write("\n")
            receiver.stdin.flush()
            result = json.loads(receiver.stdout.readline())
    return calls / (result["cpu_s"] / lasted), sent - result["packets"], sent, result["dropped"]


def main() -> int:
    """Print calls a core; return 1 where the recorder misses its limit, or loses a packet unaccounted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=MUST)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument(
        "--freeze", type=float, default=0.0, help="seconds for which the receiver is frozen meanwhile"
    )
    parser.add_argument("--receive", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.receive:
        (receive_recorded if given.receive == "recorded" else receive_bare)(given.folder)
        return 0
    if not has_net_raw():
        print("calls at a mirror port: not measured, for this user may not look at a network")
        return 0
    subprocess.run(["ip", "link", "add", FAR, "type", "veth", "peer", "name", NEAR], check=True)
    try:
        for end in (FAR, NEAR):
            subprocess.run(["ip", "link", "set", end, "up"], check=True)
        reached = True
        for kind in [given.only] if given.only else KINDS:
            rate, lost, sent, dropped = measured(kind, given.calls, given.seconds, given.freeze)
            note = f"{lost} of {sent} packets lost, {dropped} frames found no room"
            if kind == "recorded":
                reached = rate >= MUST and (lost <= dropped if given.freeze else not lost)
                note += f"; must {MUST}"
            row(f"calls a core at a mirror port, {kind}, {given.calls} at once", f"{rate:.0f}", note)
    finally:
        subprocess.run(["ip", "link", "del", FAR], check=False)
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())

"""Two-party calls a core: packets received, counted, sealed and stored, beside receivers that only keep bytes.

A sender in its own process sends G.711 to every leg, 50 packets a second; each receiver runs alone, in turn, in a
process whose CPU time is measured. *recorded* is the recorder's own path: kernel time stamps, account, companion
twice a second, one sealed object a call. *uvloop* and *asyncio* append instant, length and datagram to memory and
write that to a file each second, unsealed.

``python -m benchmarks.calls_rtp [--calls 500] [--seconds 12] [--only recorded]``
"""

import argparse
import asyncio
import json
import os
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import uvloop

from benchmarks.figures import row
from rejent.formats.rtp.codecs import STATIC
from rejent.kernel.clock import SystemClock
from rejent.recording.contract import Cause, FinishedSegment, SourceStatus
from rejent.recording.steady_time import SteadyTime
from rejent.streams.calls.network.rtp.ports import PortPairs, allow_open_files
from rejent.streams.calls.network.rtp.receiver import IncomingStream, Receiver
from rejent.streams.calls.network.rtp.source_lock import SourceLock
from rejent.streams.calls.recorder.call_recording import CallRecording
from rejent.streams.calls.recorder.line import calls_sink
from rejent.vault.age import Identity, Recipient
from rejent.vault.store.disk import DiskStore

MUST, GOAL = 500, 1000
HOST = "127.0.0.1"
FIRST_PORT, LAST_PORT = 20_000, 31_999
FRAME_S = 0.02
KINDS = ("recorded", "uvloop", "asyncio")


class Books:
    """Counts what is booked."""

    def __init__(self) -> None:
        self.packets = self.gaps = 0

    def segments(self, finished: Sequence[FinishedSegment]) -> None:
        """Count packets of finished objects."""
        self.packets += sum(segment.ending.units for segment in finished)

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:
        """Count failures of the store, and report the first."""
        self.gaps += 1
        if self.gaps == 1:
            print(f"gap of {source_id} from {start} to {end}: {cause}", file=sys.stderr)

    def status(self, status: SourceStatus) -> None:
        """Ignore it."""

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """Ignore it."""


class Kept(asyncio.DatagramProtocol):
    """One leg of a receiver that only keeps bytes."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.packets = 0

    def datagram_received(self, data: bytes, _addr: tuple[str | int, ...]) -> None:
        """Keep one datagram."""
        self.content += struct.pack(">QH", time.time_ns(), len(data)) + data
        self.packets += 1


def report(packets: int, dropped: int, before: float) -> None:
    """Print a receiver's packets and CPU time."""
    print(json.dumps({"packets": packets, "dropped": dropped, "cpu_s": cpu() - before}), flush=True)


def cpu() -> float:
    """Return the CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def receive_recorded(calls: int, folder: Path) -> None:
    """Record until a line comes in."""
    key, books, clock = Identity.generate().recipient, Books(), SystemClock()

    def recipient_for(_source_id: str, _day: date) -> Recipient:
        return key

    sink = calls_sink(DiskStore(folder), recipient_for, books)
    pairs = PortPairs(HOST, FIRST_PORT, LAST_PORT, clock)
    receiver = Receiver(SteadyTime(clock), pairs)
    legs = ({8: STATIC[8]}, {8: STATIC[8]})
    streams, recordings = [], []
    for _ in range(calls):
        both = [IncomingStream(leg, pairs.take(), SourceLock(HOST)) for leg in (0, 1)]
        streams += both
        recording = CallRecording("line", sink, uuid.uuid4().hex, legs, start=receiver.now())
        recordings.append(recording)
        receiver.begin(recording, both)
    thread = threading.Thread(target=receiver.run)
    thread.start()
    print(json.dumps([stream.port.number for stream in streams]), flush=True)
    before = cpu()
    sys.stdin.readline()
    taken, seen = counted(recordings), -1
    while taken != seen:
        time.sleep(0.5)  # what waits in sockets is read
        taken, seen = counted(recordings), taken
    receiver.stop()
    thread.join()
    sink.close()
    if books.gaps:
        print(f"{books.gaps} gaps", file=sys.stderr)
    refused = sum(stream.lock.rejected + stream.flooded + stream.port.oversize for stream in streams)
    if refused:
        print(f"{refused} datagrams refused", file=sys.stderr)
    report(books.packets, sum(stream.port.dropped for stream in streams), before)


def counted(recordings: Sequence[CallRecording]) -> int:
    """Return the packets taken so far."""
    return sum(sum(recording.leg(leg).packets.values()) for recording in recordings for leg in (0, 1))


async def receive_kept(calls: int, folder: Path) -> None:
    """Keep bytes until a line comes in."""
    loop, legs, ports = asyncio.get_running_loop(), [], []
    for _ in range(2 * calls):
        transport, leg = await loop.create_datagram_endpoint(Kept, local_addr=(HOST, 0))
        legs.append(leg)
        ports.append(transport.get_extra_info("sockname")[1])
    print(json.dumps(ports), flush=True)
    before = cpu()
    ended = loop.run_in_executor(None, sys.stdin.readline)
    with (folder / "kept").open("wb") as file:
        while not ended.done():
            await asyncio.wait([ended], timeout=1)
            for leg in legs:
                file.write(leg.content)
                leg.content.clear()
    report(sum(leg.packets for leg in legs), 0, before)


def send(ports: Sequence[int], seconds: float) -> int:
    """Send to every port; return the number of packets."""
    payload = os.urandom(160)
    pack = struct.Struct(">BBHII").pack
    frames = round(seconds / FRAME_S)
    targets = [((HOST, port), place) for place, port in enumerate(ports)]
    groups = [targets[number::10] for number in range(10)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
        sending.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
        begun = time.monotonic()
        for frame in range(frames):
            for number, group in enumerate(groups):
                ahead = begun + frame * FRAME_S + number * FRAME_S / 10 - time.monotonic()
                if ahead > 0:
                    time.sleep(ahead)  # speech comes every 20 ms
                for target, place in group:
                    sending.sendto(pack(0x80, 8, frame & 0xFFFF, 160 * frame, place + 1) + payload, target)
    return frames * len(ports)


def measured(kind: str, calls: int, seconds: float) -> tuple[float, int, int]:
    """Return calls a core, packets lost and packets sent."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "benchmarks.calls_rtp",
            "--receive",
            kind,
            "--calls",
            str(calls),
            "--folder",
            folder,
        ]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as receiver:
            assert receiver.stdin is not None
            assert receiver.stdout is not None
            ports = json.loads(receiver.stdout.readline())
            begun = time.monotonic()
            sent = send(ports, seconds)
            lasted = time.monotonic() - begun
            time.sleep(0.5)  # the last packets are read
            receiver.stdin.write("\n")
            receiver.stdin.flush()
            result = json.loads(receiver.stdout.readline())
    if result["dropped"]:
        print(f"{result['dropped']} datagrams found no room in a socket", file=sys.stderr)
    return calls / (result["cpu_s"] / lasted), sent - result["packets"], sent


def main() -> int:
    """Print calls a core; return 1 where the recorder misses its limit, or loses a packet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=MUST)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--receive", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    allow_open_files()
    if given.receive == "recorded":
        receive_recorded(given.calls, given.folder)
        return 0
    if given.receive:
        with asyncio.Runner(
            loop_factory=uvloop.new_event_loop if given.receive == "uvloop" else None
        ) as runner:
            runner.run(receive_kept(given.calls, given.folder))
        return 0
    reached = True
    for kind in [given.only] if given.only else KINDS:
        rate, lost, sent = measured(kind, given.calls, given.seconds)
        note = f"{lost} of {sent} packets lost"
        if kind == "recorded":
            reached = rate >= MUST and not lost
            note += f"; must {MUST}, goal {GOAL}"
        row(f"calls a core, {kind}, {given.calls} at once", f"{rate:.0f}", note)
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())

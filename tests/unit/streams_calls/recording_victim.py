"""A recorder of calls to be killed: ``python -m tests.unit.streams_calls.recording_victim FOLDER RECIPIENT CALLS``.

Its calls begin a third of a second apart, so that a kill falls on another place of a chunk in each. It says the arrival of
each packet before it takes it.
"""

import sys
import threading
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from rejent.formats.matroska.manifest import nanoseconds
from rejent.kernel.clock import SystemClock
from rejent.recording.contract import Cause, FinishedSegment, SourceStatus
from rejent.streams.calls.recorder.call_recording import CallRecording
from rejent.streams.calls.recorder.line import calls_sink
from rejent.vault.age.recipients import Recipient
from rejent.vault.store.disk import DiskStore
from tests.unit.streams_calls.recording_bench import G711
from tests.unit.streams_calls.rtp_legs import FRAME, packet

APART = 17
"""Frames between the beginnings of two calls."""


class Books:
    """Books nothing."""

    def segments(self, finished: Sequence[FinishedSegment]) -> None:
        """Not of interest."""

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:
        """Not of interest."""

    def status(self, status: SourceStatus) -> None:
        """Not of interest."""

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """Not of interest."""


def spoken(leg: int, number: int) -> bytes:
    """The packet with this number of a leg."""
    return packet(
        number, 160 * number, ssrc=leg, payload=bytes((number * 7 + leg) & 0xFF for _ in range(160))
    )


def main(folder: str, recipient: str, calls: str) -> None:
    """Record until killed."""
    key = Recipient.parse(recipient)

    def recipient_for(_source_id: str, _day: date) -> Recipient:
        return key

    sink = calls_sink(DiskStore(Path(folder)), recipient_for, Books())
    clock, wait = SystemClock(), threading.Event()
    running: list[tuple[int, CallRecording]] = []
    start = nanoseconds(clock.now())
    for frame in range(1 << 30):
        now = start + frame * FRAME
        wait.wait(max(0, now - nanoseconds(clock.now())) / 1e9)
        if frame % APART == 0 and len(running) < int(calls):
            running.append(
                (
                    frame,
                    CallRecording(
                        f"line{len(running)}", sink, f"{len(running) * 21:02x}" * 16, (G711, G711), start=now
                    ),
                )
            )
        for begun, call in running:
            for leg in (0, 1):
                call.take(leg, spoken(leg, frame - begun), now)
            call.tick(now)
        sys.stdout.write(f"{now}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

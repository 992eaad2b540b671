"""A recorder to be killed: ``python -m tests.fault.kill_victim FOLDER RECIPIENT ADDRESS…``; says a line for each fragment kept."""

import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from rejent.kernel.clock import SystemClock
from rejent.recording.contract import Cause, FinishedSegment, SourceStatus
from rejent.recording.sink import SealingSink
from rejent.streams.cameras.network.rtsp.address import Camera, parse_address
from rejent.streams.cameras.recorder.engine import CameraRecorder
from rejent.vault.age.recipients import Recipient
from rejent.vault.store.disk import DiskStore


class Books:
    """Says what is booked."""

    def segments(self, finished: Sequence[FinishedSegment]) -> None:
        """One line a segment."""
        for segment in finished:
            sys.stdout.write(f"segment {segment.object_name}\n")
        sys.stdout.flush()

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:
        """Not of interest."""

    def status(self, status: SourceStatus) -> None:
        """One line a state."""
        sys.stdout.write(f"{status.source_id} {status.state.value}\n")
        sys.stdout.flush()

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """Not of interest."""


def main(folder: str, recipient: str, *addresses: str) -> None:
    """Record until killed."""
    key = Recipient.parse(recipient)

    def recipient_for(_source_id: str, _day: date) -> Recipient:
        return key

    recorder = CameraRecorder(SealingSink(DiskStore(Path(folder)), recipient_for, Books()), SystemClock())
    for number, address in enumerate(addresses):
        recorder.add(Camera(f"camera{number}", parse_address(address)[0]))
    recorder.run()


if __name__ == "__main__":
    main(*sys.argv[1:])

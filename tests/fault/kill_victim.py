"""A recorder to be killed: ``python -m tests.fault.kill_victim FOLDER RECIPIENT ADDRESS…``; says a line for each picture that it takes."""

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from unittest.mock import patch

from rejent.formats.mp4.picture import AccessUnit
from rejent.kernel.clock import SystemClock
from rejent.recording.contract import Cause, FinishedSegment, SourceStatus
from rejent.recording.sink import SealingSink
from rejent.streams.cameras.network.rtsp.address import Camera, parse_address
from rejent.streams.cameras.network.rtsp.assembly import StreamItem
from rejent.streams.cameras.recorder.engine import CameraRecorder
from rejent.streams.cameras.recorder.segmenter import Segmenter
from rejent.vault.age.recipients import Recipient
from rejent.vault.store.disk import DiskStore

TAKE = Segmenter.take


def taking(segmenter: Segmenter, items: Iterable[StreamItem]) -> None:
    """Take what arrived, one line a picture."""
    arrived = list(items)
    TAKE(segmenter, arrived)
    for item in arrived:
        if isinstance(item, AccessUnit):
            say(f"taken {segmenter.status.source_id}")


def say(line: str) -> None:
    """Say a line that outlives a kill: the pipe has it at once."""
    os.write(1, f"{line}\n".encode())


class Books:
    """Says the states of cameras."""

    def segments(self, finished: Sequence[FinishedSegment]) -> None:
        """Not of interest."""

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:
        """Not of interest."""

    def status(self, status: SourceStatus) -> None:
        """One line a state."""
        say(f"{status.state.value} {status.source_id}")

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
    with patch.object(Segmenter, "take", taking):
        recorder.run()


if __name__ == "__main__":
    main(*sys.argv[1:])

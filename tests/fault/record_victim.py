"""A recorder of records to be killed or frozen: ``python -m tests.fault.record_victim FOLDER RECIPIENT RATE LASTS``.

Takes so many records a second, one delivery each hundredth of a second or more seldom, until it is terminated; each batch becomes an object after LASTS
seconds. Says a line a delivery once it is taken: the sequence behind its last record, and the monotonic second.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from rejent.formats.records import Origin, Record
from rejent.recording.contract import Cause, FinishedSegment, SourceStatus
from rejent.recording.records import RecordForm, Records
from rejent.recording.sink import SealingSink
from rejent.vault.age.recipients import Recipient
from rejent.vault.store.disk import DiskStore


class Books:
    """Says nothing: what is booked is not of interest."""

    def segments(self, finished: Sequence[FinishedSegment]) -> None:
        """Not of interest."""

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:
        """Not of interest."""

    def status(self, status: SourceStatus) -> None:
        """Not of interest."""

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """Not of interest."""


def main(folder: str, recipient: str, rate: str, lasts: str) -> None:
    """Take records until terminated."""
    key, ended = Recipient.parse(recipient), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())

    def recipient_for(_source_id: str, _day: date) -> Recipient:
        return key

    def now() -> datetime:
        return datetime.now(UTC)

    sink = SealingSink(DiskStore(Path(folder)), recipient_for, Books())
    records = Records("source", sink, RecordForm("text/plain", lasts_s=float(lasts)), now)
    pace = max(1 / float(rate), 0.01)
    some, origin, taken = round(pace * float(rate)), Origin("device", "1"), 0
    while not ended.wait(pace):
        records.take([Record(now(), (b"x" * 100,), origin, taken + number) for number in range(some)])
        taken += some
        os.write(1, f"{taken} {time.monotonic()}\n".encode())
    records.close()
    sink.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

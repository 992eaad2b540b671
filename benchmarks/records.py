"""What records cost at a rate: bytes beside their content, calls that wait for the disk, CPU, by how many devices tell them.

A delivery of each device is taken one behind another into the sink on a disk, as fast as it goes; batches end by records and bytes as they do,
and by their sixty seconds where a rate fills them more slowly. The key is one of this run; nothing is booked in a catalogue.

``python -m benchmarks.records [--records 200000] [--devices 300] [--size 150]``
"""

import argparse
import os
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.calls_rtp import Books
from benchmarks.figures import row
from rejent.formats.record_index import RecordIndex
from rejent.formats.records import Origin, Record
from rejent.recording.contract import FinishedSegment
from rejent.recording.records import GATHERS_S, RecordForm, Records
from rejent.recording.sink import SealingSink
from rejent.vault.age import Identity, Recipient
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.posix import PosixCalls

RATES = (1, 100, 10_000)
START = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
TOGETHER = 50
"""Records of a delivery."""
FORM = RecordForm("application/octet-stream")


class Counted(PosixCalls):
    """System calls of which those that wait for the disk are counted."""

    synced = 0

    def fsync(self, number: int) -> None:
        """Make durable."""
        self.synced += 1
        super().fsync(number)


class Kept(Books):
    """Books that keep what is booked."""

    def __init__(self) -> None:
        self.booked: list[FinishedSegment] = []

    def segments(self, finished: object) -> None:
        """Keep it."""
        self.booked += finished  # type: ignore[arg-type]


def taken(folder: Path, count: int, devices: int, size: int) -> tuple[Kept, Counted, float]:
    """Take so many records; return what was booked, the calls that waited, and the seconds of CPU."""
    key, calls, books = Identity.generate().recipient, Counted(), Kept()

    def recipient_for(_source_id: str, _day: date) -> Recipient:
        return key

    sink = SealingSink(DiskStore(folder, calls), recipient_for, books)
    records = Records("source", sink, FORM, lambda: START)
    origins = [Origin(f"{number:032x}", f"{number:016x}") for number in range(devices)]
    content = os.urandom(size)
    begun = time.process_time()
    for first in range(0, count, TOGETHER):
        of_device, deliveries = first // TOGETHER % devices, first // TOGETHER // devices
        records.take(
            Record(START + timedelta(microseconds=each), (content,), origins[of_device], deliveries * TOGETHER + each - first)
            for each in range(first, first + TOGETHER)
        )  # fmt: skip
    records.close()
    sink.close()
    return books, calls, time.process_time() - begun


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--devices", type=int, default=300)
    parser.add_argument("--size", type=int, default=150)
    given = parser.parse_args()
    count = given.records // TOGETHER * TOGETHER
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        books, calls, cpu = taken(Path(folder), count, given.devices, given.size)
    objects, sealed = len(books.booked), sum(each.size for each in books.booked)
    index = sum(
        len(RecordIndex(each.fragments, each.ending.coverage).encode())
        for each in books.booked
        if each.ending.coverage is not None
    )
    row("bytes beside the content of a record, sealed", f"{sealed / count - given.size:.1f}")
    row("bytes of index an object, with what it covers", f"{index / objects:.0f}", f"{given.devices} devices")
    row("CPU a record, taken, sealed, durable", f"{cpu / count * 1e6:.1f} µs")
    per_object = calls.synced / objects
    most = min(FORM.most, FORM.most_bytes * count // sealed)
    row("calls an object that wait for the disk", f"{per_object:.1f}")
    for rate in RATES:
        lasts = min(FORM.lasts_s, most / rate)
        note = f"an object each {lasts:.0f} s, at most {1 / GATHERS_S:.0f} companions a second, which wait for nothing"
        row(f"  a second at {rate} records a second", f"{per_object / lasts:.2f}", note)


if __name__ == "__main__":
    main()

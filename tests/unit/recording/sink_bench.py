"""A sealing sink for tests: bookings are kept in a list, and the disk fails on demand."""

import errno
import os
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rejent.formats.fragment_index import Fragment
from rejent.recording.contract import Cause, FinishedSegment, SegmentEnding, SegmentOpening, SourceStatus
from rejent.recording.sink import SealingSink
from rejent.vault.age import Identity, Recipient, SealedReader
from rejent.vault.age.random_access import Buffer
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.posix import PosixCalls

RATE = 1000
START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 21)
INIT = b"init" * 8


class FailingCalls(PosixCalls):
    """System calls of which one kind fails with an error number after some have succeeded, for ever or a few times."""

    def __init__(self, kind: str, after: int, error: int = errno.ENOSPC, times: int = 1_000_000) -> None:
        self._kind, self._left, self._error = kind, after, error
        self.times = times

    def _made(self, kind: str) -> None:
        if kind == self._kind:
            self._left -= 1
            if self._left < 0 < self.times:
                self.times -= 1
                raise OSError(self._error, os.strerror(self._error))

    def create(self, path: Path) -> int:
        """Make a file."""
        self._made("create")
        return super().create(path)

    def write(self, number: int, content: Buffer) -> int:
        """Append; the failing call takes half before it fails for good."""
        return super().write(number, self._taken(content))

    def write_at(self, number: int, content: Buffer, offset: int) -> int:
        """Write over; the failing call takes half before it fails for good."""
        return super().write_at(number, self._taken(content), offset)

    def _taken(self, content: Buffer) -> Buffer:
        if self._kind == "write" and not self._left:
            self._left -= 1
            return memoryview(content)[: len(memoryview(content)) // 2]
        self._made("write")
        return content

    def fsync(self, number: int) -> None:
        """Make durable."""
        self._made("fsync")
        super().fsync(number)

    def link(self, source: Path, target: Path) -> None:
        """Give a second name."""
        self._made("link")
        super().link(source, target)


class Ledger:
    """Keeps what is booked, in order; `closed` holds the booking thread back until opened."""

    def __init__(self) -> None:
        self.booked: list[object] = []
        self.segments_booked: list[FinishedSegment] = []
        self.together: list[int] = []

    def segments(self, finished: Sequence[FinishedSegment]) -> None:
        """Keep segments."""
        self.segments_booked += finished
        self.together.append(len(finished))
        self.booked += [segment.opening.run for segment in finished]

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:
        """Keep a gap."""
        self.booked.append((source_id, start, end, cause))

    def status(self, status: SourceStatus) -> None:
        """Keep a state."""
        self.booked.append(status.state)

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """Keep a step."""
        self.booked.append((seconds, noticed))


class SinkBench:
    """A sink on a real disk store, with the key that opens what it seals."""

    def __init__(self, folder: Path, calls: PosixCalls | None = None, **options: float) -> None:
        self.identity = Identity.generate()
        self.store = DiskStore(folder, calls or PosixCalls())
        self.ledger = Ledger()
        self.sink = SealingSink(self.store, self.key_of, self.ledger, **options)

    def key_of(self, source_id: str, day: date) -> Recipient | None:
        """The day key's public half; none for a source called keyless."""
        return self.identity.recipient if source_id != "keyless" and day == DAY else None

    def open(self, run: str = "run", source: str = "cam") -> "object":
        """Begin a segment."""
        return self.sink.open_segment(SegmentOpening(source, DAY, START, INIT, "video/mp4", RATE, run))

    def content(self, segment: FinishedSegment) -> bytes:
        """Return the content of a booked object."""
        tails = self.store.open_companions(segment.object_name)
        with self.store.open(segment.object_name) as sealed:
            reader = SealedReader(sealed, [self.identity], truncated=segment.recovered, tails=tails)
            return reader.read(0, reader.size)


def fragment(number: int, size: int = 1000, *, ticks: int = RATE) -> Fragment:
    """The fragment of one second, in two parts, its bytes all alike."""
    content = bytes([number % 251]) * size
    return Fragment((content[: size // 2], content[size // 2 :]), number * ticks, ticks, 25, key=True)


def ending(seconds: int) -> SegmentEnding:
    """The end of a segment of so many seconds."""
    return SegmentEnding(START, START + timedelta(seconds=seconds), seconds * 25)


def joined(count: int, size: int = 1000) -> bytes:
    """The content of so many fragments after the initialisation."""
    return INIT + b"".join(part for number in range(count) for part in fragment(number, size).parts)

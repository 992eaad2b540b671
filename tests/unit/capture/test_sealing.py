"""From fragments to booked objects: in order, in bounded memory, with nothing whole lost when the store gives way."""

import errno
import itertools
import os
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from rejent.capture.contract import (
    Cause,
    FinishedSegment,
    Fragment,
    SegmentEnding,
    SegmentOpening,
    SourceStatus,
    State,
)
from rejent.capture.errors import StorageError
from rejent.capture.sealing import FRAGMENT_WEIGHT, MOST_TOGETHER, SealedSegment, SealingSink
from rejent.capture.waiting import MOST_JOBS
from rejent.kernel.errors import RejentError
from rejent.vault.age import Identity, Recipient, SealedReader
from rejent.vault.source import Buffer
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.port import Leftover, ObjectWriter
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
        if self._kind == "write" and not self._left:
            self._left -= 1
            return super().write(number, memoryview(content)[: len(memoryview(content)) // 2])
        self._made("write")
        return super().write(number, content)

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


class Bench:
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
        """What a booked object holds."""
        tail = self.store.open_tail(segment.object_name)
        with self.store.open(segment.object_name) as sealed:
            reader = SealedReader(sealed, [self.identity], truncated=segment.recovered, tail=tail)
            found = reader.read(0, reader.size)
        if tail is not None:
            tail.close()
        return found


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A sink whose store works."""
    return Bench(tmp_path)


def fragment(number: int, size: int = 1000, *, ticks: int = RATE) -> Fragment:
    """The fragment of one second, in two parts, its bytes all alike."""
    content = bytes([number % 251]) * size
    return Fragment((content[: size // 2], content[size // 2 :]), number * ticks, ticks, 25, key=True)


def ending(seconds: int) -> SegmentEnding:
    """The end of a segment of so many seconds."""
    return SegmentEnding(START, START + timedelta(seconds=seconds), seconds * RATE, seconds * 25)


def joined(count: int, size: int = 1000) -> bytes:
    """The content of so many fragments after the initialisation."""
    return INIT + b"".join(part for number in range(count) for part in fragment(number, size).parts)


def test_what_was_appended_is_what_the_key_opens(bench: Bench) -> None:
    """A closed segment is one durable object whose content, digest, size and index are as booked."""
    segment = bench.open()
    for number in range(5):
        segment.append(fragment(number, 50_000))
    segment.close(ending(5))
    bench.sink.close()
    (booked,) = bench.ledger.segments_booked
    assert bench.content(booked) == joined(5, 50_000)
    assert (booked.ending, booked.plain_size, booked.recovered) == (ending(5), len(joined(5, 50_000)), False)
    assert [stored.size for stored in bench.store.objects()] == [booked.size]
    for number, place in enumerate(booked.fragments):
        at = joined(5, 50_000)[place.offset : place.offset + place.length]
        assert at == b"".join(fragment(number, 50_000).parts)
    assert bench.store.unfinished() == []


def test_everything_is_booked_in_the_order_it_happened(bench: Bench) -> None:
    """Segments, gaps, states and steps of one source are entered as they were handed over."""
    status = SourceStatus("cam", State.RECORDING, Cause.NONE, START)
    for run in ("first", "second"):
        segment = bench.open(run)
        segment.append(fragment(0))
        segment.close(ending(1))
        bench.sink.gap("cam", START, None, Cause.STALLED)
        bench.sink.status(status)
    bench.sink.clock_stepped(3.0, START)
    bench.sink.close()
    gap = ("cam", START, None, Cause.STALLED)
    assert bench.ledger.booked == [
        "first",
        gap,
        State.RECORDING,
        "second",
        gap,
        State.RECORDING,
        (3.0, START),
    ]


def test_a_segment_without_fragments_leaves_no_trace(bench: Bench) -> None:
    """Nothing is booked and nothing stays in the store."""
    bench.open().close(ending(0))
    bench.sink.close()
    assert bench.ledger.booked == []
    assert list(bench.store.objects()) == bench.store.unfinished() == []


def test_without_a_day_key_nothing_begins(bench: Bench) -> None:
    """The recorder is told at once, and no file is made."""
    with pytest.raises(StorageError) as refused:
        bench.open(source="keyless")
    bench.sink.close()
    assert refused.value.cause is Cause.NO_DAY_KEY
    assert bench.store.unfinished() == []


def test_settling_waits_until_all_is_booked(bench: Bench) -> None:
    """After settle everything handed over before is durable and booked, and the sink goes on."""
    segment = bench.open()
    segment.append(fragment(0))
    segment.close(ending(1))
    bench.sink.settle()
    assert bench.ledger.booked == ["run"]
    bench.sink.close()


class StuckStore(DiskStore):
    """A store whose disk does not answer until it is let go."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.answers = threading.Event()

    def create(self, name: str) -> ObjectWriter:
        """Begin an object once the disk answers."""
        self.answers.wait()
        return super().create(name)


def test_a_store_that_cannot_keep_up_ends_the_segment_and_keeps_what_was_taken(tmp_path: Path) -> None:
    """Waiting fragments are bounded; the one too many is refused with its cause, and all before it are recorded whole."""
    identity, ledger, store = Identity.generate(), Ledger(), StuckStore(tmp_path)
    room = 6 * (1000 + FRAGMENT_WEIGHT)
    sink = SealingSink(store, lambda _source, _day: identity.recipient, ledger, most_waiting=room)
    segment = sink.open_segment(SegmentOpening("cam", DAY, START, INIT, "video/mp4", RATE, "run"))
    for number in range(3):
        segment.append(fragment(number))
    with pytest.raises(StorageError) as refused:
        segment.append(fragment(3))
    assert (refused.value.cause, refused.value.kept) == (Cause.STORAGE_SLOW, 3 * RATE)
    store.answers.set()
    sink.settle()
    (booked,) = ledger.segments_booked
    assert (booked.ending, booked.recovered) == (ending(3), False)
    again = sink.open_segment(SegmentOpening("cam", DAY, START, INIT, "video/mp4", RATE, "again"))
    for number in range(3):
        again.append(fragment(number))
    again.close(ending(3))
    sink.close()
    assert ledger.booked == ["run", "again"]


def stuck(folder: Path, **options: int) -> tuple[SealingSink, StuckStore, Ledger]:
    """A sink on a store that does not answer, what to let go, and its books."""
    identity, ledger, store = Identity.generate(), Ledger(), StuckStore(folder)
    return SealingSink(store, lambda _source, _day: identity.recipient, ledger, **options), store, ledger


def opening(source: str) -> SegmentOpening:
    """The beginning of a segment of a source."""
    return SegmentOpening(source, DAY, START, INIT, "video/mp4", RATE, source)


def appended(segment: SealedSegment) -> int:
    """How many fragments a segment takes until it refuses one."""
    for number in itertools.count():
        try:
            segment.append(fragment(number))
        except StorageError:
            return number
    raise AssertionError


def test_a_source_may_begin_no_more_than_its_share(tmp_path: Path) -> None:
    """What waits of one source is bounded, whatever it begins; another one begins and goes on as if it were not there."""
    sink, store, ledger = stuck(tmp_path)
    begun = 0
    while not sink.waiting.crowded("flood"):
        sink.open_segment(opening("flood"))
        begun += 1
    with pytest.raises(StorageError) as refused:
        sink.open_segment(opening("flood"))
    assert refused.value.cause is Cause.STORAGE_SLOW
    assert begun == sink.waiting.jobs("flood") == MOST_JOBS
    honest = sink.open_segment(opening("honest"))
    for number in range(20):
        honest.append(fragment(number))
    honest.close(ending(20))
    store.answers.set()
    sink.settle()
    sink.close()
    assert ledger.booked.count("honest") == 1
    assert [sink.waiting.jobs(source) for source in ("flood", "honest")] == [0, 0]


def test_sources_that_take_all_they_can_get_leave_room_for_the_next(tmp_path: Path) -> None:
    """After three sources have filled what they may, a fourth still finds room for what it brings."""
    sink, store, _ = stuck(tmp_path, most_waiting=64 * (1000 + FRAGMENT_WEIGHT))
    taken = {}
    for source in ("one", "two", "three", "four"):
        taken[source] = appended(sink.open_segment(opening(source)))
    store.answers.set()
    sink.close()
    assert taken == {"one": 32, "two": 16, "three": 8, "four": 4}


def test_segments_are_booked_a_hundred_at_a_time_at_most(tmp_path: Path) -> None:
    """However many wait together, none waits for more than a hundred others."""
    sink, store, ledger = stuck(tmp_path)
    for number in range(250):
        segment = sink.open_segment(opening(f"cam{number}"))
        segment.append(fragment(0))
        segment.close(ending(1))
    store.answers.set()
    sink.close()
    assert sum(ledger.together) == 250
    assert max(ledger.together) <= MOST_TOGETHER


def fill(bench: Bench, fragments: int, size: int) -> StorageError:
    """Append until the sink refuses, waiting for the disk between two fragments."""
    segment = bench.open()
    for number in range(fragments):
        bench.sink.settle()
        try:
            segment.append(fragment(number, size))
        except StorageError as refused:
            return refused
    bench.sink.settle()
    with pytest.raises(StorageError) as late:
        segment.close(ending(fragments))
    return late.value


@pytest.mark.parametrize("after", range(1, 8))
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_disk_that_fails_in_the_middle_keeps_every_whole_fragment(
    tmp_path: Path, after: int, error: int
) -> None:
    """Whenever writing fails, what lies whole on the disk is booked as recovered and opens; the rest is told as lost."""
    bench = Bench(tmp_path, FailingCalls("write", after, error))
    refused = fill(bench, 8, 150_000)
    bench.sink.close()
    assert refused.cause is (Cause.STORAGE_FULL if error == errno.ENOSPC else Cause.STORAGE_FAILED)
    booked = bench.ledger.segments_booked
    if not booked:
        assert refused.kept == 0
        assert list(bench.store.objects()) == []
        return
    (segment,) = booked
    whole = len(segment.fragments)
    assert segment.recovered
    assert whole >= refused.kept // RATE
    assert segment.ending == ending(whole)
    assert bench.content(segment).startswith(joined(whole, 150_000))
    assert [each.kind for each in bench.store.unfinished()] in ([], [Leftover.TAIL])


def test_at_least_one_failure_keeps_something(tmp_path: Path) -> None:
    """The test above is not empty: a late failure does leave fragments behind."""
    bench = Bench(tmp_path, FailingCalls("write", 5))
    refused = fill(bench, 8, 150_000)
    bench.sink.close()
    assert refused.kept > 0
    assert len(bench.ledger.segments_booked) == 1


def test_a_disk_that_takes_no_file_is_told_at_the_next_fragment(tmp_path: Path) -> None:
    """The first fragment after the failed beginning is refused, nothing is kept, and another segment may be tried."""
    bench = Bench(tmp_path, FailingCalls("create", 0))
    refused = fill(bench, 1, 1000)
    bench.sink.close()
    assert (refused.cause, refused.kept) == (Cause.STORAGE_FULL, 0)
    assert bench.ledger.booked == []


@pytest.mark.parametrize("kind", ["fsync", "link"])
def test_a_segment_that_cannot_be_made_durable_is_booked_as_recovered(tmp_path: Path, kind: str) -> None:
    """Where the last step fails once, the object is made visible as it is and booked as cut short with what it holds."""
    calls = FailingCalls(kind, 0, errno.EIO, times=0)
    bench = Bench(tmp_path, calls)
    segment = bench.open()
    for number in range(4):
        segment.append(fragment(number, 100_000))
    bench.sink.settle()
    calls.times = 1
    segment.close(ending(4))
    bench.sink.close()
    assert calls.times == 0
    (booked,) = bench.ledger.segments_booked
    assert booked.recovered
    assert booked.ending == ending(3)
    assert bench.content(booked).startswith(joined(3, 100_000))


def test_a_slow_source_keeps_its_tail_beside_the_object(bench: Bench) -> None:
    """Chunks that fill slowly have a companion each second, so that a killed recorder loses no whole fragment."""
    segment = bench.open()
    for number in range(3):
        segment.append(fragment(number, 500))
    bench.sink.settle()
    (part,) = [each for each in bench.store.unfinished() if each.kind is Leftover.PART]
    tail = bench.store.open_tail(part.name)
    assert tail is not None
    with tail, bench.store.open_unfinished(part.name) as unfinished:
        reader = SealedReader(unfinished, [bench.identity], truncated=True, tail=tail)
        assert reader.read(0, reader.size) == joined(3, 500)
    segment.close(ending(3))
    bench.sink.close()
    assert bench.store.unfinished() == []


def test_a_companion_that_cannot_be_written_ends_the_segment(tmp_path: Path) -> None:
    """A full disk found by the companion is a full disk."""
    bench = Bench(tmp_path, FailingCalls("create", 1))
    refused = fill(bench, 3, 500)
    bench.sink.close()
    assert refused.cause is Cause.STORAGE_FULL


def test_a_torn_companion_costs_no_whole_fragment(tmp_path: Path) -> None:
    """Where a full disk cuts the first companion off, what lies whole in the object itself is booked and opens."""
    bench = Bench(tmp_path, FailingCalls("write", 2))
    segment = bench.open()
    sizes = (30_000, 40_000, 1000, 1000, 1000)
    for number, size in enumerate(sizes):
        segment.append(fragment(number, size, ticks=RATE // 4))
        bench.sink.settle()
    with pytest.raises(StorageError) as refused:
        segment.close(ending(1))
    bench.sink.close()
    (booked,) = bench.ledger.segments_booked
    assert (refused.value.kept, len(booked.fragments), booked.recovered) == (RATE // 4, 1, True)
    assert bench.content(booked).startswith(joined(1, 30_000))


def test_books_that_refuse_do_not_stop_the_sink(tmp_path: Path) -> None:
    """An error of the books is logged; later segments are sealed, stored and offered all the same."""
    bench = Bench(tmp_path)
    offered = []

    def refuse(finished: Sequence[FinishedSegment]) -> None:
        offered.extend(finished)
        raise RejentError("no")

    bench.ledger.segments = refuse
    for run in ("first", "second"):
        segment = bench.open(run)
        segment.append(fragment(0))
        segment.close(ending(1))
        bench.sink.settle()
    bench.sink.close()
    assert [each.opening.run for each in offered] == ["first", "second"]
    assert len(list(bench.store.objects())) == 2


def test_names_tell_source_date_and_instant(bench: Bench) -> None:
    """An object can be placed by its name alone."""
    segment = bench.open()
    segment.append(fragment(0))
    segment.close(ending(1))
    bench.sink.close()
    source, day, file = bench.ledger.segments_booked[0].object_name.split("/")
    assert (source, day, file[:13]) == ("cam", "2026-11-21", "120000000000-")

"""From fragments to booked objects: in order, in bounded memory, with nothing whole lost when the store gives way."""

import errno
from collections.abc import Sequence
from pathlib import Path

import pytest

from rejent.kernel.errors import RejentError
from rejent.recording.contract import (
    FinishedSegment,
    GeneralCause,
    SourceStatus,
    State,
)
from rejent.recording.errors import StorageError
from rejent.streams.cameras.errors import CameraCause
from rejent.vault.age import SealedReader
from rejent.vault.store.object_store import Leftover
from tests.unit.recording.sink_bench import (
    RATE,
    START,
    FailingCalls,
    SinkBench,
    ending,
    fragment,
    joined,
)


@pytest.fixture
def bench(tmp_path: Path) -> SinkBench:
    """A sink whose store works."""
    return SinkBench(tmp_path)


def test_what_was_appended_is_what_the_key_opens(bench: SinkBench) -> None:
    """A closed segment is one durable object whose content, digest, size and index are as booked."""
    segment = bench.open()
    for number in range(5):
        segment.append(fragment(number, 50_000))
    segment.close(ending(5))
    bench.sink.close()
    (booked,) = bench.ledger.segments_booked
    assert bench.content(booked) == joined(5, 50_000)
    assert (booked.ending, booked.recovered) == (ending(5), False)
    assert [stored.size for stored in bench.store.objects()] == [booked.size]
    for number, place in enumerate(booked.fragments):
        at = joined(5, 50_000)[place.offset : place.offset + place.length]
        assert at == b"".join(fragment(number, 50_000).parts)
    assert bench.store.unfinished() == []


def test_everything_is_booked_in_the_order_it_happened(bench: SinkBench) -> None:
    """Segments, gaps, states and steps of one source are entered as they were handed over."""
    status = SourceStatus("cam", State.RECORDING, GeneralCause.NONE, START)
    for run in ("first", "second"):
        segment = bench.open(run)
        segment.append(fragment(0))
        segment.close(ending(1))
        bench.sink.gap("cam", START, None, CameraCause.STALLED)
        bench.sink.status(status)
    bench.sink.clock_stepped(3.0, START)
    bench.sink.close()
    gap = ("cam", START, None, CameraCause.STALLED)
    assert bench.ledger.booked == [
        "first",
        gap,
        State.RECORDING,
        "second",
        gap,
        State.RECORDING,
        (3.0, START),
    ]


def test_a_segment_without_fragments_leaves_no_trace(bench: SinkBench) -> None:
    """Nothing is booked and nothing stays in the store."""
    bench.open().close(ending(0))
    bench.sink.close()
    assert bench.ledger.booked == []
    assert list(bench.store.objects()) == bench.store.unfinished() == []


def test_without_a_day_key_nothing_begins(bench: SinkBench) -> None:
    """The recorder gets an error at once, and no file is made."""
    with pytest.raises(StorageError) as refused:
        bench.open(source="keyless")
    bench.sink.close()
    assert refused.value.cause is GeneralCause.NO_DAY_KEY
    assert bench.store.unfinished() == []


def test_settling_waits_until_all_is_booked(bench: SinkBench) -> None:
    """After settle everything handed over before is durable and booked, and the sink goes on."""
    segment = bench.open()
    segment.append(fragment(0))
    segment.close(ending(1))
    bench.sink.settle()
    assert bench.ledger.booked == ["run"]
    bench.sink.close()


def fill(bench: SinkBench, fragments: int, size: int) -> StorageError:
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
    """Whenever writing fails, whole fragments on the disk are booked as recovered and open; the rest is reported as lost."""
    bench = SinkBench(tmp_path, FailingCalls("write", after, error))
    refused = fill(bench, 8, 150_000)
    bench.sink.close()
    assert refused.cause is (
        GeneralCause.STORAGE_FULL if error == errno.ENOSPC else GeneralCause.STORAGE_FAILED
    )
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
    bench = SinkBench(tmp_path, FailingCalls("write", 5))
    refused = fill(bench, 8, 150_000)
    bench.sink.close()
    assert refused.kept > 0
    assert len(bench.ledger.segments_booked) == 1


def test_a_disk_that_takes_no_file_is_reported_at_the_next_fragment(tmp_path: Path) -> None:
    """The first fragment after the failed beginning is refused, nothing is kept, and another segment may be tried."""
    bench = SinkBench(tmp_path, FailingCalls("create", 0))
    refused = fill(bench, 1, 1000)
    bench.sink.close()
    assert (refused.cause, refused.kept) == (GeneralCause.STORAGE_FULL, 0)
    assert bench.ledger.booked == []


@pytest.mark.parametrize("kind", ["fsync", "link"])
def test_a_segment_that_cannot_be_made_durable_is_booked_as_recovered(tmp_path: Path, kind: str) -> None:
    """An object whose last step fails once is published as it is and booked as truncated with what it holds."""
    calls = FailingCalls(kind, 0, errno.EIO, times=0)
    bench = SinkBench(tmp_path, calls)
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


def test_what_the_store_did_not_let_be_salvaged_waits_until_it_takes_something(tmp_path: Path) -> None:
    """A disk that fails a segment and its salvage too is asked again with the next segment it takes; both are booked, and nothing is left."""
    calls = FailingCalls("fsync", 0, errno.EIO, times=0)
    bench = SinkBench(tmp_path, calls)
    first = bench.open()
    for number in range(4):
        first.append(fragment(number, 100_000))
    bench.sink.settle()
    calls.times = 2
    first.close(ending(4))
    bench.sink.settle()
    assert (calls.times, bench.ledger.segments_booked) == (0, [])
    assert [each.kind for each in bench.store.unfinished()] == [Leftover.PART]
    second = bench.open()
    second.append(fragment(0, 500))
    second.close(ending(1))
    bench.sink.close()
    booked = {segment.recovered: segment for segment in bench.ledger.segments_booked}
    assert bench.content(booked[True]).startswith(joined(3, 100_000))
    assert bench.content(booked[False]) == joined(1, 500)
    assert bench.store.unfinished() == []


def test_a_slow_source_keeps_its_tail_beside_the_object(bench: SinkBench) -> None:
    """Chunks that fill slowly have a companion each second, so that a killed recorder loses no whole fragment."""
    segment = bench.open()
    for number in range(3):
        segment.append(fragment(number, 500))
    bench.sink.settle()
    (part,) = [each for each in bench.store.unfinished() if each.kind is Leftover.PART]
    tails = bench.store.open_companions(part.name)
    with bench.store.open_unfinished(part.name) as unfinished:
        reader = SealedReader(unfinished, [bench.identity], truncated=True, tails=tails)
        assert reader.read(0, reader.size) == joined(3, 500)
    segment.close(ending(3))
    bench.sink.close()
    assert bench.store.unfinished() == []


def test_a_companion_that_cannot_be_written_ends_the_segment(tmp_path: Path) -> None:
    """A full disk found by the companion is a full disk."""
    bench = SinkBench(tmp_path, FailingCalls("create", 1))
    refused = fill(bench, 3, 500)
    bench.sink.close()
    assert refused.cause is GeneralCause.STORAGE_FULL


def test_a_torn_companion_costs_no_whole_fragment(tmp_path: Path) -> None:
    """Whole fragments in the object are booked and open though a full disk truncates the first companion."""
    bench = SinkBench(tmp_path, FailingCalls("write", 2))
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
    bench = SinkBench(tmp_path)
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


def test_object_names_contain_source_date_and_instant(bench: SinkBench) -> None:
    """An object can be placed by its name alone."""
    segment = bench.open()
    segment.append(fragment(0))
    segment.close(ending(1))
    bench.sink.close()
    source, day, file = bench.ledger.segments_booked[0].object_name.split("/")
    assert (source, day, file[:13]) == ("cam", "2026-11-21", "120000000000-")

"""Records on their way into the sink: each under its own day's key, once, and told of when it is durable."""

import errno
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from rejent.formats.record_index import Coverage, RecordIndex
from rejent.formats.records import Origin, Record, instant, records_of, whole_packets
from rejent.kernel.clock import civil_date
from rejent.recording.contract import Cause, FinishedSegment, GeneralCause
from rejent.recording.errors import StorageError
from rejent.recording.records import MOST_IN_PACKET, RecordForm, Records
from rejent.vault.age import Recipient
from tests.unit.recording.sink_bench import DAY, START, FailingCalls, SinkBench

TABLET = Origin("tablet", "7b")
SECOND, ONE_DAY = timedelta(seconds=1), timedelta(days=1)
FORM = RecordForm("text/plain", lasts_s=3600)


class RecordBench(SinkBench):
    """A sink that has keys of today and yesterday."""

    def __init__(self, folder: Path, *, form: RecordForm = FORM, **options: object) -> None:
        super().__init__(folder, **options)  # type: ignore[arg-type]
        self.records = Records("source", self.sink, form, lambda: START)
        self.told: list[Cause] = []

    def key_of(self, source_id: str, day: date) -> Recipient | None:
        """The same key for both days."""
        return self.identity.recipient if source_id and DAY - ONE_DAY <= day <= DAY else None

    def finish(self) -> list[FinishedSegment]:
        """Close everything; the segments by their days."""
        self.records.close()
        self.sink.close()
        return sorted(self.ledger.segments_booked, key=lambda each: each.opening.day)

    def read(self, segment: FinishedSegment) -> list[Record]:
        """The records of an object as they lie, whose index says the same of them."""
        content = self.content(segment)
        packets = [records_of(each) for each in whole_packets(content)]
        for place, records in zip(segment.fragments, packets, strict=True):
            instants = [each.at for each in records]
            first = instant(segment.ending.start, place.time)
            assert (first, instant(first, place.duration - 1)) == (min(instants), max(instants))
            assert instants == sorted(instants)
        return [one for each in packets for one in each]


@pytest.fixture
def bench(tmp_path: Path) -> RecordBench:
    """A sink whose store works."""
    return RecordBench(tmp_path)


def record(sequence: int, at: datetime, origin: Origin | None = TABLET) -> Record:
    """A record of a tablet whose clock is a minute fast."""
    return Record(at, (f"nr {sequence}".encode(),), origin, sequence, at + 60 * SECOND if origin else None)


def numbers(records: Sequence[Record]) -> list[int]:
    """Their sequences."""
    return [each.sequence for each in records]


def test_what_was_taken_is_what_the_key_opens(bench: RecordBench) -> None:
    """With its instant, the clock, boot and sequence of its device; one without a device has none of them."""
    given = [record(0, START), Record(START + SECOND, (b"a", b"b")), record(1, START + 2 * SECOND)]
    taken = bench.records.take(given, bench.told.append)
    (segment,) = bench.finish()
    read = bench.read(segment)
    assert [(each.at, each.content, each.origin, each.clock) for each in read] == [
        (each.at, each.content, each.origin, each.clock) for each in given
    ]
    assert (taken.kept, taken.doubled, taken.refused.total()) == (3, 0, 0)
    assert (segment.ending.units, segment.ending.start, segment.ending.end) == (
        3,
        START,
        instant(START + 2 * SECOND, 1),
    )


def test_what_comes_out_of_order_lies_in_a_segment_that_knows_its_interval(bench: RecordBench) -> None:
    """Also where a later delivery is earlier than what the segment began with."""
    for sequence, seconds in ((5, 50), (3, 30), (4, 40), (1, -10)):
        bench.records.take([record(sequence, START + seconds * SECOND)])
        bench.sink.settle()
    (segment,) = bench.finish()
    assert (segment.ending.start, segment.ending.end) == (
        START - 10 * SECOND,
        instant(START + 50 * SECOND, 1),
    )
    assert sorted(numbers(bench.read(segment))) == [1, 3, 4, 5]
    index = RecordIndex(segment.fragments, segment.ending.coverage or Coverage())
    assert RecordIndex.decode(index.encode()) == index
    assert index.coverage.ranges == {TABLET: [(1, 2), (3, 6)]}


def test_days_of_one_delivery_are_objects_of_their_own(bench: RecordBench) -> None:
    """Each under the key of its day; who delivered them is told once both are durable."""
    given = [record(0, START), record(1, START - ONE_DAY), record(2, START)]
    assert bench.records.take(given, bench.told.append).kept == 3
    assert bench.told == []
    segments = bench.finish()
    assert [(each.opening.day, numbers(bench.read(each))) for each in segments] == [
        (DAY - ONE_DAY, [1]),
        (DAY, [0, 2]),
    ]
    assert bench.told == [GeneralCause.NONE]


def test_a_day_that_is_over_is_refused_and_counted(bench: RecordBench) -> None:
    """The rest of the delivery is kept; a day to come without a key is no day that is over, and is delivered again."""
    taken = bench.records.take([record(0, START), record(1, START - 9 * ONE_DAY)], bench.told.append)
    assert (taken.kept, dict(taken.refused)) == (1, {DAY - 9 * ONE_DAY: 1})
    with pytest.raises(StorageError) as refused:
        bench.records.take([record(2, START + ONE_DAY)], bench.told.append)
    assert refused.value.cause is GeneralCause.NO_DAY_KEY
    (segment,) = bench.finish()
    assert numbers(bench.read(segment)) == [0]
    assert bench.told == [GeneralCause.NONE]


def test_where_senders_wait_a_day_that_is_over_is_refused_as_well(tmp_path: Path) -> None:
    """Whoever waits for its receipt is told so at once."""
    bench = RecordBench(tmp_path, form=RecordForm("text/plain", lasts_s=0))
    taken = bench.records.take(
        [record(0, START - 9 * ONE_DAY), record(1, START - ONE_DAY)], bench.told.append
    )
    assert (taken.kept, taken.refused.total()) == (1, 1)
    assert len(bench.finish()) == 1
    assert bench.told == [GeneralCause.NONE]


def test_what_is_told_twice_is_kept_once(bench: RecordBench) -> None:
    """In one delivery and in the next, which waits for the object that holds it; another boot begins anew."""
    assert bench.records.take([record(0, START), record(0, START)]).doubled == 1
    again = [record(0, START + SECOND), record(0, START, Origin("tablet", "7c")), record(0, START, None)]
    assert bench.records.take(again, bench.told.append).doubled == 1
    assert bench.records.take([record(0, START)], bench.told.append).doubled == 1
    assert bench.told == []
    (segment,) = bench.finish()
    assert segment.ending.units == len(bench.read(segment)) == 3
    assert bench.told == [GeneralCause.NONE] * 2


def test_what_was_kept_before_a_start_is_known_after_it(tmp_path: Path) -> None:
    """By the coverage of what was booked."""
    bench = RecordBench(tmp_path)
    known = Coverage.of([record(0, START), record(1, START)])
    bench.records = Records("source", bench.sink, FORM, lambda: START, known=known)
    taken = bench.records.take([record(number, START) for number in range(3)], bench.told.append)
    assert (taken.kept, taken.doubled) == (1, 2)
    assert numbers(bench.read(bench.finish()[0])) == [2]


def test_many_small_records_share_a_packet(bench: RecordBench) -> None:
    """So that a hundred thousand of them are a few places in an index."""
    bench.records.take(record(number, START + number * SECOND / 1000) for number in range(3 * MOST_IN_PACKET))
    (segment,) = bench.finish()
    assert numbers(bench.read(segment)) == list(range(3 * MOST_IN_PACKET))
    assert len(segment.fragments) <= 9


def test_a_batch_becomes_an_object_when_its_time_is_over(tmp_path: Path) -> None:
    """By the wall, though nothing more comes."""
    bench = RecordBench(tmp_path, form=RecordForm("text/plain", lasts_s=0.01))
    bench.records.take([record(0, START)], bench.told.append)
    while not bench.told:
        bench.sink.settle()
    assert bench.told == [GeneralCause.NONE]
    assert len(bench.finish()) == 1


def test_what_comes_while_an_object_is_made_durable_is_the_next(tmp_path: Path) -> None:
    """Where nobody may wait, objects are the fewer the more is received."""
    bench = RecordBench(tmp_path, form=RecordForm("text/plain", apart=True, lasts_s=0, most=64))
    for number in range(200):
        bench.records.take([record(number, START + number * SECOND / 1000)], bench.told.append)
    segments = bench.finish()
    assert sum(each.ending.units for each in segments) == 200
    assert max(each.ending.units for each in segments) <= 64
    assert all(len(each.fragments) == each.ending.units for each in segments)
    assert bench.told == [GeneralCause.NONE] * 200


@pytest.mark.parametrize("kind", ["fsync", "link", "write", "create"])
def test_what_the_store_did_not_keep_is_told_and_taken_again(tmp_path: Path, kind: str) -> None:
    """Who delivered it keeps it, and delivers it again; it is no double."""
    calls = FailingCalls(kind, 0, errno.EIO, times=0)
    bench = RecordBench(tmp_path, calls=calls)
    calls.times = 1
    bench.records.take([record(0, START)], bench.told.append)
    bench.records.close()
    bench.sink.settle()
    assert bench.told == [GeneralCause.STORAGE_FAILED]
    assert bench.records.take([record(0, START)], bench.told.append).kept == 1
    whole = [each for each in bench.finish() if not each.recovered]
    assert [numbers(bench.read(each)) for each in whole] == [[0]]
    assert bench.told == [GeneralCause.STORAGE_FAILED, GeneralCause.NONE]


def test_instants_of_a_batch_lie_no_further_apart_than_its_form_says(tmp_path: Path) -> None:
    """A search for what reaches into an interval is bounded by it."""
    bench = RecordBench(tmp_path, form=RecordForm("text/plain", lasts_s=3600, spans=30 * SECOND))
    bench.records.take(
        [record(number, START + number * 20 * SECOND) for number in range(4)], bench.told.append
    )
    assert [each.ending.units for each in bench.finish()] == [2, 2]
    assert bench.told == [GeneralCause.NONE]
    assert civil_date(START) == DAY

"""Shares of sources: no stalled store and no greedy source takes the room of the others."""

import itertools
import threading
from functools import partial
from pathlib import Path

import pytest

from rejent.recording.backlog import MOST_JOBS
from rejent.recording.contract import (
    Cause,
    GeneralCause,
    SegmentOpening,
)
from rejent.recording.errors import StorageError
from rejent.recording.sealed_segment import FRAGMENT_WEIGHT, SealedSegment
from rejent.recording.sink import MOST_A_TRANSACTION, SealingSink
from rejent.vault.age import Identity
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.object_store import ObjectWriter
from tests.unit.recording.sink_bench import (
    DAY,
    INIT,
    RATE,
    START,
    Ledger,
    ending,
    fragment,
)
from tests.waiting import CEILING_S


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
    """Backlog fragments are bounded; the one too many is refused with its cause, and all before it are recorded whole."""
    identity, ledger, store = Identity.generate(), Ledger(), StuckStore(tmp_path)
    room = 6 * (1000 + FRAGMENT_WEIGHT)
    sink = SealingSink(store, lambda _source, _day: identity.recipient, ledger, most_waiting=room)
    segment = sink.open_segment(SegmentOpening("cam", DAY, START, INIT, "video/mp4", RATE, "run"))
    for number in range(3):
        segment.append(fragment(number))
    with pytest.raises(StorageError) as refused:
        segment.append(fragment(3))
    assert (refused.value.cause, refused.value.kept) == (GeneralCause.STORAGE_SLOW, 3 * RATE)
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


def stuck(folder: Path, **options: float) -> tuple[SealingSink, StuckStore, Ledger]:
    """A sink on a store that does not answer, what to let go, and its books."""
    identity, ledger, store = Identity.generate(), Ledger(), StuckStore(folder)
    return SealingSink(store, lambda _source, _day: identity.recipient, ledger, **options), store, ledger


def opening(source: str) -> SegmentOpening:
    """The beginning of a segment of a source."""
    return SegmentOpening(source, DAY, START, INIT, "video/mp4", RATE, source)


def appended(segment: SealedSegment) -> int:
    """Count the fragments a segment takes until it refuses one."""
    for number in itertools.count():
        try:
            segment.append(fragment(number))
        except StorageError:
            return number
    raise AssertionError


def test_a_source_may_begin_no_more_than_its_share(tmp_path: Path) -> None:
    """The backlog of one source is bounded, whatever it begins; another one is not affected."""
    sink, store, ledger = stuck(tmp_path)
    begun = 0
    while not sink.backlog.is_full("flood"):
        sink.open_segment(opening("flood"))
        begun += 1
    with pytest.raises(StorageError) as refused:
        sink.open_segment(opening("flood"))
    assert refused.value.cause is GeneralCause.STORAGE_SLOW
    assert begun == sink.backlog.jobs("flood") == MOST_JOBS
    honest = sink.open_segment(opening("honest"))
    for number in range(20):
        honest.append(fragment(number))
    honest.close(ending(20))
    store.answers.set()
    sink.settle()
    sink.close()
    assert ledger.booked.count("honest") == 1
    assert [sink.backlog.jobs(source) for source in ("flood", "honest")] == [0, 0]


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
    assert max(ledger.together) <= MOST_A_TRANSACTION


def test_who_waits_is_told_before_the_database(tmp_path: Path) -> None:
    """A durable segment is told of at once, and booked with those that are durable a little later."""
    sink, store, ledger = stuck(tmp_path, gathers_s=60)
    told: list[str] = []
    both = threading.Event()

    def tell(source: str, cause: Cause) -> None:
        assert not cause
        told.append(source)
        if len(told) == 2:
            both.set()

    store.answers.set()
    for source in ("one", "two"):
        segment = sink.open_segment(opening(source))
        segment.append(fragment(0))
        segment.close(ending(1), partial(tell, source))
    assert both.wait(CEILING_S)
    assert ledger.together == []
    sink.close()
    assert (told, ledger.together) == (["one", "two"], [2])

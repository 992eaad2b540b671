"""The act of sealing binds the plain content: of a whole segment, of one the store gave up, and of one a killed recorder left."""

import errno
from pathlib import Path

import pytest

from rejent.catalog import queries
from rejent.catalog.acts import SEGMENT_SEALED
from rejent.formats.content_tree import ContentTree, bound_by, read_leaves, read_tree, unframed
from rejent.formats.source import BytesSource
from rejent.recording.contract import FinishedSegment
from rejent.recording.errors import StorageError
from rejent.recording.sealed_segment import LEAVES_TOGETHER
from rejent.registers.queries import committed_facts
from rejent.vault.age import SealedReader
from rejent.vault.store.object_store import Leftover
from rejent.vault.store.spool import spool_path
from tests.unit.recording.sink_bench import RATE, FailingCalls, SinkBench, ending, fragment, joined
from tests.unit.recording.test_recovery import ONE, Killed, killed

__all__ = ["killed"]


def tree_of(bench: SinkBench, booked: FinishedSegment) -> ContentTree:
    """The tree of an object, read with its key."""
    with bench.store.open(booked.object_name) as sealed:
        reader = SealedReader(sealed, [bench.identity], truncated=booked.recovered)
        return read_tree(reader.content_secret, reader, booked.fragments, unframed)


def test_a_segment_is_booked_with_what_binds_its_content(tmp_path: Path) -> None:
    """Whoever opens the object reads the tree that was booked; another object of the same content has another."""
    bench = SinkBench(tmp_path)
    for run in ("one", "two"):
        segment = bench.open(run)
        for number in range(5):
            segment.append(fragment(number, 50_000))
        segment.close(ending(5))
    bench.sink.close()
    one, two = bench.ledger.segments_booked
    assert one.content is not None
    assert one.content == tree_of(bench, one).whole()
    assert (one.content.fragments, len(one.content.frame)) == (5, 32)
    assert two.content is not None
    assert {one.content.root, one.content.frame}.isdisjoint({two.content.root, two.content.frame})
    assert bench.store.unfinished() == []


@pytest.mark.parametrize(("size", "ticks"), [(50_000, RATE), (300, RATE), (300, RATE // 10)])
def test_leaves_lie_beside_an_object_of_the_fragments_that_a_kill_leaves_whole(
    tmp_path: Path, size: int, ticks: int
) -> None:
    """In chunks, or in the companion; of no fragment that would be lost."""
    bench = SinkBench(tmp_path)
    segment = bench.open()
    for number in range(9):
        segment.append(fragment(number, size, ticks=ticks))
    bench.sink.settle()
    (part,) = [each for each in bench.store.unfinished() if each.kind is Leftover.PART]
    leaves = read_leaves(bench.store.read_leaves(part.name))
    with bench.store.open_unfinished(part.name) as left:
        tails = bench.store.open_companions(part.name)
        reader = SealedReader(left, [bench.identity], truncated=True, tails=tails)
        content, secret = reader.read(), reader.content_secret
    whole = [number for number in range(9) if content.startswith(joined(number + 1, size))]
    tree = ContentTree(secret)
    for number in whole:
        list(tree.fragment(fragment(number, size).parts))
    assert leaves == tree.leaves[: len(leaves)]
    assert 0 <= len(tree.leaves) - len(leaves) < LEAVES_TOGETHER <= len(leaves)
    segment.close(ending(9))
    bench.sink.close()
    assert bench.store.unfinished() == []


def test_what_the_store_gave_up_is_bound_as_far_as_it_is_kept(tmp_path: Path) -> None:
    """Fragments that are whole on the disk, without a frame."""
    calls = FailingCalls("fsync", 0, errno.EIO, times=0)
    bench = SinkBench(tmp_path, calls)
    segment = bench.open()
    for number in range(4):
        segment.append(fragment(number, 100_000))
    bench.sink.settle()
    calls.times = 1
    segment.close(ending(4))
    bench.sink.close()
    (booked,) = bench.ledger.segments_booked
    assert (booked.recovered, len(booked.fragments)) == (True, 3)
    assert booked.content == tree_of(bench, booked).begun(3)


def test_leaves_that_do_not_fit_the_disk_end_the_segment(tmp_path: Path) -> None:
    """Nothing is recorded that could not be bound after a kill; what was whole is kept."""
    bench = SinkBench(tmp_path, FailingCalls("write", 5))
    segment = bench.open()
    for number in range(LEAVES_TOGETHER + 1):
        segment.append(fragment(number, 100_000))
        bench.sink.settle()
    with pytest.raises(StorageError):
        segment.append(fragment(LEAVES_TOGETHER + 1, 100_000))
    bench.sink.close()
    (booked,) = bench.ledger.segments_booked
    assert booked.recovered


@pytest.mark.parametrize("torn", [0, 5])
def test_the_act_of_a_killed_recorders_object_binds_what_it_had_taken(killed: Killed, torn: int) -> None:
    """The leaves beside it are enough, without a key; one that was cut short counts for nothing."""
    name = killed.name(ONE)
    killed.write(name, finished=False)
    leaves = [bytes([number]) * 32 for number in range(3)]
    spool_path(killed.house.vault, name, ".leaves").write_bytes(b"".join(leaves) + b"x" * torn)
    killed.start_again()
    (segment,) = killed.booked()
    bound = bound_by(leaves)
    assert bound is not None
    assert bound.is_stated(committed_facts(segment.entry, SEGMENT_SEALED.name))
    assert queries.segment(segment.id).recovered


def test_without_leaves_the_act_binds_nothing(killed: Killed) -> None:
    """It says so by its silence."""
    killed.write(killed.name(ONE), finished=False)
    killed.start_again()
    (segment,) = killed.booked()
    assert "content_root" not in committed_facts(segment.entry, SEGMENT_SEALED.name)


def test_a_frame_is_what_stands_between_and_behind_the_fragments_too() -> None:
    """A byte behind the last fragment changes the frame alone."""
    tree = read_tree(bytes(32), BytesSource(joined(1)), (), unframed).whole()
    longer = read_tree(bytes(32), BytesSource(joined(1) + b"x"), (), unframed).whole()
    assert tree.root == longer.root
    assert tree.frame != longer.frame

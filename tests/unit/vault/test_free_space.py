"""Recordings leave the last room of a disk free; what makes room again may use it."""

from pathlib import Path

import pytest

from rejent.vault.age import Identity, SealWriter
from rejent.vault.errors import SealingStoppedError, StorageFullError
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.free_space import RESERVE, reserve_bytes
from rejent.vault.store.posix import PosixCalls
from rejent.vault.unfinished import recover_unfinished

NAME, OTHER = "cam/2026-11-21/one.age", "cam/2026-11-21/two.age"
TOTAL = 1 << 30
SMALL_RESERVE = TOTAL // 50


class SmallDisk(PosixCalls):
    """A disk of one GiB with as much free as is told; counts how often it is asked."""

    def __init__(self, free: int) -> None:
        self.free = free
        self.asked = 0

    def free_space(self, folder: Path) -> tuple[int, int]:  # noqa: ARG002 - the port's signature
        """What was told."""
        self.asked += 1
        return self.free, TOTAL


@pytest.mark.parametrize(
    ("total", "kept"), [(0, 0), (TOTAL, SMALL_RESERVE), (8 << 30, (8 << 30) // 50), (1 << 40, RESERVE)]
)
def test_the_reserve_is_a_fiftieth_of_a_small_disk_and_no_more_than_is_needed(total: int, kept: int) -> None:
    """A large disk does not lose a fiftieth; a file system that does not tell its size is not refused."""
    assert reserve_bytes(total) == kept


def test_nothing_begins_in_the_reserve_nor_shortly_before_it(tmp_path: Path) -> None:
    """A new object needs a fourth of the reserve beyond it, and then begins."""
    disk = SmallDisk(SMALL_RESERVE * 5 // 4 - 1)
    store = DiskStore(tmp_path, disk)
    with pytest.raises(StorageFullError) as refused:
        store.create(NAME)
    assert "22 MB" in str(refused.value)
    assert list(tmp_path.iterdir()) == []
    disk.free += 1
    store.create(NAME).abort()


def test_an_object_ends_where_the_reserve_begins_and_what_was_written_is_kept(tmp_path: Path) -> None:
    """The write that would take of the reserve is refused, nothing more is taken, and the object is recovered as it is."""
    disk = SmallDisk(TOTAL)
    store, key = DiskStore(tmp_path, disk), Identity.generate()
    writer = store.create(NAME)
    seal = SealWriter(writer.write, [key.recipient])
    disk.free = SMALL_RESERVE - 1
    with pytest.raises(StorageFullError):
        seal.write(bytes(2 * SMALL_RESERVE))
    with pytest.raises(SealingStoppedError):
        writer.write(b"more")
    writer.leave()
    kept = recover_unfinished(store, NAME)
    assert kept is not None
    assert 0 < kept.size <= SMALL_RESERVE // 16


def test_the_room_is_measured_by_what_was_written(tmp_path: Path) -> None:
    """A hundred small writes ask the disk once, when the object begins; each sixteenth of the reserve asks again."""
    disk = SmallDisk(TOTAL)
    with DiskStore(tmp_path, disk).create(NAME) as writer:
        for _ in range(100):
            writer.write(bytes(1000))
        assert disk.asked == 1
        for _ in range(4):
            writer.write(bytes(SMALL_RESERVE // 16 + 1))
        assert disk.asked == 5
        writer.commit()
    assert disk.asked == 5


def test_what_makes_room_again_may_use_the_reserve(tmp_path: Path) -> None:
    """Survivors of a destruction, replacements and companions are written while recordings are refused."""
    disk = SmallDisk(TOTAL)
    store = DiskStore(tmp_path, disk)
    with store.create(NAME) as writer:
        writer.write(b"old")
        writer.commit()
    disk.free = 1 << 20
    with store.create(OTHER, into_reserve=True) as writer:
        writer.write(b"survivor")
        writer.commit()
    with store.replace(NAME) as writer:
        writer.write(b"new")
        writer.write_companion(b"companion")
        writer.commit()
    assert {stored.name for stored in store.objects()} == {NAME, OTHER}

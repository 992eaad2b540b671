"""What is taken back though its key lives on: nobody who finds the file on the disk again can open it."""

import os
import stat
from pathlib import Path

import pytest

from rejent.vault.age import Identity, SealedReader, SealWriter
from rejent.vault.errors import SealedObjectError, StorageError
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.disk_files import COMPANION_SUFFIXES
from rejent.vault.store.posix import PosixCalls

NAME = "line/2026-03-29/0001.age"
KEY = Identity.generate()
CONTENT = bytes(100_000)


class FoundAgain:
    """A file that lost its name and that somebody still reads."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.size = os.fstat(self._file.fileno()).st_size

    def read_at(self, offset: int, length: int) -> bytes:
        """Bytes of it."""
        return os.pread(self._file.fileno(), length, offset)

    def close(self) -> None:
        """Let it go."""
        self._file.close()


@pytest.fixture
def store(tmp_path: Path) -> DiskStore:
    """An empty store."""
    return DiskStore(tmp_path)


def test_the_companion_of_what_is_aborted_does_not_open_any_more(store: DiskStore) -> None:
    """It holds what was said last, and the wrapped key: nothing of its files can be read any more."""
    with store.create(NAME) as writer:
        sealing = SealWriter(writer.write, [KEY.recipient])
        for _ in range(3):
            sealing.write(CONTENT[:1000])
            writer.write_companion(sealing.companion())
        found = [FoundAgain(Path(f"{writer.part.with_suffix('')}{suffix}")) for suffix in COMPANION_SUFFIXES]
        assert [SealedReader(one, [KEY]).size for one in found] == [3000, 2000]
    assert store.unfinished() == []
    for one in found:
        assert not one.read_at(0, one.size).strip(bytes(1))
        one.close()


def test_what_is_aborted_does_not_open_any_more(store: DiskStore) -> None:
    """Its chunks may still lie on the disk; the wrapped key before them does not."""
    with store.create(NAME) as writer:
        sealing = SealWriter(writer.write, [KEY.recipient])
        sealing.write(CONTENT)
        found = FoundAgain(writer.part)
        assert SealedReader(found, [KEY], truncated=True).size
    assert not list(store.objects())
    with pytest.raises(SealedObjectError):
        SealedReader(found, [KEY], truncated=True)
    found.close()


@pytest.mark.parametrize("overwrite_heads", [True, False])
def test_a_removed_object_does_not_open_where_it_was_blanked(
    store: DiskStore, *, overwrite_heads: bool
) -> None:
    """An ordinary removal leaves that to the death of the key."""
    with store.create(NAME) as writer:
        sealing = SealWriter(writer.write, [KEY.recipient])
        sealing.write(CONTENT)
        sealing.finish()
        writer.commit()
    found = FoundAgain(store.root / NAME)
    assert store.remove([NAME], overwrite_heads=overwrite_heads) == 1
    if overwrite_heads:
        with pytest.raises(SealedObjectError):
            SealedReader(found, [KEY], truncated=True)
    else:
        assert SealedReader(found, [KEY]).size == len(CONTENT)
    found.close()


class FailingFolder(PosixCalls):
    """A disk that makes files durable, and folders only as long as it is told to."""

    fails = False

    def fsync(self, number: int) -> None:
        """Fails for folders."""
        if self.fails and stat.S_ISDIR(os.fstat(number).st_mode):
            raise OSError(5, "no")
        super().fsync(number)


def test_an_object_that_may_be_visible_already_is_left_alone(tmp_path: Path) -> None:
    """Where only the folder could not be made durable, giving the object up writes nothing over."""
    disk = FailingFolder()
    store = DiskStore(tmp_path, calls=disk)
    with store.create(NAME) as writer:
        sealing = SealWriter(writer.write, [KEY.recipient])
        sealing.write(CONTENT)
        sealing.finish()
        found = FoundAgain(writer.part)
        disk.fails = True
        with pytest.raises(StorageError):
            writer.commit()
    assert SealedReader(found, [KEY]).size == len(CONTENT)
    found.close()

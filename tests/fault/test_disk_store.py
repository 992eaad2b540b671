"""Whatever the disk or the machine does, nothing acknowledged is lost and nothing half-made is visible."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from errno import EACCES, EDQUOT, EIO, ENOSPC, EROFS
from pathlib import Path

import pytest

from rejent.kernel.errors import RejentError
from rejent.vault.age.random_access import Buffer
from rejent.vault.errors import (
    FolderInUseError,
    FolderMismatchError,
    ObjectMissingError,
    SealingStoppedError,
    StorageError,
    StorageFailedError,
    StorageFullError,
    StorageReadOnlyError,
)
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.lock import FolderLock
from rejent.vault.store.object_store import Leftover
from rejent.vault.store.posix import SPOOL
from rejent.vault.store.spool import spool_path
from tests.fault.failing_calls import FailingCalls

OLD, NEW, DOOMED = "cam/2026-03-29/old.age", "cam/2026-03-30/new.age", "cam/2026-03-29/doomed.age"
CONTENT = {OLD: b"old" * 5000, NEW: b"new" * 9000, DOOMED: b"doomed" * 10}
COMPANIONS = (b"companion", b"next", b"last")
KIND = {
    ENOSPC: StorageFullError,
    EDQUOT: StorageFullError,
    EROFS: StorageReadOnlyError,
    EIO: StorageFailedError,
}


class NearlyFullCalls(FailingCalls):
    """Failing calls on a disk that is nearly full: it takes a third of what is given at a time."""

    def write(self, number: int, content: Buffer) -> int:
        """Append a third."""
        return super().write(number, memoryview(content)[: len(content) // 3 + 1])


def put(store: DiskStore, name: str, content: bytes) -> None:
    """Write and commit an object with a companion on the way."""
    with store.create(name) as writer:
        writer.write(content[:1000])
        for companion in COMPANIONS:
            writer.write_companion(companion)
        writer.write(content[1000:])
        writer.commit()


def create(store: DiskStore) -> None:
    """Store a new object."""
    put(store, NEW, CONTENT[NEW])


def replace(store: DiskStore) -> None:
    """Replace an object."""
    with store.replace(OLD) as writer:
        writer.write(CONTENT[NEW])
        writer.commit()


def replace_head(store: DiskStore) -> None:
    """Replace the head of an object."""
    store.replace_head(OLD, 3, b"NEW")


def remove(store: DiskStore) -> None:
    """Remove an object."""
    store.remove([DOOMED])


def mark(store: DiskStore) -> None:
    """Write the mark of the folder."""
    store.write_mark(b"second")


ACTS: list[Callable[[DiskStore], None]] = [create, replace, replace_head, remove, mark]
AFTER: dict[Callable[[DiskStore], None], dict[str, bytes]] = {
    create: {NEW: CONTENT[NEW]},
    replace: {OLD: CONTENT[NEW]},
    replace_head: {OLD: b"NEW" + CONTENT[OLD][3:]},
    remove: {},
    mark: {},
}


def contents(store: DiskStore) -> dict[str, bytes]:
    """Every visible object and what it holds."""
    found = {}
    for stored in store.objects():
        with store.open(stored.name) as opened:
            found[stored.name] = opened.read_at(0, opened.size)
    return found


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
@pytest.mark.parametrize("error", [ENOSPC, EDQUOT, EROFS, EIO, EACCES])
def test_any_failing_call_leaves_the_store_whole(
    tmp_path: Path, act: Callable[[DiskStore], None], error: int
) -> None:
    """Whichever call of an act fails, objects are as before or as after it, as after if it was acknowledged, and it can be repeated."""
    for fails in range(200):
        folder = tmp_path / f"{fails}"
        folder.mkdir()
        sound = DiskStore(folder)
        for name in (OLD, DOOMED):
            put(sound, name, CONTENT[name])
        sound.write_mark(b"first")
        before = contents(sound)
        after = before | AFTER[act]
        calls = NearlyFullCalls(fails, error)
        acknowledged = True
        reported: list[RejentError] = []
        try:
            act(DiskStore(folder, calls))
        except (StorageError, ObjectMissingError) as failure:
            acknowledged = False
            reported.append(failure)
        assert all(isinstance(each, KIND.get(error, StorageFailedError)) and each.advice for each in reported)
        found = contents(DiskStore(folder))
        check_whole(act, before, after, found, acknowledged=acknowledged)
        assert sound.read_mark() in {b"first", b"second"}
        assert list(sound.unknown_files()) == []
        clean_up_and_repeat(sound, act, after)
        if len(calls.made) <= fails:
            break
    assert 3 < fails < 199


def check_whole(
    act: Callable[[DiskStore], None],
    before: dict[str, bytes],
    after: dict[str, bytes],
    found: dict[str, bytes],
    *,
    acknowledged: bool,
) -> None:
    """Compare what is visible with what may be."""
    if act is remove:
        assert set(before) - set(found) <= {DOOMED}
        assert not acknowledged or DOOMED not in found
        found = {DOOMED: CONTENT[DOOMED]} | found
    assert found in ([after] if acknowledged else [before, after])


def clean_up_and_repeat(store: DiskStore, act: Callable[[DiskStore], None], after: dict[str, bytes]) -> None:
    """Clear the leftovers as a starting program does, and do the act again."""
    for left in store.unfinished():
        store.discard(left.name, left.kind)
    if act is create:
        store.remove([NEW])
    if act is not replace_head or contents(store) != after:
        act(store)
    assert contents(store) == {
        name: content for name, content in after.items() if act is not remove or name != DOOMED
    }
    assert store.unfinished() == []


def test_after_a_failed_fsync_the_object_is_given_up(tmp_path: Path) -> None:
    """When the data could not be made durable, neither write nor commit is tried again, and the object stays invisible."""
    probe = NearlyFullCalls(-1, EIO)
    put(DiskStore(make(tmp_path / "probe"), probe), NEW, CONTENT[NEW])
    first_fsync_of_data = probe.made.index("fsync", probe.made.index("create"))
    calls = NearlyFullCalls(first_fsync_of_data, EIO)
    store = DiskStore(make(tmp_path / "store"), calls)
    writer = store.create(NEW)
    writer.write(CONTENT[NEW][:1000])
    for companion in COMPANIONS:
        writer.write_companion(companion)
    writer.write(CONTENT[NEW][1000:])
    with pytest.raises(StorageFailedError):
        writer.commit()
    assert calls.made[-1] == "fsync"
    for act in (writer.commit, writer.sync, lambda: writer.write(b"more")):
        with pytest.raises(SealingStoppedError):
            act()
    assert list(store.objects()) == []
    writer.leave()
    assert [left.kind for left in store.unfinished()] == [Leftover.PART, Leftover.TAIL, Leftover.TAIL]


def make(folder: Path) -> Path:
    """Make a folder."""
    folder.mkdir()
    return folder


def test_everything_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Files have mode 0600 and folders 0700, whatever the mask of the process."""
    before = os.umask(0)
    try:
        store = DiskStore(tmp_path)
        put(store, NEW, CONTENT[NEW])
        store.write_mark(b"mark")
        left = store.create(OLD)
        left.write_companion(b"companion")
        left.leave()
    finally:
        os.umask(before)
    modes = {
        path.relative_to(tmp_path).as_posix(): path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")
    }
    assert {
        modes.pop(name) for name in ("cam", "cam/2026-03-29", "cam/2026-03-30", SPOOL, f"{SPOOL}/program")
    } == {0o700}
    assert set(modes.values()) == {0o600}
    assert len(modes) == 4


def test_a_crash_between_the_two_names_is_cleared(tmp_path: Path) -> None:
    """An object that still has its unfinished name beside its own is not taken for another one."""
    store = DiskStore(tmp_path)
    put(store, NEW, CONTENT[NEW])
    spool_path(tmp_path, NEW, ".part").hardlink_to(tmp_path / NEW)
    assert store.recover(NEW) is False
    assert store.unfinished() == []
    assert contents(store) == {NEW: CONTENT[NEW]}


def test_who_records_a_source_next_finishes_what_another_process_left(tmp_path: Path) -> None:
    """It takes the leftovers of its sources along, those of a process that runs excepted; everybody's are listed and removed."""
    for owner, name in (("one", NEW), ("one", "hall/2026-03-29/begun.age"), ("two", OLD)):
        with DiskStore(tmp_path, owner=owner).create(name) as writer:
            writer.write(CONTENT[NEW])
            writer.write_companion(b"companion")
            writer.leave()
    mine = DiskStore(tmp_path, owner="three")
    before = mine.unfinished()
    assert len(before) == 6
    mine.spool.take_over({"cam"}, lambda process: process == "two")
    assert sorted(path.name for path in mine.spool.folder.iterdir()) == [
        spool_path(tmp_path, NEW, suffix).name for suffix in (".part", ".tail")
    ]
    assert {left.name for left in mine.unfinished()} == {left.name for left in before}
    assert mine.recover(NEW)
    assert [tail.size for tail in mine.open_companions(OLD)] == [len(b"companion")]
    mine.remove([NEW, OLD, "hall/2026-03-29/begun.age"])
    assert mine.unfinished() == []


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """An unmounted disk is noticed instead of being recorded beside."""
    with pytest.raises(FolderMismatchError):
        DiskStore(tmp_path / "unmounted")
    assert not (tmp_path / "unmounted").exists()


def test_strangers_are_reported_and_left_alone(tmp_path: Path) -> None:
    """Files that are nobody's objects, and links, are named and never removed."""
    store = DiskStore(tmp_path)
    put(store, NEW, CONTENT[NEW])
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    (tmp_path / "cam/2026-03-30/notes").write_bytes(b"x")
    (tmp_path / "cam/2026-03-30/link.age").symlink_to(tmp_path / NEW)
    assert list(store.unknown_files()) == ["cam/2026-03-30/link.age", "cam/2026-03-30/notes", "holiday.jpg"]
    assert [stored.name for stored in store.objects()] == [NEW]
    with pytest.raises(StorageError):
        store.open("cam/2026-03-30/link.age")
    store.remove([NEW])
    assert len(list(store.unknown_files())) == 3


def test_two_programs_cannot_hold_one_folder(tmp_path: Path) -> None:
    """A second program is told which process holds the folder, and gets it once that is gone, however it went."""
    script = "import sys; from pathlib import Path; from rejent.vault.store.lock import FolderLock\n"
    script += "lock = FolderLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(FolderInUseError) as refusal:
            FolderLock(tmp_path / "lock")
        assert str(holder.pid) in str(refusal.value)
        holder.kill()
        holder.wait()
    with FolderLock(tmp_path / "lock"), pytest.raises(FolderInUseError):
        FolderLock(tmp_path / "lock")


SMALL_DISK = """
import subprocess, sys
from pathlib import Path
from rejent.vault.errors import StorageFullError, StorageReadOnlyError
from rejent.vault.store.disk import DiskStore
folder = Path(sys.argv[1])
store = DiskStore(folder)
with store.create("cam/2026-03-29/first.age") as writer:
    writer.write(bytes(500_000))
    writer.commit()
writer = store.create("cam/2026-03-29/second.age")
try:
    for _ in range(100):
        writer.write(bytes(50_000))
except StorageFullError as full:
    print("full:", full.code)
writer.abort()
with store.create("cam/2026-03-29/third.age") as writer:
    writer.write(bytes(100_000))
    writer.commit()
subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
try:
    store.create("cam/2026-03-29/fourth.age")
except StorageReadOnlyError as refusal:
    print("read-only:", refusal.code)
print(*(stored.name for stored in store.objects()))
"""


def test_a_disk_that_is_really_full_or_read_only_is_reported(tmp_path: Path) -> None:
    """On a small file system of its own the store reports a full and a read-only disk, and goes on once there is room."""
    shell = 'mount -t tmpfs -o size=1m none "$1" && exec "$2" -c "$3" "$1"'
    command = [
        "unshare",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        shell,
        "sh",
        str(tmp_path),
        sys.executable,
        SMALL_DISK,
    ]
    if (
        not shutil.which("unshare")
        or subprocess.run([*command[:3], "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("this machine does not let us mount a file system of our own")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "full: storage.full",
        "read-only: storage.read-only",
        "cam/2026-03-29/first.age cam/2026-03-29/third.age",
    ]

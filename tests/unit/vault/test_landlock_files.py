"""A recorder that may read files reads them anywhere but in the installation's own folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from rejent.recording.stream_parts import processes
from rejent.vault.store.disk import DiskStore
from tests.landlock import NEEDS_LANDLOCK

pytestmark = NEEDS_LANDLOCK

LOOK = """
import sys
from pathlib import Path
from rejent.vault.landlock import confine_recorder
directory = Path(sys.argv[1])
confine_recorder(directory, reads_files=True)
for path in map(Path, sys.argv[2:]):
    try:
        print(path.read_text())
    except PermissionError:
        print("refused")
"""


def test_only_what_lies_outside_is_read(tmp_path: Path) -> None:
    """A film beside the folder opens; keys, secrets and the configuration do not."""
    directory = tmp_path / "office"
    hidden = [directory / name / "file" for name in ("keys", "secrets", "ledger")]
    for path in [*hidden, *(directory / name / "file" for name in ("catalog", "vault", "run"))]:
        path.parent.mkdir(parents=True)
        path.write_text("secret", encoding="utf-8")
    (directory / "rejent.toml").write_text("secret", encoding="utf-8")
    film = tmp_path / "film"
    film.write_text("a film", encoding="utf-8")
    asked = [film, *hidden, directory / "rejent.toml"]
    done = subprocess.run(
        [sys.executable, "-c", LOOK, directory, *asked], capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.stdout.splitlines()) == ("", ["a film", *["refused"] * 4])


TAKEN_OVER = """
import os, sys
from pathlib import Path
from rejent.vault.landlock import confine_recorder
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.spool import spool_path

directory = Path(sys.argv[1])
confinement = confine_recorder(directory, removes_objects=sys.argv[2:] == ["removes"])
store = DiskStore(directory / "vault")
with store.create("cam/2026-11-25/second.age") as writer:
    writer.write(b"second")
    writer.write_companion(b"companion")
    writer.commit()
published, own = (directory / "vault/cam/2026-11-25" / f"{name}.age" for name in ("first", "second"))
spooled = spool_path(directory / "vault", "cam/2026-11-25/first.age")
spooled.write_bytes(b"false")
growing = spool_path(directory / "vault", "other/2026-11-25/third.age", ".part", owner="recorder-1")
attempts = {
    "open what another writes": lambda: growing.open("r+b"),
    "link what another writes": lambda: spooled.with_name("kept.age.part").hardlink_to(growing),
    "take what another writes": lambda: growing.rename(spooled.with_name("kept.age.part")),
    "remove what another writes": growing.unlink,
    "open": lambda: published.open("r+b"),
    "open to append": lambda: published.open("ab"),
    "make": lambda: published.with_name("third.age").write_bytes(b"false"),
    "remove": published.unlink,
    "rename": lambda: published.rename(published.with_name("other.age")),
    "rename away": lambda: published.rename(spooled.with_name("other.age")),
    "replace": lambda: spooled.rename(published),
    "replace by another": lambda: own.rename(published),
    "link to where it may be changed": lambda: spooled.with_name("link.age").hardlink_to(published),
    "remove the folder": lambda: published.parent.rename(published.parent.with_name("2026-11-26")),
    "remove one's own": own.unlink,
}
if not confinement.reason:
    attempts["truncate"] = lambda: os.truncate(published, 0)
for name, attempt in attempts.items():
    try:
        attempt()
        print("done:", name)
    except OSError:
        pass
"""


def _taken_over(directory: Path, *more: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", TAKEN_OVER, directory, *more], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """An installation's folder with one published object, ``cam/2026-11-25/first.age``."""
    for name in ("catalog", "vault", "run", "keys"):
        (tmp_path / name).mkdir()
    with DiskStore(tmp_path / "vault").create("cam/2026-11-25/first.age") as writer:
        writer.write(b"first")
        writer.commit()
    with DiskStore(tmp_path / "vault", owner="recorder-1").create("other/2026-11-25/third.age") as writer:
        writer.write(b"growing")
        writer.leave()
    return tmp_path


def test_a_recorder_that_was_taken_over_reaches_nothing_that_was_published(recorded: Path) -> None:
    """It records on, and can neither change, rename, replace nor remove what has its name; what it adds is empty, or sealed anew."""
    assert _taken_over(recorded) == []
    store = DiskStore(recorded / "vault")
    contents = {
        each.name.rpartition("/")[2]: store.open(each.name).read_at(0, 99) for each in store.objects()
    }
    assert contents == {"first.age": b"first", "second.age": b"second", "third.age": b""}


def test_only_the_import_may_take_back_what_it_stored(recorded: Path) -> None:
    """The same attempts succeed where a process is let change the store: the test above fails without the confinement."""
    assert "done: remove" in _taken_over(recorded, "removes")
    assert [each.name for each in processes() if each.removes_objects] == ["import"]


FIRST_VERSION = """
import os, sys
from pathlib import Path
from rejent.vault import landlock
from rejent.vault.store.disk import DiskStore

directory = Path(sys.argv[1])
landlock._version = lambda: 1
landlock.confine_recorder(directory)
with DiskStore(directory / "vault").create("cam/2026-11-25/second.age") as writer:
    writer.write(b"second")
    writer.commit()
for attempt in (lambda: (directory / "keys/root").read_bytes(), lambda: (directory / "keys/root").unlink()):
    try:
        attempt()
        print("done")
    except PermissionError:
        print("refused")
"""


def test_the_first_landlock_keeps_a_recorder_from_the_keys_while_it_records(recorded: Path) -> None:
    """Before Linux 5.19 nothing is linked from folder to folder: it stores a copy, and the keys stay out of its reach."""
    (recorded / "keys" / "root").write_bytes(b"key")
    done = subprocess.run(
        [sys.executable, "-c", FIRST_VERSION, recorded], capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.stdout.splitlines()) == ("", ["refused"] * 2)
    store = DiskStore(recorded / "vault")
    assert store.open("cam/2026-11-25/second.age").read_at(0, 99) == b"second"
    assert [left.name for left in store.unfinished()] == ["other/2026-11-25/third.age"]
    assert list(store.unknown_files()) == []


SPY = """
import subprocess, sys
from pathlib import Path
from rejent.vault.landlock import confine_recorder
other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env={"SECRET": "value"})
confine_recorder(Path(sys.argv[1]))
for name in ("environ", "maps", "mem"):
    for again in ([], [sys.executable, "-c", "import sys; print(open(sys.argv[1], 'rb').read(1))"]):
        path = f"/proc/{other.pid}/{name}"
        try:
            if again and subprocess.run([*again, path], capture_output=True, check=False).returncode:
                raise PermissionError
            if not again:
                Path(path).open("rb").read(1)
            print("done:", path)
        except PermissionError:
            print("refused")
other.kill()
other.wait()
"""


def test_a_recorder_sees_nothing_of_other_processes(recorded: Path) -> None:
    """Neither environment nor memory, by itself or by what it starts; run as root, it has given up what sees past Landlock."""
    done = subprocess.run([sys.executable, "-c", SPY, recorded], capture_output=True, text=True, check=False)
    assert (done.stderr, done.stdout.splitlines()) == ("", ["refused"] * 6)


TRY = """
import sys
from pathlib import Path
from {module} import confine
confine({argument})
for path in map(Path, sys.argv[1:]):
    for attempt in (path.read_text, path.unlink, lambda: path.rename(path.with_suffix(".x")), path.with_name("new").mkdir):
        try:
            attempt()
            print("done")
        except PermissionError:
            print("refused")
"""


@pytest.mark.parametrize(
    ("module", "argument"),
    [
        ("rejent.streams.cameras.network.libav.reader", "'http://127.0.0.1/'"),
        ("rejent.content.workshop_child", "1 << 30"),
    ],
)
def test_who_takes_pictures_apart_reads_no_key_and_removes_no_recording(
    tmp_path: Path, module: str, argument: str
) -> None:
    """Neither reading nor removing, renaming or making anything is left to a process in which a hostile picture is decoded."""
    recording = tmp_path / "recording"
    recording.write_text("sealed", encoding="utf-8")
    attack = TRY.format(module=module, argument=argument)
    done = subprocess.run(
        [sys.executable, "-c", attack, recording], capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.stdout.splitlines()) == ("", ["refused"] * 4)
    assert recording.read_text(encoding="utf-8") == "sealed"

"""A process that only records can write the vault and the catalogue and cannot open the keys by any way."""

import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rejent.kernel.clock import ManualClock
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.keys.root_key import FileRoot
from rejent.vault.landlock import confine_recorder, describe_kernel_limits
from rejent.vault.store.disk import DiskStore
from tests.landlock import NEEDS_LANDLOCK

RECORDER = """
import os, sqlite3, subprocess, sys
from pathlib import Path
from rejent.kernel.clock import SystemClock
from rejent.vault.age import Recipient, SealWriter
from rejent.vault.landlock import confine_recorder
from rejent.vault.errors import RejentError
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.keys.root_key import FileRoot
from rejent.vault.store.disk import DiskStore

directory, recipient = Path(sys.argv[1]), Recipient.parse(sys.argv[2])
keys = directory / "keys"
confine_recorder(directory)

def attempt(name, act):
    try:
        act()
    except (OSError, RejentError):
        print("refused", name)
    else:
        print("ALLOWED", name)

attempt("list", lambda: os.listdir(keys))
attempt("read", lambda: (keys / "root").read_bytes())
attempt("write", lambda: (keys / "root").write_bytes(b""))
attempt("link", lambda: os.link(keys / "root", directory / "vault" / "stolen"))
attempt("rename", lambda: os.rename(keys, directory / "vault" / "stolen"))
attempt("remove", lambda: os.unlink(keys / "keys.db"))
attempt("roundabout", lambda: (directory / "vault" / ".." / "keys" / "epoch").read_bytes())
attempt("proc", lambda: Path(f"/proc/self/root{keys}/epoch").read_bytes())
attempt("device", lambda: os.mknod(directory / "vault" / "disk", 0o60600, os.makedev(254, 0)))
attempt("devices", lambda: os.mknod("/dev/shm/disk", 0o60600, os.makedev(254, 0)))
attempt("session", lambda: (directory / "secrets" / "session").read_bytes())
attempt("store", lambda: KeyStore.open(keys, FileRoot(), SystemClock()))
print("child", subprocess.run(["cat", str(keys / "root")], capture_output=True).returncode)

with DiskStore(directory / "vault").create("cam/2026-03-29/1.age") as part:
    writer = SealWriter(part.write, [recipient])
    writer.write(b"picture")
    writer.finish()
    part.commit()
database = sqlite3.connect(directory / "catalog" / "catalog.db")
database.execute("PRAGMA journal_mode = WAL")
database.execute("CREATE TABLE segment (name TEXT)")
database.close()
print("recorded")
"""


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """The folders of an installation with a key store."""
    directory = tmp_path / "office"
    for folder in ("vault", "catalog", "run", "keys", "secrets"):
        (directory / folder).mkdir(parents=True)
    (directory / "secrets" / "session").write_text("signs sessions", encoding="ascii")
    return directory


@NEEDS_LANDLOCK
def test_a_recorder_writes_the_vault_and_cannot_reach_the_keys(installation: Path) -> None:
    """A confined process and its children are refused every way to the keys, while recording works as before."""
    store = KeyStore.create(installation / "keys", FileRoot(), ManualClock(datetime(2026, 3, 29, tzinfo=UTC)))
    day = date(2026, 3, 29)
    recipient = store.make_keys("cam", [day])[day]
    command = [sys.executable, "-c", RECORDER, str(installation), recipient.text]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("ALLOWED")] == []
    assert len([line for line in lines if line.startswith("refused")]) == 12
    assert lines[-2:] == ["child 1", "recorded"]
    with DiskStore(installation / "vault").open("cam/2026-03-29/1.age") as stored:
        assert stored.size > 200
    assert store.identity("cam", day).recipient == recipient


READER = """
import json, subprocess, sys
from pathlib import Path
from rejent.vault.landlock import confine_recorder

directory = Path(sys.argv[1])
confine_recorder(directory)
keys = directory / "keys"
for place in (directory / "vault" / "film.mkv", keys / "film.mkv", directory / "vault" / ".." / "keys" / "film.mkv",
              Path(f"/proc/self/root{keys}/film.mkv"), directory / "vault" / "link.mkv", keys / "root", keys / "keys.db"):
    with subprocess.Popen([sys.executable, "-m", "rejent.streams.cameras.network.libav.reader"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        reader.stdin.write(json.dumps({"address": f"file://{place}"}).encode() + b"\\n")
        reader.stdin.flush()
        told = reader.stdout.read()
        print(len(told) > 1000, told[14:].decode("latin-1") if len(told) < 100 else "pictures")
"""


@NEEDS_LANDLOCK
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="Debian's ffmpeg is not installed")
def test_the_reader_of_files_cannot_reach_the_keys(installation: Path) -> None:
    """A recorder's child that opens a file:// source reads a film beside the keys, and neither film nor key among them by any path."""
    KeyStore.create(installation / "keys", FileRoot(), ManualClock(datetime(2026, 3, 29, tzinfo=UTC)))
    film = installation / "vault" / "film.mkv"
    made = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=15", "-t", "0.4"]
    subprocess.run([*made, "-c:v", "libx264", "-pix_fmt", "yuv420p", str(film)], check=True)
    shutil.copy(film, installation / "keys" / "film.mkv")
    (installation / "vault" / "link.mkv").symlink_to(installation / "keys" / "film.mkv")
    done = subprocess.run(
        [sys.executable, "-c", READER, str(installation)], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["True pictures", *["False unreachable"] * 6]


def test_a_kernel_without_landlock_is_reported(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kernel offers no Landlock the process is told so and goes on unconfined, and ``rejent status`` says it."""
    monkeypatch.setattr("platform.machine", lambda: "a machine of another kind")
    confinement = confine_recorder(installation)
    assert not confinement.effective
    assert confinement.reason == describe_kernel_limits()
    assert "does not confine recorders" in confinement.reason


@pytest.mark.parametrize(
    ("version", "left"), [(0, "does not confine"), (1, "change stored files"), (2, "cut every file"), (3, "")]
)
def test_what_an_older_kernel_leaves_is_said(
    version: int, left: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Linking between folders came with the second version of Landlock, cutting files with the third."""
    monkeypatch.setattr("rejent.vault.landlock._version", lambda: version)
    assert left in describe_kernel_limits()
    assert bool(left) is bool(describe_kernel_limits())

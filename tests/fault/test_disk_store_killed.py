"""A disk store whose program is killed: nothing acknowledged is lost, and what was unfinished comes back to its last piece."""

import hashlib
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rejent.vault.age import Identity, SealedReader, SealWriter
from rejent.vault.age.payload import CHUNK
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.object_store import Leftover
from rejent.vault.store.spool import spool_path
from rejent.vault.unfinished import recover_unfinished

NEW = "cam/2026-03-30/new.age"

WRITER = """
import sys
from pathlib import Path
from rejent.vault.age import Recipient, SealWriter
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.spool import spool_path
store, recipient = DiskStore(Path(sys.argv[1])), Recipient.parse(sys.argv[2])
for number in range(int(sys.argv[3]), 10**6):
    name = f"cam/2026-03-{number % 3 + 1:02}/{number:08}.age"
    with store.create(name) as part:
        writer = SealWriter(part.write, [recipient])
        for piece in range(12):
            writer.write((f"{number:08} {piece:07}" * 1500).encode())
            part.write_companion(writer.companion())
        writer.finish()
        part.commit()
    print(name, flush=True)
"""


def whole_content(name: str) -> bytes:
    """What the writer puts into an object."""
    number = int(Path(name).stem)
    return b"".join((f"{number:08} {piece:07}" * 1500).encode() for piece in range(12))


def test_kill_minus_nine_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """After each of many kills at random places, every acknowledged object is whole and the unfinished one is recovered to its last piece or chunk."""
    key = Identity.generate()
    acknowledged: set[str] = set()
    chance = random.Random(8)  # noqa: S311 - which moment is tried is no secret
    first = 0
    for _ in range(12):
        command = [sys.executable, "-c", WRITER, str(tmp_path), key.recipient.text, str(first)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            for _ in range(chance.randrange(1, 12)):
                acknowledged.add(writer.stdout.readline().decode().strip())
            writer.send_signal(signal.SIGKILL)
            acknowledged.update(writer.stdout.read().decode().split())
        first += 1000
        check_after_kill(DiskStore(tmp_path), key, acknowledged)


def check_after_kill(store: DiskStore, key: Identity, acknowledged: set[str]) -> None:
    """Recover as a starting recorder does, then compare every object with what was written into it."""
    parts = [left.name for left in store.unfinished() if left.kind is Leftover.PART]
    recovered = {name for name in parts if recover_unfinished(store, name)}
    found = {stored.name for stored in store.objects()}
    assert acknowledged <= found
    for name in found:
        with store.open(name) as stored:
            tails = store.open_companions(name)
            reader = SealedReader(stored, [key], truncated=name not in acknowledged, tails=tails)
            content = reader.read()
        expected = whole_content(name)
        assert expected.startswith(content)
        assert name not in recovered or 0 in {len(content) % 24_000, len(content) % CHUNK}
        assert (
            name not in acknowledged or hashlib.sha256(content).digest() == hashlib.sha256(expected).digest()
        )


@pytest.mark.parametrize("torn", range(0, 60_000, 997))
def test_a_companion_that_was_being_written_over_when_the_program_was_killed(
    tmp_path: Path, torn: int
) -> None:
    """However much of it was written: the newest that is whole counts, and no more than the last piece is lost."""
    store, key, content = DiskStore(tmp_path), Identity.generate(), os.urandom(CHUNK)
    part = store.create(NEW)
    writer = SealWriter(part.write, [key.recipient])
    for end in (20_000, 30_000):
        writer.write(content[end - (20_000 if end == 20_000 else 10_000) : end])
        part.write_companion(writer.companion())
    writer.write(content[30_000:60_000])
    newest = writer.companion()
    with spool_path(tmp_path, NEW, ".tail").open("r+b") as file:
        file.write(newest[:torn])
    part.leave()
    recovered = recover_unfinished(store, NEW)
    assert recovered is not None
    assert recovered.tail
    with store.open(NEW) as stored:
        found = SealedReader(stored, [key], truncated=True, tails=store.open_companions(NEW)).read()
    assert found == content[: 60_000 if torn >= len(newest) else 30_000]


@pytest.mark.parametrize("whole", [True, False])
def test_a_companion_of_the_chunk_before(tmp_path: Path, *, whole: bool) -> None:
    """Killed when a chunk was full: the companion of the next one counts if it is whole, that of the full one never."""
    store, key, content = DiskStore(tmp_path), Identity.generate(), os.urandom(CHUNK + 5)
    part = store.create(NEW)
    writer = SealWriter(part.write, [key.recipient])
    writer.write(content[:100])
    part.write_companion(writer.companion())
    writer.write(content[100:])
    newer = writer.companion()
    spool_path(tmp_path, NEW, ".tail.new").write_bytes(newer if whole else newer[:30])
    part.leave()
    recovered = recover_unfinished(store, NEW)
    assert recovered is not None
    assert recovered.tail is whole
    with store.open(NEW) as stored:
        found = SealedReader(stored, [key], truncated=True, tails=store.open_companions(NEW)).read()
    assert found == content[: CHUNK + 5 if whole else CHUNK]

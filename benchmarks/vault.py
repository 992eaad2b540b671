"""Cost of sealing beside the bare arithmetic, of random reading, and time to destroy keys.

Sealing is compared with the least any sealed and hashed recording can cost: ChaCha20-Poly1305 of 64 KiB chunks into
an existing buffer, and SHA-256 of the result. Sealing is CPU time of this process, the best of several rounds; what
waits for the disk is wall-clock time, the median of many.
"""

import argparse
import hashlib
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from benchmarks.figures import row
from rejent.kernel.clock import SystemClock
from rejent.vault.age import CHUNK, Identity, SealedReader, SealWriter
from rejent.vault.age.payload import SEALED_CHUNK, chunk_nonce
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.keys.root_key import FileRoot
from rejent.vault.store.disk import DiskStore

MEGABYTE = 1_000_000
FRAGMENT = 500_000
"""Bytes of a second of a 4 Mbit/s camera."""
MINUTE = 60 * FRAGMENT


def best(act: Callable[[], object], rounds: int) -> float:
    """Return the CPU seconds of the fastest of several rounds."""
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        act()
        times.append(time.process_time() - begun)
    return min(times)


def typical(act: Callable[[], object], rounds: int) -> float:
    """Return the median of the wall-clock seconds of many rounds."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        act()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def sealing(_folder: Path, rounds: int) -> None:
    """Print milliseconds a megabyte: bare, in fragments of a second, picture by picture, with companions."""
    key = Identity.generate().recipient
    second = secrets.token_bytes(FRAGMENT)
    pictures = [second[start : start + FRAGMENT // 25] for start in range(0, FRAGMENT, FRAGMENT // 25)]
    cipher = ChaCha20Poly1305(secrets.token_bytes(32))
    room = bytearray(SEALED_CHUNK)
    chunk = second[:CHUNK]

    def bare() -> None:
        digest = hashlib.sha256()
        for number in range(MINUTE // CHUNK):
            cipher.encrypt_into(chunk_nonce(number, last=False), chunk, None, room)
            digest.update(room)

    def sealed(write: Callable[[SealWriter], object]) -> None:
        writer = SealWriter(lambda _sealed: None, [key])
        for _ in range(60):
            write(writer)
        writer.finish()

    floor = best(bare, rounds) / (MINUTE / MEGABYTE) * 1000
    row("bare ChaCha20-Poly1305 + SHA-256", f"{floor:.3f} ms/MB")
    for name, write in (
        ("sealed, a fragment of a second at a time", lambda writer: writer.write(second)),
        ("sealed, 25 pictures handed over together", lambda writer: writer.write_all(pictures)),
        ("sealed, 25 pictures one by one", lambda writer: [writer.write(picture) for picture in pictures]),
        ("sealed, with a companion each second", lambda writer: (writer.write(second), writer.companion())),
    ):
        cost = best(lambda write=write: sealed(write), rounds) / (MINUTE / MEGABYTE) * 1000  # type: ignore[misc]  # called before the next turn
        row(
            name,
            f"{cost:.3f} ms/MB",
            f"{cost / floor:.2f} x bare, {cost * FRAGMENT / MEGABYTE:.3f} ms a camera-second",
        )


def storing(folder: Path, rounds: int) -> None:
    """Print the CPU of a minute sealed and written to the disk, one write a second, with fsync and both names."""
    store = DiskStore(folder)
    key = Identity.generate().recipient
    second = secrets.token_bytes(FRAGMENT)
    names = (f"cam/2026-03-29/{number:04}.age" for number in range(1000))

    def minute() -> None:
        with store.create(next(names)) as part:
            writer = SealWriter(part.write, [key])
            for _ in range(60):
                writer.write(second)
            writer.finish()
            part.commit()

    cost = best(minute, rounds) / (MINUTE / MEGABYTE) * 1000
    row(
        "sealed, written, made durable",
        f"{cost:.3f} ms/MB",
        f"{cost * FRAGMENT / MEGABYTE:.3f} ms a camera-second",
    )


def reading(folder: Path, rounds: int) -> None:
    """Print the time of reading ten seconds at random out of a sealed minute of 30 MB, opening apart."""
    store = DiskStore(folder)
    identity = Identity.generate()
    with store.create("cam/2026-03-30/clip.age") as part:
        writer = SealWriter(part.write, [identity.recipient])
        writer.write(secrets.token_bytes(MINUTE))
        writer.finish()
        part.commit()
    chance = secrets.SystemRandom()

    def clip(reader: SealedReader) -> bytes:
        return reader.read(chance.randrange(MINUTE - 10 * FRAGMENT), 10 * FRAGMENT)

    with store.open("cam/2026-03-30/clip.age") as stored:
        opening = typical(lambda: SealedReader(stored, [identity]), 7 * rounds)
        reader = SealedReader(stored, [identity])
        whole = typical(lambda: clip(reader), 7 * rounds)
        small = typical(lambda: reader.read(chance.randrange(MINUTE - 100), 100), 7 * rounds)
    row("open a 30 MB object", f"{opening * 1000:.3f} ms")
    row("read 10 s (5 MB) of it at random", f"{whole * 1000:.3f} ms")
    row("read 100 bytes of it at random", f"{small * 1000:.3f} ms")


def destroying(folder: Path, rounds: int) -> None:
    """Print the time to destroy one camera-month of keys, among 40 days of 100 cameras, and of its objects."""
    store = KeyStore.create(folder, FileRoot(), SystemClock())
    days = [date(2026, 3, 1) + timedelta(step) for step in range(40)]
    limits = {day: datetime(2026, 6, 1, tzinfo=UTC) for day in days}
    for camera in range(100):
        store.make_keys(f"cam{camera}", days, limits)
    doomed = [record.id for record in store.alive() if record.source_id == "cam7"][:30]
    begun = time.perf_counter()
    store.destroy(doomed)
    row("destroy 30 keys, wrap 3 970 survivors anew", f"{(time.perf_counter() - begun) * 1000:.1f} ms")
    row("wrap 3 970 keys anew (daily)", f"{typical(store.rotate_epoch, rounds) * 1000:.1f} ms")
    identity = typical(lambda: store.identity("cam8", days[0]), 7 * rounds)
    row("take one private key", f"{identity * 1000:.3f} ms")


def removing(folder: Path) -> None:
    """Print the time to remove 43 200 empty files, the file system's cost of a camera-month's names alone."""
    names = []
    for day in range(1, 31):
        path = folder / "cam" / f"2026-06-{day:02}"
        path.mkdir(parents=True)
        names += [f"cam/{path.name}/{number:04}.age" for number in range(1440)]
    for name in names:
        os.close(os.open(folder / name, os.O_CREAT | os.O_WRONLY, 0o600))
    store = DiskStore(folder)
    begun = time.perf_counter()
    count = store.remove(names)
    row(f"remove {count} objects of a camera-month", f"{(time.perf_counter() - begun) * 1000:.0f} ms")


def main() -> None:
    """Print every row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    for measure in (sealing, storing, reading, destroying):
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), rounds)
    with tempfile.TemporaryDirectory() as folder:
        removing(Path(folder))


if __name__ == "__main__":
    main()

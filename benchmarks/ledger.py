"""Acts a second the ledger takes durably, and time of a proof at 50 million leaves.

Every act carries its record, salt and four indexes, and a batch counts only when its transaction is committed with
``synchronous=FULL``. Beside it stand pymerkle's SQLite tree, which keeps hashes alone, and the bare commits that the
disk can do. Proofs are read from a folder with the 196 080 tiles of a tree of 50 000 000 leaves. Its leaf hashes
repeat every 64 tiles, and equal tiles are hard links to one file, so that the folder is built in seconds instead of a
minute; a reader opens the same number of names and hashes as much.
"""

import argparse
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from pymerkle import SqliteTree

from benchmarks.figures import row
from rejent.kernel.acts import Act
from rejent.ledger.log import WIDTH, Log, tile_path, tile_root, tile_width
from rejent.ledger.merkle import (
    HASH_BYTES,
    consistency_proof,
    edge_at,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)

PATTERNS = 64
BATCHES = (1, 10, 1000, 5000)
BOOKED = Act("benchmark.booked", "Segment {object} booked")


def rate(batch: int, seconds: float, act: Callable[[], object]) -> tuple[float, str]:
    """Return the items a second, a batch each call, and the CPU cost of each; over seconds, after a warm-up."""
    act()
    begun, spent, done = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - begun < seconds:
        act()
        done += batch
    took = time.perf_counter() - begun
    return done / took, f"{1e6 * (time.process_time() - spent) / done:,.0f} µs of CPU each"


def entering(folder: Path, seconds: float) -> None:
    """Print durable acts a second, by batch size."""
    from rejent.office.installation import write_installation

    write_installation(
        folder, name="bench", test=True, created=datetime(2026, 1, 1, tzinfo=UTC), database="", storage=""
    )
    os.environ |= {"REJENT_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "rejent.ops.settings"}
    os.environ.pop("REJENT_DATABASE_URL", None)
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    from rejent.registers import services

    call_command("migrate", "registers", verbosity=0)
    serial = 0

    def enter(batch: int) -> None:
        """Enter so many bookings of segments in one transaction."""
        nonlocal serial
        now = datetime.now(UTC)
        deeds = []
        for _ in range(batch):
            serial += 1
            facts = {
                "object": f"3f2a/2026-11-21/{serial:032x}.age",
                "bytes": 30_000_000,
                "sha256": f"{serial:064x}",
            }
            deeds.append(services.PendingEntry(BOOKED, "", f"source:{serial % 32}", facts, now))
        with transaction.atomic():
            services.enter_many(deeds)

    for batch in BATCHES:
        found, cost = rate(batch, seconds, partial(enter, batch))
        note = "; must 10 000/s, goal 50 000/s" if batch >= 1000 else ""
        row(f"acts entered durably, SQLite, {batch} a transaction", f"{found:,.0f}/s", cost + note)


def peers(folder: Path, seconds: float) -> None:
    """Return the disk's commits a second, and the entries of pymerkle's SQLite tree."""
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    bare.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE row (leaf BLOB)")

    def commit() -> None:
        bare.execute("BEGIN IMMEDIATE")
        bare.execute("INSERT INTO row VALUES (?)", [os.urandom(32)])
        bare.execute("COMMIT")

    found, cost = rate(1, seconds, commit)
    row("bare SQLite commits of one row", f"{found:,.0f}/s", cost + "; the limit for one act a transaction")
    bare.close()
    tree = SqliteTree(str(folder / "peer.db"))
    for batch in (1, 1000):
        found, cost = rate(batch, seconds, partial(append, tree, batch))
        row(f"pymerkle SqliteTree, {batch} at once, without records", f"{found:,.0f}/s", cost)
    tree.con.close()


def append(tree: SqliteTree, batch: int) -> None:
    """Append as many entries of 32 bytes to pymerkle."""
    tree.append_entries([os.urandom(32) for _ in range(batch)])


def synthetic(folder: Path, leaves: int) -> Log:
    """Build the tiles of a tree of many leaves; the leaf hashes of tile *n* are those of tile *n* modulo 64."""
    patterns = [random.Random(number).randbytes(WIDTH * HASH_BYTES) for number in range(PATTERNS)]  # noqa: S311 - no secret
    roots = [tile_root(pattern) for pattern in patterns]

    def leaf_tiles() -> Iterator[tuple[bytes, bytes]]:
        for number in range(-(-leaves // WIDTH)):
            width = tile_width(0, number, leaves)
            yield patterns[number % PATTERNS][: width * HASH_BYTES], roots[number % PATTERNS]

    tiles, level = leaf_tiles(), 0
    while True:
        above = []
        for number, (hashes, root) in enumerate(tiles):
            width = len(hashes) // HASH_BYTES
            file = folder / tile_path(level, number, width)
            file.parent.mkdir(parents=True, exist_ok=True)
            if level == 0 and number >= PATTERNS and width == WIDTH:
                file.hardlink_to(folder / tile_path(0, number % PATTERNS))
            else:
                file.write_bytes(hashes)
            if width == WIDTH:
                above.append(root)
        level += 1
        if not above:
            return Log(folder)
        rows = [b"".join(above[start : start + WIDTH]) for start in range(0, len(above), WIDTH)]
        tiles = iter([(hashes, tile_root(hashes)) for hashes in rows])


def forget(folder: Path, index: int, leaves: int) -> None:
    """Drop the tiles of a leaf from the page cache."""
    for level in range(4):
        number = index >> 8 * (level + 1)
        file = folder / tile_path(level, number, tile_width(level, number, leaves))
        if file.exists():
            handle = os.open(file, os.O_RDONLY)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)


def proving(folder: Path, leaves: int) -> None:
    """Print the milliseconds of a proof out of so many leaves."""
    begun = time.perf_counter()
    log = synthetic(folder, leaves)
    os.sync()
    row(f"tiles of {leaves:,} leaves laid out in", f"{time.perf_counter() - begun:.0f} s")
    root = log.edge(leaves).root()
    chance = random.Random(1)  # noqa: S311 - no secret
    for name, cold in (("warm", False), ("tiles not in memory", True)):
        times = []
        for _ in range(300):
            index = chance.randrange(leaves)
            if cold:
                forget(folder, index, leaves)
            begun = time.perf_counter()
            proof = inclusion_proof(index, leaves, log.nodes(leaves))
            times.append(1000 * (time.perf_counter() - begun))
            leaf = log.tile(0, index // WIDTH, tile_width(0, index // WIDTH, leaves))[index % WIDTH * 32 :][
                :32
            ]
            verify_inclusion(leaf, index, leaves, proof, root)
        worst = statistics.quantiles(times, n=20)[-1]
        row(
            f"inclusion proof at {leaves:,} leaves, {name}",
            f"{statistics.median(times):.2f} ms",
            f"p95 {worst:.2f}; must 5 ms",
        )
    times = []
    for _ in range(100):
        old = chance.randrange(1, leaves)
        older = edge_at(old, log.nodes(leaves)).root()
        begun = time.perf_counter()
        proof = consistency_proof(old, leaves, log.nodes(leaves))
        times.append(1000 * (time.perf_counter() - begun))
        verify_consistency(old, leaves, older, root, proof)
    row(f"consistency proof at {leaves:,} leaves, warm", f"{statistics.median(times):.2f} ms")


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--leaves", type=int, default=50_000_000, help="of the tree that proofs are taken from"
    )
    parser.add_argument("--seconds", type=float, default=4.0, help="of each rate")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        proving(Path(folder), given.leaves)
    with tempfile.TemporaryDirectory() as folder:
        entering(Path(folder) / "office", given.seconds)
        peers(Path(folder), given.seconds)


if __name__ == "__main__":
    main()

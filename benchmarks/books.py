"""The register of copies with a hundred thousand rows: its page in every way and its files, on both databases.

``python -m benchmarks.books [--copies 100000] [--rounds 20] [--only sqlite]`` prints median and 95th percentile a request, from the
request to the whole response through the program's own middleware, with the machine's load before and after, then the seconds that
each file of the whole register takes.
Every row that is shown or handed out is held against the ledger, with its parts.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks.both_databases import on_both
from benchmarks.cases import MUST_MS
from benchmarks.cases import fill as fill_cases
from benchmarks.register import signed_in, timed

_PIECE = 2000
_START = datetime(2026, 1, 2, 8, tzinfo=UTC)


def main() -> int:
    """Measure on each database in a process of its own; return 1 if a request misses the limit."""
    return on_both("benchmarks.books", __doc__, "copies", 100_000, measure)


def measure(copies: int, rounds: int) -> int:
    """Fill an installation, ask for the register in every way repeatedly; return 1 if one misses the limit."""
    with tempfile.TemporaryDirectory() as folder:
        from rejent.ops.commands.init import create

        create(Path(folder) / "office", "pleszew", test=True)
        client = signed_in()
        began = time.perf_counter()
        fill(copies)
        print(f"filled in {time.perf_counter() - began:.0f} s")
        print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        slow = False
        for name, asked in questions(copies):
            slow |= timed(client, name, [asked], rounds) > MUST_MS
        print(f"load after: {os.getloadavg()[0]:.1f}")
        for form in ("csv", "xlsx"):
            began = time.perf_counter()
            answer = client.post(f"/registers/copies-video/export/{form}")
            size = sum(map(len, answer))
            print(f"whole register as {form}: {time.perf_counter() - began:.1f} s, {size:,} bytes")
    return 1 if slow else 0


def questions(copies: int) -> Iterator[tuple[str, str]]:
    """Yield each way to ask for the register: its name and its address."""
    book, middle = "/registers/copies-video", copies // 2
    yield "copies, newest", "/copies"
    yield "copies that are destroyed", "/copies?state=destroyed"
    yield "register, newest", book
    yield "page in the middle", f"{book}?after=K-2026-{middle}"
    yield "from a number, oldest first", f"{book}?order=up&from=K-2026-{middle}"
    yield "of a year", f"{book}?year=2026"
    yield "of a year without rows", f"{book}?year=2025"
    yield "by the last day of life", f"{book}?sort=due_on&after=K-2026-{middle}"
    yield "by number", f"{book}?q=K-2026-{middle}"
    yield "by a word of the source", f"{book}?q=hol"
    yield "by what is nowhere", f"{book}?q=nieobecny"
    yield "its years", "/registers/copies-video/2026"
    yield "every register", "/registers"


def fill(copies: int) -> None:
    """Enter so many copies of one camera, with a part each, rows and acts as the services make them."""
    from django.db import connection, transaction

    from rejent.cases.copies.acts import COPY_MADE
    from rejent.cases.copies.models import Copy, CopyPart
    from rejent.registers.services import PendingEntry, enter_many
    from tests.guarded_rows import unguarded

    fill_cases(1)
    made = sample(camera(), copies)
    with unguarded():
        while piece := list(islice(made, _PIECE)):
            with transaction.atomic():
                rows = [row for row, _ in piece]
                Copy.objects.bulk_create(rows)
                CopyPart.objects.bulk_create([part for _, part in piece])
                enter_many(
                    [
                        PendingEntry(
                            COPY_MADE, "", f"copy:{row.id.hex}", {"number": row.number}, row.made_at, row
                        )
                        for row in rows
                    ]
                )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "postgresql" else "PRAGMA optimize")


def camera() -> str:
    """Add a camera."""
    from django.conf import settings

    from rejent.catalog import services

    return services.add_source(
        stream="video",
        name="Hol na parterze",
        address="rtsp://192.0.2.7:554/hol",
        building="Ratusz",
        place="hol",
        kind="hall",
        clock=settings.CLOCK,
        actor="",
        credentials_box=settings.VAULT.credentials,
    )


def sample(source: str, copies: int) -> Iterator[tuple[Any, Any]]:
    """Yield rows of copies and of their parts."""
    from rejent.cases.copies.models import Copy, CopyPart

    for number in range(1, copies + 1):
        at = _START + timedelta(minutes=3 * number)
        key, digest = UUID(int=number), sha256(b"%d" % number).hexdigest()
        copy = Copy(
            id=key, number=f"K-2026-{number}", case_id="W-2026-1", source_id=source, start=at - timedelta(hours=1),
            end=at - timedelta(minutes=50), version=1, state="kept", begun_at=at,
            begun_by="", made_at=at, made_entry=number, recorded_on=at.date(), due_on=date(2030, 1, 1) + timedelta(days=number % 365),
            finding=True, digest=digest,
        )  # fmt: skip
        part = CopyPart(
            copy=copy, place=1, segment=key, from_sha256=digest, start=copy.start, end=copy.end, units=100, whole=True,
            sha256=digest, bytes=10, media_type="video/mp4", object_name=f"copies/{key.hex}/1", head=digest,
            sealed_sha256=digest, sealed_bytes=20,
        )  # fmt: skip
        copy.state_parts(parts=[part.bound()], writings=[])
        yield copy, part


if __name__ == "__main__":
    sys.exit(main())

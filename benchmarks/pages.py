"""Pages at 100 000 register rows: time from request to whole response, through the program's own middleware, on SQLite.

``python -m benchmarks.pages [--rows 100000] [--rounds 40]`` prints median and 95th percentile a page.
"""

import argparse
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.register import MUST_MS, signed_in

PAGES = (
    "/",
    "/ledger",
    "/ledger?act=viewing.opened",
    "/ledger/{middle}",
    "/sources",
    "/holds",
    "/due",
    "/destructions",
)


def main() -> int:
    """Fill a test installation, request every page, print the times; return 1 if a page misses the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        from rejent.ops.commands.init import create

        create(Path(folder) / "office", "pleszew", test=True)
        fill(given.rows)
        client = signed_in()
        pages = [page.format(middle=given.rows // 2) for page in PAGES]
        slow = [page for page in pages if timed(client, page, given.rounds) > MUST_MS]
    return 1 if slow else 0


def fill(rows: int) -> None:
    """Enter so many acts, a few of each kind among many sealed segments."""
    from django.conf import settings
    from django.db import transaction

    from rejent.access.acts import VIEWING_OPENED
    from rejent.catalog.acts import SEGMENT_SEALED
    from rejent.registers.services import PendingEntry, enter_many

    start = settings.CLOCK.now() - timedelta(days=20)
    viewing = {"number": "O-2026-1", "person": "", "source": "s", "purpose": "bhp", "case": "OR.1"}
    sealed = {
        "source": "s",
        "start": start.isoformat(),
        "end": start.isoformat(),
        "sha256": "00" * 32,
        "bytes": 1,
    }
    for first in range(0, rows, 1000):
        deeds = [
            PendingEntry(
                VIEWING_OPENED if index % 50 == 0 else SEGMENT_SEALED,
                "",
                "source:s",
                viewing if index % 50 == 0 else sealed,
                start + timedelta(seconds=index * 15),
            )
            for index in range(first, first + 1000)
        ]
        with transaction.atomic():
            enter_many(deeds)


def timed(client: object, page: str, rounds: int) -> float:
    """Request a page repeatedly, print a line, return the 95th percentile in milliseconds."""
    times = []
    for _ in range(rounds + 2):
        began = time.perf_counter()
        answer = client.get(page)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        times.append((time.perf_counter() - began) * 1000)
    times = sorted(times[2:])
    worst = times[int(len(times) * 0.95) - 1]
    print(
        f"{page:<32}{answer.status_code} {len(body):>8} bytes  median {statistics.median(times):6.1f} ms  p95 {worst:6.1f} ms"
    )
    return worst if answer.status_code == 200 else float("inf")


if __name__ == "__main__":
    sys.exit(main())

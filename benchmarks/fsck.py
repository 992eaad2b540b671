"""``fsck`` of a ledger of many acts, and the cost of entering one, of reading it by places, and of verifying rows: time of this process alone, so that other work on the machine counts little.

Nine of ten acts are segments of 32 cameras with their rows, day keys and objects; the tenth is a sign-in. Every object is a name of
one small file, since what is measured is the check without reading bytes. Segments are booked as recorders do, 32 at once.

``python -m benchmarks.fsck [--acts 200000 400000] [--entering 2.0]``
"""

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.destruction import NoBox
from benchmarks.figures import row
from benchmarks.ledger import rate
from rejent.kernel.clock import ManualClock, civil_date, local_midnight

CAMERAS = 32
MINUTES = 1440
CONTENT = b"sealed picture"
LINKS = 50_000
"""Names of one file; ext4 allows 65 000."""


def minutes(keeping: Any, sources: list[str], day: date) -> Iterator[list[Any]]:
    """Yield what all cameras sealed in each minute from a civil date on."""
    while True:
        yield from minutes_of(keeping, sources, day)
        day += timedelta(days=1)


def minutes_of(keeping: Any, sources: list[str], day: date) -> Iterator[list[Any]]:
    """Yield what all cameras sealed in each minute of a civil date."""
    from rejent.catalog import services

    recipients = {}
    for source in sources:
        recipients[source] = keeping.keys.make_keys(source, [day])[day].text
        services.store_day_keys(source, {day: recipients[source]}, clock=keeping.clock)
        (keeping.store.root / source / day.isoformat()).mkdir(parents=True)
    begun = local_midnight(day)
    for minute in range(MINUTES):
        start = begun + timedelta(minutes=minute)
        yield [
            services.FinishedSegment(
                id=(made := uuid4()),
                source_id=source,
                day=day,
                start=start,
                end=start + timedelta(minutes=1),
                run="run",
                object_name=f"{source}/{day.isoformat()}/{minute:06d}-{made.hex}.age",
                bytes=len(CONTENT),
                sha256=made.hex * 2,
                recipient=recipients[source],
                units=1500,
                index=bytes(380),
                traits={"codec": "avc1.640028", "width": 1920, "height": 1080},
            )
            for source in sources
        ]


def fill(keeping: Any, sealed: Iterator[list[Any]], acts: int) -> None:
    """Book what was sealed until the ledger has so many acts, and print what that cost."""
    from rejent.catalog import services
    from rejent.catalog.models import Source
    from rejent.registers.queries import tree_head

    spent, booked = 0.0, 0
    while (size := tree_head().size) < acts:
        finished = next(sealed)
        begun = time.process_time()
        services.book_segments(finished, keeping.clock)
        spent, booked = spent + time.process_time() - begun, booked + len(finished)
        name_objects(keeping.store.root, [each.object_name for each in finished], size)
        if booked // CAMERAS % 9 == 0:
            enter(CAMERAS, keeping)
    until = finished[-1].end
    keeping.clock.advance(until + timedelta(minutes=1) - keeping.clock.now())
    Source.objects.update(accounted_until=until)
    row(f"segments booked, {CAMERAS} a transaction", f"{1e6 * spent / booked:,.0f} µs", "of CPU each")


def name_objects(root: Path, names: list[str], size: int) -> None:
    """Name one small file as so many objects, another one once it has many names."""
    file = root.parent / f"content-{size // LINKS}"
    if not file.exists():
        file.write_bytes(CONTENT)
        file.chmod(0o600)
    for name in names:
        (root / name).hardlink_to(file)


def enter(batch: int, keeping: Any) -> None:
    """Enter so many sign-ins in one transaction."""
    from django.db import transaction

    from rejent.office.acts import SIGNED_IN
    from rejent.registers.services import PendingEntry, enter_many

    now = keeping.clock.now()
    acts = [PendingEntry(SIGNED_IN, "", f"person:{uuid4()}", {"session": "a"}, now) for _ in range(batch)]
    with transaction.atomic():
        enter_many(acts)


def entering(keeping: Any, seconds: float) -> None:
    """Print what an act without a row costs, alone in its transaction and among others."""
    for batch in (1, 32):
        found, cost = rate(batch, seconds, partial(enter, batch, keeping))
        row(f"acts entered, {batch} a transaction", f"{found:,.0f}/s", cost)


def check(acts: int) -> None:
    """Print the time that each part of `fsck` and all of them took."""
    from rejent.ops import wiring
    from rejent.registers.guard.indexes import find_unchecked_indexes, index_findings

    whole = 0.0
    for part in ("registers", "office", "catalog", "access", "retention"):
        begun, clock = time.process_time(), time.perf_counter()
        found = Counter(finding.code for finding in wiring.findings(deep=False, parts=[part]))
        spent, took = time.process_time() - begun, time.perf_counter() - clock
        whole += spent
        row(f"fsck of {acts:,} acts: {part}", f"{spent:,.1f} s", f"of CPU, {took:,.1f} s by the clock; findings: {dict(found) or 'none'}")  # fmt: skip
    begun, clock = time.process_time(), time.perf_counter()
    found = [str(finding.facts) for finding in index_findings()]
    spent, took = time.process_time() - begun, time.perf_counter() - clock
    row("of that, indexes held against tables", f"{spent:,.2f} s", f"of CPU of this process, {took:,.2f} s by the clock; findings: {found or 'none'}; not looked at: {len(find_unchecked_indexes())}")  # fmt: skip
    row(f"fsck of {acts:,} acts, these parts", f"{whole:,.1f} s", f"of CPU, {1e6 * whole / acts:,.0f} µs an act")  # fmt: skip


def read_places(source: str) -> None:
    """Print what a destruction with a hold over its date costs: each place of the ledger, and each act of one source among them."""
    from rejent.catalog.acts import SEGMENT_SEALED
    from rejent.registers.queries import tree_head
    from rejent.registers.stretches import Stretch

    acts, spent = 0, {}
    for subjects in ((), (f"source:{source}",)):
        costs = []
        for _ in range(3):
            stretch = Stretch(0, names=(SEGMENT_SEALED.name,), subjects=subjects, wanted=lambda _: True)
            begun = time.process_time()
            stretch.read_on()
            costs.append(time.process_time() - begun)
            if stretch.unreadable:
                raise SystemExit(f"{len(stretch.unreadable)} places cannot be read")
        spent[len(stretch.acts)] = min(costs)
        acts = len(stretch.acts)
    size = tree_head().size
    place = spent[0] / size
    one = (spent[acts] - spent[0]) / acts
    row(
        "a place of the ledger read, its tag verified",
        f"{1e6 * place:,.1f} µs",
        f"of CPU, least of 3 readings of {size:,}",
    )
    row("an act of a source among them, more", f"{1e6 * one:,.1f} µs", f"of CPU, of {acts:,} acts")
    month = 30 * MINUTES
    for cameras in (CAMERAS, 1):
        whole = month * cameras * place + month * one
        row(
            f"a held date after a month, cameras: {cameras}",
            f"{whole:,.1f} s",
            "of CPU, reckoned from these",
        )


def verify_rows(source: str) -> None:
    """Print what it costs to read rows of segments and to hold them against their entries."""
    from rejent.catalog.models import Segment
    from rejent.registers.guard.rows import matching

    ids = list(Segment.objects.filter(source=source).values_list("pk", flat=True)[:200])
    read, held = [], []
    for _ in range(10):
        begun = time.process_time()
        rows = list(Segment.objects.filter(pk__in=ids))
        between = time.process_time()
        if len(matching(rows)) != len(ids):
            raise SystemExit("a row is not as it was entered")
        read.append(between - begun)
        held.append(time.process_time() - between)
    row(
        f"a segment's row read, of {len(ids)}", f"{1e6 * min(read) / len(ids):,.0f} µs", "of CPU, least of 10"
    )
    row("the same held against its entry", f"{1e6 * min(held) / len(ids):,.0f} µs", "of CPU, least of 10")


def main() -> None:
    """Fill an office to each number of acts, check it, and enter more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--acts", type=int, nargs="+", default=[200_000, 400_000])
    parser.add_argument("--entering", type=float, default=2.0, metavar="SECONDS", help="of each rate")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as made:
        folder = Path(made)
        from rejent.ops.commands.init import create

        create(folder / "office", "pleszew", test=True)
        from django.conf import settings

        from rejent.catalog import services
        from rejent.retention.rounds.round import Keeping

        clock = settings.CLOCK = ManualClock(settings.CLOCK.now())
        keeping = Keeping(
            clock=clock, store=settings.VAULT.store, keys=settings.VAULT.keys, ledger=settings.LEDGER
        )
        sources = [
            services.add_source(
                stream="video", name=f"Camera {number}", address=f"rtsp://192.0.2.{number}/hol", building="Ratusz", place="hol",
                kind="hall", clock=clock, actor="", credentials_box=NoBox(),
            )
            for number in range(1, CAMERAS + 1)
        ]  # fmt: skip
        entering(keeping, given.entering)
        sealed = minutes(keeping, sources, civil_date(clock.now()) + timedelta(days=1))
        for acts in given.acts:
            fill(keeping, sealed, acts)
            read_places(sources[0])
            verify_rows(sources[0])
            check(acts)


if __name__ == "__main__":
    main()

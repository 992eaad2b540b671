"""The register of actions with a million acts: its page with every filter, and its table, on both databases.

``python -m benchmarks.register [--acts 1000000] [--rounds 40] [--only sqlite]`` prints median and 95th percentile a
request, from the request to the whole response through the program's own middleware, the CPU time of it in this
process, and the rate at which the table is exported.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from benchmarks.both_databases import on_both
from tests.people import add_person

MUST_MS = 300.0
PEOPLE = 40
SOURCES = 32
QUIET_TENTHS = 7
"""Tenths of the acts that are the recorder's own, which the page leaves out by default."""
TABLE_ACTS = 100_000
"""Acts, in the middle of the ledger, by which the rate of the table is measured."""


def main() -> int:
    """Measure on each database in a process of its own; return 1 if a request misses the limit."""
    return on_both("benchmarks.register", __doc__, "acts", 1_000_000, measure)


def measure(acts: int, rounds: int) -> int:
    """Fill an installation, send every request repeatedly; return 1 if one misses the limit."""
    with tempfile.TemporaryDirectory() as folder:
        from rejent.ops.commands.init import create

        create(Path(folder) / "office", "pleszew", test=True)
        people, sources = named()
        began = time.perf_counter()
        fill(acts, people, sources)
        print(f"filled in {time.perf_counter() - began:.0f} s")
        client = signed_in()
        slow = [
            name
            for name, asked in questions(acts, people, sources)
            if timed(client, name, asked, rounds) > MUST_MS
        ]
        table(client)
    return 1 if slow else 0


def named() -> tuple[list[str], list[str]]:
    """Return identifiers of people and sources that the acts name; none of them needs a row."""
    people = [str(UUID(int=number * 7919 << 64)) for number in range(1, PEOPLE + 1)]
    return people, [UUID(int=number * 104729 << 64).hex for number in range(1, SOURCES + 1)]


def fill(acts: int, people: list[str], sources: list[str]) -> None:
    """Enter so many acts of two years, in the order of time, with the registers' own service."""
    from django.db import connection, transaction

    from rejent.registers.services import enter_many

    made = sample_acts(acts, people, sources)
    for _ in range(0, acts, 2000):
        with transaction.atomic():
            enter_many([next(made) for _ in range(min(2000, acts))])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "postgresql" else "PRAGMA optimize")


def sample_acts(acts: int, people: list[str], sources: list[str]) -> Iterator[Any]:
    """Yield acts of the machine that seals segments, and among them those of forty people."""
    from django.conf import settings

    from rejent.access import acts as access
    from rejent.catalog.acts import SEGMENT_SEALED
    from rejent.office.acts import SIGNED_IN
    from rejent.registers.services import PendingEntry

    now = settings.CLOCK.now()
    step = timedelta(days=730) / acts
    sealed = {"source": "", "start": now.isoformat(), "end": now.isoformat(), "sha256": "00" * 32, "bytes": 1}
    kinds = (
        access.LIVE_STARTED,
        access.LIVE_STOPPED,
        access.VIEWING_OPENED,
        access.VIEWING_CLOSED,
        SIGNED_IN,
    )
    for number in range(acts):
        at, source = now - step * (acts - number), sources[number * 7 % len(sources)]
        if number % 10 < QUIET_TENTHS:
            yield PendingEntry(SEGMENT_SEALED, "", f"source:{source}", {**sealed, "source": source}, at)
            continue
        act, person = kinds[number // 10 % len(kinds)], people[number // 50 % len(people)]
        record = {"number": f"O-2026-{number}", "person": person, "source": source, "purpose": "bhp", "case": "OR.1",
                  "count": 1, "sources": [source], "reason": "closed"}  # fmt: skip
        yield PendingEntry(act, person, f"source:{source}", record, at)


def questions(acts: int, people: list[str], sources: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Return the requests of the page, each kind with several addresses."""
    from django.conf import settings

    now: datetime = settings.CLOCK.now()

    def day(back: int) -> str:
        return f"{now - timedelta(days=back):%d.%m.%Y}"

    def page(**wanted: object) -> str:
        return f"/ledger?{urlencode(wanted)}"

    person, source = people[3], sources[5]
    deep = [acts * part // 10 for part in (1, 5, 9)]
    yield "first page", [page()]
    yield "first page with every segment", [page(machinery="on")]
    yield "by act", [page(kind="viewing.opened"), page(kind="segment.sealed"), page(kind="hold.ended")]
    yield "by person", [page(person=person), page(person="-"), page(person="-", machinery="on")]
    yield "by source", [page(source=source), page(source=source, machinery="on")]
    yield "by days", [page(first=day(400), last=day(393)), page(first=day(700), last=day(100))]
    yield "by person, act and days", [page(person=person, kind="live.started", first=day(300), last=day(200))]
    yield "by person and an act they never did", [page(person=person, kind="hold.placed")]
    yield "by source and an act it never had", [page(source=source, kind="hold.placed")]
    yield "deep, all", [page(before=index, machinery="on") for index in deep]
    yield "deep, narrowed", [page(before=index, person=person) for index in deep]
    yield "go to a number", [page(number=index) for index in deep]
    yield "go to a number, narrowed", [page(number=index, kind="viewing.opened") for index in deep]
    yield "newer, from deep", [page(after=index) for index in deep]
    yield "one entry", [f"/ledger/{index}" for index in deep]


def signed_in() -> Any:
    """Return a client signed in as the data protection officer."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    add_person(
        "Osoba Przykładowa", post="", roles=["iod"], username="iod", password=os.urandom(12).hex(),
        clock=settings.CLOCK, actor="",
    )  # fmt: skip
    client = Client()
    client.force_login(
        get_user_model().objects.get(username="iod"),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    return client


def timed(client: Any, name: str, addresses: list[str], rounds: int) -> float:
    """Request each address repeatedly, print a line, return the 95th percentile in milliseconds of the slowest."""
    worst, medians, worked = 0.0, [], []
    for address in addresses:
        times, before = [], time.process_time()
        for _ in range(rounds + 2):
            began = time.perf_counter()
            answer = client.get(address)
            times.append((time.perf_counter() - began) * 1000)
            if answer.status_code != 200:
                print(f"{address}: {answer.status_code}")
                return float("inf")
        worked.append((time.process_time() - before) * 1000 / len(times))
        times = sorted(times[2:])
        worst = max(worst, times[max(0, int(len(times) * 0.95) - 1)])
        medians.append(statistics.median(times))
    print(
        f"{name:<42} median {max(medians):7.1f} ms  p95 {worst:7.1f} ms  CPU {max(worked):6.1f} ms",
        flush=True,
    )
    return worst


def table(client: Any) -> None:
    """Export a part of the register as CSV, print its rate."""
    from rejent.registers import queries

    size = queries.tree_head().size
    part = min(size - 1, TABLE_ACTS) // 2
    bounds = {"first": size // 2 - part, "last": size // 2 + part}
    days = {name: f"{queries.act(index).at:%d.%m.%Y}" for name, index in bounds.items()}
    began, worked, first, count = time.perf_counter(), time.process_time(), 0.0, 0
    answer = client.post(f"/ledger/export/csv?{urlencode({**days, 'machinery': 'on'})}")
    for piece in answer.streaming_content:
        first = first or time.perf_counter() - began
        count += piece.count(b"\r\n")
    took, worked = time.perf_counter() - began, time.process_time() - worked
    print(json.dumps({"csv rows": count - 1, "seconds": round(took, 1), "rows a second": round((count - 1) / took),
                      "rows a CPU second": round((count - 1) / worked), "first byte ms": round(first * 1000)}))  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())

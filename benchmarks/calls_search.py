"""Search among a million calls by every combination of facts, on both databases.

``python -m benchmarks.calls_search [--calls 1000000] [--rounds 40] [--only sqlite]`` prints median and 95th
percentile a query, as the catalogue answers it. Nine tenths of the calls go to or come from the ten numbers of the
office; callers are two hundred thousand. A tenth of the calls is passed on, to one of four hundred clerks.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks.both_databases import on_both

MUST_MS = 100.0
LINES = 4
CALLERS = 200_000
OFFICE = 10
PASSED_ON, CLERKS = 10, 400
DAYS = 90
END = datetime(2026, 11, 21, 14, tzinfo=UTC)
BATCH = 5000


def main() -> int:
    """Measure on each database in a process of its own; return 1 if a query misses the limit."""
    return on_both("benchmarks.calls_search", __doc__, "calls", 1_000_000, measure)


def measure(calls: int, rounds: int) -> int:
    """Fill an installation, run every query repeatedly; return 1 if one misses the limit."""
    with tempfile.TemporaryDirectory() as folder:
        from rejent.ops.commands.init import create

        create(Path(folder) / "office", "walbrzych-mops", test=True)
        began = time.perf_counter()
        lines = fill(calls)
        print(f"filled in {time.perf_counter() - began:.0f} s")
        slow = [name for name, asked in questions(calls, lines) if timed(name, asked, rounds) > MUST_MS]
        print(
            f"rows {held():,}; {'missed: ' + ', '.join(slow) if slow else f'every question ≤ {MUST_MS:.0f} ms p95'}"
        )
    return 1 if slow else 0


def fill(calls: int) -> frozenset[str]:
    """Book so many calls of three months; return the lines."""
    from django.db import connection, transaction

    from rejent.catalog.models import Source
    from rejent.registers.services import PendingEntry, enter_many
    from rejent.streams.calls.catalog.acts import CALL_BEGUN
    from rejent.streams.calls.catalog.models import Call, TurnNumber
    from rejent.streams.calls.catalog.turns import turn_numbers

    lines = [UUID(int=number << 64).hex for number in range(1, LINES + 1)]
    Source.objects.bulk_create(
        Source(id=line, stream="calls", name=line, address="siprec", added_at=END) for line in lines
    )
    made = (Call(**facts) for facts in sample_calls(calls, lines))
    while part := list(islice(made, BATCH)):
        for row in part:
            row.commit()
        with transaction.atomic():
            Call.objects.bulk_create(part)
            numbers = ((row, number) for row in part for number in turn_numbers(row.later))
            TurnNumber.objects.bulk_create(TurnNumber(call=row, number=number) for row, number in numbers)
            enter_many([PendingEntry(CALL_BEGUN, "", f"call:{row.pk}", {}, END, row) for row in part])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "postgresql" else "PRAGMA optimize")
    return frozenset(lines)


def sample_calls(calls: int, lines: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the facts of each call, in the order of time."""
    from rejent.kernel.clock import civil_date
    from rejent.streams.calls.catalog.turns import PartyTurn, write_turns

    step = timedelta(days=DAYS) / calls
    for number in range(calls):
        start = END - step * (calls - number)
        outside, office = caller(number), called(number)
        incoming = number % 4 != 3
        yield {
            "id": UUID(int=number).hex,
            "source_id": lines[number % LINES],
            "day": civil_date(start),
            "start": start,
            "end": start + timedelta(seconds=120),
            "direction": "incoming" if incoming else "outgoing",
            "caller": outside if incoming else office,
            "called": office if incoming else outside,
            "later": write_turns([PartyTurn("called", clerk(number), start)])
            if incoming and number % PASSED_ON == 1
            else "",
        }


def caller(number: int) -> str:
    """Choose the outside party; some call often."""
    return f"+48{600_000_000 + number * 7919 % CALLERS * 613:09d}"


def called(number: int) -> str:
    """Choose the inside party: mostly one of the public numbers, else an extension."""
    return f"+4875123450{number % OFFICE}" if number % 10 else f"{100 + number % 300}"


def clerk(number: int) -> str:
    """Choose to whom a call is passed on."""
    return f"+48752340{number // PASSED_ON % CLERKS:03d}"


def questions(calls: int, lines: frozenset[str]) -> Iterator[tuple[str, list[Any]]]:
    """Return the queries, several of each kind."""
    from rejent.kernel.clock import civil_date
    from rejent.streams.calls.catalog.views import CallQuestion

    known = [calls * part // 10 // 20 * 20 + 1 for part in (1, 5, 9)]
    step = timedelta(days=DAYS) / calls

    def asked(number: int, *facts: str) -> Any:
        """Return the query for one call by some of its facts."""
        start, ending = END - step * (calls - number), caller(number)[-6:]
        given = {
            "caller": caller(number),
            "called": called(number),
            "end": ending,
            "office": called(number)[-4:],
            "clerk": clerk(number),
            "clerk's end": clerk(number)[-4:],
        }
        return CallQuestion(
            caller=given.get(facts[0], "") if facts else "",
            called=given.get(facts[1], "") if len(facts) > 1 else "",
            day=civil_date(start) if "day" in facts or "about" in facts else None,
            about=start + timedelta(minutes=40) if "about" in facts else None,
            direction="incoming" if "incoming" in facts else "",
            source_ids=lines,
        )

    for name, facts in (
        ("all four facts", ("caller", "called", "about")),
        ("both numbers", ("caller", "called")),
        ("caller", ("caller",)),
        ("caller by ending", ("end",)),
        ("caller by ending, office by ending", ("end", "office")),
        ("caller and date", ("caller", "-", "day")),
        ("called, of the office", ("-", "called")),
        ("called, of the office, by ending and hour", ("-", "office", "about")),
        ("caller, passed on to a clerk", ("caller", "clerk")),
        ("passed on to a clerk, date", ("-", "clerk", "day")),
        ("passed on to a clerk, by ending and hour", ("-", "clerk's end", "about")),
        ("called by whom it never was", ("called", "caller")),
        ("caller of the office, date, the other way", ("called", "-", "day", "incoming")),
        ("date and hour", ("-", "-", "about")),
        ("date", ("-", "-", "day")),
    ):
        yield name, [asked(number, *facts) for number in known]
    yield "nobody's number", [asked(calls * 3, "caller"), asked(calls * 3, "caller", "-", "about")]


def timed(name: str, asked: list[Any], rounds: int) -> float:
    """Run each query repeatedly, print a line, return the 95th percentile in milliseconds of the slowest."""
    from rejent.streams.calls.catalog import queries as call_queries

    worst, medians, hits = 0.0, [], []
    for question in asked:
        times = []
        for _ in range(rounds + 2):
            began = time.perf_counter()
            found = call_queries.find_calls(question)
            times.append((time.perf_counter() - began) * 1000)
        times = sorted(times[2:])
        worst = max(worst, times[max(0, int(len(times) * 0.95) - 1)])
        medians.append(statistics.median(times))
        hits.append(f"{len(found.calls)}{'+' if found.more else ''}")
    print(f"{name:<44} median {max(medians):7.2f} ms  p95 {worst:7.2f} ms  hits {' '.join(hits)}", flush=True)
    return worst


def held() -> int:
    """Count the rows."""
    from rejent.streams.calls.catalog.models import Call

    return Call.objects.count()


if __name__ == "__main__":
    sys.exit(main())

"""The list of applications and its search with a hundred thousand cases, and the register of four hundred as PDF, on both databases.

``python -m benchmarks.cases [--cases 100000] [--rounds 40] [--only sqlite]`` prints median and 95th percentile a request, from
the request to the whole response through the program's own middleware, and the CPU time of it in this process. Every row that is
shown is held against the ledger.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from secrets import token_hex
from typing import Any

from benchmarks.both_databases import on_both
from benchmarks.register import signed_in, timed

MUST_MS = 300.0
REGISTER_MUST_S = 1.0
REGISTER_ROWS = 400
_PIECE = 2000
_NAMES = ("Anna", "Jan", "Maria", "Piotr", "Zofia", "Tomasz", "Ewa", "Łukasz")
_SURNAMES = ("Kowal", "Nowak", "Wiśnia", "Zieliński", "Dąb", "Lis", "Mazur", "Żuraw", "Król", "Wróbel")


def main() -> int:
    """Measure on each database in a process of its own; return 1 if a request misses the limit."""
    return on_both("benchmarks.cases", __doc__, "cases", 100_000, measure)


def measure(cases: int, rounds: int) -> int:
    """Fill an installation, ask for the list in every way repeatedly; return 1 if one misses the limit."""
    with tempfile.TemporaryDirectory() as folder:
        from rejent.ops.commands.init import create

        create(Path(folder) / "office", "pleszew", test=True)
        client = signed_in()
        slow = register() > REGISTER_MUST_S
        began = time.perf_counter()
        fill(cases)
        print(f"filled in {time.perf_counter() - began:.0f} s")
        for name, address, words in questions(cases):
            search(client, words)
            slow |= timed(client, name, [address], rounds) > MUST_MS
    return 1 if slow else 0


def questions(cases: int) -> Iterator[tuple[str, str, str]]:
    """Yield each way to ask for the list: its name, its address, the words of its search."""
    middle = cases // 2
    yield "first page", "/cases", ""
    yield "page in the middle", f"/cases?after=W-2026-{middle}", ""
    yield "those that wait", "/cases?state=waiting", ""
    yield "by number", "/cases", f"W-2026-{middle}"
    yield "by whole name", "/cases", f"Zieliński nr{middle}"
    yield "by a frequent surname", "/cases", "wróbel"
    yield "by two words of names", "/cases", "Zofia Król"
    yield "by what nobody bears", "/cases", "nieobecny"
    yield "start page", "/", ""


def search(client: Any, words: str) -> None:
    """Keep the words of a search in the session, as the page does."""
    client.post("/cases", {"q": words})


def register() -> float:
    """Fill what one year's register has, and return how many seconds its PDF takes."""
    from rejent.cases import queries
    from rejent.documents.papers import Book
    from rejent.documents.rendering import render_pdf
    from rejent.registers.books.numbered_rows import Wanted
    from rejent.web.cases.listing import applications
    from rejent.web.registers.books.register import cells_of
    from rejent.web.registers.letterheads import letterhead

    fill(REGISTER_ROWS, year=2025)
    book = cells_of(applications)
    best = worked = float("inf")
    for _ in range(5):
        began, before = time.perf_counter(), sum(os.times()[:4])
        head = letterhead("Rejestr wniosków", made_at=datetime(2026, 1, 1, tzinfo=UTC), entry=1)
        pieces = queries.REGISTER.pieces(Wanted(newest_first=False))
        rows = [row for piece in pieces for row in book["cells"](piece)]
        made = render_pdf(Book(head, (), tuple(book["columns"]()), rows, ""))
        best = min(best, time.perf_counter() - began)
        worked = min(worked, sum(os.times()[:4]) - before)
    print(f"register of {len(rows)} rows as PDF: {best:.2f} s, CPU {worked:.2f} s, {len(made):,} bytes")
    return best


def fill(cases: int, year: int = 2026) -> None:
    """Enter so many cases, most of them decided, with rows and acts as the services make them."""
    from django.db import connection, transaction

    from rejent.cases.acts import CASE_ENTERED
    from rejent.cases.models import Case, CaseApplicant
    from rejent.registers.services import PendingEntry, enter_many

    made = sample(cases, year)
    while piece := list(islice(made, _PIECE)):
        with transaction.atomic():
            rows = [case for case, _ in piece]
            Case.objects.bulk_create(rows)
            for case, applicant in piece:
                applicant.case = case
                case.applicant = applicant
                case.state_parts(applicant=applicant.bound())
            CaseApplicant.objects.bulk_create([applicant for _, applicant in piece])
            decide(rows)
            enter_many(
                [
                    PendingEntry(
                        CASE_ENTERED, "", f"case:{row.number}", {"number": row.number}, row.entered_at, row
                    )
                    for row in rows
                ]
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "postgresql" else "PRAGMA optimize")


def decide(rows: list[Any]) -> None:
    """Let forty-nine of fifty be granted, as rows and as they are about to be entered."""
    from rejent.cases.models import Case

    decided = [row for place, row in enumerate(rows) if place % 50]
    given = {
        "state": "granted",
        "decided_at": rows[-1].entered_at,
        "decided_by": "head",
        "basis": "§ 6 ust. 3",
    }
    Case.objects.filter(pk__in=[row.pk for row in decided]).update(**given)
    for row in decided:
        for name, value in given.items():
            setattr(row, name, value)


def sample(cases: int, year: int) -> Iterator[tuple[Any, Any]]:
    """Yield rows of cases and of their applicants, one in fifty of which waits."""
    from rejent.cases.models import Case, CaseApplicant
    from rejent.cases.queries import search_form

    first = datetime(year, 1, 2, 8, tzinfo=UTC)
    for number in range(1, cases + 1):
        at = first + timedelta(minutes=3 * number)
        name = f"{_NAMES[number % 8]} {_SURNAMES[number % 10]} nr{number}"
        day = date(year, 1, 1)
        case = Case(
            number=f"W-{year}-{number}", kind="preservation", stream="video", state="waiting", version=1,
            channel="post", received_on=day, posted_on=day, filed_on=day, event_first=day, event_last=day,
            start=first, end=at, about=first, last_day=day, holidays="", late=False, decide_by=day,
            sources=[], holds=[], lost=[], entered_at=at, entered_by="",
        )  # fmt: skip
        yield (
            case,
            CaseApplicant(
                name=name,
                details={"description": "Ktoś zabrał rower sprzed wejścia."},
                salt=token_hex(32),
                sought=search_form(f"{case.number} {name}"),
            ),
        )


if __name__ == "__main__":
    sys.exit(main())

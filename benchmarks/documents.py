"""Documents: time and memory for a whole file; a register of actions as a table, row by row.

``python -m benchmarks.documents [--rounds 7] [--acts 100000]`` prints a line for each.
"""

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import pages
from benchmarks.register import signed_in
from rejent.documents.papers import Book, Column, Form, Letterhead, Paper
from rejent.documents.rendering import render_pdf

SIZES = (100, 500, 2000)
MUST_S = {"form": 2.0, "book of 2000 rows": 20.0}
SENTENCE = "Odtworzenie O-2026-{row} źródła „Hol na parterze” otwarte: ustalanie sprawców zniszczeń, sprawa OR.1431.{row}.2026"


def main() -> int:
    """Print the times; return 1 if a document misses its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--acts", type=int, default=100_000)
    given = parser.parse_args()
    slow = []
    papers: dict[str, Paper] = {"form": form(), **{f"book of {size} rows": book(size) for size in SIZES}}
    for name, paper in papers.items():
        if timed(name, lambda paper=paper: render_pdf(paper), given.rounds) > MUST_S.get(name, float("inf")):
            slow.append(name)
    table(given.acts)
    return 1 if slow else 0


def letterhead() -> Letterhead:
    """Return the head and foot of every document here."""
    return Letterhead(
        language="pl",
        office="Urząd Miasta i Gminy Przykładowo",
        title="Dokument próbny",
        made_at=datetime(2026, 11, 21, 11, 0, tzinfo=UTC),
        marks=("Wpis 48212 w rejestrze działań, dziennik rejent/0123456789abcdef0123456789abcdef",),
        page="strona {page} z {pages}",
    )


def form() -> Form:
    """Return a typical authorisation."""
    return Form(
        letterhead=letterhead(),
        opening="Burmistrz upoważnia wskazaną osobę do korzystania z monitoringu w podanych granicach.",
        facts=tuple((f"Pole {row}", (f"Zawartość pola numer {row}",)) for row in range(12)),
        duties_title="Obowiązki",
        duties=("Nagranie otwiera się tylko w celu wymienionym w regulaminie.",) * 6,
        undertaking="Znam zakres tego upoważnienia.",
        signatures=("data i podpis wydającego", "data i podpis osoby upoważnionej"),
    )


def book(size: int) -> Book:
    """Return a register of actions with so many rows."""
    columns = [Column(title, share) for title, share in (("Wpis", 8), ("Data", 11), ("Rodzaj", 16), ("Osoba", 15),
                                                         ("Co zrobiono", 42), ("Numer", 10))]  # fmt: skip
    rows = [
        (str(row), "21.11.2026 12:00:00", "Otwarcie odtworzenia", "Osoba Przykładowa", SENTENCE.format(row=row), f"O-2026-{row}")
        for row in range(size)
    ]  # fmt: skip
    return Book(
        letterhead(), ("Osoba: Osoba Przykładowa", f"Liczba wierszy: {size}"), tuple(columns), rows, ""
    )


def timed(name: str, make: Callable[[], bytes], rounds: int) -> float:
    """Make a document repeatedly, print a line, return the median in seconds."""
    times, made, worked = [], b"", cpu_s(resource.RUSAGE_CHILDREN)
    for _ in range(rounds):
        began = time.perf_counter()
        made = make()
        times.append(time.perf_counter() - began)
    worked = (cpu_s(resource.RUSAGE_CHILDREN) - worked) / rounds
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    median = statistics.median(times)
    print(
        f"{name:<18}{len(made):>9} bytes  median {median * 1000:6.0f} ms  worst {max(times) * 1000:6.0f} ms  "
        f"CPU {worked * 1000:6.0f} ms  largest process so far {peak:4.0f} MiB"
    )
    return median


def table(acts: int) -> None:
    """Export the whole register of actions as CSV, print the cost."""
    with tempfile.TemporaryDirectory() as folder:
        from rejent.ops.commands.init import create

        create(Path(folder) / "office", "pleszew", test=True)
        pages.fill(acts)
        client = signed_in()
        client.get("/ledger")
        before = most = memory_mib()
        began, worked = time.perf_counter(), cpu_s(resource.RUSAGE_SELF)
        answer = client.post("/ledger/export/csv?machinery=on")
        first, length, rows = None, 0, 0
        for piece in answer.streaming_content:
            first = first or time.perf_counter() - began
            length, rows, most = length + len(piece), rows + piece.count(b"\r\n"), max(most, memory_mib())
        took, worked = time.perf_counter() - began, cpu_s(resource.RUSAGE_SELF) - worked
        print(
            f"CSV of {rows - 1} acts  {length} bytes  {took:.1f} s, CPU {worked:.1f} s "
            f"({(rows - 1) / worked:,.0f} rows a CPU second)  first byte after {first * 1000:.0f} ms  "
            f"memory {before:.0f} to {most:.0f} MiB"
        )


def cpu_s(whose: int) -> float:
    """Return the CPU seconds of this process or its children."""
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


def memory_mib() -> float:
    """Return the memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / (1 << 20)


if __name__ == "__main__":
    sys.exit(main())

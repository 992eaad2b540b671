"""All documents of an office in one language: what they say, and their files.

``python -m benchmarks.notices [--rounds 5] [--places 40]`` prints a line for each of the five offices; returns 1 if one takes over 5 s.
"""

import argparse
import os
import statistics
import sys
import time
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rejent.notices.documents.truth import Truth

MUST_S = 5.0


def main() -> int:
    """Print the times; return 1 if an office misses the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--places", type=int, default=40)
    given = parser.parse_args()
    set_up()
    from rejent.office.regulation.loading import EXAMPLES

    slow = [name for name in EXAMPLES if timed(name, given.places, given.rounds) > MUST_S]
    return 1 if slow else 0


def set_up() -> None:
    """Load the program without an installation."""
    os.environ["REJENT_DIR"] = ""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rejent.ops.settings")
    import django

    django.setup()


def timed(name: str, places: int, rounds: int) -> float:
    """Make all documents of an office repeatedly, print a line, return the median in seconds."""
    from rejent.documents.rendering import render_pdfs
    from rejent.notices.documents.paper import SIZES, page, paper_of
    from rejent.notices.documents.views import DocumentKind
    from rejent.notices.wording import documents_of

    said, whole, made = [], [], []
    for _ in range(rounds):
        began = time.perf_counter()
        documents = documents_of(truths(name, places))
        shown = [page(each) for each in documents]
        said.append(time.perf_counter() - began)
        sizes = {DocumentKind.PLATE: SIZES}
        made = render_pdfs(
            [paper_of(each, size=size) for each in documents for size in sizes.get(each.kind, ("A4",))]
        )
        whole.append(time.perf_counter() - began)
    median = statistics.median(whole)
    print(
        f"{name:<16}{len(documents):>3} documents  {len(made):>3} PDF  {len(shown):>3} HTML  {sum(map(len, made)):>9} bytes  "
        f"median {median * 1000:6.0f} ms  worst {max(whole) * 1000:6.0f} ms  without PDF {statistics.median(said) * 1000:5.0f} ms"
    )
    return median


def truths(name: str, places: int) -> "list[Truth]":
    """Return what is true of an office with so many places in four buildings."""
    from rejent.notices.documents.truth import Office, Place, Truth
    from rejent.notices.stream_parts import SAYINGS
    from rejent.office.regulation.loading import example, load

    regulation = load(example(name))
    known = [
        Place(each, f"ul. Przykładowa {each % 4}", f"korytarz {each}", "corridor") for each in range(places)
    ]
    address = {stream: f"https://urzad.example/public/clause-{stream}.html" for stream in regulation.streams}
    office = Office(regulation, 1, date(2026, 2, 1), address)
    return [
        Truth(office, stream, "pl", known if SAYINGS.of(stream).plate else (), places)
        for stream in regulation.streams
        if stream in SAYINGS
    ]


if __name__ == "__main__":
    sys.exit(main())

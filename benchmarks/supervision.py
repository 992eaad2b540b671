"""The week of supervision with 100 000 viewings and as many watchings, on both databases.

``python -m benchmarks.supervision [--rows 100000] [--rounds 40] [--only sqlite]`` prints median and 95th percentile
of the page for an ordinary week, for one that holds a twentieth of everything, and of the rows behind it; and the
time to the report.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.both_databases import on_both
from benchmarks.register import MUST_MS, signed_in, timed

PEOPLE = 40
SOURCES = 32
WEEKS = 104
BUSY = 7
"""Age in weeks of the busy week, which holds a twentieth of all rows."""


def main() -> int:
    """Measure on each database in a process of its own; return 1 if a page misses the limit."""
    return on_both("benchmarks.supervision", __doc__, "rows", 100_000, measure)


def measure(rows: int, rounds: int) -> int:
    """Fill an installation, request the pages repeatedly; return 1 if one misses the limit."""
    with tempfile.TemporaryDirectory() as folder:
        from rejent.ops.commands.init import create

        create(Path(folder) / "office", "pleszew", test=True)
        began = time.perf_counter()
        fill(rows)
        print(f"filled in {time.perf_counter() - began:.0f} s", flush=True)
        client = signed_in()
        slow = [name for name, page in pages() if timed(client, name, [page], rounds) > MUST_MS]
        report(client)
    return 1 if slow else 0


def fill(rows: int) -> None:
    """Enter so many viewings with two parts each, watchings, authorisations and entries, over two years."""
    from django.db import connection

    from rejent.access.models import LiveWatch, SeenInterval, Viewing

    people, sources = office()
    moments = list(instants(rows))
    viewings = [
        Viewing(
            number=f"O-2026-{number + 1}", person_id=people[number % PEOPLE], source_id=sources[number % SOURCES],
            start=at - timedelta(hours=3), end=at - timedelta(hours=1), purpose="bhp", case=f"OR.1431.{number % 977}.2026",
            session="s", opened_at=at, closed_at=at + timedelta(minutes=9), expires_at=at + timedelta(hours=2),
        )
        for number, at in enumerate(moments)
    ]  # fmt: skip
    Viewing.objects.bulk_create(viewings, batch_size=2000)
    parts = (
        SeenInterval(
            viewing=one,
            start=one.start + begin,
            end=one.start + begin + timedelta(seconds=90),
            at=one.opened_at,
        )
        for one in viewings
        for begin in (timedelta(), timedelta(seconds=60))
    )
    SeenInterval.objects.bulk_create(parts, batch_size=2000)
    watches = (
        LiveWatch(
            person_id=people[number % PEOPLE], sources=sources[:4], started_at=at, stopped_at=at + timedelta(minutes=20)
        )
        for number, at in enumerate(moments)
    )  # fmt: skip
    LiveWatch.objects.bulk_create(watches, batch_size=2000)
    enter_all(viewings)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "postgresql" else "PRAGMA optimize")


def instants(rows: int) -> Iterator[Any]:
    """Return the instants: evenly over the weeks, and every twentieth one in the busy week."""
    from django.conf import settings

    from rejent.access.supervision.weeks import Week

    now = settings.CLOCK.now()
    busy = Week.at(now).after(-BUSY).interval
    step = timedelta(weeks=WEEKS) / rows
    for number in range(rows):
        at = now - step * (rows - number)
        yield busy.start + busy.length * (number / rows) if number % 20 == 0 else at


def office() -> tuple[list[Any], list[str]]:
    """Make people with authorisations, and cameras."""
    from django.conf import settings

    from rejent.access.models import Authorisation
    from rejent.catalog.models import Source
    from rejent.office.models import Building, Person, Place

    now = settings.CLOCK.now()
    people = Person.objects.bulk_create(
        Person(name=f"Osoba {number}", post="", joined_on=now.date() - timedelta(days=900))
        for number in range(PEOPLE)
    )
    building = Building.objects.create(name="Ratusz")
    place = Place.objects.create(building=building, name="hol", kind="hall")
    sources = Source.objects.bulk_create(
        Source(
            id=f"{number:032x}",
            stream="video",
            name=f"Kamera {number}",
            place=place,
            added_at=now,
            position=number,
        )
        for number in range(SOURCES)
    )
    Authorisation.objects.bulk_create(
        Authorisation(
            number=f"U-2026-{number + 1}", person=people[number % PEOPLE], acts=["live", "recordings"], stream="video",
            valid_from=now.date() - timedelta(days=800), valid_until=now.date() + timedelta(days=number), issued_at=now - timedelta(days=900 if number % 9 else 0),
        )
        for number in range(500)
    )  # fmt: skip
    return [one.pk for one in people], [one.pk for one in sources]


def enter_all(viewings: list[Any]) -> None:
    """Enter each viewing, and a refusal for every fiftieth."""
    from django.db import transaction

    from rejent.access.acts import REFUSED, VIEWING_OPENED
    from rejent.registers.services import PendingEntry, enter_many

    for first in range(0, len(viewings), 2000):
        deeds = []
        for one in viewings[first : first + 2000]:
            person, record = (
                str(one.person_id),
                {"number": one.number, "source": one.source_id, "purpose": "bhp", "case": one.case},
            )
            deeds.append(
                PendingEntry(
                    VIEWING_OPENED,
                    person,
                    f"source:{one.source_id}",
                    {**record, "person": person},
                    one.opened_at,
                )
            )
            if int(one.number.rpartition("-")[2]) % 50 == 0:
                refused = {
                    "person": person,
                    "act": "recordings",
                    "source": one.source_id,
                    "rule": "not-authorised",
                }
                deeds.append(PendingEntry(REFUSED, person, f"source:{one.source_id}", refused, one.opened_at))
        with transaction.atomic():
            enter_many(deeds)


def pages() -> Iterator[tuple[str, str]]:
    """Return the requested weeks."""
    from django.conf import settings

    from rejent.access.supervision.weeks import Week

    week = Week.at(settings.CLOCK.now())
    yield "this week", "/supervision"
    yield "an ordinary week", f"/supervision?week={week.after(-30)}"
    yield "the busy week, a twentieth of all", f"/supervision?week={week.after(-BUSY)}"
    yield "its viewings", f"/viewings?week={week.after(-BUSY)}"
    yield "its watchings", f"/watches?week={week.after(-BUSY)}"


def report(client: Any) -> None:
    """Make the busy week's report, print the cost."""
    from django.conf import settings

    from rejent.access.supervision.weeks import Week

    week = Week.at(settings.CLOCK.now()).after(-BUSY)
    began = time.perf_counter()
    answer = client.post(f"/supervision/digest/{week}")
    print(
        f"the busy week's report: {(time.perf_counter() - began) * 1000:.0f} ms, {len(answer.content)} bytes"
    )


if __name__ == "__main__":
    sys.exit(main())

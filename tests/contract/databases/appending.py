"""A process that enters acts as fast as it can and says which ones were acknowledged.

``python -m tests.contract.databases.appending enter NAME BATCHES`` prints after each commit one line: the number it took
and the indexes it was given. ``check`` prints as JSON what stands in the ledger and what is found wrong with it;
``checkpoint ROUNDS`` signs again and again. ``BATCHES`` and ``ROUNDS`` 0 mean without end.
"""

import itertools
import json
import os
import random
import sys

import django
from django.db import connection, transaction

from rejent.kernel.acts import Act

APPENDED = Act("test.appended", "{name} appended {serial}")


def rounds(wanted: int) -> itertools.count | range:  # type: ignore[type-arg]  # itertools.count takes no argument at run time
    """As many rounds as wanted; 0 means without end."""
    return range(wanted) if wanted else itertools.count()


def enter(name: str, batches: int) -> None:
    """Enter batches of acts with a number each; every seventh is undone on purpose."""
    from django.conf import settings

    from rejent.registers import services

    chance, serial = random.Random(name), 0  # noqa: S311 - sizes of batches, not secrets
    for batch in rounds(batches):
        size = chance.randrange(1, 40)
        records = [{"name": name, "serial": serial + place} for place in range(size)]
        serial += size
        with transaction.atomic():
            number = services.take_number("appended", 2026)
            now = settings.CLOCK.now()
            given = services.enter_many(
                [services.PendingEntry(APPENDED, name, "", record, now) for record in records]
            )
            if batch % 7 == 6:
                transaction.set_rollback(True)
        if batch % 7 != 6:
            said = {
                "number": number,
                "entries": list(zip(given, [record["serial"] for record in records], strict=True)),
            }
            print(json.dumps({"name": name} | said), flush=True)  # noqa: T201 - the parent reads it


def checkpoint(times: int) -> None:
    """Sign the head again and again."""
    from django.conf import settings

    from rejent.registers import services

    for _ in rounds(times):
        services.checkpoint(settings.LEDGER, clock=settings.CLOCK)
        print("signed", flush=True)  # noqa: T201 - the parent reads it


def check() -> None:
    """Say what stands in the ledger and what is wrong with it."""
    from django.conf import settings

    from rejent.registers import checks
    from rejent.registers.models import Entry

    rows = Entry.objects.order_by("pk").values_list("index", "facts")
    entries = [(index, json.loads(facts or "{}")) for index, facts in rows]
    wrong = [finding.sentence() for finding in checks.findings(settings.LEDGER)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT last FROM registers_series")
        last = cursor.fetchone()
    print(json.dumps({"entries": entries, "findings": wrong, "last": last[0] if last else 0}))  # noqa: T201 - its answer to the test


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.contract.databases.registers_alone"
    django.setup()
    match sys.argv[1:]:
        case ["enter", name, batches]:
            enter(name, int(batches))
        case ["checkpoint", times]:
            checkpoint(int(times))
        case ["check"]:
            check()

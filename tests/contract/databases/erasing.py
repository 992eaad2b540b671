"""A number that was refused and taken back, and the tables of a PostgreSQL in whose files it can be read.

``python -m tests.contract.databases.erasing`` prints them while it is refused, once it was taken back, and after a keeper's round; then,
with a reader in the way, whether a round got through, and got through once the reader was gone.
"""

import os
from datetime import date, timedelta

import django
import psycopg

from tests.contract.databases.windows import NOON, say

NUMBER = "+48105559876"
HOLDING = """SELECT relname FROM pg_class WHERE relkind IN ('r', 'i', 't') AND relpersistence = 'p'
    AND position(%s::bytea IN pg_read_binary_file(pg_relation_filepath(oid))) > 0 ORDER BY relname"""


def tables() -> list[str]:
    """The tables and indexes in whose files the number stands, once the server has written them."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("CHECKPOINT")
        cursor.execute(HOLDING, [NUMBER.encode()])
        return [name for (name,) in cursor.fetchall()]


def main() -> None:
    """Refuse, take back, clean; and again with a reader in the way."""
    from rejent.kernel.clock import ManualClock
    from rejent.office import services as office
    from rejent.office.regulation.loading import example
    from rejent.registers.erasure_traces import VACUUM_EVERY_S, remove_traces
    from rejent.streams.calls.catalog import services

    clock = ManualClock(NOON)
    office.activate_regulation(
        example("walbrzych-mops"), in_force_from=date(2026, 1, 1), clock=clock, actor=""
    )
    refusal = services.refuse_number(NUMBER, clock=clock, actor="")
    say(str(tables()))
    services.allow_number(refusal, clock=clock, actor="")
    say(str(tables()))
    say(f"{remove_traces(clock=clock)} {tables()}")
    services.allow_number(services.refuse_number(NUMBER, clock=clock, actor=""), clock=clock, actor="")
    clock.advance(timedelta(seconds=VACUUM_EVERY_S))
    with psycopg.connect(os.environ["ADDRESS"]) as reader:
        reader.execute("SELECT * FROM calls_refusednumber")
        say(f"{tables()} {remove_traces(clock=clock)}")
    say(f"{remove_traces(clock=clock)} {tables()}")


if __name__ == "__main__":
    django.setup()
    main()

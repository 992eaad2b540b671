"""What somebody can do who writes the database, but has none of the program's keys: every column as the program would write it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.db import connection, transaction

from rejent.kernel.acts import Act
from rejent.ledger.entry_keys import EntryKeys
from rejent.registers.guard.model import GuardedModel
from rejent.registers.services import enter


def with_other_keys(
    act: Act,
    subject: str,
    record: Mapping[str, Any],
    row: GuardedModel | None = None,
    at: datetime | None = None,
) -> int:
    """Enter an act with a row as the program does, leaf, root and head included, but with keys of one's own making."""
    if row is not None:
        row._unverified = False
        row.state_parts(**row.guarded_parts())
    with patch.object(settings, "ENTRY_KEYS", EntryKeys.generate()), transaction.atomic():
        return enter(act, actor="", subject=subject, record=record, at=at or settings.CLOCK.now(), row=row)


def plant_trigger(event: str, table: str, statement: str) -> None:
    """Make a trigger that does a statement after each such change of a table, as whoever may define things in the database can."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            body = f"$$ BEGIN {statement}; RETURN NEW; END $$"
            cursor.execute(f"CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS {body}")
            cursor.execute(
                f"CREATE TRIGGER planted AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION planted()"
            )
        else:
            cursor.execute(f"CREATE TRIGGER planted AFTER {event} ON {table} BEGIN {statement}; END")

"""What somebody can do who writes the database, but has none of the program's keys: every column as the program would write it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.db import transaction

from rejent.kernel.acts import Act
from rejent.ledger.entry_keys import EntryKeys
from rejent.registers.guard.rows import GuardedModel
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
    with patch.object(settings, "ENTRY_KEYS", EntryKeys.generate()), transaction.atomic():
        return enter(act, actor="", subject=subject, record=record, at=at or settings.CLOCK.now(), row=row)

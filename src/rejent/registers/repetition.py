"""Acts that somebody may bring about as often as they like: entered once in ten minutes, the rest counted.

Whoever is refused may ask again a thousand times a second; a ledger that keeps each for ever would be theirs to fill. The
first of what is alike is entered at once, so that nobody is refused unseen; what follows within ten minutes is counted in a
row, and the count is entered as a further act of the same name when the next like it comes, or when the keeper comes by.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction

from rejent.kernel.acts import Act, all_acts
from rejent.kernel.clock import Clock
from rejent.ledger.canonical import canonical_json
from rejent.ledger.entry_keys import Role, Tagged
from rejent.registers.models import Entry, Repetition
from rejent.registers.queries import committed_facts, is_committed
from rejent.registers.services import enter

WINDOW = timedelta(minutes=10)
"""Time for which repetitions are counted instead of entered; sentences of the acts name it."""

AGAIN = "again"
"""The fact that says how often an act came again after the entry that ``index`` names; in records of counts alone."""


def enter_or_count(
    act: Act,
    *,
    actor: str,
    subject: str,
    record: Mapping[str, object],
    at: datetime,
    alike: Mapping[str, object] | None = None,
) -> int | None:
    """Enter an act and give its index, or count it with the one like it that was entered less than ten minutes ago.

    Acts of an actor are alike in everything but their instant; where ``alike`` is given, in these facts alone.
    """
    same = {"subject": subject, "record": record} if alike is None else {"alike": alike}
    likeness = canonical_json({"act": act.name, "actor": actor, **same}).encode()
    key = hashlib.sha256(likeness).hexdigest()
    with transaction.atomic():
        Repetition.objects.get_or_create(key=key, defaults={"entry": -1, "at": at, "tag": b""})
        row = Repetition.objects.select_for_update().get(key=key)
        if _is_ours(row) and timedelta() <= at - row.at < WINDOW:
            row.count += 1
            _store(row)
            return None
        _enter_count(row, at)
        index = enter(act, actor=actor, subject=subject, record=record, at=at)
        row.entry, row.at, row.count = index, at, 0
        _store(row)
    return index


def _store(row: Repetition) -> None:
    row.tag = settings.ENTRY_KEYS.tag(Tagged(row.entry, _digest(row), _THING))
    row.save(update_fields=["entry", "at", "count", "tag"])


def _is_ours(row: Repetition) -> bool:
    """Return whether the program wrote a row as it stands: one that was planted or altered hides no act and counts none."""
    return row.entry >= 0 and bool(
        settings.ENTRY_KEYS.verifies(
            bytes(row.tag), Tagged(row.entry, _digest(row), _THING), signer=Role.OFFICE
        )
    )


def _digest(row: Repetition) -> bytes:
    columns = [row.key, row.at.astimezone(UTC).isoformat(), row.count]
    return hashlib.sha256(canonical_json({"columns": columns}).encode()).digest()


_THING = "repetition"


def enter_counts(*, clock: Clock) -> int:
    """Enter what was counted more than ten minutes ago and forget the rows; return how many there were."""
    now = clock.now()
    waiting = list(Repetition.objects.filter(at__lte=now - WINDOW).values_list("pk", flat=True))
    for key in waiting:
        with transaction.atomic():
            row = Repetition.objects.select_for_update().filter(pk=key, at__lte=now - WINDOW).first()
            if row is not None:
                _enter_count(row, now)
                row.delete()
    return len(waiting)


def _enter_count(row: Repetition, at: datetime) -> None:
    """Enter how often an entry was repeated; nothing for a row that nobody here made."""
    entry = Entry.objects.filter(pk=row.entry).first() if row.count and _is_ours(row) else None
    act = all_acts().get(entry.act) if entry is not None else None
    if entry is None or act is None or not act.has_template_for(AGAIN) or not is_committed(entry):
        return
    record = {**committed_facts(entry.index, act.name), "index": entry.index, AGAIN: row.count}
    enter(act, actor=entry.actor, subject=entry.subject, record=record, at=at)

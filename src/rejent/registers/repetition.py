"""Acts that somebody may bring about as often as they like: entered once a minute, the rest counted.

Whoever is refused may ask again a thousand times a second; a ledger that keeps each for ever would be theirs to fill. The
first of what is alike is entered at once, so that nobody is refused unseen; what follows within a minute is counted in a row,
and the count is entered when the next like it comes, or when the keeper comes by.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock
from rejent.ledger.canonical import canonical_json
from rejent.registers.acts import ENTRY_REPEATED
from rejent.registers.models import Repetition
from rejent.registers.services import enter

WINDOW = timedelta(minutes=1)
"""Time for which repetitions are counted instead of entered."""


def enter_or_count(
    act: Act, *, actor: str, subject: str, record: Mapping[str, object], at: datetime
) -> int | None:
    """Enter an act and give its index, or count it with the one like it that was entered less than a minute ago.

    Acts are alike in everything but their instant.
    """
    likeness = canonical_json(
        {"act": act.name, "actor": actor, "subject": subject, "record": record}
    ).encode()
    key = hashlib.sha256(likeness).hexdigest()
    with transaction.atomic():
        first = {"entry": -1, "at": at, "actor": actor, "subject": subject}
        Repetition.objects.get_or_create(key=key, defaults=first)
        row = Repetition.objects.select_for_update().get(key=key)
        if row.entry >= 0 and timedelta() <= at - row.at < WINDOW:
            Repetition.objects.filter(pk=row.pk).update(count=F("count") + 1)
            return None
        _enter_count(row, at)
        index = enter(act, actor=actor, subject=subject, record=record, at=at)
        Repetition.objects.filter(pk=row.pk).update(entry=index, at=at, count=0)
    return index


def enter_counts(*, clock: Clock) -> int:
    """Enter what was counted more than a minute ago and forget the rows; return how many there were."""
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
    if row.count:
        record = {"index": row.entry, "count": row.count, "seconds": int(WINDOW.total_seconds())}
        enter(ENTRY_REPEATED, actor=row.actor, subject=row.subject, record=record, at=at)

"""Acts of which it is not known any more what they said: their records were erased, or are not those that were entered."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from rejent.registers.models import Entry
from rejent.registers.queries import is_committed


class UnverifiableAct(NamedTuple):
    """The columns beside the record of an act."""

    entry: int
    subject: str
    at: datetime
    was_changed: bool


def count_erased(names: Collection[str], *, subject: str, since: datetime) -> int:
    """Count the acts of these names on one subject, entered from an instant on, that have lost their record."""
    rows = Entry.objects.filter(subject=subject, at__gte=since, facts__isnull=True, act__in=names)
    return rows.count()


def unverifiable_acts(
    name: str, *, subject: str = "", since: datetime | None = None, until: datetime | None = None
) -> list[UnverifiableAct]:
    """Return the acts of a name whose records are gone or changed, in the order of the ledger.

    Args:
        name: of which acts.
        subject: only those on one.
        since: only those entered from an instant on.
        until: only those entered before one.
    """
    rows = Entry.objects.filter(**({"subject": subject} if subject else {"act": name}))
    rows = rows if since is None else rows.filter(at__gte=since)
    rows = rows if until is None else rows.filter(at__lt=until)
    return [
        UnverifiableAct(row.index, row.subject, row.at, row.facts is not None)
        for row in rows.order_by("pk").iterator()
        if row.act == name and (row.facts is None or not is_committed(row))
    ]

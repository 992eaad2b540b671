"""Where imported messages lay in their mailboxes, and the past days that want a key; both go with the messages of their day."""

from collections.abc import Collection, Iterable
from datetime import date

from rejent.streams.mail.models import ImportedPlace, WantedDay

_AT_ONCE = 500


def known_marks(source_id: str, marks: Collection[str]) -> set[str]:
    """Return which of the marks are of messages that a history keeps."""
    wanted = list(marks)
    found: set[str] = set()
    for first in range(0, len(wanted), _AT_ONCE):
        rows = ImportedPlace.objects.filter(source=source_id, mark__in=wanted[first : first + _AT_ONCE])
        found.update(rows.values_list("mark", flat=True))
    return found


def note_places(source_id: str, day: date, marks: Iterable[str]) -> None:
    """Note where messages lay that are kept; within the transaction that books them."""
    ImportedPlace.objects.bulk_create(
        ImportedPlace(source_id=source_id, day=day, mark=mark) for mark in marks
    )
    WantedDay.objects.filter(source=source_id, day=day).delete()


def forget_places(source_id: str, day: date) -> None:
    """Forget where the messages of a day lay that are destroyed; imported again they would be past their term."""
    ImportedPlace.objects.filter(source=source_id, day=day).delete()


def want_days(source_id: str, days: Iterable[date]) -> None:
    """Ask for the keys of past days."""
    WantedDay.objects.bulk_create(
        (WantedDay(source_id=source_id, day=day) for day in days), ignore_conflicts=True
    )


def wanted_days() -> list[tuple[str, date]]:
    """Return the histories and past days that want a key."""
    return list(WantedDay.objects.filter(source__removed_at__isnull=True).values_list("source_id", "day"))

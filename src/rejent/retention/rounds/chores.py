"""Note when the keepers last did what is done from time to time."""

from datetime import date, datetime

from rejent.kernel.clock import Clock, civil_date
from rejent.retention.models import Chore

EPOCH = "epoch"
KEY_SCAN = "key-scan"
CHECKPOINT = "checkpoint"
STORAGE_LISTING = "storage-listing"


def missing(number: str) -> str:
    """Return the name under which it is noted since when something that a destruction has to keep is missing."""
    return f"missing {number}"


def last_done(name: str) -> datetime | None:
    """Return the instant; nothing if it was never done."""
    return Chore.objects.filter(name=name).values_list("at", flat=True).first()


def done_on(name: str, today: date) -> bool:
    """Return whether it was done on a civil date."""
    last = last_done(name)
    return last is not None and civil_date(last) == today


def note_done(name: str, clock: Clock) -> None:
    """Remember that it was done now."""
    Chore.objects.update_or_create(name=name, defaults={"at": clock.now()})


def forget(name: str) -> None:
    """Remember nothing of it any more."""
    Chore.objects.filter(name=name).delete()

"""Alarms about messages in which something was found, those that nothing looked at, and exempt groups that cannot be read; no more than numbers and names."""

from datetime import datetime, timedelta

from rejent.kernel.clock import civil_date
from rejent.streams.mail.records.counts import since
from rejent.streams.mail.records.exempt_groups import UNREAD, find_unread

FOUND, UNCHECKED, FAILED = "mail-threats", "mail-unchecked", "mail-check-failed"
ON_FOR = timedelta(days=1)
"""Time that an alarm stays on after the last day on which there was a reason."""


def _found(now: datetime) -> dict[str, object] | None:
    days = since(civil_date(now - ON_FOR))
    names = sorted({name for day in days for name in day.threats})
    return {"count": sum(sum(day.threats.values()) for day in days), "threats": names} if names else None


def _unchecked(now: datetime) -> dict[str, object] | None:
    count = sum(day.unchecked for day in since(civil_date(now - ON_FOR)))
    return {"count": count} if count else None


def _failed(now: datetime) -> dict[str, object] | None:
    """Return how many messages were kept at which checking failed, and failed again whenever it was repeated."""
    count = sum(max(day.failed - day.rechecked, 0) for day in since(civil_date(now - ON_FOR)))
    return {"count": count} if count else None


ALARMS = {FOUND: _found, UNCHECKED: _unchecked, FAILED: _failed, UNREAD: find_unread}

"""What a mail server's own log says of its deliveries to a journal: Postfix's lines, by civil date; pure.

The server notes a delivery after it was acknowledged, by its own clock: around midnight it may stand under another date than
here.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from rejent.kernel.clock import OFFICE_ZONE
from rejent.kernel.numbers import read_number
from rejent.streams.mail.messages.addresses import normal_address

_SENT = re.compile(
    r"(?P<stamp>\S{10}T\S+|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) \S+ postfix[\w./-]*\[\d+\]: (?P<queued>\S+): "
    r"to=<(?P<to>[^<>\s]{1,320})>,.{0,4000}? status=sent "
)
_NEAR = timedelta(minutes=10)
"""Of midnight, within which a delivery may be of the other date."""
_DAY = timedelta(days=1)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Messages that were delivered, by civil date; of them those soon after midnight, and those shortly before the next."""

    total: Counter[date] = field(default_factory=Counter)
    early: Counter[date] = field(default_factory=Counter)
    late: Counter[date] = field(default_factory=Counter)

    def unaccounted(self, received: Mapping[date, int]) -> dict[date, int]:
        """Return how many deliveries of each date are not accounted for by what was received.

        What is lacking on a date is excused by what the dates beside it have too much, as far as it was delivered near the midnight
        between them; each delivery excuses once.
        """
        found, excess = {}, {day: max(count - self.total[day], 0) for day, count in received.items()}
        for day in sorted(self.total):
            lacking = max(self.total[day] - received.get(day, 0), 0)
            for other, near in ((day - _DAY, self.early[day]), (day + _DAY, self.late[day])):
                excused = min(lacking, near, excess.get(other, 0))
                lacking -= excused
                excess[other] = excess.get(other, 0) - excused
            found[day] = lacking
        return found


def deliveries(lines: Iterable[str], journal: frozenset[str], today: date) -> Deliveries:
    """Count by civil date the messages that Postfix delivered to a journal's addresses; one to several of them is one.

    Stamps of the traditional form have no year and no zone: they are taken as civil time, of the last year in which their day is
    not after ``today``.
    """
    counted: set[tuple[date, str]] = set()
    counts = Deliveries()
    for line in lines:
        found = _SENT.match(line)
        if (
            found is None
            or normal_address(found["to"]) not in journal
            or (at := _civil(found["stamp"], today)) is None
        ):
            continue
        day, since = at.date(), timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
        if (day, found["queued"]) not in counted:
            counted.add((day, found["queued"]))
            counts.total[day] += 1
            counts.early[day] += since < _NEAR
            counts.late[day] += since >= _DAY - _NEAR
    return counts


def _civil(stamp: str, today: date) -> datetime | None:
    """Return the civil time of a stamp, without a zone."""
    try:
        if "T" in stamp[:11]:
            at = datetime.fromisoformat(stamp)
            return (at.astimezone(OFFICE_ZONE) if at.tzinfo else at).replace(tzinfo=None)
        month, day = _MONTHS.index(stamp[:3]) + 1, read_number(stamp[4:6].strip(), most=31) or 0
        this_year = (month, day) <= (today.month, today.day)
        year = today.year if this_year else today.year - 1
        return datetime.fromisoformat(f"{year}-{month:02}-{day:02}T{stamp[7:15]}")
    except ValueError:
        return None

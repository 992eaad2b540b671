"""What a mail server's own log says of its deliveries to a journal: Postfix's lines, by civil date; pure."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from rejent.kernel.clock import civil_date

_SENT = re.compile(
    r"(?P<stamp>\S{10}T\S+|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) \S+ postfix[\w./-]*\[\d+\]: (?P<queued>\S+): "
    r"to=<(?P<to>[^<>\s]{1,320})>,.{0,4000}? status=sent "
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def deliveries(lines: Iterable[str], journal: frozenset[str], today: date) -> Counter[date]:
    """Count by civil date the messages that Postfix delivered to a journal's addresses; one to several of them is one.

    Stamps of the traditional form have no year and no zone: they are taken as civil time, of the last year in which their day is
    not after ``today``.
    """
    counted: set[tuple[date, str]] = set()
    for line in lines:
        found = _SENT.match(line)
        if found is not None and found["to"].lower() in journal and (day := _day(found["stamp"], today)):
            counted.add((day, found["queued"]))
    return Counter(day for day, _ in counted)


def _day(stamp: str, today: date) -> date | None:
    try:
        if "T" in stamp[:11]:
            at = datetime.fromisoformat(stamp)
            return civil_date(at) if at.tzinfo else at.date()
        month, day = _MONTHS.index(stamp[:3]) + 1, int(stamp[4:6])
        this_year = (month, day) <= (today.month, today.day)
        return date(today.year if this_year else today.year - 1, month, day)
    except ValueError:
        return None

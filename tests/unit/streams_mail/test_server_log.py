"""Deliveries in Postfix's log."""

from collections import Counter
from datetime import date

import pytest

from rejent.streams.mail.receiving.server_log import Deliveries, deliveries

TODAY, BEFORE, AFTER, LAST = date(2026, 11, 2), date(2026, 11, 1), date(2026, 11, 3), date(2025, 12, 31)
TO = "to=<Dziennik@archiwum.example>, relay=127.0.0.1[127.0.0.1]:2525, delay=0.1, delays=0/0/0/0, dsn=2.0.0, status="
LINES = [
    f"Nov  2 00:00:01 poczta postfix/smtp[12]: 9E9B7398661: {TO}sent (250 2.0.0 Taken)",
    f"Nov  2 00:00:01 poczta postfix/smtp[12]: 9E9B7398661: {TO}sent (250 2.0.0 Taken)",
    f"Nov  2 00:00:01 poczta postfix/smtp[12]: 9E9B7398662: {TO}deferred (connection refused)",
    f"Dec 31 23:59:59 poczta postfix/smtp[12]: 4fXq: {TO}sent (250 2.0.0 Taken)",
    f"2026-11-01T23:30:00.123456+00:00 poczta postfix-archiwum/smtp[12]: 4fXr: {TO}sent (250 2.0.0 Taken)",
    "Nov  2 00:00:01 poczta postfix/smtp[12]: 9E9B7398661: to=<jan@dostawca.example>, relay=x, status=sent (250)",
    f"Nov 31 00:00:01 poczta postfix/smtp[12]: 9E9B7398661: {TO}sent (250 2.0.0 Taken)",
    f"Xyz  2 00:00:01 poczta postfix/smtp[12]: 9E9B7398661: {TO}sent (250 2.0.0 Taken)",
    "\0 no line of a log",
]


def test_deliveries_to_the_journal_are_counted_by_civil_date() -> None:
    """By both forms of stamps; a day after today is one of last year, and what is no delivery is passed over."""
    counted = deliveries(LINES, frozenset({"dziennik@archiwum.example"}), TODAY)
    assert counted.total == {TODAY: 2, LAST: 1}
    assert (+counted.early, +counted.late) == ({TODAY: 1}, {LAST: 1})


@pytest.mark.parametrize(
    ("total", "early", "late", "received", "unaccounted"),
    [
        ({TODAY: 5}, {}, {}, {TODAY: 3}, {TODAY: 2}),
        ({TODAY: 5}, {}, {}, {TODAY: 9}, {TODAY: 0}),
        ({TODAY: 5}, {}, {}, {}, {TODAY: 5}),
        ({TODAY: 5}, {TODAY: 2}, {}, {BEFORE: 2, TODAY: 3}, {TODAY: 0}),
        ({TODAY: 5}, {TODAY: 1}, {}, {BEFORE: 9, TODAY: 3}, {TODAY: 1}),
        ({TODAY: 5}, {}, {}, {BEFORE: 9, TODAY: 3}, {TODAY: 2}),
        ({BEFORE: 4, TODAY: 5}, {TODAY: 2}, {BEFORE: 3}, {BEFORE: 3, TODAY: 6}, {BEFORE: 0, TODAY: 0}),
        ({BEFORE: 4, AFTER: 4}, {AFTER: 2}, {BEFORE: 2}, {BEFORE: 3, TODAY: 1, AFTER: 3}, {BEFORE: 0, AFTER: 1}),
    ],
)  # fmt: skip
def test_what_a_day_lacks_is_excused_by_what_lies_beyond_a_midnight(
    total: dict[date, int], early: dict[date, int], late: dict[date, int], received: dict[date, int], unaccounted: dict[date, int]
) -> None:  # fmt: skip
    """As far as it was delivered near that midnight, and each delivery once."""
    told = Deliveries(Counter(total), Counter(early), Counter(late))
    assert told.unaccounted(received) == unaccounted

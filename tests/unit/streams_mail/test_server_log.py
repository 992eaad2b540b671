"""Deliveries in Postfix's log."""

from datetime import date

from rejent.streams.mail.receiving.server_log import deliveries

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
    counted = deliveries(LINES, frozenset({"dziennik@archiwum.example"}), date(2026, 11, 2))
    assert counted == {date(2026, 11, 2): 2, date(2025, 12, 31): 1}

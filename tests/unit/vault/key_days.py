"""The days that tests of keys speak of."""

from datetime import UTC, date, datetime

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = date(2026, 3, 1)
FILES = {"root", "epoch", "keys.db", "keys.db-journal", "lock"}

"""The weekly sample of viewings for review: drawn by arithmetic that nobody can steer and anybody can repeat.

The lot of a viewing is a hash over the signed state of the ledger that closed the week and the viewing's number. The state's
root hangs on the secret salt of every act entered before it, so that nobody knows it while the week lasts, and once it is
signed nobody changes it. The viewings with the smallest lots are the sample.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from rejent.access.supervision.weeks import Week

CLOSES_AFTER = timedelta(hours=2)
"""Time after its last midnight at which a week is closed: its viewings have ended by then."""

USUAL_PERCENT, USUAL_LEAST = 5, 3
"""The size of a sample while no regulation is in force; also a regulation's, where it says nothing."""


class Outcome(StrEnum):
    """Outcome of a review."""

    IN_ORDER = "in-order"
    QUESTION = "question"
    """Somebody has to answer first; the viewing goes on waiting."""
    BREACH_SUSPECTED = "breach-suspected"


_HEAD = "rejent sample v1"


def seed(week: Week, size: int, root: bytes) -> bytes:
    """SHA-256 over four lines: what it is, the week, how many entries the closing state has, its root in base 64."""
    lines = f"{_HEAD}\n{week}\n{size}\n{b64encode(root).decode()}\n"
    return hashlib.sha256(lines.encode()).digest()


def lot(drawn_by: bytes, number: str) -> bytes:
    """SHA-256 over the seed and the viewing's number in UTF-8."""
    return hashlib.sha256(drawn_by + number.encode()).digest()


def sample_size(population: int, percent: int, least: int) -> int:
    """Return the size of the sample: the share, rounded up, at least the least, at most all."""
    return min(population, max(least, -(-population * percent // 100)))


def drawn(numbers: Iterable[str], drawn_by: bytes, count: int) -> list[str]:
    """Return the numbers with the smallest lots, the smallest first."""
    return sorted(set(numbers), key=lambda number: lot(drawn_by, number))[:count]

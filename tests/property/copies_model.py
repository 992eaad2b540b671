"""What a test at random knows of copies and commissions: the words that were said of them."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date


@dataclass
class Copied:
    """A copy, by what was said of it."""

    number: str
    last_day: date
    case: int
    state: str = "kept"


@dataclass
class Appointed:
    """A commission, by what was said of it."""

    copies: list[int]
    members: frozenset[str]
    words: set[str] = field(default_factory=set)
    state: str = "appointed"


def three_months_after(day: date) -> date:
    """The same day of the third month to come, or the last one of a shorter month."""
    month = day.month + 3
    year, month = day.year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))

"""What is said of a message that was, or was not, held against rules and lists. Pure."""

from dataclasses import dataclass
from enum import StrEnum

LARGEST = 64 << 20
"""Bytes of a message that rules and lists look at."""
MOST_NAMES = 10
LONGEST_NAME = 80


class Unchecked(StrEnum):
    """Why a scanner did not look at a message, or not at all of it."""

    AWAY = "away"
    """It does not answer, or cannot be used."""
    LATE = "late"
    BUSY = "busy"
    """Too many messages came at once."""
    FAULT = "fault"
    """It failed at this message."""
    LARGE = "large"
    PARTLY = "partly"
    """Something in the message is encrypted, broken, or beyond what is unpacked."""


FAILURES = frozenset({Unchecked.AWAY, Unchecked.LATE, Unchecked.BUSY, Unchecked.FAULT})
"""Causes that are no bound: the message is checked again."""


class NotCheckedError(Exception):
    """A scanner did not look at a message."""

    def __init__(self, why: Unchecked) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Verdict:
    """What scanners say of a message; that nothing was found is not that nothing is there.

    Attributes:
        found: by scanner and name of rule, signature or list, such as ``yara=Macro``.
        unchecked: by scanner and cause, such as ``clamav=away``.
    """

    found: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    asked: bool = True

    @property
    def failed(self) -> bool:
        """Return whether a scanner failed to look at it, through no bound of its own."""
        return any(each.partition("=")[2] in FAILURES for each in self.unchecked)


NOBODY_ASKED = Verdict(asked=False)


def together(verdicts: list[Verdict]) -> Verdict:
    """Return the verdicts of all scanners as one, with as many names as are kept."""
    found = dict.fromkeys(each[:LONGEST_NAME] for one in verdicts for each in one.found)
    unchecked = dict.fromkeys(each for one in verdicts for each in one.unchecked)
    return Verdict(tuple(found)[:MOST_NAMES], tuple(unchecked)[:MOST_NAMES], asked=bool(verdicts))

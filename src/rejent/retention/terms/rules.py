"""Rules of terms and holds: pure, without clock, rows or files."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from rejent.kernel.intervals import Interval, merged
from rejent.kernel.terms import RetentionRule, RetentionTerm, deadlines

_LONGEST_RUN = timedelta(days=1)
"""No item of a stream is recorded for longer."""


@dataclass(frozen=True, slots=True)
class VersionRule:
    """The period that one version of the regulation sets for a stream.

    Args:
        in_force_from: the civil date from which it is in force.
        rule: how long recordings are kept; nothing where it sets no period.
        shortens: whether its period also ends earlier recordings, where it is shorter than theirs.
    """

    in_force_from: date
    rule: RetentionRule | None
    shortens: bool


def applicable_term(versions: Sequence[VersionRule], day: date, today: date) -> RetentionTerm | None:
    """Return the term of recordings made on a civil day, as the regulation stands today; nothing while no period is set.

    The version in force on that day decides, or the first one if none was yet. A later one in force by now decides
    instead if it says so and its term ends sooner.

    ``versions`` go by the date from which they are in force, and where two begin on one date the later loaded last.
    """
    begun = [version for version in versions if version.in_force_from <= max(day, today)]
    before = [version for version in begun if version.in_force_from <= day]
    own = before[-1:] or begun[:1]
    later = [
        version
        for version in begun
        if version.in_force_from > day and version not in own and version.shortens
    ]
    terms = [deadlines(version.rule, day) for version in (*own, *later) if version.rule is not None]
    return min(terms, key=lambda term: (term.key_dead_by, term.purge_opens)) if terms else None


class TermState(StrEnum):
    """The standing of a civil day's recordings against their term."""

    KEPT = "kept"
    """The term forbids destruction, or does not yet ask for it."""
    DUE = "due"
    """Whatever no hold covers is to be destroyed now."""
    OVERDUE = "overdue"
    """It should have been destroyed before the alarm; somebody must see to it."""


def term_state(term: RetentionTerm, at: datetime) -> TermState:
    """Return how recordings under a term stand at an instant."""
    if at < term.purge_opens:
        return TermState.KEPT
    return TermState.OVERDUE if at >= term.alarm_at else TermState.DUE


class Cover:
    """The time that holds keep, whoever placed them: several over one instant keep it until the last one ends."""

    def __init__(self, held: Iterable[Interval]) -> None:
        self._parts = merged(held)
        self._starts = [part.start for part in self._parts]

    def __bool__(self) -> bool:
        return bool(self._parts)

    def within(self, whole: Interval) -> list[Interval]:
        """Return the parts of ``whole`` that are held, in order."""
        first = max(bisect_right(self._starts, whole.start) - 1, 0)
        found: list[Interval] = []
        for part in self._parts[first:]:
            if part.start >= whole.end:
                break
            common = part.intersection(whole)
            if common is not None:
                found.append(common)
        return found


@dataclass(frozen=True, slots=True)
class StandingHold:
    """A hold that stands: of the one ``item`` that it keeps, or where that is empty of all that the source recorded."""

    number: str
    source_id: str
    interval: Interval
    item: str = ""

    def keeps_of(self, run: str) -> bool:
        """Return whether it keeps what one run of the source recorded; where runs are items, the run is the item."""
        return self.item in {"", run}

    @property
    def reach(self) -> Interval:
        """Return the most that it may keep something of."""
        whole = self.interval
        return Interval(whole.start - _LONGEST_RUN, whole.end + _LONGEST_RUN) if self.item else whole

    def time_of(self, run: str | None) -> Interval:
        """Return what it keeps of one run, or of one that nobody knows: of its own item all there is.

        How far an item reaches that a killed recorder was recording is known only when its objects are mended, and the hold
        may have been placed before.
        """
        return self.reach if self.item and run == self.item else self.interval

"""What a term and the holds make of recordings: pure, without clock, rows or files."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rejent.kernel.intervals import Interval, merged
from rejent.kernel.terms import RetentionTerm


class Standing(StrEnum):
    """How a civil day's recordings stand against their term."""

    KEPT = "kept"
    """The term forbids destruction, or does not yet ask for it."""
    DUE = "due"
    """Whatever no hold covers is to be destroyed now."""
    OVERDUE = "overdue"
    """It should have been destroyed before the alarm; somebody must see to it."""


def standing(term: RetentionTerm, at: datetime) -> Standing:
    """How recordings under a term stand at an instant."""
    if at < term.purge_opens:
        return Standing.KEPT
    return Standing.OVERDUE if at >= term.alarm_at else Standing.DUE


class Fate(StrEnum):
    """What becomes of a segment when its term ends."""

    DESTROYED = "destroyed"
    """No hold touches it."""
    KEPT = "kept"
    """Holds cover all of it."""
    CUT = "cut"
    """Holds cover a part; that part is cut out and kept."""


class Cover:
    """The time that holds keep, whoever placed them: several over one instant keep it until the last one ends."""

    def __init__(self, held: Iterable[Interval]) -> None:
        self._parts = merged(held)
        self._starts = [part.start for part in self._parts]

    def __bool__(self) -> bool:
        return bool(self._parts)

    def within(self, whole: Interval) -> list[Interval]:
        """The parts of ``whole`` that are held, in order."""
        first = max(bisect_right(self._starts, whole.start) - 1, 0)
        found: list[Interval] = []
        for part in self._parts[first:]:
            if part.start >= whole.end:
                break
            common = part.common(whole)
            if common is not None:
                found.append(common)
        return found

    def fate(self, segment: Interval) -> Fate:
        """What becomes of a segment with this interval."""
        parts = self.within(segment)
        if not parts:
            return Fate.DESTROYED
        return Fate.KEPT if parts == [segment] else Fate.CUT


@dataclass(frozen=True, slots=True)
class Picture:
    """One fragment of a segment: the time it shows, and whether decoding can start with it."""

    interval: Interval
    key: bool


@dataclass(frozen=True, slots=True, order=True)
class Run:
    """Fragments of a segment that are kept together: from number ``first`` up to, and without, ``past``."""

    first: int
    past: int


def runs_kept(fragments: Sequence[Picture], held: Iterable[Interval]) -> list[Run]:
    """The fewest fragments that show everything held and can be decoded on their own, in order.

    A run starts with the last key frame at or before what is held, since nothing later could be decoded without it,
    and ends with the fragment that shows its last instant. Runs that meet are one.
    """
    wanted: list[Run] = []
    for part in merged(held):
        touched = [number for number, fragment in enumerate(fragments) if fragment.interval.overlaps(part)]
        if touched:
            keys = [number for number in range(touched[0] + 1) if fragments[number].key]
            wanted.append(Run(keys[-1] if keys else 0, touched[-1] + 1))
    kept: list[Run] = []
    for run in sorted(wanted):
        if kept and run.first <= kept[-1].past:
            kept[-1] = Run(kept[-1].first, max(kept[-1].past, run.past))
        else:
            kept.append(run)
    return kept

"""What the end of a hold lets go, told before it is ended."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock
from rejent.kernel.intervals import Interval, merged, uncovered
from rejent.retention.destruction.due import due_term
from rejent.retention.holds.standing import standing_holds
from rejent.retention.terms.applicable_terms import Terms
from rejent.retention.terms.rules import StandingHold

_JOINED = timedelta(seconds=1)
"""Recordings this close are told as one."""


@dataclass(frozen=True, slots=True)
class Released:
    """Recordings of one civil date that only the hold keeps.

    Attributes:
        parts: from when until when, in order.
        at_once: their term is over: they are destroyed as soon as the hold ends.
        until: when they are destroyed otherwise; None where no term is known.
    """

    day: date
    parts: tuple[Interval, ...]
    at_once: bool
    until: datetime | None


def released_by(number: str, clock: Clock) -> list[Released]:
    """Return what is destroyed, and when, once a standing hold ends: what it keeps and no other does, by civil date."""
    standing = standing_holds()
    freed: defaultdict[tuple[str, date], list[Interval]] = defaultdict(list)
    for hold in (each for each in standing if each.number == number):
        others = [each for each in standing if each.number != number and each.source_id == hold.source_id]
        for day, part in _freed(hold, others):
            freed[hold.source_id, day].append(part)
    terms, found = Terms(clock), []
    for (source_id, day), parts in sorted(freed.items(), key=lambda pair: pair[0][1]):
        term, over = terms.term(source_id, day), due_term(terms, source_id, day, terms.now)
        until = term.key_dead_by if term is not None else None
        found.append(Released(day, tuple(merged(parts, _JOINED)), over is not None, until))
    return found


def _freed(hold: StandingHold, others: list[StandingHold]) -> Iterator[tuple[date, Interval]]:
    """Yield what is recorded within a hold and kept by none of the others, with its civil date."""
    reach = hold.reach
    for segment in catalog.segments(hold.source_id, reach.start, reach.end):
        if not hold.keeps_of(segment.run):
            continue
        kept = segment.interval.intersection(hold.time_of(segment.run))
        covers = [each.time_of(segment.run) for each in others if each.keeps_of(segment.run)]
        for part in uncovered(kept, covers) if kept is not None else ():
            yield segment.day, part

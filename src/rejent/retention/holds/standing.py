"""Which holds stand, by the word of the ledger: an edited or deleted row neither lifts a hold nor narrows one."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from rejent.kernel.intervals import Interval
from rejent.registers.doubtful import doubtful
from rejent.registers.guard.rows import believed
from rejent.registers.queries import entered
from rejent.retention.acts import HOLD_ENDED, HOLD_PLACED
from rejent.retention.holds.journal import remembered, remembering
from rejent.retention.models import Hold
from rejent.retention.terms.rules import StandingHold

_OLDEST, _LONGEST = timedelta(days=3660), timedelta(days=367)
"""How far before a hold was placed it may begin, and how far behind that end; see `rejent.retention.holds.placing.LONGEST_UNREVIEWED`."""


@dataclass(slots=True)
class _Sworn:
    """What the ledger says of holds.

    Attributes:
        placed: what each placed hold keeps, in the order of the ledger.
        over: those of them that were ended; where a number was given twice, an end is that of the last one placed before it.
        lifted: numbers of holds that were ended.
        erased: subject and instant of endings whose record was erased since.
    """

    placed: list[StandingHold] = field(default_factory=list)
    over: set[StandingHold] = field(default_factory=set)
    lifted: set[str] = field(default_factory=set)
    erased: set[tuple[str, datetime]] = field(default_factory=set)
    ended_on: dict[str, str] = field(default_factory=dict)
    """Subject of each end, by number."""

    @property
    def strangers(self) -> dict[str, str]:
        """The ends of holds of which no record tells that they were placed."""
        known = {each.number for each in self.placed}
        return {number: subject for number, subject in self.ended_on.items() if number not in known}

    def end(self, number: str, subject: str) -> None:
        """Take the word of an act that ends a hold."""
        self.lifted.add(number)
        self.ended_on[number] = subject
        own = [each for each in self.placed if (each.number, f"source:{each.source_id}") == (number, subject)]
        self.over.update(own[-1:])

    def standing(self, gone: set[str]) -> list[StandingHold]:
        """What was placed and has not ended, where these numbers are told to be gone: one of two holds of a number by its own end alone."""
        often = Counter(each.number for each in self.placed)
        return [
            each
            for each in self.placed
            if each.number not in gone or (often[each.number] > 1 and each not in self.over)
        ]

    def lifts(self, row: Hold) -> bool:
        """Whether an act bears out what the row says, that its hold has ended."""
        if row.ended_at is None:
            return False
        return row.number in self.lifted or (f"source:{row.source_id}", row.ended_at) in self.erased


def standing_holds(source_id: str = "") -> list[StandingHold]:
    """Every hold that stands, of all sources or of one.

    A row is believed that is as it was entered, or of which nobody knows any more because its record was erased; that a hold
    has ended is believed only of the ledger. What a keeper remembers stands besides.
    """
    sworn = _sworn()
    rows = believed(Hold.objects.filter(source=source_id) if source_id else Hold.objects.all())
    told = {
        StandingHold(row.number, row.source_id, Interval(row.start, row.end), row.item)
        for row in rows
        if not sworn.lifts(row)
    }
    gone = {row.number for row in rows if sworn.lifts(row)} | (
        sworn.lifted - {row.number for row in rows if row.ended_at is None}
    )
    told |= {
        each for each in [*sworn.standing(gone), *_forgotten(sworn)] if source_id in {"", each.source_id}
    }
    told |= set(remembered(source_id))
    return sorted(told, key=lambda each: (each.interval.start, each.number))


def _forgotten(sworn: _Sworn) -> list[StandingHold]:
    """Holds of which it is known that they were placed, and neither ledger nor row tells any more of what.

    Each keeps all that its source had, and recorded for a year, unless as many ends of unknown holds of that source are told.
    """
    erased = doubtful(HOLD_PLACED.name)
    if not erased:
        return []
    known = {(f"source:{source}", at) for source, at in Hold.objects.values_list("source_id", "placed_at")}
    ends = Counter(sworn.strangers.values())
    left: list[StandingHold] = []
    for act in erased:
        if (act.subject, act.at) in known:
            continue
        if ends[act.subject]:
            ends[act.subject] -= 1
            continue
        whole = Interval(act.at - _OLDEST, act.at + _LONGEST)
        left.append(StandingHold(f"#{act.entry}", act.subject.removeprefix("source:"), whole))
    return left


@contextmanager
def remembering_holds(folder: Path) -> Iterator[list[StandingHold]]:
    """Let the holds stand that keepers have noted beside the keys; gives those of which the database does not tell any more.

    Args:
        folder: of the keys; the caller keeps other keepers out.

    Raises:
        HoldsForgottenError: what was noted cannot be read.
    """
    sworn, told = _sworn(), standing_holds()
    with remembering(folder, sworn.placed, sworn.over, sworn.strangers):
        yield [each for each in remembered() if each not in told]


def standing_numbers() -> set[str]:
    """The numbers of the holds that stand."""
    return {each.number for each in standing_holds()}


def standing_over(source_id: str, whole: Interval, run: str | None = None) -> list[StandingHold]:
    """The holds that stand and may keep something of an interval of a source, by their start; of one run those that do."""
    standing = standing_holds(source_id)
    if run is None:
        return [each for each in standing if each.reach.overlaps(whole)]
    return [each for each in standing if each.keeps_of(run) and each.time_of(run).overlaps(whole)]


def _sworn() -> _Sworn:
    sworn = _Sworn()
    for act in entered([HOLD_PLACED.name, HOLD_ENDED.name], committed_only=True):
        if act.facts is None:
            if act.act == HOLD_ENDED.name:
                sworn.erased.add((act.subject, act.at))
        elif act.act == HOLD_ENDED.name:
            sworn.end(str(act.facts["number"]), act.subject)
        else:
            number, source = str(act.facts["number"]), str(act.facts["source"])
            start, end = (datetime.fromisoformat(str(act.facts[name])) for name in ("start", "end"))
            item = str(act.facts.get("call", ""))
            sworn.placed.append(StandingHold(number, source, Interval(start, end), item))
    return sworn

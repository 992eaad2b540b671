"""Which holds stand, by the word of the ledger: an edited or deleted row neither lifts a hold nor narrows one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from rejent.kernel.intervals import Interval
from rejent.registers.queries import EnteredAct, entered
from rejent.retention.acts import HOLD_ENDED, HOLD_PLACED
from rejent.retention.models import Hold


@dataclass(frozen=True, slots=True)
class StandingHold:
    """What a hold keeps; one whose row and act tell different intervals is here with both."""

    number: str
    source_id: str
    interval: Interval


@dataclass(slots=True)
class _Sworn:
    """What the ledger says of holds.

    Attributes:
        placed: what each placed hold keeps.
        lifted: numbers of holds that were ended.
        erased: subject and instant of endings whose record was erased since.
    """

    placed: dict[str, StandingHold] = field(default_factory=dict)
    lifted: set[str] = field(default_factory=set)
    erased: set[tuple[str, datetime]] = field(default_factory=set)

    def lifts(self, row: Hold) -> bool:
        """Whether an act bears out what the row says, that its hold has ended."""
        if row.ended_at is None:
            return False
        return row.number in self.lifted or (f"source:{row.source_id}", row.ended_at) in self.erased


def standing_holds(source_id: str = "") -> list[StandingHold]:
    """Every hold that stands, of all sources or of one.

    A row is believed when it holds something; that a hold has ended, or never was, is believed only of the ledger.
    """
    sworn = _sworn(entered([HOLD_PLACED.name, HOLD_ENDED.name], committed_only=True))
    rows = list(Hold.objects.filter(source=source_id) if source_id else Hold.objects.all())
    told = {
        StandingHold(row.number, row.source_id, Interval(row.start, row.end))
        for row in rows
        if not sworn.lifts(row)
    }
    gone = {row.number for row in rows if sworn.lifts(row)} | (
        sworn.lifted - {row.number for row in rows if row.ended_at is None}
    )
    told |= {
        each
        for each in sworn.placed.values()
        if each.number not in gone and source_id in {"", each.source_id}
    }
    return sorted(told, key=lambda each: (each.interval.start, each.number))


def standing_numbers() -> set[str]:
    """The numbers of the holds that stand."""
    return {each.number for each in standing_holds()}


def standing_over(source_id: str, whole: Interval) -> list[StandingHold]:
    """The holds that stand and reach into an interval of a source, by their start."""
    return [each for each in standing_holds(source_id) if each.interval.overlaps(whole)]


def _sworn(acts: Iterable[EnteredAct]) -> _Sworn:
    sworn = _Sworn()
    for act in acts:
        if act.facts is None:
            if act.act == HOLD_ENDED.name:
                sworn.erased.add((act.subject, act.at))
        elif act.act == HOLD_ENDED.name:
            sworn.lifted.add(str(act.facts["number"]))
        else:
            number, source = str(act.facts["number"]), str(act.facts["source"])
            start, end = (datetime.fromisoformat(str(act.facts[name])) for name in ("start", "end"))
            sworn.placed[number] = StandingHold(number, source, Interval(start, end))
    return sworn

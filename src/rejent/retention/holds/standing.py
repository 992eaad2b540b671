"""Holds that stand, by the word of the ledger: an edited or deleted row neither lifts a hold nor narrows one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from rejent.catalog import queries as catalog
from rejent.kernel.intervals import Interval
from rejent.registers.guard.entries import noted_things
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.model import kind_of, thing_of
from rejent.registers.guard.rows import matching_or_erased, mismatch, require_complete
from rejent.registers.queries import EnteredAct, entered_about, entered_on
from rejent.retention.acts import HOLD_ENDED, HOLD_PLACED, HOLD_RESTRICTED, HOLD_REVIEWED
from rejent.retention.holds.journal import Ended, journal_followed, journaled
from rejent.retention.models import Hold
from rejent.retention.terms.rules import StandingHold

_ACTS = (HOLD_PLACED.name, HOLD_REVIEWED.name, HOLD_RESTRICTED.name, HOLD_ENDED.name)
_OLDEST, _LONGEST = timedelta(days=3660), timedelta(days=367)
"""A hold of which nothing else is known may begin so long before it was placed, and end so long after."""
_EVERY = ""
"""Source of a hold of which nobody says any more which it was."""


def standing_holds(source_id: str = "") -> list[StandingHold]:
    """Return every hold that stands, of all sources or of one, by their start.

    Where the act that placed a hold was erased, its row says what it keeps; without a row, it keeps all that its source had, and
    recorded for a year; of every source, where nobody says any more which that was. What a keeper has noted in the journal stands besides.
    """
    holds = {*_Entered.read().standing, *journaled()}
    doubtful = {each for each in holds if each.source_id == _EVERY}
    sources = [source_id] if source_id else catalog.streams(removed=True)
    everywhere = {replace(each, source_id=one) for each in doubtful for one in sources}
    of_source = (each for each in (holds - doubtful) | everywhere if source_id in {"", each.source_id})
    return sorted(of_source, key=lambda each: (each.interval.start, each.number))


@contextmanager
def under_journal(folder: Path) -> Iterator[list[StandingHold]]:
    """Let the holds stand that keepers have noted beside the keys; gives those that the database does not have any more.

    Args:
        folder: of the keys; the caller keeps other keepers out.

    Raises:
        HoldsForgottenError: the journal cannot be read.
        LedgerMismatchError: of a hold every entry is hidden.
    """
    entered = _Entered.read()
    if hidden := noted_things(kind_of(Hold)) - entered.things:
        raise mismatch(min(hidden))
    with journal_followed(folder, entered.placed, entered.ended):
        yield [each for each in journaled() if each not in entered.standing]


def standing_numbers() -> set[str]:
    """Return the numbers of the holds that stand."""
    return {each.number for each in standing_holds()}


def standing_over(source_id: str, whole: Interval, run: str | None = None) -> list[StandingHold]:
    """Return the holds that stand and may keep something of an interval of a source, by their start; of one run those that do."""
    standing = standing_holds(source_id)
    if run is None:
        return [each for each in standing if each.reach.overlaps(whole)]
    return [each for each in standing if each.keeps_of(run) and each.time_of(run).overlaps(whole)]


def restricted_over(source_id: str, whole: Interval, run: str = "") -> list[StandingHold]:
    """Return the holds of which nobody opens what they keep, as far as they keep something of an interval, or of one run of it.

    The word of the ledger and that of the rows both count: a row put back restricts no less.
    """
    numbers = _restricting.get(source_id, lambda: _restricted(source_id))
    if not numbers:
        return []
    over = standing_over(source_id, whole, run or None)
    return [each for each in over if each.number in numbers]


_restricting = VerifiedOnce[frozenset[str]](Hold)


def _restricted(source_id: str) -> frozenset[str]:
    """Return the numbers of the holds that ever restricted a source, and of those whose rows were altered.

    Raises LedgerMismatchError: one is gone, or its entries are hidden.
    """
    require_complete(Hold)
    acts = entered_on(f"source:{source_id}", [HOLD_RESTRICTED.name])
    entered = _Entered.read()
    by_row = (row.number for row in entered.rows if row.restricted and row.source_id == source_id)
    by_act = (str(act.facts["number"]) for act in acts if act.facts is not None)
    return frozenset({*by_row, *by_act, *entered.altered})


@dataclass(slots=True)
class _Entered:
    """Holds as acts have them.

    Attributes:
        placed: each of which the act that placed it is there, ended or not.
        standing: those that stand, and those of which only the row or nothing is left.
        ended: those that were ended by an act whose record is there.
        things: the rows that acts are about.
        altered: the numbers of those that stand and whose row is not as entered.
        rows: all of them that are as entered, or whose record was erased, wherever the database finds them.
    """

    placed: set[StandingHold] = field(default_factory=set)
    standing: set[StandingHold] = field(default_factory=set)
    ended: set[Ended] = field(default_factory=set)
    things: set[str] = field(default_factory=set)
    altered: set[str] = field(default_factory=set)
    rows: list[Hold] = field(default_factory=list)

    @classmethod
    def read(cls) -> "_Entered":
        held = list(Hold.objects.all())
        found = cls(rows=matching_or_erased(held))
        rows = {thing_of(row): row for row in found.rows}
        altered = {thing_of(row) for row in held} - rows.keys()
        for thing, acts in entered_about(_ACTS, kind_of(Hold), altered).items():
            found.things.add(thing)
            found._take(acts, rows.pop(thing, None))
        found.standing |= {_of_row(row) for row in rows.values() if row.ended_at is None}
        return found

    def _take(self, acts: list[EnteredAct], row: Hold | None) -> None:
        """Take the acts about one row in their order; where its key was given twice, an end is that of the last one placed before."""
        still = list[StandingHold]()
        for act in acts:
            if act.act == HOLD_ENDED.name and (act.facts is not None or act.erased):
                over = still.pop() if still else None
                if act.facts is not None:
                    known = over if over in self.placed else None
                    self.ended.add(Ended(str(act.facts["number"]), act.subject, known))
            elif act.act == HOLD_PLACED.name or not still:
                still.append(self._placed(act, row))
        self.standing.update(still)
        if row is None:
            self.altered.update(each.number for each in still)

    def _placed(self, act: EnteredAct, row: Hold | None) -> StandingHold:
        if act.act == HOLD_PLACED.name and act.facts is not None:
            hold = _of_record(act.facts)
            self.placed.add(hold)
            return hold
        if row is not None:
            return _of_row(row)
        whole = Interval(act.at - _OLDEST, act.at + _LONGEST)
        known = act.facts is not None or act.erased
        source_id = act.subject.removeprefix("source:") if known else _EVERY
        return StandingHold(f"#{act.index}", source_id, whole)


def _of_record(facts: Mapping[str, object]) -> StandingHold:
    start, end = (datetime.fromisoformat(str(facts[name])) for name in ("start", "end"))
    item = str(facts.get("item", ""))
    return StandingHold(str(facts["number"]), str(facts["source"]), Interval(start, end), item)


def _of_row(row: Hold) -> StandingHold:
    return StandingHold(row.number, row.source_id, Interval(row.start, row.end), row.item)

"""Gaps against the acts that the ledger holds of them: none is talked away, by no edit of its row and by no want of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from rejent.catalog.acts import GAP_CLOSED, GAP_CORRECTED, GAP_OPENED
from rejent.catalog.models import Gap
from rejent.kernel.findings import Finding
from rejent.registers.queries import EnteredAct, entered
from rejent.registers.replay import differing, unreadable, without_act, without_row
from rejent.registers.shapes import Facts, Shape, absent_or, instant, legible, text

_SUBJECT = "catalog"
_GAP: Shape = {"source": text, "cause": text, "start": instant, "end": absent_or(instant)}
_CHUNK = 2000


def _pieces(fact: object) -> bool:
    """A list of pairs: an instant, and another one or nothing."""
    return isinstance(fact, list) and all(
        isinstance(part, list) and len(part) == 2 and instant(part[0]) and absent_or(instant)(part[1])
        for part in fact
    )


_SHAPES: dict[str, Shape] = {
    GAP_OPENED.name: _GAP,
    GAP_CLOSED.name: _GAP,
    GAP_CORRECTED.name: {**_GAP, "remains": _pieces},
}


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch that an act leaves as a gap."""

    source: str
    cause: str
    start: datetime
    end: datetime | None

    @classmethod
    def of(cls, facts: Facts, start: object, end: object) -> Self:
        """The piece of an act's source and cause between two instants as they are written."""
        until = None if end is None else datetime.fromisoformat(str(end))
        return cls(str(facts["source"]), str(facts["cause"]), datetime.fromisoformat(str(start)), until)


@dataclass(slots=True)
class _Wanting:
    """Pieces without a row, until a later act says what became of them.

    A correction whose record was erased may have been one of any piece: so many may be wanting of its source.
    """

    pieces: dict[_Piece, None] = field(default_factory=dict)
    erased: Counter[str] = field(default_factory=Counter)

    def lose(self, act: EnteredAct) -> None:
        """An act has lost its record: a gap that opened ended none, one that closed ended an open one at most."""
        if act.act == GAP_CORRECTED.name:
            self.erased[act.subject] += 1
        elif act.act == GAP_CLOSED.name:
            for piece in [each for each in self.pieces if each.end is None]:
                if act.subject == f"source:{piece.source}":
                    del self.pieces[piece]

    def end(self, act: EnteredAct, facts: Facts) -> None:
        """What stood in the place of the pieces that an act leaves stands no longer."""
        if act.act == GAP_CORRECTED.name:
            self.pieces.pop(_Piece.of(facts, facts["start"], facts["end"]), None)
        elif act.act == GAP_CLOSED.name:
            self.pieces.pop(_Piece.of(facts, facts["start"], None), None)

    def found(self) -> Iterator[Finding]:
        """Those of which no act says that they are over."""
        count = Counter(piece.source for piece in self.pieces)
        for piece in self.pieces:
            if count[piece.source] > self.erased[f"source:{piece.source}"]:
                yield without_row(_SUBJECT, f"gap:{piece.source}/{piece.start.isoformat()}")


def gaps_against_ledger() -> Iterator[Finding]:
    """Every gap that is not what was entered last, that no act explains, or whose row is gone.

    Acts and rows side by side, both in the order of the ledger: only pieces without a row are in memory. What a later act
    ended or cut has its rows under that act; a row that still stands under the earlier one lies over what came of it.
    """
    odd: list[int] = []
    wanting = _Wanting()
    rows = Gap.objects.order_by("entry", "pk").iterator(_CHUNK)
    row = next(rows, None)
    names = [act.name for act in (GAP_OPENED, GAP_CLOSED, GAP_CORRECTED)]
    for act in legible(entered(names), _SHAPES, odd):
        while row is not None and (row.entry is None or row.entry < act.index):
            yield without_act(_SUBJECT, f"gap:{row.pk}")
            row = next(rows, None)
        own: list[Gap] = []
        while row is not None and row.entry == act.index:
            own.append(row)
            row = next(rows, None)
        if act.facts is None:
            wanting.lose(act)
            continue
        wanting.end(act, act.facts)
        left = _left(act.facts)
        yield from _rows(own, act.facts, left)
        wanting.pieces |= dict.fromkeys(left)
    while row is not None:
        yield without_act(_SUBJECT, f"gap:{row.pk}")
        row = next(rows, None)
    yield from wanting.found()
    yield from unreadable(_SUBJECT, odd)


def _rows(own: list[Gap], facts: Facts, left: list[_Piece]) -> Iterator[Finding]:
    """The rows of an act against the pieces it leaves; what has its row, right or wrong, is taken from ``left``."""
    wrong: list[Gap] = []
    for row in own:
        held = _Piece(row.source_id, row.cause, row.start, row.end)
        if held in left:
            left.remove(held)
        else:
            wrong.append(row)
    for row in wrong:
        said = {"source": facts["source"], "cause": facts["cause"], "interval": True}
        interval = any((row.start, row.end) == (piece.start, piece.end) for piece in left)
        told = {"source": row.source_id, "cause": row.cause, "interval": interval}
        yield from differing(_SUBJECT, f"gap:{row.pk}", said, told)
    del left[: len(wrong)]


def _left(facts: Facts) -> list[_Piece]:
    """The pieces of a gap that an act leaves."""
    remains = facts.get("remains")
    parts = remains if isinstance(remains, list) else [[facts["start"], facts["end"]]]
    return [_Piece.of(facts, start, end) for start, end in parts]

"""Questions about an office's own wordings; a row counts only as the ledger says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from rejent.kernel.same_names import of_same_names
from rejent.notices.models import Wording
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.rows import verified_many


@dataclass(frozen=True, slots=True)
class WordingView:
    """An office's own wording of a passage, as it was entered; an empty text ends the one before. ``number`` is consecutive over all of them."""

    number: int
    stream: str
    passage: str
    language: str
    text: str
    in_force_from: date
    entered_at: datetime
    entered_by: str


def wordings() -> tuple[WordingView, ...]:
    """Return all of them in the order of entry; raise `LedgerMismatchError` if one was planted, altered or deleted."""
    return _wordings.get("", _read)


def _read() -> tuple[WordingView, ...]:
    rows = list(Wording.objects.order_by("number"))
    right = verified_many(rows, none_beyond=(Wording, rows[-1].number + 1 if rows else 1))
    return tuple(of_same_names(WordingView, each) for each in right)


_wordings = VerifiedOnce[tuple[WordingView, ...]](Wording)


def wordings_on(day: date, stream: str, language: str) -> Mapping[str, str]:
    """Return the texts in force on a day by their passages; of several of one passage the last that came into force counts."""
    found = [
        each
        for each in wordings()
        if (each.stream, each.language) == (stream, language) and each.in_force_from <= day
    ]
    newest = {each.passage: each for each in sorted(found, key=lambda one: (one.in_force_from, one.number))}
    return {passage: each.text for passage, each in newest.items() if each.text}

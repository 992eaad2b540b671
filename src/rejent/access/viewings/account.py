"""The account of a viewing: what was handed to its browser, and what that browser says it presented.

It changes with every piece and without an act, until the act of closing binds it. So each of its states bears a tag that needs the
program's keys, and a process that has seen a later state refuses an earlier one: what somebody deletes or edits in the database is
noticed at the next piece, at the closing, and by `fsck`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b

from django.conf import settings

from rejent.access.models import SeenInterval, Viewing
from rejent.kernel.intervals import Interval, merged, uncovered
from rejent.ledger.entry_keys import Role, Tagged
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.guard.rollback import rollback_guard

HEADS = "headers"
"""The way of handing by which a recording is only listed, with who sent it, its subject and its time; nothing of it is opened."""


def rows_of(viewing: Viewing) -> list[SeenInterval]:
    """Return what was handed out in a viewing, in the order of handing."""
    return list(viewing.seen.order_by("pk"))


def sign(viewing: Viewing, rows: Sequence[SeenInterval]) -> None:
    """Set the tag of the account's next state; whoever calls stores the viewing in the same transaction."""
    viewing.noted += 1
    thing = _thing(viewing)
    viewing.noted_tag = settings.ENTRY_KEYS.tag(Tagged(viewing.noted, _digest(viewing, rows), thing))
    rollback_guard.is_newest(thing, viewing.noted)


def is_as_noted(viewing: Viewing, rows: Sequence[SeenInterval]) -> bool:
    """Return whether the account is as the program left it."""
    try:
        one = Tagged(viewing.noted, _digest(viewing, rows), _thing(viewing))
        tagged = settings.ENTRY_KEYS.verifies(bytes(viewing.noted_tag), one, signer=Role.OFFICE)
    except (TypeError, ValueError, OverflowError, AttributeError):
        return False
    return bool(tagged) and rollback_guard.is_newest(_thing(viewing), viewing.noted)


def require_as_noted(viewing: Viewing, rows: Sequence[SeenInterval]) -> None:
    """Raise `LedgerMismatchError` if the account of an open viewing is not as the program left it."""
    if not is_as_noted(viewing, rows):
        raise LedgerMismatchError(
            "What was handed out in viewing {number} was changed past the program.",
            number=viewing.number,
            advice="End the viewing, and tell the data protection officer.",
        )


def by_source(rows: Iterable[SeenInterval]) -> Mapping[str, list[SeenInterval]]:
    """Return what was handed out by the source in which it lies."""
    found: dict[str, list[SeenInterval]] = {}
    for row in rows:
        found.setdefault(row.source_id, []).append(row)
    return found


def delivered(rows: Iterable[SeenInterval]) -> list[Interval]:
    """Return the instants of one source that were handed out, each once; a still counts with the second that it shows, what was only listed for none."""
    return merged(Interval(row.start, row.end) for row in rows if row.start < row.end and row.kind != HEADS)


def only_listed(rows: Iterable[SeenInterval]) -> list[datetime]:
    """Return the times of the recordings of one source that were listed and never opened, in order."""
    rows = list(rows)
    opened = {row.start for row in rows if row.kind != HEADS}
    return sorted({row.start for row in rows if row.kind == HEADS} - opened)


def presented_of(viewing: Viewing) -> list[Interval] | None:
    """Return the seconds that the browser says it presented, each once; None where it has reported nothing."""
    if viewing.presented is None:
        return None
    try:
        return [Interval(*map(datetime.fromisoformat, pair)) for pair in viewing.presented]
    except (TypeError, ValueError):
        return None


def note_presented(viewing: Viewing, reported: Iterable[Interval], rows: Sequence[SeenInterval]) -> None:
    """Add what a browser says it presented, as far as it was handed out; nothing else was there to be presented."""
    given = [part for each in by_source(rows).values() for part in delivered(each)]
    every = merged([*(presented_of(viewing) or ()), *reported])
    seconds = merged(part for one in every for part in _within(one, given))
    viewing.presented = [[_written(part.start), _written(part.end)] for part in seconds]


def _within(whole: Interval, covers: Sequence[Interval]) -> list[Interval]:
    missing = uncovered(whole, covers)
    return uncovered(whole, missing)


def _thing(viewing: Viewing) -> str:
    """Return what the tag is made for; entries of the ledger are of things with a colon."""
    return f"account {viewing.pk.hex}"


def _digest(viewing: Viewing, rows: Iterable[SeenInterval]) -> bytes:
    parts = [
        [row.source_id, _written(row.start), _written(row.end), _written(row.at), row.kind] for row in rows
    ]
    return blake2b(json.dumps([parts, viewing.presented]).encode(), digest_size=32).digest()


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()

"""The signed states of the ledger: the newest, the one that closed a time, and what was entered under one."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min

from rejent.ledger.location import LedgerLocation
from rejent.registers import queries
from rejent.registers.models import Checkpoint, Entry
from rejent.registers.queries import EnteredAct

_PIECE = 500


@dataclass(frozen=True, slots=True)
class SignedState:
    """A state of the ledger that was signed.

    Attributes:
        root: 32 bytes, the root of its tree.
        stamped: an authority has stamped its time.
    """

    size: int
    root: bytes
    at: datetime
    stamped: bool


def newest_signed() -> SignedState | None:
    """Return the newest signed state; nothing where none was signed yet."""
    return _state(Checkpoint.objects.order_by("-size").first())


def closing_state(instant: datetime) -> SignedState | None:
    """Return the first signed state that holds an entry of an instant or later; nothing while there is none.

    It follows from the instants of the entries, which the ledger commits to, and not from when somebody says it was signed.
    """
    first = Entry.objects.filter(at__gte=instant).aggregate(first=Min("pk"))["first"]
    if first is None:
        return None
    return _state(Checkpoint.objects.filter(size__gt=first).order_by("size").first())


def acts_within(
    names: Collection[str],
    since: datetime,
    until: datetime,
    *,
    size: int | None = None,
    most: int | None = None,
) -> Iterator[EnteredAct]:
    """Acts of these names from an instant up to another, newest first, each record as the ledger commits to it.

    ``size`` keeps to those that the ledger held when it had so many entries; ``most`` is how many at the most, or all.
    """
    before, given = None, 0
    while most is None or given < most:
        limit = _PIECE if most is None else min(_PIECE, most - given)
        page = queries.acts(names=names, since=since, until=until, size=size, before=before, limit=limit)
        yield from page.acts
        before, given = page.before, given + len(page.acts)
        if before is None:
            return


def witnessed(place: LedgerLocation) -> int | None:
    """Return the witness's number of entries; None where no witness is set up or it keeps none.

    Raises `OSError` if the witness cannot be read; `NoteRefusedError` if what it keeps is no state of this ledger.
    """
    watcher = place.open_witness()
    kept = watcher.last_checkpoint() if watcher else None
    return kept.size if kept else None


def _state(row: Checkpoint | None) -> SignedState | None:
    return None if row is None else SignedState(row.size, bytes(row.root), row.at, row.token is not None)

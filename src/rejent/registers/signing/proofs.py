"""Portable proofs of entries, under the first signed state that covers them."""

from rejent.ledger.errors import LedgerForkedError, LedgerShortenedError
from rejent.ledger.location import LedgerLocation
from rejent.ledger.merkle import RightEdge, inclusion_proof, leaf_hash
from rejent.ledger.proof import Proof
from rejent.ledger.signed.checkpoint import Checkpoint, open_checkpoint
from rejent.registers.errors import NotYetCheckpointedError
from rejent.registers.models import Checkpoint as BookedCheckpoint
from rejent.registers.models import Entry
from rejent.registers.queries import committed_record, entry_row, tree_head


def first_checkpoint_over(index: int) -> Checkpoint | None:
    """Return the first booked checkpoint that covers an entry; nothing while none does. Its origin is left out."""
    row = BookedCheckpoint.objects.filter(size__gt=index).order_by("size").first()
    return Checkpoint("", row.size, bytes(row.root)) if row else None


def prove(place: LedgerLocation, index: int) -> str:
    """Return the proof file of an entry under the newest checkpoint (C2SP tlog-proof).

    Raises `NoSuchEntryError` if there is no such entry; `NotYetCheckpointedError` if no checkpoint covers it yet.
    """
    row, published, key = entry_row(index), place.log.checkpoint(), place.verifier()
    state = open_checkpoint(published, key) if published and key else Checkpoint(place.origin, 0, b"")
    if published is None or index >= state.size:
        raise NotYetCheckpointedError(
            "Entry {index} is younger than the last checkpoint.",
            index=index,
            advice="Run: rejent ledger checkpoint DIR",
        )
    return Proof(
        index=index,
        leaf=bytes(row.leaf),
        record=None if row.facts is None else committed_record(row),
        salt=None if row.salt is None else bytes(row.salt),
        path=tuple(inclusion_proof(index, state.size, place.log.nodes(state.size))),
        checkpoint=published,
        key=str(key),
    ).text()


def continued(place: LedgerLocation, kept: str) -> int:
    """Return the number of entries since a checkpoint kept elsewhere, if the ledger extends it.

    The root is recomputed from the leaves as they stand in the database, so that neither tiles nor published
    checkpoints are trusted. Raises `NoteRefusedError` if it is no checkpoint of this ledger; `LedgerShortenedError` if
    the ledger holds less; `LedgerForkedError` if it holds something else.
    """
    key = place.verifier()
    if key is None:
        raise NotYetCheckpointedError("This ledger has no checkpoint yet.")
    state = open_checkpoint(kept, key)
    head = tree_head()
    if head.size < state.size:
        raise LedgerShortenedError(
            "The ledger holds {size} entries, but {kept} when the checkpoint was kept.",
            size=head.size,
            kept=state.size,
        )
    leaves = Entry.objects.filter(pk__lt=state.size).order_by("pk").values_list("leaf", flat=True)
    if RightEdge().appended(leaf_hash(bytes(leaf)) for leaf in leaves.iterator(8192)).root() != state.root:
        raise LedgerForkedError(
            "The ledger does not grow out of the kept checkpoint: earlier entries were changed."
        )
    return head.size - state.size

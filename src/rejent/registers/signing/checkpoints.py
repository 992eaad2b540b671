"""Signing the ledger's head: tiles first, then the row, then the published file, then the witness.

A checkpoint is never signed that does not grow out of the published one and out of what the witness kept, so an older
database put back under newer tiles is noticed here and not papered over.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from django.db import transaction

from rejent.kernel.clock import Clock
from rejent.kernel.errors import NotFoundError
from rejent.ledger.errors import LedgerForkedError, LedgerShortenedError
from rejent.ledger.location import LedgerLocation
from rejent.ledger.merkle import RightEdge, consistency_proof, inclusion_proof, leaf_hash
from rejent.ledger.proof import Proof
from rejent.ledger.signed.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from rejent.ledger.signed.note import SignerKey, VerifierKey
from rejent.ledger.signed.timestamp import request_stamp
from rejent.registers import models, queries
from rejent.registers.errors import NotYetCheckpointedError
from rejent.registers.models import Checkpoint as BookedCheckpoint
from rejent.registers.models import Entry
from rejent.registers.queries import committed_record, entry_row, tree_head

_log = structlog.get_logger(__name__)
_CHUNK = 8192


def checkpoint(place: LedgerLocation, *, clock: Clock) -> str:
    """Sign the ledger as it stands and publish it with its tiles, durably; the signed note.

    Calling it again without a new act gives the same checkpoint. Must not be called inside a transaction. Raises
    `LedgerShortenedError` if the database holds less than was published or than the witness saw; `LedgerForkedError`
    if it holds something else, or the signing key is not the ledger's.
    """
    with place.locked():
        key = place.signer()
        with transaction.atomic(durable=True):
            head = queries.tree_head()
        state = Checkpoint(place.origin, head.size, head.root)
        _store_tiles(place, key, state)
        _compare_with_witness(place, state)
        text = _booked(state, key, clock)
        if place.log.checkpoint() != text:
            place.log.publish(text)
        _show_witness(place, text, state)
        return text


def stamp(place: LedgerLocation) -> bool:
    """Have the newest checkpoint stamped by the configured authority; False where nothing is to be done.

    Raises `TimestampUnavailableError` if the authority cannot be reached or refuses; `TimestampInvalidError` if its
    stamp is for something else.
    """
    newest = models.Checkpoint.objects.order_by("-size").first()
    if not place.authority or newest is None or newest.token is not None:
        return False
    token = request_stamp(place.authority, newest.note.encode())
    return bool(models.Checkpoint.objects.filter(pk=newest.pk, token__isnull=True).update(token=token))


@dataclass(frozen=True, slots=True)
class Stamped:
    """A checkpoint that an authority stamped: the signed note, and the authority's response in DER."""

    checkpoint: str
    token: bytes


def newest_stamped() -> Stamped:
    """Return the newest checkpoint that has a time stamp. Raises `NotFoundError` if none has."""
    row = models.Checkpoint.objects.exclude(token=None).order_by("-size").first()
    if row is None or row.token is None:
        raise NotFoundError(
            "No checkpoint has a time stamp yet.",
            advice="Name an authority in rejent.toml (timestamp_authority) and see that the keeper runs.",
        )
    return Stamped(row.note, bytes(row.token))


def require_continuation(place: LedgerLocation) -> None:
    """See that the database continues what was published, and that what was published continues what the witness saw.

    Raises `LedgerShortenedError` if the database holds less than was published, or the witness saw more: older ones
    were put back; `LedgerForkedError` if it holds something else.
    """
    with place.locked():
        key = place.verifier()
        with transaction.atomic(durable=True):
            head = queries.tree_head()
        _grown_from_published(place, key, Checkpoint(place.origin, head.size, head.root))
        published = place.log.checkpoint()
        shown = open_checkpoint(published, key) if published and key else Checkpoint(place.origin, 0, b"")
        _compare_with_witness(place, shown)


def _store_tiles(place: LedgerLocation, key: SignerKey, state: Checkpoint) -> None:
    size = _grown_from_published(place, key.verifier, state)
    place.log.extend(size, _leaves(size, state.size))


def _grown_from_published(place: LedgerLocation, key: VerifierKey | None, state: Checkpoint) -> int:
    """Return the published size, if the database's state grows out of it."""
    published = place.log.checkpoint()
    earlier = open_checkpoint(published, key) if published and key else None
    size = earlier.size if earlier else 0
    if state.size < size:
        raise LedgerShortenedError(
            "The ledger holds {size} entries, but {published} were published.",
            size=state.size,
            published=size,
            advice="An older database was put back: run rejent fsck, then rejent restored with the reason.",
        )
    edge = place.log.edge(size)
    grown = edge.appended(map(leaf_hash, _leaves(size, state.size)))
    if (earlier and edge.root() != earlier.root) or grown.root() != state.root:
        raise LedgerForkedError(
            "The database does not continue the published ledger of {published} entries.",
            published=size,
            advice="An older database was put back, or the folder belongs to another one; run rejent fsck.",
        )
    return size


def _leaves(begin: int, end: int) -> Iterator[bytes]:
    for start in range(begin, end, _CHUNK):
        rows = models.Entry.objects.filter(pk__gte=start, pk__lt=min(end, start + _CHUNK)).order_by("pk")
        yield from map(bytes, rows.values_list("leaf", flat=True))


def _booked(state: Checkpoint, key: SignerKey, clock: Clock) -> str:
    text = sign_checkpoint(state, key)
    with transaction.atomic(durable=True):
        if not models.Checkpoint.objects.filter(pk=state.size).exists():
            models.Checkpoint.objects.create(size=state.size, root=state.root, note=text, at=clock.now())
    return text


def _compare_with_witness(place: LedgerLocation, state: Checkpoint) -> None:
    try:
        if watcher := place.open_witness():
            watcher.compare(state, _growth(place, watcher.last_checkpoint(), state))
    except OSError as error:
        _log.warning("witness-unreachable", why=type(error).__name__)


def _show_witness(place: LedgerLocation, text: str, state: Checkpoint) -> None:
    try:
        if (watcher := place.open_witness()) and (kept := watcher.last_checkpoint()) != state:
            watcher.accept(text, _growth(place, kept, state))
    except OSError as error:
        _log.warning("witness-unreachable", why=type(error).__name__)


def _growth(place: LedgerLocation, kept: Checkpoint | None, state: Checkpoint) -> list[bytes]:
    if kept is None or kept.size > state.size:
        return []
    return consistency_proof(kept.size, state.size, place.log.nodes(state.size))


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

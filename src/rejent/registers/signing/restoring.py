"""Going on with the ledger after an older database was put back, or the last transactions were lost with a torn disk.

What was entered after the copy was made is lost as readable records, but not as leaves: the published tiles hold every
commitment. They are taken back as entries without a record, so that the tree goes on, every proof handed out stays valid, and
everybody can see which entries nobody can read any more. The program does so before it enters anything, so that recording
goes on and the ledger never forks; what cannot be undone waits until a person accepts.

Where the published files were put back with the database, only a witness knows of the entries between. They are gone; the
ledger goes on from the older state when a person takes the witness's file away and accepts what it says.
"""

from itertools import islice

from django.conf import settings
from django.db import transaction

from rejent.kernel.clock import Clock
from rejent.ledger.entry_keys import Tagged
from rejent.ledger.errors import LedgerForkedError, LedgerShortenedError
from rejent.ledger.location import LedgerLocation
from rejent.ledger.merkle import RightEdge, leaf_hash
from rejent.ledger.signed.checkpoint import Checkpoint, open_checkpoint
from rejent.registers import queries
from rejent.registers.acts import ENTRIES_ACCEPTED, ENTRIES_LOST, ENTRY_LOST, ROLLBACK_ACCEPTED
from rejent.registers.errors import OlderDatabaseError, ReasonMissingError, RollbackRefusedError
from rejent.registers.guard.entries import standing_places
from rejent.registers.guard.model import kind_of, list_guarded_models
from rejent.registers.models import Entry, TreeHead
from rejent.registers.services import enter
from rejent.registers.signing import checkpoints

_BATCH = 1000
_EVERY = range(2**63)
"""Places that an entry can have."""


def continue_published(place: LedgerLocation, *, clock: Clock) -> int:
    """Take back the published entries that the database lacks; return how many there were, usually none.

    Raises `LedgerForkedError`: the database is not an older copy of what was published, or the ledger's files are damaged.
    """
    published = _published(place)
    if published is None or queries.tree_head().size >= published.size:
        return 0
    with place.locked():
        published = _published(place) or published
        size = published.size
        with transaction.atomic(durable=True):
            TreeHead.objects.select_for_update().filter(pk=1).first()
            head = queries.tree_head()
            if head.size >= size:
                return 0
            stored = place.log.entries(0, size)
            edge = RightEdge().appended(map(leaf_hash, islice(stored, head.size)))
            if edge.root() != head.root:
                raise LedgerForkedError(
                    "The database is no older copy of the published ledger.",
                    advice="Put back the database that belongs to this folder.",
                )
            leaves = list(stored)
            rows = [
                Entry(
                    index=index,
                    at=clock.now(),
                    act=ENTRY_LOST.name,
                    leaf=leaf,
                    tag=settings.ENTRY_KEYS.tag(Tagged(index, leaf, None, act=ENTRY_LOST.name)),
                )
                for index, leaf in enumerate(leaves, head.size)
            ]
            Entry.objects.bulk_create(rows, batch_size=_BATCH)
            grown = edge.appended(map(leaf_hash, leaves))
            if grown.root() != published.root:
                raise LedgerForkedError(
                    "The files of the ledger do not give the root of their own checkpoint.",
                    advice="A file of the ledger is damaged: put the folder back from a copy; nothing was entered.",
                )
            TreeHead.objects.filter(pk=1).update(size=grown.size, edge=grown.packed())
            record = {"first": head.size, "last": size - 1, "count": len(rows)}
            enter(ENTRIES_LOST, actor="", subject="ledger", record=record, at=clock.now())
    return len(rows)


def accept_lost(*, reason: str, clock: Clock, actor: str) -> int:
    """Accept, by a person's word, the database as it was put back; return how many entries are lost with it, none where nothing waited.

    Raises `ReasonMissingError` if no reason is given.
    """
    _require_reason(reason)
    with transaction.atomic():
        waiting = queries.not_accepted()
        ours = queries.not_accepted(committed_only=True)
        if waiting:
            enter(ENTRIES_ACCEPTED, actor=actor, subject="ledger", record={"reason": reason}, at=clock.now())
        if (places := settings.NEWEST_PLACES) is not None:
            for lost in ours:
                places.forget(lost)
    return sum(map(len, waiting))


def accept_rollback(place: LedgerLocation, witnessed: str, *, reason: str, clock: Clock, actor: str) -> int:
    """Accept, by a person's word, that the ledger does not continue a state the witness saw, since everything was put back together.

    The act keeps that state's size and root, so that a proof handed out under it can be judged. The witness begins anew with
    the next checkpoint.

    ``place`` are the ledger's files as they were put back, ``witnessed`` is the checkpoint that the witness kept; its file stands no
    longer where the program looks for it.

    Returns:
        How many entries the witness saw.

    Raises:
        ReasonMissingError: no reason is given.
        NoteRefusedError, SignatureInvalidError: it is no checkpoint of this ledger.
        RollbackRefusedError: the ledger continues that state, or the witness's file still says it.
    """
    _require_reason(reason)
    key = place.verifier()
    if key is None or _continues(place, witnessed):
        raise RollbackRefusedError(
            "The ledger continues that state: nothing was put back.", advice="Nothing needs to be accepted."
        )
    seen = open_checkpoint(witnessed, key)
    if (watcher := place.open_witness()) and watcher.last_checkpoint() == seen:
        raise RollbackRefusedError(
            "The witness still keeps that state.",
            advice="Take its file away and keep it, then name it with --witnessed.",
        )
    record = {"witnessed": seen.size, "root": seen.root.hex(), "reason": reason}
    with transaction.atomic():
        enter(ROLLBACK_ACCEPTED, actor=actor, subject="ledger", record=record, at=clock.now())
        if (places := settings.NEWEST_PLACES) is not None:
            places.forget(_EVERY, standing=_standing_places())
    return seen.size


def require_continuation(place: LedgerLocation) -> None:
    """See that the database continues what was published and that a person stands for it, before anything irreversible.

    Raises:
        OlderDatabaseError: it was older than its ledger, and nobody has accepted that.
        LedgerShortenedError: it holds less than was published.
        LedgerForkedError: it holds something else.
    """
    if queries.not_accepted():
        raise OlderDatabaseError(
            "The database was older than its ledger, and nobody has accepted that yet.",
            advice="Run rejent fsck, then rejent restored with the reason.",
        )
    checkpoints.require_continuation(place)


def _published(place: LedgerLocation) -> Checkpoint | None:
    published, key = place.log.checkpoint(), place.verifier()
    return open_checkpoint(published, key) if published and key else None


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissingError("The reason is missing.", advice="Say why an older copy was put back.")


def _continues(place: LedgerLocation, witnessed: str) -> bool:
    try:
        checkpoints.continued(place, witnessed)
    except (LedgerShortenedError, LedgerForkedError):
        return False
    return True


def _standing_places() -> dict[str, int]:
    """Return where the newest entries of all noted things stand by the database, as it is now."""
    noted = (model for model in list_guarded_models() if model.place_noted)
    kinds = (standing_places(kind_of(model), signer=model.signer) for model in noted)
    return {thing: place for places in kinds for thing, place in places.items()}

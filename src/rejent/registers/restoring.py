"""Going on with the ledger after an older database was put back.

What was entered after the copy was made is lost as readable records, but not as leaves: the published tiles hold every
commitment. They are taken back as entries without a record, so that the tree goes on, every proof handed out stays valid, and
everybody can see which entries nobody can read any more.
"""

from itertools import islice

from django.db import transaction

from rejent.kernel.clock import Clock
from rejent.ledger.checkpoint import open_checkpoint
from rejent.ledger.errors import LedgerForkedError
from rejent.ledger.merkle import RightEdge, leaf_hash
from rejent.ledger.place import LedgerPlace
from rejent.registers import queries
from rejent.registers.acts import ENTRIES_LOST, ENTRY_LOST
from rejent.registers.models import Entry, TreeHead
from rejent.registers.services import enter

_BATCH = 1000


def continue_published(place: LedgerPlace, *, reason: str, clock: Clock, actor: str) -> int:
    """Take back the published entries that the database lacks; how many there were. Nothing to do is no error.

    Raises:
        LedgerForkedError: the database is not an older copy of what was published.
    """
    with place.alone():
        published, key = place.log.checkpoint(), place.verifier()
        if published is None or key is None:
            return 0
        size = open_checkpoint(published, key).size
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
                Entry(index=index, at=clock.now(), act=ENTRY_LOST.name, leaf=leaf)
                for index, leaf in enumerate(leaves, head.size)
            ]
            Entry.objects.bulk_create(rows, batch_size=_BATCH)
            grown = edge.appended(map(leaf_hash, leaves))
            TreeHead.objects.filter(pk=1).update(size=grown.size, edge=grown.packed())
            record = {"first": head.size, "last": size - 1, "count": len(rows), "reason": reason}
            enter(ENTRIES_LOST, actor=actor, subject="ledger", record=record, at=clock.now())
    return len(rows)

"""Wait for objects that a hold keeps and that are not there, or not the ones that were booked."""

from datetime import timedelta

from rejent.catalog.views import SegmentView
from rejent.retention.destruction.proof import is_entered_name
from rejent.retention.errors import NotSavedError
from rejent.retention.models import Destruction
from rejent.retention.rounds.chores import last_done, missing, note_done
from rejent.retention.rounds.round import Keeping

MISSING_FOR = timedelta(days=1)
"""Waited since a keeper found an object, or its key, missing first: a copy may be put back."""


def demand_waited(
    keeping: Keeping, destruction: Destruction, segment: SegmentView, *, is_key_dead: bool
) -> None:
    """See that an object which is not there, or not the one that was booked, has been waited for, unless its key is dead.

    Raises:
        NotSavedError: its row names another object than was entered, or it has not been missing for `MISSING_FOR`.
        FolderMismatchError: the disk is not mounted, or is another.
        StorageError: the store does not answer.
    """
    if not is_entered_name(segment.id, segment.object_name):
        raise NotSavedError(
            "The row of a segment that a hold keeps does not name the object that was entered.",
            advice="Run rejent fsck.",
        )
    keeping.demand_store()
    if is_key_dead or _missing_for(keeping, destruction) >= MISSING_FOR:
        return
    if not keeping.keys.ids_by_recipient([destruction.recipient]):
        raise NotSavedError(
            "The key of an object that a hold keeps is not in the key store: {object}.",
            object=segment.object_name,
            advice="Put back the newest copy of the folder of keys; after a day it counts as lost.",
        )
    raise NotSavedError(
        "An object that a hold keeps is missing, or not the one that was booked: {object}.",
        object=segment.object_name,
        advice="Bring it back, or mount its disk; after a day what is there is kept as it is, and what does not open is lost.",
    )


def _missing_for(keeping: Keeping, destruction: Destruction) -> timedelta:
    """Return how long something that holds keep of a key has been missing; by no note longer than since its end was decided."""
    name, now = missing(destruction.number), keeping.clock.now()
    noted = last_done(name)
    if noted is None or noted > now:
        note_done(name, keeping.clock)
        return timedelta(0)
    return now - max(noted, destruction.decided_at)

"""Tying the storage folder to this database, so that a swapped disk or a restored backup is noticed."""

from django.db import transaction

from rejent.catalog.acts import STORAGE_ACCEPTED, STORAGE_OPENED
from rejent.catalog.models import Volume
from rejent.catalog.queries.volumes import known_volume
from rejent.kernel.clock import Clock
from rejent.registers.services import enter
from rejent.vault.store import volume_identity as identity
from rejent.vault.store.object_store import ObjectStore
from rejent.vault.store.volume_identity import VolumeIdentity


def adopt_volume(mark: VolumeIdentity) -> None:
    """Remember the folder that was just marked as this installation's."""
    Volume.objects.create(installation=mark.installation, volume=mark.volume, opened=mark.opened)


def open_volume(store: ObjectStore, *, clock: Clock) -> int:
    """Count one more opening in the folder and here; the count.

    Raises:
        FolderMismatchError: the folder is not this database's, or one of the two is an older copy.
    """
    count = identity.begin_opening(store, known_volume())
    with transaction.atomic(durable=True):
        Volume.objects.filter(pk=1).update(opened=count)
        enter(STORAGE_OPENED, actor="", subject="storage", record={"count": count}, at=clock.now())
    identity.complete_opening(store, known_volume())
    return count


def accept_restored(store: ObjectStore, *, reason: str, clock: Clock, actor: str) -> bool:
    """Vouch for a folder or database that was restored from an older copy; both count on from the higher.

    Nothing is entered where neither is older than the other; return whether one was.

    Raises:
        FolderMismatchError: the folder has no mark, or is another installation's or volume's.
    """
    known = known_volume()
    mark = identity.read_identity(store)
    highest = max(known.opened, mark.opened if mark else 0)
    identity.reconcile(store, known, highest)
    if mark is not None and mark.opened == known.opened:
        return False
    with transaction.atomic(durable=True):
        Volume.objects.filter(pk=1).update(opened=highest)
        record = {"database": known.opened, "folder": mark.opened if mark else None, "reason": reason}
        enter(STORAGE_ACCEPTED, actor=actor, subject="storage", record=record, at=clock.now())
    return True

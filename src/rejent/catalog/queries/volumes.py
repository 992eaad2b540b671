"""Storage folder that belongs to this database."""

from rejent.catalog.errors import NoVolumeError
from rejent.catalog.models import Volume
from rejent.vault.store.object_store import ObjectStore
from rejent.vault.store.volume_identity import KnownVolume, read_identity, verify_identity


def known_volume() -> KnownVolume:
    """Return the folder this database knows.

    Raises:
        NoVolumeError: it knows none.
    """
    known = volume_if_known()
    if known is None:
        raise NoVolumeError(
            "The database knows no storage folder.",
            advice="It is not the one this installation was created with.",
        )
    return known


def volume_if_known() -> KnownVolume | None:
    """Return the folder this database knows, if it knows one."""
    row = Volume.objects.filter(pk=1).first()
    return None if row is None else KnownVolume(row.installation, row.volume, row.opened)


def demand_there(store: ObjectStore) -> None:
    """See that a store is the one this database knows, of whatever age: in the empty folder of a disk that is away everything is missing.

    Raises:
        FolderMismatchError: it is another, or has no mark.
        StorageError: it does not answer.
    """
    known, mark = volume_if_known(), read_identity(store)
    if known is not None and (mark is None or mark.volume != known.volume):
        verify_identity(store, known)

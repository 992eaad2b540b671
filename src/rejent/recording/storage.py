"""Check of the store before recording begins."""

from rejent.catalog import queries
from rejent.kernel.errors import RejentError
from rejent.recording.contract import Cause, GeneralCause
from rejent.vault.store.free_space import bytes_to_begin
from rejent.vault.store.object_store import ObjectStore
from rejent.vault.store.volume_identity import read_identity


def own_volume() -> str:
    """Return the mark of the store that the database knows; empty where it knows none."""
    known = queries.volume_if_known()
    return known.volume if known is not None else ""


def storage_cause(store: ObjectStore, volume: str) -> Cause:
    """Return the cause why the store takes no new object now; `GeneralCause.NONE` while it does.

    A folder without the mark of our volume is a missing disk's mount point: files put there would be hidden later.
    """
    try:
        space, mark = store.disk(), read_identity(store)
    except RejentError:
        return GeneralCause.STORAGE_FAILED
    if volume and (mark is None or mark.volume != volume):
        return GeneralCause.STORAGE_FAILED
    if space is None or space.free is None or space.total is None:
        return GeneralCause.NONE
    return GeneralCause.STORAGE_FULL if space.free < bytes_to_begin(space.total) else GeneralCause.NONE

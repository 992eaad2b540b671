"""Identity of a storage volume, which ties it to its database and shows if either is an older copy.

A mark in the folder names the installation and the volume and counts its openings; the database keeps the same three
facts. At each start the count goes up first as *opening* in the mark, then in the database, then as *opened* in the mark,
so that a crash in between differs from a folder or a database restored from an older copy.
"""

import json
import uuid
from dataclasses import asdict, dataclass, replace

from rejent.vault.errors import FolderMismatchError
from rejent.vault.store.object_store import ObjectStore

FORMAT = "rejent-volume-1"


@dataclass(frozen=True, slots=True)
class VolumeIdentity:
    """The mark in a storage folder."""

    installation: str
    volume: str
    opened: int
    """Openings the database certainly knows."""
    opening: int
    """The opening under way; equal to ``opened`` when none is."""


@dataclass(frozen=True, slots=True)
class KnownVolume:
    """The database's record of a volume."""

    installation: str
    volume: str
    opened: int


def read_identity(store: ObjectStore) -> VolumeIdentity | None:
    """Return the mark, or None where there is none. Raises FolderMismatchError: the mark cannot be read."""
    mark = store.read_mark()
    if mark is None:
        return None
    try:
        fields = json.loads(mark)
        identity = VolumeIdentity(
            str(fields["installation"]), str(fields["volume"]), int(fields["opened"]), int(fields["opening"])
        )
        known = fields["format"] == FORMAT
    except (ValueError, TypeError, KeyError):
        known = False
    if not known:
        raise _mismatch(
            "The identity file of the storage folder cannot be read.", "Restore identity.json from a backup."
        )
    return identity


def adopt(store: ObjectStore, installation: str) -> VolumeIdentity:
    """Mark an empty folder as a new volume of this installation. Raises FolderMismatchError: it has a mark, or holds anything."""
    if read_identity(store) is not None:
        raise _mismatch("The storage folder belongs to an installation already.", "Choose an empty folder.")
    if any(True for _ in store.objects()) or store.unfinished() or any(True for _ in store.unknown_files()):
        raise _mismatch("The storage folder is not empty.", "Choose an empty folder.")
    identity = VolumeIdentity(installation, str(uuid.uuid4()), 0, 0)
    _write(store, identity)
    return identity


def verify_identity(store: ObjectStore, known: KnownVolume) -> VolumeIdentity:
    """Return the identity of the folder, if it is the one the database knows, and of the same age. Raises FolderMismatchError."""
    identity = read_identity(store)
    if identity is None:
        raise _mismatch(
            "The storage folder has no identity file.",
            "Check that the right disk is mounted; nothing is recorded into a folder that is not ours.",
        )
    if identity.installation != known.installation:
        raise _mismatch("The storage folder belongs to another installation.", "Mount the right disk.")
    if identity.volume != known.volume:
        raise _mismatch("The storage folder is another volume of this installation.", "Mount the right disk.")
    if known.opened not in {identity.opened, identity.opening}:
        raise _mismatch(
            "The database is an older copy: the two were last opened together at different counts."
            if known.opened < identity.opened
            else "The storage folder is an older copy: the two were last opened together at different counts.",
            "Do not go on recording; see the guide on restoring, then run rejent fsck.",
        )
    return identity


def begin_opening(store: ObjectStore, known: KnownVolume) -> int:
    """Verify the folder as `verify_identity`, mark it as being opened and return the count the database must commit next."""
    identity = verify_identity(store, known)
    count = known.opened + 1
    _write(store, replace(identity, opened=known.opened, opening=count))
    return count


def complete_opening(store: ObjectStore, known: KnownVolume) -> None:
    """Verify the folder as `verify_identity` and mark that the database has committed the count of `begin_opening`."""
    _write(store, replace(verify_identity(store, known), opened=known.opened, opening=known.opened))


def reconcile(store: ObjectStore, known: KnownVolume, count: int) -> None:
    """Continue counting from ``count`` after a person vouched for a restored copy. Raises FolderMismatchError: not our volume."""
    identity = read_identity(store)
    if identity is None or (identity.installation, identity.volume) != (known.installation, known.volume):
        raise _mismatch("The storage folder is not this database's.", "Mount the right disk.")
    _write(store, replace(identity, opened=count, opening=count))


def _write(store: ObjectStore, identity: VolumeIdentity) -> None:
    store.write_mark(json.dumps({"format": FORMAT, **asdict(identity)}, indent=2).encode() + b"\n")


def _mismatch(sentence: str, advice: str) -> FolderMismatchError:
    return FolderMismatchError(sentence, advice=advice)

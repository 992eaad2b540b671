"""The keepers' tools, their report of a round, and when they last did what is done from time to time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path

from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock, civil_date
from rejent.ledger.location import LedgerLocation
from rejent.retention.models import Chore
from rejent.vault.errors import FolderMismatchError
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.store.object_store import ObjectStore
from rejent.vault.store.volume_identity import verify_identity

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_LOCK = "keeper.lock"


def boot_id() -> str:
    """Return the identifier of this boot of the machine; the monotonic clock starts anew with each."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"


@dataclass(frozen=True, slots=True)
class Keeping:
    """Everything a round needs; without ``ledger`` another process signs checkpoints."""

    clock: Clock
    store: ObjectStore
    keys: KeyStore
    ledger: LedgerLocation | None = None
    boot: str = field(default_factory=boot_id)

    def require_store(self) -> None:
        """See that the store is there, and this database's: on the empty folder of a disk that is away everything looks removed.

        Raises:
            FolderMismatchError: it is another, or its disk is not mounted.
            StorageError: it does not answer.
        """
        known = catalog.volume_if_known()
        if known is None:
            return
        try:
            verify_identity(self.store, known)
        except FolderMismatchError:
            counted = catalog.volume_if_known()
            if counted is None or counted == known:
                raise
            verify_identity(self.store, counted)

    def living_keys(self, kind: str) -> dict[str, str]:
        """Return the ids of the living keys of a kind, by their labels."""
        return {each.label: each.id for each in self.keys.alive() if each.kind == kind}

    def clear(self, folder: str) -> None:
        """Remove every object in a folder of the store, finished or not."""
        for left in self.store.unfinished():
            if left.name.startswith(folder):
                self.store.discard(left.name, left.kind)
        self.store.remove([each.name for each in self.store.objects(folder)])

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other keeper works with these keys, and keep others waiting; ends even with ``kill -9``."""
        number = os.open(self.keys.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(number, fcntl.LOCK_EX)
            yield
        finally:
            os.close(number)


@dataclass(slots=True)
class Round:
    """The report of one round of all keepers; ``failed`` names what went wrong, in one line each."""

    clock: str = "steady"
    keys_made: int = 0
    mended: int = 0
    destroyed_days: int = 0
    destroyed_segments: int = 0
    destroyed_bytes: int = 0
    survivors: int = 0
    withdrawn: int = 0
    gaps: int = 0
    overdue: int = 0
    alarms: int = 0
    failed: list[str] = field(default_factory=list)

    def summary(self) -> dict[str, object]:
        """Return the same by name, for the command and for logs."""
        return asdict(self)


EPOCH = "epoch"
KEY_SCAN = "key-scan"
CHECKPOINT = "checkpoint"
STORAGE_LISTING = "storage-listing"


def missing(number: str) -> str:
    """Return the name under which it is noted since when something that a destruction has to keep is missing."""
    return f"missing {number}"


def last_done(name: str) -> datetime | None:
    """Return the instant; nothing if it was never done."""
    return Chore.objects.filter(name=name).values_list("at", flat=True).first()


def done_on(name: str, today: date) -> bool:
    """Return whether it was done on a civil date."""
    last = last_done(name)
    return last is not None and civil_date(last) == today


def note_done(name: str, clock: Clock) -> None:
    """Remember that it was done now."""
    Chore.objects.update_or_create(name=name, defaults={"at": clock.now()})


def forget(name: str) -> None:
    """Remember nothing of it any more."""
    Chore.objects.filter(name=name).delete()

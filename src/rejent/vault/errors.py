"""Errors of sealed objects, keys and the folders that hold them."""

from rejent.kernel.errors import ConflictError, InputRefusedError, IntegrityError, NotFoundError, RejentError


class KeyTextError(InputRefusedError, code="vault.key-text"):
    """A text is not an age identity or recipient."""


class SealedObjectError(IntegrityError, code="vault.object"):
    """A sealed object cannot be opened as it stands."""


class HeaderError(SealedObjectError, code="vault.header"):
    """The head of a sealed object breaks the age format."""


class HeaderForgedError(SealedObjectError, code="vault.header-mac"):
    """The head of a sealed object was changed after it was sealed."""


class NoMatchError(SealedObjectError, code="vault.no-match"):
    """None of the identities at hand opens the sealed object."""


class PayloadError(SealedObjectError, code="vault.payload"):
    """A chunk of a sealed object is damaged, missing or out of place."""


class TruncatedError(PayloadError, code="vault.truncated"):
    """A sealed object ends before its last chunk."""


class SealingStoppedError(RejentError, code="vault.sealing-stopped"):
    """A sealed object was written to after it ended, or after a write of it failed."""


class StorageError(RejentError, code="storage"):
    """The folder or server that keeps sealed objects failed."""


class StorageFullError(StorageError, code="storage.full"):
    """No room is left."""


class StorageReadOnlyError(StorageError, code="storage.read-only"):
    """The place may be read but not written."""


class StorageFailedError(StorageError, code="storage.failed"):
    """The device or server answered with an error, and what was being written must be given up."""


class StorageUnreachableError(StorageError, code="storage.unreachable"):
    """The server does not answer; what was finished waits in the spool."""


class ObjectNameError(InputRefusedError, code="storage.name"):
    """A name is not one an object may have."""


class ObjectExistsError(ConflictError, code="storage.exists"):
    """An object of that name is there already and is never overwritten."""


class ObjectMissingError(NotFoundError, code="storage.missing"):
    """No object of that name is there."""


class FolderInUseError(ConflictError, code="storage.in-use"):
    """Another running program holds the folder."""


class FolderMismatchError(IntegrityError, code="storage.mismatch"):
    """A storage folder and the database do not belong together."""


class KeyStoreError(IntegrityError, code="keys"):
    """The key store cannot be used as it stands."""


class KeyStoreClosedError(KeyStoreError, code="keys.root"):
    """The root does not open the key store."""


class KeyUnknownError(NotFoundError, code="keys.unknown"):
    """The key store never held that key."""


class KeyDestroyedError(NotFoundError, code="keys.destroyed"):
    """The key was destroyed, and nothing sealed to it can be opened any more."""


class BackupRefusedError(ConflictError, code="keys.backup"):
    """A backup of keys may not be made or may no longer be used."""


class CredentialError(IntegrityError, code="credentials"):
    """A sealed password cannot be opened with this installation's secret."""

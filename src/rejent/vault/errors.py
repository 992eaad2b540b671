"""Errors of sealed objects, keys and the folders that hold them."""

from rejent.kernel.errors import ConflictError, InputRefusedError, IntegrityError, NotFoundError, RejentError


class KeyTextError(InputRefusedError):
    """A text is not an age identity or recipient."""

    code = "vault.key-text"


class SealedObjectError(IntegrityError):
    """A sealed object cannot be opened as it stands."""

    code = "vault.object"


class HeaderError(SealedObjectError):
    """The head of a sealed object breaks the age format."""

    code = "vault.header"


class HeaderForgedError(SealedObjectError):
    """The head of a sealed object was changed after it was sealed."""

    code = "vault.header-mac"


class NoMatchError(SealedObjectError):
    """None of the identities at hand opens the sealed object."""

    code = "vault.no-match"


class PayloadError(SealedObjectError):
    """A chunk of a sealed object is damaged, missing or out of place."""

    code = "vault.payload"


class TruncatedError(PayloadError):
    """A sealed object ends before its last chunk."""

    code = "vault.truncated"


class SealingStoppedError(RejentError):
    """A sealed object was written to after it ended, or after a write of it failed."""

    code = "vault.sealing-stopped"


class StorageError(RejentError):
    """The folder or server that keeps sealed objects failed."""

    code = "storage"


class StorageFullError(StorageError):
    """No room is left."""

    code = "storage.full"


class StorageReadOnlyError(StorageError):
    """The place may be read but not written."""

    code = "storage.read-only"


class StorageFailedError(StorageError):
    """The device or server answered with an error, and what was being written must be given up."""

    code = "storage.failed"


class StorageUnreachableError(StorageError):
    """The server does not answer; what was finished waits in the spool."""

    code = "storage.unreachable"


class ObjectNameError(InputRefusedError):
    """A name is not one an object may have."""

    code = "storage.name"


class ObjectExistsError(ConflictError):
    """An object of that name is there already and is never overwritten."""

    code = "storage.exists"


class ObjectMissingError(NotFoundError):
    """No object of that name is there."""

    code = "storage.missing"


class FolderInUseError(ConflictError):
    """Another running program holds the folder."""

    code = "storage.in-use"


class FolderMismatchError(IntegrityError):
    """A storage folder and the database do not belong together."""

    code = "storage.mismatch"


class KeyStoreError(IntegrityError):
    """The key store cannot be used as it stands."""

    code = "keys"


class KeyStoreClosedError(KeyStoreError):
    """The root does not open the key store."""

    code = "keys.root"


class KeyUnknownError(NotFoundError):
    """The key store never held that key."""

    code = "keys.unknown"


class KeyDestroyedError(NotFoundError):
    """The key was destroyed, and nothing sealed to it can be opened any more."""

    code = "keys.destroyed"


class BackupRefusedError(ConflictError):
    """A backup of keys may not be made or may no longer be used."""

    code = "keys.backup"


class CredentialError(IntegrityError):
    """A sealed password cannot be opened with this installation's secret."""

    code = "credentials"

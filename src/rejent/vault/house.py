"""The vault of one installation: its store, its keys, its camera passwords, opened when first needed."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from rejent.kernel.clock import Clock
from rejent.kernel.errors import InputRefusedError
from rejent.vault.credentials import Credentials
from rejent.vault.keys import KeyStore
from rejent.vault.opening import SealedReader
from rejent.vault.root import FileRoot, PassphraseRoot, Root, root_kind
from rejent.vault.store import identity
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.port import ObjectStore
from rejent.vault.store.s3 import S3Place, S3Store

PASSPHRASE_FILE = "REJENT_PASSPHRASE_FILE"  # noqa: S105 - the name of a variable
"""Names a file with the passphrase of the key store, read at each start."""
S3_SECRET = "REJENT_S3_SECRET_KEY"  # noqa: S105 - the name of a variable
"""The secret key of the S3 server."""


class CameraLogins:
    """Users and passwords of sources, sealed."""

    def __init__(self, folder: Path) -> None:
        self._credentials = Credentials(folder)

    def seal(self, source_id: str, user: str, password: str) -> bytes:
        """A user and password, bound to the source."""
        return self._credentials.seal(json.dumps([user, password]), source_id)

    def open(self, source_id: str, sealed: bytes) -> tuple[str, str]:
        """The user and password.

        Raises:
            CredentialError: they belong to another source or installation, or were damaged.
        """
        user, password = json.loads(self._credentials.open(sealed, source_id))
        return str(user), str(password)


@dataclass
class House:
    """Where an installation's sealed objects and keys are.

    Attributes:
        installation: its identifier, written into the storage folder.
        vault, keys_folder, secrets: folders.
        storage: empty for the folder ``vault``, or ``s3+https://ACCESS@HOST[:PORT]/BUCKET[/PREFIX]``.
        clock: stamps keys.
        environment: where the passphrase file and the server's secret are named.
    """

    installation: str
    vault: Path
    keys_folder: Path
    secrets: Path
    storage: str
    clock: Clock
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def create(self) -> identity.VolumeIdentity:
        """Make the key store and mark the storage as this installation's; gives the mark.

        Raises:
            FolderMismatchError: the storage is somebody's already.
        """
        passphrase = self._passphrase()
        root: Root = PassphraseRoot(passphrase) if passphrase else FileRoot()
        KeyStore.create(self.keys_folder, root, self.clock)
        return identity.adopt(self.store, self.installation)

    @cached_property
    def store(self) -> ObjectStore:
        """Where sealed objects lie.

        Raises:
            FolderMismatchError: the folder is not there.
            InputRefusedError: the storage address cannot be read.
        """
        spool = DiskStore(self.vault)
        return S3Store(self._place(), spool) if self.storage else spool

    @cached_property
    def keys(self) -> KeyStore:
        """The private keys.

        Raises:
            KeyStoreError: there are none, or their parts do not belong together.
            KeyStoreClosedError: the root does not open them.
        """
        if root_kind(self.keys_folder) == FileRoot.kind:
            return KeyStore.open(self.keys_folder, FileRoot(), self.clock)
        passphrase = self._passphrase()
        if not passphrase:
            raise InputRefusedError(
                "The key store is closed by a passphrase.",
                advice="Name the file that holds it in {variable}.",
                variable=PASSPHRASE_FILE,
            )
        return KeyStore.open(self.keys_folder, PassphraseRoot(passphrase), self.clock)

    @cached_property
    def credentials(self) -> CameraLogins:
        """The sealed camera passwords."""
        return CameraLogins(self.secrets)

    def reader(self, object_name: str, recipient: str, *, truncated: bool = False) -> SealedReader:
        """A sealed object, open for reading at any place with the key it was sealed to.

        Raises:
            KeyDestroyedError: the key is gone, and with it the content.
            ObjectMissingError: the object is gone.
            SealedObjectError: it is damaged.
        """
        key = self.keys.identity_for(recipient)
        tail = self.store.open_tail(object_name) if truncated else None
        return SealedReader(self.store.open(object_name), [key], truncated=truncated, tail=tail)

    def _passphrase(self) -> str:
        file = self.environment.get(PASSPHRASE_FILE, "")
        return Path(file).read_text(encoding="utf-8").rstrip("\n") if file else ""

    def _place(self) -> S3Place:
        parts = urlsplit(self.storage)
        scheme = {"s3+http": "http", "s3+https": "https"}.get(parts.scheme)
        bucket, _, prefix = parts.path.strip("/").partition("/")
        if scheme is None or not parts.hostname or not parts.username or not bucket:
            raise InputRefusedError(
                "The storage address cannot be read.",
                advice="Write it as s3+https://ACCESS@HOST/BUCKET or s3+https://ACCESS@HOST/BUCKET/PREFIX",
            )
        port = f":{parts.port}" if parts.port else ""
        secret = self.environment.get(S3_SECRET, "")
        if not secret:
            raise InputRefusedError(
                "The secret key of the S3 server is missing.", advice="Set {variable}.", variable=S3_SECRET
            )
        return S3Place(f"{scheme}://{parts.hostname}{port}", bucket, parts.username, secret, prefix=prefix)

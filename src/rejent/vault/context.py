"""The vault of one installation: its store, keys and camera passwords, opened when first needed."""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rejent.kernel.clock import Clock
from rejent.kernel.errors import InputRefusedError
from rejent.vault.age.recipients import Identity
from rejent.vault.age.sealed_reader import SealedReader
from rejent.vault.credentials import SourceLogins
from rejent.vault.errors import KeyStoreError
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.keys.root_key import ROOT_FILE, FileRoot, PassphraseRoot, Root, RootKind, root_kind
from rejent.vault.store import volume_identity as identity
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.object_store import ObjectStore
from rejent.vault.store.posix import PosixCalls
from rejent.vault.store.s3 import S3Location, S3Store
from rejent.vault.store.spool import OWNER

PROCESS = "REJENT_PROCESS"
"""Names the process of the program that this is."""
PASSPHRASE_FILE = "REJENT_PASSPHRASE_FILE"  # noqa: S105 - the name of a variable
"""Names a file with the passphrase of the key store, read at each start."""
_EVERYBODY = 0o007
"""Rights of others; those of the group may stand for an access list, as of systemd's credentials."""
S3_SECRET = "REJENT_S3_SECRET_KEY"  # noqa: S105 - the name of a variable


@dataclass
class VaultContext:
    """Locations of an installation's sealed objects and keys.

    ``storage`` is empty for the folder ``vault``, or ``s3+https://ACCESS@HOST[:PORT]/BUCKET[/PREFIX]``; ``environment``
    names the passphrase file and the server's secret; ``calls`` are the system calls of the folder.
    """

    installation: str
    vault: Path
    keys_folder: Path
    secrets: Path
    storage: str
    clock: Clock
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    calls: PosixCalls = field(default_factory=PosixCalls, repr=False)

    def create(self) -> identity.VolumeIdentity:
        """Make the key store and mark the storage as this installation's. Raises FolderMismatchError: it is somebody's already."""
        self._found_keys()
        return identity.adopt(self.store, self.installation)

    def keys_or_create(self) -> KeyStore:
        """Return the private keys; an empty key store where its disk was lost. Raises KeyStoreError: part of one is there."""
        if not self.keys_folder.is_dir() or not any(self.keys_folder.iterdir()):
            self._found_keys()
        return self.keys

    def _found_keys(self) -> None:
        passphrase = self._passphrase()
        root: Root = PassphraseRoot(passphrase) if passphrase else FileRoot()
        KeyStore.create(self.keys_folder, root, self.clock)

    @cached_property
    def store(self) -> ObjectStore:
        """The store of sealed objects. Raises FolderMismatchError: no folder; InputRefusedError: the address is malformed."""
        spool = self._disk()
        return S3Store(self.s3_location(), spool) if self.storage else spool

    def _disk(self) -> DiskStore:
        return DiskStore(self.vault, self.calls, owner=self.environment.get(PROCESS) or OWNER)

    def take_over(self, sources: Collection[str], is_running: Callable[[str], bool]) -> None:
        """Let this process finish what others, which do not run any more, left of some sources; before it is confined."""
        if self.vault.is_dir():
            self._disk().spool.take_over(sources, is_running)

    @cached_property
    def keys(self) -> KeyStore:
        """The private keys.

        Raises KeyStoreError: there are none, or their files are of different times; KeyStoreClosedError: the root does not open them;
        InputRefusedError: the passphrase is missing.
        """
        if self.root == FileRoot.kind:
            return KeyStore.open(self.keys_folder, FileRoot(), self.clock)
        passphrase = self._passphrase()
        if not passphrase:
            raise InputRefusedError(
                "The key store is closed by a passphrase.",
                advice="Name the file that holds it in {variable}.",
                variable=PASSPHRASE_FILE,
            )
        return KeyStore.open(self.keys_folder, PassphraseRoot(passphrase), self.clock)

    @property
    def root(self) -> RootKind:
        """The kind of root key. Raises KeyStoreError: there is none."""
        try:
            return root_kind(self.keys_folder)
        except OSError:
            raise KeyStoreError(
                "The root of the key store is missing or cannot be read.",
                advice="Put the folder keys back as it was, or bring keys back with: rejent keys restore. Without them nothing opens.",
            ) from None

    def prove_passphrase(self) -> str:
        """Return the passphrase of the key store, after it opened it. Raises KeyStoreError: there is none; what `keys` raises."""
        if self.root == FileRoot.kind:
            raise KeyStoreError(
                "The key store has no passphrase: the file keys/root opens it.",
                advice="One is chosen when the installation is made, by {variable}.",
                variable=PASSPHRASE_FILE,
            )
        _opens = self.keys
        return self._passphrase()

    @property
    def root_digest(self) -> str:
        """The SHA-256 digest, in hexadecimal, of the root as its passphrase seals it: another key store has another."""
        return sha256((self.keys_folder / ROOT_FILE).read_bytes()).hexdigest()

    @cached_property
    def credentials(self) -> SourceLogins:
        """The sealed camera passwords."""
        return SourceLogins(self.secrets)

    def reader(
        self,
        object_name: str,
        recipient: str,
        *,
        truncated: bool = False,
        keys: dict[str, Identity] | None = None,
    ) -> SealedReader:
        """Open a sealed object with the key it was sealed to, which is put among ``keys``, or taken from them.

        Raises KeyDestroyedError: that key was destroyed; ObjectMissingError: the store lacks the object; SealedObjectError: it was
        damaged or altered.
        """
        key = keys.get(recipient) if keys else None
        if key is None:
            key = self.keys.identity_by_recipient(recipient)
        if keys is not None:
            keys[recipient] = key
        tails = self.store.open_companions(object_name) if truncated else ()
        return SealedReader(self.store.open(object_name), [key], truncated=truncated, tails=tails)

    def s3_location(self) -> S3Location:
        """Return the bucket of the storage address. Raises InputRefusedError: it is malformed, or the server's secret is missing."""
        place = _read_s3(self.storage)
        if place is None:
            raise InputRefusedError(
                "The storage address cannot be read.",
                advice="Write it as s3+https://ACCESS@HOST/BUCKET or s3+https://ACCESS@HOST/BUCKET/PREFIX",
            )
        secret = self.environment.get(S3_SECRET, "")
        if not secret:
            raise InputRefusedError(
                "The secret key of the S3 server is missing.", advice="Set {variable}.", variable=S3_SECRET
            )
        return replace(place, secret_key=secret)

    def _passphrase(self) -> str:
        file = self.environment.get(PASSPHRASE_FILE, "")
        if not file:
            return ""
        try:
            mode = Path(file).stat().st_mode
            passphrase = Path(file).read_text(encoding="utf-8").rstrip("\n")
        except (OSError, UnicodeDecodeError):
            mode, passphrase = 0, ""
        if mode & _EVERYBODY:
            raise InputRefusedError(
                "The file of the passphrase may be read by everybody.",
                advice="Take the rights of others from the file that {variable} names: chmod o= FILE",
                variable=PASSPHRASE_FILE,
            )
        if not passphrase:
            raise InputRefusedError(
                "The file of the passphrase is empty or cannot be read.",
                advice="Look at the file that {variable} names.",
                variable=PASSPHRASE_FILE,
            )
        return passphrase


def _read_s3(address: str) -> S3Location | None:
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    scheme = {"s3+http": "http", "s3+https": "https"}.get(parts.scheme)
    bucket, _, prefix = parts.path.strip("/").partition("/")
    if scheme is None or not parts.hostname or not parts.username or parts.password or not bucket:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return S3Location(f"{scheme}://{host}{port}", bucket, unquote(parts.username), "", prefix=prefix)

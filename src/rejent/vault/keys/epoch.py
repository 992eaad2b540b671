"""The epoch key, which wraps every private key of the store and is replaced each day.

It lies in the file ``epoch``, apart from the database of keys, sealed to the root key. A rotation writes ``epoch.next``
(and ``root.next``, where the root is renewed), re-wraps every key in one transaction that also raises the epoch's number
in the database, and then renames the new files. That number decides which file is live, so that an interrupted rotation
is finished or undone at the next opening. Old files are overwritten before they are removed; disks may keep old blocks
all the same, which is why both files change together.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from rejent.vault.age.recipients import Identity
from rejent.vault.age.seal_writer import seal
from rejent.vault.age.sealed_reader import unseal
from rejent.vault.errors import KeyStoreClosedError, KeyStoreError, SealedObjectError
from rejent.vault.keys.root_key import ROOT_FILE, SUCCESSOR, Root
from rejent.vault.store.posix import FILE_MODE, PosixCalls, storage_errors, sync_folder, write_replacing

_NONCE = 12


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch key and its number."""

    number: int
    key: bytes = field(repr=False)

    @classmethod
    def following(cls, number: int) -> "Epoch":
        """Generate the epoch that follows the one with this number."""
        return cls(number + 1, secrets.token_bytes(32))

    def wrap(self, private: bytes, owner: bytes) -> bytes:
        """Wrap a private key, bound to its row."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + ChaCha20Poly1305(self.key).encrypt(nonce, private, owner)

    def unwrap(self, wrapped: bytes, owner: bytes) -> bytes:
        """Return the private key of a row. Raises KeyStoreError: the row was damaged or moved."""
        try:
            return ChaCha20Poly1305(self.key).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], owner)
        except InvalidTag:
            raise KeyStoreError(
                "A key in the key store is damaged.",
                advice="Run rejent fsck; restore the key from its backup if there is one.",
            ) from None


class EpochFiles:
    """The files ``root`` and ``epoch`` in the folder of keys, and their successors during a rotation."""

    def __init__(self, folder: Path, calls: PosixCalls | None = None) -> None:
        self._calls = calls or PosixCalls()
        self._folder = folder
        self._root = folder / ROOT_FILE
        self._epoch = folder / "epoch"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Wait until no other process works on the files, and exclude others."""
        with storage_errors("lock"):
            number = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        try:
            fcntl.flock(number, fcntl.LOCK_EX)
            yield
        finally:
            os.close(number)

    def load_live(self, number: int, root: Root) -> Epoch:
        """Return the epoch with the number in the database, after finishing or undoing an interrupted rotation.

        Raises KeyStoreClosedError: the root opens no epoch file; KeyStoreError: files and database are of different times.
        """
        found: list[int] = []
        for epoch_file, root_file in product(
            (self._epoch, _next(self._epoch)), (self._root, _next(self._root))
        ):
            epoch = self._opened(epoch_file, root_file, root)
            if epoch is not None and epoch.number == number:
                self._settle(epoch_file, root_file)
                return epoch
            found += [epoch.number] if epoch is not None else []
        if found:
            raise KeyStoreError(
                "The key database and the epoch file are not of the same time.",
                advice="One of them was restored from an older copy, which opens nothing by design; bring back the pair.",
            )
        raise _closed()

    def prepare(self, epoch: Epoch, root: Root, *, new_root: bool) -> None:
        """Write the successors of the files, durably, beside those in use."""
        with storage_errors("epoch"):
            identity = Identity.generate() if new_root else self._root_key(self._root, root)
            if identity is None:
                raise _closed()
            if new_root:
                write_replacing(self._calls, _next(self._root), root.encode(identity))
            content = json.dumps({"epoch": epoch.number, "key": epoch.key.hex()}).encode()
            sealed = seal(content, [identity.recipient])
            write_replacing(self._calls, _next(self._epoch), sealed)

    def promote(self) -> None:
        """Overwrite the files in use and rename their successors over them."""
        with storage_errors("epoch"):
            for path in (self._epoch, self._root):
                if _next(path).exists():
                    self._overwrite(path)
                    self._calls.rename(_next(path), path)
            sync_folder(self._calls, self._folder)

    def _settle(self, epoch_file: Path, root_file: Path) -> None:
        with storage_errors("epoch"):
            for live, path in ((epoch_file, self._epoch), (root_file, self._root)):
                if live != path:
                    self._overwrite(path)
                    self._calls.rename(live, path)
                    sync_folder(self._calls, self._folder)
                elif _next(path).exists():
                    self._overwrite(_next(path))
                    self._calls.unlink(_next(path))
                    sync_folder(self._calls, self._folder)

    def _opened(self, epoch_file: Path, root_file: Path, root: Root) -> Epoch | None:
        if not epoch_file.exists():
            return None
        identity = self._root_key(root_file, root)
        if identity is None:
            return None
        try:
            fields = json.loads(unseal(epoch_file.read_bytes(), [identity]))
        except SealedObjectError:
            return None
        return Epoch(fields["epoch"], bytes.fromhex(fields["key"]))

    def _root_key(self, path: Path, root: Root) -> Identity | None:
        return root.decode(path.read_bytes()) if path.exists() else None

    def _overwrite(self, path: Path) -> None:
        if path.exists():
            number = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                self._calls.write(number, bytes(path.stat().st_size))
                self._calls.fsync(number)
            finally:
                self._calls.close(number)


def _next(path: Path) -> Path:
    return path.with_name(path.name + SUCCESSOR)


def _closed() -> KeyStoreClosedError:
    return KeyStoreClosedError(
        "The root does not open the key store.", advice="Check the passphrase or the root file."
    )

"""The root key of the key store, in a file or under a passphrase.

The file ``root`` holds an age identity to which each epoch key is sealed. A *file root* lies there in the open with mode
0600 and is replaced at each rotation, so that old blocks of a disk open nothing. A *passphrase root* is an age file
sealed to the passphrase: nothing in the folder opens the keys alone.
"""

import hashlib
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Literal, Protocol

from rejent.vault.age.header import VERSION_LINE
from rejent.vault.age.recipients import Identity, Passphrase
from rejent.vault.age.seal_writer import seal
from rejent.vault.age.sealed_reader import unseal
from rejent.vault.errors import KeyTextError, SealedObjectError

RootKind = Literal["file", "passphrase"]
"""Kind of root key, as configuration and pages name it."""
ROOT_FILE = "root"
SUCCESSOR = ".next"
"""Suffix of a key store's file that a rotation is about to rename into place."""
_FILE_KEY = b"AGE-SECRET-KEY-"


class Root(Protocol):
    """A way to keep the root key in its file."""

    kind: RootKind
    renewed_each_epoch: bool
    """True if each rotation makes a new root key."""

    def encode(self, identity: Identity) -> bytes:
        """Return the content of the file that keeps a root key."""

    def decode(self, content: bytes) -> Identity | None:
        """Return the root key in a file's content, or None if this root does not open it."""


class FileRoot:
    """The root key in the open; whoever reads the folder reads everything."""

    kind: RootKind = "file"
    renewed_each_epoch = True

    def encode(self, identity: Identity) -> bytes:
        """Return the key as the ``age`` program writes it."""
        return identity.text.encode() + b"\n"

    def decode(self, content: bytes) -> Identity | None:
        """Return the key, or None if the content is no key."""
        try:
            return Identity.parse(content.decode())
        except (KeyTextError, UnicodeDecodeError):
            return None


class PassphraseRoot:
    """The root key sealed to a passphrase, which is entered at each start and kept nowhere."""

    kind: RootKind = "passphrase"
    renewed_each_epoch = False

    def __init__(self, passphrase: str, work_factor: int = 18) -> None:
        self._passphrase = Passphrase(passphrase, work_factor)
        self._opened: dict[bytes, Identity] = {}

    def encode(self, identity: Identity) -> bytes:
        """Return the key, sealed to the passphrase."""
        content = seal(identity.text.encode(), [self._passphrase])
        self._opened[_fingerprint(content)] = identity
        return content

    def decode(self, content: bytes) -> Identity | None:
        """Return the key, or None if the passphrase is another; stretched once for each content."""
        known = self._opened.get(_fingerprint(content))
        if known is None:
            try:
                known = Identity.parse(unseal(content, [self._passphrase]).decode())
            except (SealedObjectError, KeyTextError, UnicodeDecodeError):
                return None
            self._opened[_fingerprint(content)] = known
        return known


def root_kind(folder: Path) -> RootKind:
    """Return the kind of root key, from the root file, or from its successor if a rotation overwrote it. Raises OSError: none."""
    root, content = folder / ROOT_FILE, b""
    for path in (root, root.with_name(root.name + SUCCESSOR), root):
        with nullcontext() if path == root else suppress(FileNotFoundError):
            content = path.read_bytes()
        if content.startswith(_FILE_KEY):
            return "file"
        if content.startswith(VERSION_LINE):
            break
    return "passphrase"


def _fingerprint(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()

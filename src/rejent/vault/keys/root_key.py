"""What the key store hangs on: a root key in a file, or a root key under a passphrase.

The file ``root`` holds an age identity to which each epoch key is sealed. As a *file root* it lies there in the open with
mode 0600 and is replaced at each rotation, so that blocks of a disk that still hold an older one open nothing. As a
*passphrase root* it is itself an age file sealed to the passphrase: nothing in the folder opens the keys alone.
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
"""How the root key is kept, as configuration and pages name it."""
SUCCESSOR = ".next"
"""What stands behind the name of a file of the key store that a rotation is about to put in its place."""
_FILE_KEY = b"AGE-SECRET-KEY-"


class Root(Protocol):
    """How the root key is kept in its file."""

    kind: RootKind
    renewed_each_epoch: bool
    """Whether each rotation makes a new root key."""

    def encode(self, identity: Identity) -> bytes:
        """The content of the file that keeps a root key."""

    def decode(self, content: bytes) -> Identity | None:
        """The root key in a file's content, or nothing if this root does not open it."""


class FileRoot:
    """The root key lies in the open; whoever reads the folder reads everything."""

    kind: RootKind = "file"
    renewed_each_epoch = True

    def encode(self, identity: Identity) -> bytes:
        """The key as the ``age`` program writes it."""
        return identity.text.encode() + b"\n"

    def decode(self, content: bytes) -> Identity | None:
        """The key, or nothing if the content is no key."""
        try:
            return Identity.parse(content.decode())
        except (KeyTextError, UnicodeDecodeError):
            return None


class PassphraseRoot:
    """The root key is sealed to a passphrase, which is asked for at each start and kept nowhere.

    Args:
        passphrase: the passphrase.
        work_factor: base-2 logarithm of the cost of one guess; 18 takes about a second and 256 MiB.
    """

    kind: RootKind = "passphrase"
    renewed_each_epoch = False

    def __init__(self, passphrase: str, work_factor: int = 18) -> None:
        self._passphrase = Passphrase(passphrase, work_factor)
        self._opened: dict[bytes, Identity] = {}

    def encode(self, identity: Identity) -> bytes:
        """The key, sealed to the passphrase."""
        content = seal(identity.text.encode(), [self._passphrase])
        self._opened[_fingerprint(content)] = identity
        return content

    def decode(self, content: bytes) -> Identity | None:
        """The key, or nothing if the passphrase is another; stretched once for each content."""
        known = self._opened.get(_fingerprint(content))
        if known is None:
            try:
                known = Identity.parse(unseal(content, [self._passphrase]).decode())
            except (SealedObjectError, KeyTextError, UnicodeDecodeError):
                return None
            self._opened[_fingerprint(content)] = known
        return known


def root_kind(folder: Path) -> RootKind:
    """How the root key is kept, from the first bytes of the root file in a folder of keys.

    A rotation that is under way, or was cut off, may have written over that file already: then its successor tells, or once it
    has taken its place the file itself.

    Raises:
        OSError: there is none.
    """
    root, content = folder / "root", b""
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

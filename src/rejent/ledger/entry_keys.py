"""The keys by which the program recognises its own entries: without them an entry written into the database counts for nothing.

Each entry bears one tag a role, a keyed BLAKE2b (RFC 7693 §2.9) of what the entry binds. Office processes – pages, keeper, command
line – hold both keys and make both tags. A recorder holds its own key alone: it makes and verifies the second tag only, so that
nobody who breaks into it by what a camera or a telephone exchange sends can enter an act of the office.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from enum import Enum
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from rejent.ledger.durable_files import create_secret
from rejent.ledger.errors import LedgerForkedError

KEY_BYTES = 32
TAG_BYTES = 16
"""Of one role."""
_ABSENT = bytes(TAG_BYTES)
_INDEX_BYTES = 8
"""Of the place of an erased entry."""
_ERASED = b"erased"
_NO_DIGEST = bytes(32)


class Role(Enum):
    """Signing role of an entry; the value is the place of its tag."""

    OFFICE = 0
    RECORDER = 1


class Tagged(NamedTuple):
    """What a tag is over: place in the ledger, commitment, row, digest, act and subject of an entry. What is no entry has no act and no subject."""

    place: int
    leaf: bytes
    thing: str | None
    digest: bytes | None = None
    act: str = ""
    subject: str = ""

    def bound(self) -> bytes:
        """Return it as bytes; no two entries of the program give the same, for none of its words holds a NUL."""
        words = f"{self.place:d}\0{len(self.leaf)}\0{self.thing or ''}\0{self.act}\0{self.subject}\0"
        return words.encode("utf-8", "surrogatepass") + self.leaf + (self.digest or _NO_DIGEST)


@dataclass(frozen=True, slots=True)
class EntryKeys:
    """The keys that one process holds, each of 32 bytes; a recorder does not hold the office's."""

    recorder: bytes = field(repr=False)
    office: bytes | None = field(default=None, repr=False)

    @classmethod
    def generate(cls) -> "EntryKeys":
        """Return new keys of both roles."""
        return cls(secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES))

    @classmethod
    def read(cls, folder: Path, *, records: bool) -> "EntryKeys":
        """Read the keys of an installation; a process that ``records`` reads its own alone.

        Raises `LedgerForkedError`: missing or damaged.
        """
        recorder = _read(folder / "entries-recorder")
        return cls(recorder, None if records else _read(folder / "entries-office"))

    def store(self, folder: Path) -> None:
        """Write both keys, durably; used once, when an installation is created."""
        create_secret(folder / "entries-recorder", self.recorder.hex())
        create_secret(folder / "entries-office", (self.office or b"").hex())

    def tag(self, one: Tagged) -> bytes:
        """Return the tags of an entry by the roles whose keys are held; zeros stand for another's."""
        bound = one.bound()
        return _keyed(self.office, bound) + _keyed(self.recorder, bound)

    def erasure_tag(self, index: int, head: str) -> bytes:
        """Return the tag of an entry whose record the program erased, over its place and what still stands beside it."""
        return _keyed(self.recorder, _ERASED + index.to_bytes(_INDEX_BYTES) + head.encode())

    def verifies(self, tag: bytes, one: Tagged, *, signer: Role = Role.RECORDER) -> bool:
        """Return whether the tag beside an entry is the program's own, for all that it is over.

        ``signer`` is the least role whose word counts; a recorder, which cannot verify the office's tags, asks for its own.
        """
        role = signer if self.office is not None else Role.RECORDER
        key = self.office if role is Role.OFFICE else self.recorder
        place = role.value * TAG_BYTES
        return hmac.compare_digest(tag[place : place + TAG_BYTES], _keyed(key, one.bound()))


def _keyed(key: bytes | None, bound: bytes) -> bytes:
    return _ABSENT if key is None else blake2b(bound, key=key, digest_size=TAG_BYTES).digest()


def _read(file: Path) -> bytes:
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise LedgerForkedError(
            "The key {name} by which the ledger's entries are recognised is missing or damaged.",
            name=file.name,
            advice="Put the folder secrets back from its copy; without it no row of the database counts.",
        )
    return key

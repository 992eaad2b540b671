"""Checkpoints (C2SP tlog-checkpoint v1): the ledger's name, size and root in a signed note, and the witness's cosignatures of them.

By a cosignature (C2SP tlog-cosignature v1) a witness says when it saw a checkpoint grow consistently.
"""

import base64
import struct
from dataclasses import dataclass
from datetime import UTC, datetime

from rejent.kernel.numbers import read_number
from rejent.ledger.errors import NoteRefusedError, SignatureInvalidError
from rejent.ledger.merkle import HASH_BYTES
from rejent.ledger.signed import note
from rejent.ledger.signed.note import COSIGNATURE, Note, Signature, SignerKey, VerifierKey, verify_raw


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A state of a ledger: its unique name, which is also that of its key, the number of entries, and the root of its tree."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign_checkpoint(state: Checkpoint, key: SignerKey) -> str:
    """Return the checkpoint as a signed note. Raises `NoteRefusedError`: the key has another name than the ledger."""
    if key.name != state.origin:
        raise NoteRefusedError(
            "The key {key} does not sign for the ledger {origin}.", key=key.name, origin=state.origin
        )
    return str(note.sign(state.text(), key))


def open_checkpoint(text: str | bytes, key: VerifierKey) -> Checkpoint:
    """Read a checkpoint and verify the ledger's signature.

    Raises `NoteRefusedError`: not written as one; `SignatureInvalidError`: not signed with this key, or of another ledger.
    """
    signed = note.parse(text)
    note.verify(signed, key)
    state = parse_checkpoint(signed)
    if state.origin != key.name:
        raise SignatureInvalidError(
            "The checkpoint is of the ledger {origin}, not {key}.", origin=state.origin, key=key.name
        )
    return state


def parse_checkpoint(signed: note.Note) -> Checkpoint:
    """Return a note's checkpoint, unverified; extension lines are ignored. Raises `NoteRefusedError`."""
    lines = signed.text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise NoteRefusedError("The note is no checkpoint.")
    origin, size, root = lines[:3]
    digest = note.decode_base64(root)
    count = read_number(size, most=2**64 - 1)
    if count is None or str(count) != size or len(digest) != HASH_BYTES:
        raise NoteRefusedError("The checkpoint's size or root is not written as one.")
    return Checkpoint(origin, count, digest)


def cosign(note: Note, key: SignerKey, at: datetime) -> Note:
    """Return the note with the witness's signature in place of any earlier one of its own."""
    seconds = int(at.timestamp())
    value = struct.pack(">Q", seconds) + key.sign_raw(_message(note, seconds))
    own = Signature(key.name, key.verifier.id, value)
    others = tuple(one for one in note.signatures if (one.name, one.key_id) != (own.name, own.key_id))
    return Note(note.text, (*others, own))


def verify_cosignature(note: Note, key: VerifierKey) -> datetime:
    """Return the instant at which the witness cosigned the note. Raises `SignatureInvalidError`."""
    found = note.by(key)
    if key.kind != COSIGNATURE or len(found) != 1 or len(found[0].value) != 8 + 64:
        raise SignatureInvalidError("The checkpoint is not cosigned by {name}.", name=key.name)
    (seconds,) = struct.unpack_from(">Q", found[0].value)
    verify_raw(key, found[0].value[8:], _message(note, seconds))
    return datetime.fromtimestamp(seconds, UTC)


def _message(note: Note, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{note.text}".encode()

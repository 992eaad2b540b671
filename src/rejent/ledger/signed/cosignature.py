"""Cosignatures (C2SP tlog-cosignature v1): a witness says when it saw a checkpoint grow consistently."""

import struct
from datetime import UTC, datetime

from rejent.ledger.errors import SignatureInvalidError
from rejent.ledger.signed.note import COSIGNATURE, Note, Signature, SignerKey, VerifierKey, verify_raw


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

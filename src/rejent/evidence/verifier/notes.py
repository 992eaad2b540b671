"""The ledger's texts as a package carries them: key, signed checkpoint, proof of an act (C2SP signed-note, tlog-checkpoint, tlog-proof)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import Any

from rejent.evidence.verifier.ed25519 import verify_ed25519
from rejent.evidence.verifier.form import (
    DEEPEST,
    ERASED_FORM,
    KEY_FORM,
    LONGEST_NUMBER,
    STATED_FORM,
    canonical,
    fits,
    instant,
    read_number,
)

FINGERPRINT_DIGITS = 32
_ED25519 = 1
_PROOF_MARK = "c2sp.org/tlog-proof@v1"
_SIGNATURE_MARK = "— "


class NoteError(Exception):
    """A text is not written as its format demands, or does not verify."""


@dataclass(frozen=True)
class OfficeKey:
    """A ledger's public key and its name, which is the ledger's."""

    name: str
    public: bytes

    @property
    def digest(self) -> bytes:
        """Return the hash over name, kind and key, of which the first 4 bytes identify the key in notes."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([_ED25519]) + self.public).digest()

    @property
    def fingerprint(self) -> str:
        """Return what the office prints: the first 128 bits of the hash, in groups of four digits."""
        digits = self.digest.hex()[:FINGERPRINT_DIGITS]
        return " ".join(digits[at : at + 4] for at in range(0, FINGERPRINT_DIGITS, 4))

    def is_named_by(self, stated: str) -> bool:
        """Return whether a stated key or fingerprint is this key's; of a fingerprint, all printed digits are needed."""
        digits = re.sub(r"[\s:-]", "", stated).lower()
        if re.fullmatch("[0-9a-f]{32,64}", digits):
            return self.digest.hex().startswith(digits)
        try:
            return parsed_key(stated.strip()) == self
        except NoteError:
            return False


@dataclass(frozen=True)
class State:
    """A signed state of a ledger: its name, the number of its entries, the root of its tree."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True)
class ProvenAct:
    """An act that stands in the ledger under the package's checkpoint; ``record`` is empty where the office erased it."""

    index: int
    record: dict[str, Any] | None


def parsed_key(text: str) -> OfficeKey:
    """Read a key as ``name+id+base64``, without blanks. Raises NoteError: it is none."""
    if not fits(text, KEY_FORM):
        raise NoteError("key")
    name, key_id, material = text.split("+", 2)
    blob = decoded_base64(material)
    if len(blob) != 33 or blob[0] != _ED25519:
        raise NoteError("key")
    key = OfficeKey(name, blob[1:])
    if key.digest[:4].hex() != key_id:
        raise NoteError("key")
    return key


def opened_checkpoint(text: str, key: OfficeKey) -> State:
    """Verify a checkpoint and return the state: name, size and root, and exactly one signature, which is the key's.

    Raises NoteError: it is not written so, or not signed so.
    """
    body, gap, signatures = text.rpartition("\n\n")
    lines, signed = body.split("\n"), signatures.split("\n")
    if not gap or len(lines) != 3 or not all(lines) or len(signed) != 2 or signed[1]:
        raise NoteError("checkpoint")
    if not _signature_holds(signed[0], (body + "\n").encode(), key) or lines[0] != key.name:
        raise NoteError("signature")
    root = decoded_base64(lines[2])
    if not re.fullmatch("0|[1-9][0-9]{0,14}", lines[1]) or len(root) != 32:
        raise NoteError("checkpoint")
    return State(lines[0], int(lines[1]), root)


def proven_act(text: str, checkpoint: str, key: OfficeKey, state: State) -> ProvenAct:
    """Verify that a proof file shows an act under this checkpoint. Raises NoteError: it does not, for the stated reason."""
    head, gap, under = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or not 3 <= len(lines) <= 66 or lines[0] != _PROOF_MARK:
        raise NoteError("proof")
    extra, index = re.fullmatch("extra (.*)", lines[1]), re.fullmatch("index (0|[1-9][0-9]{0,14})", lines[2])
    if extra is None or index is None:
        raise NoteError("proof")
    if under != checkpoint:
        raise NoteError("other-checkpoint")
    written = decoded_base64(extra.group(1))
    stated = json_object(written)
    if not (fits(stated, STATED_FORM) or fits(stated, ERASED_FORM)) or canonical(stated).encode() != written:
        raise NoteError("proof")
    if parsed_key(stated["key"]) != key:
        raise NoteError("proof")
    leaf, path = decoded_base64(stated["leaf"]), [decoded_base64(line) for line in lines[3:]]
    number = int(index.group(1))
    if _root_from(hashlib.sha256(b"\x00" + leaf).digest(), number, state.size, path) != state.root:
        raise NoteError("inclusion")
    return ProvenAct(number, _record(stated, leaf))


def decoded_base64(text: str) -> bytes:
    """Decode base 64 in its one canonical form. Raises NoteError: it is none."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or base64.b64encode(data).decode() != text:
        raise NoteError("base64")
    return data


def json_object(data: bytes) -> dict[str, Any]:
    """Read a JSON object that names nothing twice, with no number longer and nothing deeper than any. Raises NoteError: it is none."""
    try:
        value = json.loads(
            data.decode(),
            object_pairs_hook=_without_doubles,
            parse_constant=_without_constants,
            parse_int=read_number,
            parse_float=_real,
        )
    except (ValueError, RecursionError):
        raise NoteError("json") from None
    if not isinstance(value, dict) or _is_too_deep(value):
        raise NoteError("json")
    return value


def _is_too_deep(value: Any) -> bool:
    within = [value]
    for _ in range(DEEPEST):
        values = (one.values() if isinstance(one, dict) else one for one in within)
        within = [each for one in values for each in one if isinstance(each, (dict, list))]
    return bool(within)


def _real(text: str) -> float:
    if len(text) > LONGEST_NUMBER:
        raise ValueError("a number longer than any")
    return float(text)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _without_constants(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _signature_holds(line: str, message: bytes, key: OfficeKey) -> bool:
    """Return whether a line signs the message with the key."""
    name, gap, value = line[len(_SIGNATURE_MARK) :].partition(" ")
    if not line.startswith(_SIGNATURE_MARK) or not gap or not name:
        raise NoteError("checkpoint")
    blob = decoded_base64(value)
    named = name == key.name and blob[:4] == key.digest[:4]
    return named and verify_ed25519(key.public, message, blob[4:])


def _root_from(node: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """Compute the root that an inclusion proof leads to (RFC 9162 §2.1.3.2); nothing where it has the wrong length."""
    if index >= size:
        return None
    last = size - 1
    for sibling in path:
        if last == 0 or len(sibling) != 32:
            return None
        if index & 1 or index == last:
            node = hashlib.sha256(b"\x01" + sibling + node).digest()
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\x01" + node + sibling).digest()
        index, last = index >> 1, last >> 1
    return node if last == 0 else None


def _record(stated: dict[str, str], leaf: bytes) -> dict[str, Any] | None:
    """Return the record that the leaf commits to; none where the office erased it."""
    if "record" not in stated:
        return None
    written, salt = stated["record"].encode(), decoded_base64(stated["salt"])
    if len(salt) != 32 or not hmac.compare_digest(hmac.new(salt, written, "sha256").digest(), leaf):
        raise NoteError("record")
    record = json_object(written)
    try:
        instant(record.get("at", ""))
    except ValueError:
        raise NoteError("record") from None
    if not isinstance(record.get("act"), str) or not isinstance(record.get("facts"), dict):
        raise NoteError("record")
    return record

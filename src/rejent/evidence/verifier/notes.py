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

FINGERPRINT_DIGITS = 32
_ED25519 = 1
_PROOF_MARK = "c2sp.org/tlog-proof@v1"
_SIGNATURE_MARK = "— "
_MOST_LINES = 100


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
            return parsed_key(stated) == self
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
    """Read a key as ``name+id+base64``. Raises NoteError: it is none."""
    name, _, rest = text.strip().partition("+")
    key_id, _, material = rest.partition("+")
    blob = decoded_base64(material)
    if not name or re.search(r"[\s+]", name) or len(blob) != 33 or blob[0] != _ED25519:
        raise NoteError("key")
    key = OfficeKey(name, blob[1:])
    if key.digest[:4].hex() != key_id:
        raise NoteError("key")
    return key


def opened_checkpoint(text: str, key: OfficeKey) -> State:
    """Verify a checkpoint's signature and return the state. Raises NoteError: it is not written as one, or not signed so."""
    body, gap, signatures = text.rpartition("\n\n")
    lines, signed = body.split("\n"), signatures.split("\n")
    if not gap or len(lines) < 3 or not all(lines) or len(signed) > _MOST_LINES or signed.pop():
        raise NoteError("checkpoint")
    verified = [_signature_holds(line, (body + "\n").encode(), key) for line in signed]
    if True not in verified or False in verified or lines[0] != key.name:
        raise NoteError("signature")
    root = decoded_base64(lines[2])
    if not re.fullmatch("0|[1-9][0-9]{0,19}", lines[1]) or len(root) != 32:
        raise NoteError("checkpoint")
    return State(lines[0], int(lines[1]), root)


def proven_act(text: str, checkpoint: str, key: OfficeKey, state: State) -> ProvenAct:
    """Verify that a proof file shows an act under this checkpoint. Raises NoteError: it does not, for the stated reason."""
    head, gap, under = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or not 3 <= len(lines) <= 66 or lines[0] != _PROOF_MARK:
        raise NoteError("proof")
    extra, index = re.fullmatch("extra (.*)", lines[1]), re.fullmatch("index (0|[1-9][0-9]{0,18})", lines[2])
    if extra is None or index is None:
        raise NoteError("proof")
    if under != checkpoint:
        raise NoteError("other-checkpoint")
    stated = json_object(decoded_base64(extra.group(1)))
    if not all(isinstance(value, str) for value in stated.values()) or not {"key", "leaf"} <= set(stated):
        raise NoteError("proof")
    if parsed_key(stated["key"]) != key or set(stated) - {"key", "leaf", "record", "salt"}:
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
    """Read a JSON object that names nothing twice. Raises NoteError: it is none."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError):
        raise NoteError("json") from None
    if not isinstance(value, dict):
        raise NoteError("json")
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _signature_holds(line: str, message: bytes, key: OfficeKey) -> bool | None:
    """Return whether a line signs the message with the key; nothing where it is another key's."""
    name, gap, value = line[len(_SIGNATURE_MARK) :].partition(" ")
    if not line.startswith(_SIGNATURE_MARK) or not gap or not name:
        raise NoteError("checkpoint")
    blob = decoded_base64(value)
    if name != key.name or blob[:4] != key.digest[:4]:
        return None
    return verify_ed25519(key.public, message, blob[4:])


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
    if ("record" in stated) != ("salt" in stated):
        raise NoteError("proof")
    if "record" not in stated:
        return None
    record, salt = stated["record"].encode(), decoded_base64(stated["salt"])
    if len(salt) != 32 or not hmac.compare_digest(hmac.new(salt, record, "sha256").digest(), leaf):
        raise NoteError("record")
    return json_object(record)

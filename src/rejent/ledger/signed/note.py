"""Signed notes (C2SP signed-note v1): a text and the Ed25519 signatures under it, each with the name of its key.

Nothing in a note may be trusted before `verify` has accepted it.
"""

import base64
import binascii
import struct
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rejent.ledger.errors import NoteRefusedError, SignatureInvalidError

ED25519 = 0x01
"""Signature type: Ed25519 over the note's text."""

COSIGNATURE = 0x04
"""Signature type: a witness's timestamped Ed25519 signature (C2SP tlog-cosignature v1)."""

LARGEST_NOTE = 1 << 20
MOST_SIGNATURES = 100
_MARK = "— "
_PRIVATE = "PRIVATE+KEY"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public Ed25519 key (RFC 8032) and the name it signs under; ``kind`` is `ED25519` or `COSIGNATURE`."""

    name: str
    public: bytes
    kind: int = ED25519

    def __post_init__(self) -> None:
        _check_key(self.name, self.public, self.kind)

    @property
    def id(self) -> bytes:
        """The first 4 bytes of the hash over name, kind and key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encode_base64(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read the line that ``str`` writes. Raises `NoteRefusedError` if it is none."""
        name, kind, material, key_id = _key_parts(text.strip(), "+")
        key = cls(name, material, kind)
        if key.id.hex() != key_id:
            raise NoteRefusedError("A key of the ledger does not match its own identifier.")
        return key


@dataclass(frozen=True, slots=True)
class SignerKey:
    """A private key of 32 secret bytes (RFC 8032); its text form is that of Go's ``sumdb/note``."""

    name: str
    seed: bytes
    kind: int = ED25519

    def __post_init__(self) -> None:
        _check_key(self.name, self.seed, self.kind)

    @classmethod
    def generate(cls, name: str, kind: int = ED25519) -> "SignerKey":
        """Generate a new key."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw(), kind)

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self._private.public_key().public_bytes_raw(), self.kind)

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def sign_raw(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of the bytes as they are."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"SignerKey({self.name!r})"

    def secret_text(self) -> str:
        """Return the key as one line of text, to be kept secret."""
        return (
            f"{_PRIVATE}+{self.name}+{self.verifier.id.hex()}+{encode_base64(bytes([self.kind]) + self.seed)}"
        )

    @classmethod
    def parse(cls, text: str) -> "SignerKey":
        """Read the line that `secret_text` writes. Raises `NoteRefusedError` if it is none."""
        head, _, rest = text.strip().partition("+KEY+")
        if head != "PRIVATE":
            raise NoteRefusedError("This is no private key of a ledger.")
        name, kind, seed, key_id = _key_parts(rest, "+")
        key = cls(name, seed, kind)
        if key.verifier.id.hex() != key_id:
            raise NoteRefusedError("A key of the ledger does not match its own identifier.")
        return key


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line: the key's name, its identifier and its value."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"{_MARK}{self.name} {encode_base64(self.key_id + self.value)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note as read; its text, which ends with a newline, is worth nothing until a signature is verified."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))

    def by(self, key: VerifierKey) -> list[Signature]:
        """Return the signatures that claim to be made with this key."""
        return [one for one in self.signatures if (one.name, one.key_id) == (key.name, key.id)]


def parse(data: str | bytes) -> Note:
    """Read a note strictly. Raises `NoteRefusedError` if it is not written exactly as the format demands."""
    try:
        text = data.decode() if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        raise NoteRefusedError("The note is not UTF-8.") from None
    if len(text) > LARGEST_NOTE or any(mark < " " and mark != "\n" for mark in text):
        raise NoteRefusedError("The note is too long or holds control characters.")
    body, gap, tail = text.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise NoteRefusedError(
            "The note has no signatures.",
            advice="Give a checkpoint as the ledger wrote it, or a proof whole.",
        )
    lines = tail[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise NoteRefusedError("The note has too many signatures.")
    return Note(body + "\n", tuple(map(_signature, lines)))


def sign(text: str, key: SignerKey) -> Note:
    """Return a note with one Ed25519 signature (signed-note §Ed25519 signatures). Raises `NoteRefusedError`: the text is no note's."""
    note = Note(text, (Signature(key.name, key.verifier.id, key.sign_raw(text.encode())),))
    if parse(str(note)) != note:
        raise NoteRefusedError("The text cannot be signed as a note.")
    return note


def verify(note: Note, key: VerifierKey) -> None:
    """Verify the note's signature by an `ED25519` key; others' are ignored. Raises `SignatureInvalidError`."""
    found = note.by(key)
    if not found:
        raise SignatureInvalidError("The note is not signed by {name}.", name=key.name)
    for one in found:
        verify_raw(key, one.value, note.text.encode())


def verify_raw(key: VerifierKey, value: bytes, message: bytes) -> None:
    """Verify one Ed25519 signature over bytes. Raises `SignatureInvalidError` if it is wrong."""
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(value, message)
    except (InvalidSignature, ValueError):
        raise SignatureInvalidError("The signature of {name} is wrong.", name=key.name) from None


def decode_base64(text: str) -> bytes:
    """Decode base 64 (RFC 4648 §4) in its one canonical form. Raises `NoteRefusedError` if it is none."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or encode_base64(data) != text:
        raise NoteRefusedError("A part of the note is not base 64.")
    return data


def encode_base64(data: bytes) -> str:
    """Encode in base 64 (RFC 4648 §4)."""
    return base64.b64encode(data).decode("ascii")


def _signature(line: str) -> Signature:
    name, gap, value = line.removeprefix(_MARK).partition(" ")
    if not line.startswith(_MARK) or not gap:
        raise NoteRefusedError("A signature of the note is not written as one.")
    _check_name(name)
    blob = decode_base64(value)
    if len(blob) < 5:
        raise NoteRefusedError("A signature of the note is too short.")
    (key_id,) = struct.unpack_from("4s", blob)
    return Signature(name, key_id, blob[4:])


def _check_key(name: str, material: bytes, kind: int) -> None:
    _check_name(name)
    if len(material) != 32 or kind not in {ED25519, COSIGNATURE}:
        raise NoteRefusedError("A key of the ledger is of an unknown kind or length.")


def _check_name(name: str) -> None:
    if not name or "+" in name or any(mark.isspace() or mark < " " for mark in name):
        raise NoteRefusedError("The name of a key is empty or holds a space or a plus sign.")


def _key_parts(text: str, mark: str) -> tuple[str, int, bytes, str]:
    name, _, rest = text.partition(mark)
    key_id, _, material = rest.partition(mark)
    blob = decode_base64(material)
    return name, blob[0], blob[1:], key_id

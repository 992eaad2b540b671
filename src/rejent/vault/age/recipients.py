"""Recipients and identities: X25519 key pairs and passphrases (C2SP age v1, "Recipient stanzas"), and their Bech32 texts (BIP 173)."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from rejent.vault.age.header import FILE_KEY_LENGTH, Stanza, decode_base64, derive_key, encode_base64
from rejent.vault.errors import HeaderError, KeyTextError

_X25519 = "X25519"
_SCRYPT = "scrypt"
_KEY_LENGTH = 32
_WRAPPED_LENGTH = FILE_KEY_LENGTH + 16
_NO_NONCE = bytes(12)
"""The wrapping key is used once, so that its nonce may be fixed."""


class Sealer(Protocol):
    """A recipient to which a file key can be sealed."""

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the stanza from which only the holder of the matching secret gets the file key."""


class Opener(Protocol):
    """A secret that may open a file key."""

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Return the file key from the first stanza that fits, or None. Raises HeaderError: a stanza of this kind is malformed."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """The public half of a key; it seals and cannot open."""

    public: bytes

    @classmethod
    def parse(cls, text: str) -> "Recipient":
        """Read ``age1…``. Raises KeyTextError: the text is not an X25519 recipient."""
        return cls(_parsed(text.strip(), "age"))

    @property
    def text(self) -> str:
        """``age1…``, as the ``age`` program takes it."""
        return encode_bech32("age", self.public)

    def wrap(self, file_key: bytes) -> Stanza:
        """Seal a file key with a fresh ephemeral share."""
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        secret = ephemeral.exchange(X25519PublicKey.from_public_bytes(self.public))
        cipher = ChaCha20Poly1305(_x25519_key(secret, share, self.public))
        return Stanza((_X25519, encode_base64(share)), cipher.encrypt(_NO_NONCE, file_key, None))


@dataclass(frozen=True, slots=True)
class Identity:
    """The private half of a key; its representation never shows the secret."""

    private: bytes = field(repr=False)
    _halves: tuple[X25519PrivateKey, bytes] | None = field(
        default=None, init=False, repr=False, compare=False
    )
    """Made once: a day of messages opens thousands of small objects by one key."""

    @classmethod
    def generate(cls) -> "Identity":
        """Generate a key from the operating system's randomness."""
        return cls(secrets.token_bytes(_KEY_LENGTH))

    @classmethod
    def parse(cls, text: str) -> "Identity":
        """Read ``AGE-SECRET-KEY-1…``. Raises KeyTextError, which does not repeat the text: it is no X25519 identity."""
        return cls(_parsed(text.strip(), "age-secret-key-"))

    @property
    def text(self) -> str:
        """``AGE-SECRET-KEY-1…``, as the ``age`` program takes it with ``-i``. Secret."""
        return encode_bech32("age-secret-key-", self.private).upper()

    @property
    def recipient(self) -> Recipient:
        """The public half."""
        return Recipient(self._pair()[1])

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Return the file key from the first X25519 stanza sealed to this key."""
        shares = [(_x25519_share(stanza), stanza.body) for stanza in stanzas if stanza.type == _X25519]
        if not shares:
            return None
        key, public = self._pair()
        found = None
        for share, body in shares:
            try:
                secret = key.exchange(X25519PublicKey.from_public_bytes(share))
            except ValueError:
                raise _malformed("a share is a point of low order") from None
            if found is None:
                found = _opened(_x25519_key(secret, share, public), body)
        return found

    def _pair(self) -> tuple[X25519PrivateKey, bytes]:
        if self._halves is None:
            key = X25519PrivateKey.from_private_bytes(self.private)
            object.__setattr__(self, "_halves", (key, key.public_key().public_bytes_raw()))
        return self._halves  # type: ignore[return-value]  # set above


@dataclass(frozen=True, slots=True)
class Passphrase:
    """A passphrase, stretched by scrypt; seals and opens, and must stand alone in a header.

    ``work_factor`` is the base-2 logarithm of scrypt's cost (18: a second and 256 MiB); ``most_work`` the highest accepted
    when opening, so that a planted file cannot exhaust the machine.
    """

    text: str = field(repr=False)
    work_factor: int = 18
    most_work: int = 22

    def wrap(self, file_key: bytes) -> Stanza:
        """Seal a file key under a fresh salt."""
        salt = secrets.token_bytes(16)
        cipher = ChaCha20Poly1305(self._stretched(salt, self.work_factor))
        body = cipher.encrypt(_NO_NONCE, file_key, None)
        return Stanza((_SCRYPT, encode_base64(salt), str(self.work_factor)), body)

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Return the file key, if the header is sealed to this passphrase."""
        for stanza in stanzas:
            if stanza.type == _SCRYPT:
                salt, work_factor = _scrypt_parameters(stanza, stanzas)
                if work_factor > self.most_work:
                    raise _malformed("its passphrase would take too long to check")
                return _opened(self._stretched(salt, work_factor), stanza.body)
        return None

    def _stretched(self, salt: bytes, work_factor: int) -> bytes:
        cost = 1 << work_factor
        return hashlib.scrypt(
            self.text.encode(),
            salt=b"age-encryption.org/v1/scrypt" + salt,
            n=cost,
            r=8,
            p=1,
            maxmem=cost * 1024 + (32 << 20),
            dklen=_KEY_LENGTH,
        )


def unwrap_file_key(stanzas: Sequence[Stanza], openers: Sequence[Opener]) -> bytes | None:
    """Return the file key from the first secret that opens a stanza, or None. Raises HeaderError: a malformed stanza."""
    if len(stanzas) > 1 and any(stanza.type == _SCRYPT for stanza in stanzas):
        raise _malformed("a passphrase is not its only recipient")
    for opener in openers:
        file_key = opener.unwrap(stanzas)
        if file_key is not None:
            return file_key
    return None


def _parsed(text: str, prefix: str) -> bytes:
    found, raw = decode_bech32(text)
    if found != prefix or len(raw) != _KEY_LENGTH or (text != text.lower()) != (prefix != "age"):
        raise KeyTextError(
            "This is not a key that starts with {start}.",
            advice="Copy the whole line again.",
            start=prefix + "1",
        )
    return raw


def _x25519_key(secret: bytes, share: bytes, public: bytes) -> bytes:
    return derive_key(secret, share + public, b"age-encryption.org/v1/X25519")


def _x25519_share(stanza: Stanza) -> bytes:
    if len(stanza.arguments) != 2:
        raise _malformed("an X25519 recipient has a wrong number of arguments")
    share = decode_base64(stanza.arguments[1])
    if len(share) != _KEY_LENGTH or len(stanza.body) != _WRAPPED_LENGTH:
        raise _malformed("an X25519 recipient has a wrong length")
    return share


def _scrypt_parameters(stanza: Stanza, stanzas: Sequence[Stanza]) -> tuple[bytes, int]:
    if len(stanzas) != 1 or len(stanza.arguments) != 3:
        raise _malformed("its passphrase recipient is malformed")
    salt = decode_base64(stanza.arguments[1])
    if len(salt) != 16 or len(stanza.body) != _WRAPPED_LENGTH:
        raise _malformed("its passphrase recipient has a wrong length")
    if not re.fullmatch("[1-9][0-9]?", stanza.arguments[2]):
        raise _malformed("its work factor is malformed")
    return salt, int(stanza.arguments[2])  # type: ignore[outside-number]  # two digits, above


def _opened(key: bytes, body: bytes) -> bytes | None:
    try:
        return ChaCha20Poly1305(key).decrypt(_NO_NONCE, body, None)
    except InvalidTag:
        return None


def _malformed(reason: str) -> HeaderError:
    return HeaderError(
        "The head of the sealed object cannot be read: {reason}.",
        advice="Restore the object from a copy.",
        reason=reason,
    )


_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_LENGTH = 6


def encode_bech32(prefix: str, payload: bytes) -> str:
    """Return the lower-case text of ``payload`` under a lower-case ``prefix``."""
    values = _regrouped(payload, 8, 5, pad=True)
    check = _polymod([*_expanded(prefix), *values, *([0] * _CHECKSUM_LENGTH)]) ^ 1
    values += [(check >> (5 * (5 - place))) & 31 for place in range(_CHECKSUM_LENGTH)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in values)


def decode_bech32(text: str) -> tuple[str, bytes]:
    """Return prefix and bytes of a text. Raises KeyTextError: mixed case, foreign character, wrong checksum or padding."""
    if text not in (text.lower(), text.upper()):
        raise _refusal("it mixes upper and lower case")
    prefix, separator, tail = text.lower().rpartition("1")
    if not separator or not prefix or len(tail) < _CHECKSUM_LENGTH:
        raise _refusal("it is too short")
    if not all("!" <= letter <= "~" for letter in prefix) or any(letter not in _VALUES for letter in tail):
        raise _refusal("it has a character that does not belong there")
    values = [_VALUES[letter] for letter in tail]
    if _polymod([*_expanded(prefix), *values]) != 1:
        raise _refusal("its checksum is wrong")
    return prefix, bytes(_regrouped(values[:-_CHECKSUM_LENGTH], 5, 8, pad=False))


def _refusal(reason: str) -> KeyTextError:
    return KeyTextError(
        "This is not the text of a key: {reason}.", advice="Copy the whole line again.", reason=reason
    )


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATORS):
            if top >> place & 1:
                check ^= generator
    return check


def _expanded(prefix: str) -> list[int]:
    return [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]


def _regrouped(values: bytes | list[int], width: int, target: int, *, pad: bool) -> list[int]:
    held = bits = 0
    result: list[int] = []
    for value in values:
        held = held << width | value
        bits += width
        while bits >= target:
            bits -= target
            result.append(held >> bits & ((1 << target) - 1))
    rest = held & ((1 << bits) - 1)
    if pad:
        return [*result, rest << (target - bits)] if bits else result
    if bits >= width or rest:
        raise _refusal("its padding is wrong")
    return result

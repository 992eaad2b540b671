"""One-time codes that enrol a device.

A code holds two things: 80 bits of the digest of the authority's certificate, by which the device knows the gateway before it knows anything
else, and 80 random bits, from which device and office derive the same Ed25519 key (RFC 8032). The device signs its signing request with
it. So the code itself never travels: whoever hears the request, or has taken over the gateway that carries it, can put no other key
in its place, and the list holds the public half alone.
"""

import secrets
from base64 import b32decode, b32encode
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rejent.devices.errors import DeviceRefusedError

HALF = 10
"""Bytes of either half: 2⁷⁹ guesses, each with a signature or a key pair, within ten minutes."""
_GROUP = 4
_DERIVATION = b"rejent device code\0"


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """A code that enrols a device at the office of one authority."""

    authority: bytes
    secret: bytes = field(repr=False)

    @classmethod
    def make(cls, authority_der: bytes) -> "OneTimeCode":
        """Return a new code of the office with this authority."""
        return cls(authority_mark(authority_der), secrets.token_bytes(HALF))

    @classmethod
    def read(cls, written: str) -> "OneTimeCode":
        """Return a code as a person typed it. Raises DeviceRefusedError: it is none."""
        try:
            both = b32decode("".join(written.replace("-", " ").split()).upper())
        except ValueError:
            both = b""
        if len(both) != 2 * HALF:
            raise DeviceRefusedError(
                "This is no code of a device.", advice="It has eight groups of four letters and digits."
            )
        return cls(both[:HALF], both[HALF:])

    @property
    def text(self) -> str:
        """Return it as people read it: groups of four, in base32 (RFC 4648 § 6)."""
        plain = b32encode(self.authority + self.secret).decode("ascii")
        return "-".join(plain[at : at + _GROUP] for at in range(0, len(plain), _GROUP))

    @property
    def public(self) -> str:
        """Return the public half that the list keeps, in hexadecimal digits."""
        return self._key().public_key().public_bytes_raw().hex()

    def prove(self, csr: bytes) -> bytes:
        """Return the signature that belongs to a signing request."""
        return self._key().sign(csr)

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(
            sha256(_DERIVATION + self.authority + self.secret).digest()
        )


def authority_mark(der: bytes) -> bytes:
    """Return what a code says of the authority's certificate."""
    return sha256(der).digest()[:HALF]


def is_proven(public: str, csr: bytes, proof: bytes) -> bool:
    """Return whether a signing request was signed with the code of this public half."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(proof, csr)
    except (InvalidSignature, ValueError):
        return False
    return True

"""SRTP with keys from the description of the session (RFC 3711, RFC 4568): opened as it arrives.

The keys that a sender offers open what it sends; our own, which the answer tells, protect the reports we send back. Neither is
stored, logged or shown.
"""

import base64
import binascii
import re
import secrets
from dataclasses import dataclass, field

from pylibsrtp import Error, Policy, Session

from rejent.formats.rtp.sequence import WINDOW
from rejent.streams.calls.rtp.errors import KeyMaterialError

SUITES = {
    "AES_CM_128_HMAC_SHA1_80": (Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 30),
    "AES_CM_128_HMAC_SHA1_32": (Policy.SRTP_PROFILE_AES128_CM_SHA1_32, 30),
    "AEAD_AES_128_GCM": (Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 28),
    "AEAD_AES_256_GCM": (Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 44),
}
"""Suites that are taken (RFC 4568 §6.2, RFC 7714 §14.2), with bytes of master key and salt together."""
_CRYPTO = re.compile(
    r"(\d{1,9}) ([A-Z0-9_]{1,60}) inline:([A-Za-z0-9+/=]{1,100})((?:\|[^ ;]{1,60}){0,2})(?: (.*))?"
)
_WEAKENING = ("UNENCRYPTED_SRTP", "UNENCRYPTED_SRTCP", "UNAUTHENTICATED_SRTP", "FEC_KEY", "KDR")


@dataclass(frozen=True, slots=True)
class Crypto:
    """One `a=crypto` attribute: its tag, its suite, and master key and salt."""

    tag: int
    suite: str
    key: bytes = field(repr=False)

    @property
    def attribute(self) -> str:
        """What follows `a=crypto:` in a description."""
        return f"{self.tag} {self.suite} inline:{base64.b64encode(self.key).decode()}"


def read_crypto(attribute: str) -> Crypto:
    """One `a=crypto` attribute, without its name (RFC 4568 §9.1).

    Raises:
        KeyMaterialError: a suite that is not taken, several keys, an identifier of the key within packets (MKI), a wish to
            leave out encryption or authentication, or a malformed key.
    """
    found = _CRYPTO.fullmatch(attribute.strip())
    if found is None:
        raise KeyMaterialError("?")
    tag, suite, inline, more, wishes = found.groups()
    weaker = any(wish.partition("=")[0] in _WEAKENING for wish in (wishes or "").split())
    if suite not in SUITES or ":" in more or weaker:
        raise KeyMaterialError(suite)
    try:
        key = base64.b64decode(inline, validate=True)
    except binascii.Error:
        raise KeyMaterialError(suite) from None
    if len(key) != SUITES[suite][1]:
        raise KeyMaterialError(suite)
    return Crypto(int(tag), suite, key)


def own_crypto(offered: Crypto) -> Crypto:
    """What to answer: the same tag and suite, and a key of our own (RFC 4568 §5.1.2)."""
    return Crypto(offered.tag, offered.suite, secrets.token_bytes(SUITES[offered.suite][1]))


class SdesKeys:
    """Opens what one sender sends, whatever SSRCs it uses, and protects what it is sent."""

    def __init__(self, offered: Crypto, own: Crypto) -> None:
        self._incoming = _session(offered, Policy.SSRC_ANY_INBOUND)
        self._outgoing = _session(own, Policy.SSRC_ANY_OUTBOUND)

    def media(self, datagram: bytes) -> bytes | None:
        """The RTP packet in it; nothing where it is not authentic, or came before."""
        try:
            opened: bytes = self._incoming.unprotect(datagram)
        except (Error, ValueError):
            return None
        return opened

    def control(self, datagram: bytes) -> bytes | None:
        """The RTCP datagram in it; nothing where it is not authentic, or came before."""
        try:
            opened: bytes = self._incoming.unprotect_rtcp(datagram)
        except (Error, ValueError):
            return None
        return opened

    def protected(self, report: bytes) -> bytes:
        """An RTCP datagram of ours as it is sent."""
        sealed: bytes = self._outgoing.protect_rtcp(report)
        return sealed


def _session(crypto: Crypto, direction: int) -> Session:
    policy = Policy(key=crypto.key, ssrc_type=direction, srtp_profile=SUITES[crypto.suite][0])
    policy.window_size = WINDOW
    try:
        return Session(policy)
    except Error:
        raise KeyMaterialError(crypto.suite) from None

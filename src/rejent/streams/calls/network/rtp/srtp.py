"""SRTP with SDES keys (RFC 3711, RFC 4568): decrypt on arrival.

The offered keys decrypt what the sender sends; ours encrypt our reports. Neither is stored, logged or shown.
"""

import secrets
from dataclasses import dataclass, field

from pylibsrtp import Error, Policy, Session

from rejent.formats.rtp.sequence import WINDOW
from rejent.kernel.errors import RejentError


class KeyMaterialError(RejentError, code="capture.calls.srtp-keys"):
    """The signalled SRTP keys cannot be used."""

    def __init__(self, suite: str) -> None:
        super().__init__(
            "The keys offered for encrypted speech cannot be used ({suite}).",
            advice="Set the device to AES_CM_128_HMAC_SHA1_80, or to send speech in the clear within the office's own network.",
            suite=suite,
        )


SUITES = {
    "AES_CM_128_HMAC_SHA1_80": (Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 30),
    "AES_CM_128_HMAC_SHA1_32": (Policy.SRTP_PROFILE_AES128_CM_SHA1_32, 30),
    "AEAD_AES_128_GCM": (Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 28),
    "AEAD_AES_256_GCM": (Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 44),
}
"""Supported suites (RFC 4568 §6.2, RFC 7714 §14.2) and the bytes of their master key and salt."""
_WEAKENING = frozenset({"UNENCRYPTED_SRTP", "UNENCRYPTED_SRTCP", "UNAUTHENTICATED_SRTP", "FEC_KEY", "KDR"})


@dataclass(frozen=True, slots=True)
class Crypto:
    """A key for SRTP as signalled in clear text (RFC 4568 §9.1), master key with salt; secret, so it is never shown.

    ``session`` are lifetime, MKI and session parameters as written.
    """

    tag: int
    suite: str
    key: bytes = field(repr=False)
    session: str = ""

    @property
    def is_supported(self) -> bool:
        """True if we can decrypt with it: a supported suite, no MKI, nothing weakened."""
        weaker = any(wish.partition("=")[0] in _WEAKENING for wish in self.session.upper().split())
        return self.suite in SUITES and ":" not in self.session.partition(" ")[0] and not weaker


def answer_crypto(offered: Crypto) -> Crypto:
    """Return our key: same tag and suite (RFC 4568 §5.1.2)."""
    return Crypto(offered.tag, offered.suite, secrets.token_bytes(SUITES[offered.suite][1]))


class SdesKeys:
    """Decrypts one sender's packets of any SSRC, and encrypts what it is sent; KeyMaterialError for invalid keys."""

    def __init__(self, offered: Crypto, own: Crypto) -> None:
        self._incoming = _session(offered, Policy.SSRC_ANY_INBOUND)
        self._outgoing = _session(own, Policy.SSRC_ANY_OUTBOUND)

    def media(self, datagram: bytes) -> bytes | None:
        """Return the RTP packet; None where it is not authentic or a replay."""
        try:
            opened: bytes = self._incoming.unprotect(datagram)
        except (Error, ValueError):
            return None
        return opened

    def control(self, datagram: bytes) -> bytes | None:
        """Return the RTCP datagram; None where it is not authentic or a replay."""
        try:
            opened: bytes = self._incoming.unprotect_rtcp(datagram)
        except (Error, ValueError):
            return None
        return opened

    def protected(self, report: bytes) -> bytes:
        """Encrypt an RTCP datagram of ours."""
        sealed: bytes = self._outgoing.protect_rtcp(report)
        return sealed


def _session(crypto: Crypto, direction: int) -> Session:
    policy = Policy(key=crypto.key, ssrc_type=direction, srtp_profile=SUITES[crypto.suite][0])
    policy.window_size = WINDOW
    try:
        return Session(policy)
    except Error:
        raise KeyMaterialError(crypto.suite) from None

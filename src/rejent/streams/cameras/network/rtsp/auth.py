"""RTSP client authentication: Digest (RFC 7616, RFC 2617, RFC 2069) and Basic (RFC 7617).

The strongest offered scheme is used, so a camera that offers Digest never gets the password; nor does one that stops
offering it, unless TLS protects the connection.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from rejent.streams.cameras.errors import PasswordRefusedError, WeakerLoginError
from rejent.streams.cameras.network.rtsp.address import Login, Offers

_PARAMETER = re.compile(r'([A-Za-z0-9_\-]{1,32})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_HASHES: dict[str, Callable[[bytes], str]] = {
    "SHA-256": lambda text: hashlib.sha256(text).hexdigest(),
    "MD5": lambda text: hashlib.md5(text, usedforsecurity=False).hexdigest(),
}


@dataclass(slots=True, frozen=True)
class Challenge:
    """One challenge of the camera."""

    scheme: str
    realm: str = ""
    nonce: str = ""
    opaque: str | None = None
    algorithm: str | None = None
    qop_auth: bool = False
    stale: bool = False

    @property
    def strength(self) -> int:
        """Rank the scheme; 0 cannot be used."""
        if self.scheme == "basic":
            return 1
        return (
            {"MD5": 2, "SHA-256": 3}.get(self.hash_name, 0) if self.scheme == "digest" and self.nonce else 0
        )

    @property
    def hash_name(self) -> str:
        """Return the hash without the session suffix; MD5 where none is named (RFC 7616 §3.3)."""
        return (self.algorithm or "MD5").upper().removesuffix("-SESS")


def parse_challenge(written: str) -> Challenge:
    """Parse one WWW-Authenticate field."""
    scheme, _, rest = written.strip().partition(" ")
    found = {name.lower(): (quoted or bare) for name, quoted, bare in _PARAMETER.findall(rest[:4096])}
    qualities = [word.strip().lower() for word in found.get("qop", "").split(",")]
    return Challenge(
        scheme=scheme.lower(),
        realm=found.get("realm", ""),
        nonce=found.get("nonce", ""),
        opaque=found.get("opaque"),
        algorithm=found.get("algorithm"),
        qop_auth="auth" in qualities,
        stale=found.get("stale", "").lower() == "true",
    )


class Authenticator:
    """Answers a camera's challenges with one login; counts the uses of each nonce and updates ``offers``."""

    def __init__(
        self,
        login: Login | None,
        client_nonce: Callable[[], str] = lambda: secrets.token_hex(8),
        *,
        offers: Offers | None = None,
        encrypted: bool = False,
    ) -> None:
        self._login = login
        self._offers = offers or Offers()
        self._encrypted = encrypted
        self._client_nonce = client_nonce
        self._challenge: Challenge | None = None
        self._uses = 0

    def take(self, fields: list[str]) -> None:
        """Take the challenges of a 401.

        Raises PasswordRefusedError: no login or usable scheme; WeakerLoginError: Basic after Digest, in the clear.
        """
        if self._login is None:
            raise PasswordRefusedError("The camera wants a user and a password, and none are given.")
        usable = [challenge for challenge in map(parse_challenge, fields[:16]) if challenge.strength]
        if not usable:
            raise PasswordRefusedError("The camera offers no way to log in that can be used.")
        strongest = max(usable, key=lambda challenge: challenge.strength)
        if strongest.scheme == "digest":
            self._offers.digest = True
        elif self._offers.digest and not self._encrypted:
            raise WeakerLoginError
        self._challenge = strongest
        self._uses = 0

    @property
    def stale(self) -> bool:
        """Return whether the last challenge only reported an expired nonce (RFC 7616 §3.3)."""
        return self._challenge is not None and self._challenge.stale

    def authorization(self, method: str, uri: str) -> str | None:
        """Return the Authorization field for a request, or None before the first challenge."""
        challenge, login = self._challenge, self._login
        if challenge is None or login is None:
            return None
        if challenge.scheme == "basic":
            return "Basic " + base64.b64encode(f"{login.user}:{login.password}".encode()).decode()
        return self._digest(challenge, login, method, uri)

    def _digest(self, challenge: Challenge, login: Login, method: str, uri: str) -> str:
        def hashed(text: str) -> str:
            return _HASHES[challenge.hash_name](text.encode())

        self._uses += 1
        count, own = f"{self._uses:08x}", self._client_nonce()
        secret = hashed(f"{login.user}:{challenge.realm}:{login.password}")
        if (challenge.algorithm or "").upper().endswith("-SESS"):
            secret = hashed(f"{secret}:{challenge.nonce}:{own}")
        request_hash = hashed(f"{method}:{uri}")
        middle = f"{challenge.nonce}:{count}:{own}:auth" if challenge.qop_auth else challenge.nonce
        parts = [
            f'username="{_quoted(login.user)}"',
            f'realm="{challenge.realm}"',
            f'nonce="{challenge.nonce}"',
            f'uri="{uri}"',
            f'response="{hashed(f"{secret}:{middle}:{request_hash}")}"',
        ]
        if challenge.algorithm is not None:
            parts.append(f"algorithm={challenge.algorithm}")
        if challenge.opaque is not None:
            parts.append(f'opaque="{challenge.opaque}"')
        if challenge.qop_auth:
            parts += ["qop=auth", f"nc={count}", f'cnonce="{own}"']
        return "Digest " + ", ".join(parts)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')

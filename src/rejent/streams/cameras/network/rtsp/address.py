"""Addresses and credentials of cameras, parsed apart so that no address carries a password."""

import hashlib
import hmac
import ssl
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from rejent.streams.cameras.errors import AddressError, UntrustedError

_PORTS = {"rtsp": 554, "rtsps": 322, "rtspu": 554, "http": 80, "https": 443}
_LOGIN_GOES_ON = {
    "rtsp": frozenset({"rtsp", "rtsps"}),
    "rtsps": frozenset({"rtsps"}),
    "http": frozenset({"http", "https"}),
    "https": frozenset({"https"}),
}
"""Schemes a login for one may be used with: the same protocol, and never in the clear after TLS."""


class Transport(StrEnum):
    """Transport of RTP."""

    TCP = "tcp"
    """Interleaved in the RTSP connection (RFC 2326 §10.12): nothing is lost, no further port is needed."""
    UDP = "udp"


@dataclass(frozen=True, slots=True)
class Login:
    """User and password; the password is left out of representations."""

    user: str
    password: str = field(repr=False)


@dataclass(slots=True)
class Offers:
    """Login schemes a camera has offered since the program started; once Digest, the password is never sent in the clear."""

    digest: bool = False


@dataclass(frozen=True, slots=True)
class Trust:
    """Conditions for accepting a camera's certificate: the PEM text of its issuer (none: the system's authorities), or its SHA-256."""

    authority: str | None = None
    fingerprint: str | None = None
    anything: bool = False

    def context(self) -> ssl.SSLContext:
        """Return the TLS context; a pinned or waived certificate is checked against no authority."""
        return _context(self)

    def rejects(self, certificate: bytes | None) -> bool:
        """Return whether a certificate (DER) differs from the pinned one."""
        if self.fingerprint is None:
            return False
        shown = plain_fingerprint(fingerprint(certificate))
        return not hmac.compare_digest(shown, plain_fingerprint(self.fingerprint))

    def refusal(self, shown: str = "") -> UntrustedError:
        """Return the error for a certificate that is not the agreed one; ``shown`` is its fingerprint, empty where it was not seen."""
        if self.fingerprint is None:
            return UntrustedError("The camera's certificate cannot be trusted.", shown=shown)
        return UntrustedError("The camera shows another certificate than the one agreed on.", shown=shown)

    def with_certificate(self) -> "Trust":
        """Return the conditions under which any certificate is looked at, and nothing is said to who shows it."""
        return replace(self, anything=True, fingerprint=None)


def fingerprint(certificate: bytes | None) -> str:
    """Return the SHA-256 of a certificate (DER) as cameras and browsers show it: ``AB:CD:…``."""
    return hashlib.sha256(certificate or b"").digest().hex(":").upper()


def plain_fingerprint(written: str) -> str:
    """Return a fingerprint as it is stored: hexadecimal in small letters, without colons and spaces."""
    return "".join(written.replace(":", "").split()).lower()


@lru_cache(maxsize=256)
def _context(trust: Trust) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=trust.authority)
    if trust.anything or trust.fingerprint is not None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@dataclass(frozen=True, slots=True)
class Address:
    """Address without user and password; `host` is empty and `port` 0 for a file."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def encrypted(self) -> bool:
        """Return whether TLS is used."""
        return self.scheme in {"rtsps", "https"}

    @property
    def needs_libav(self) -> bool:
        """Return whether libav must read it, because it is no RTSP address."""
        return self.scheme not in {"rtsp", "rtsps"}

    @property
    def uri(self) -> str:
        """Return the request URI: scheme, host, port unless it is the default, path and query."""
        if self.scheme == "file":
            return f"file://{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"

    def may_share_login_with(self, other: "Address") -> bool:
        """Return whether the same password may be used there: same host, same protocol, and never in the clear after TLS."""
        schemes = _LOGIN_GOES_ON.get(self.scheme, frozenset())
        return self.host.lower() == other.host.lower() and other.scheme in schemes


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera to record, named by its opaque id alone; TCP falls back to UDP only where it offers nothing else."""

    source_id: str
    address: Address
    login: Login | None = None
    transport: Transport = Transport.TCP
    trust: Trust = field(default_factory=Trust)
    offers: Offers = field(default_factory=Offers, compare=False, repr=False)

    def redirected_to(self, address: Address) -> "Camera":
        """Return the camera after a redirect, without the login unless it may be used there too."""
        keeps = self.address.may_share_login_with(address)
        return replace(self, address=address, login=self.login if keeps else None)

    def with_transport(self, transport: Transport) -> "Camera":
        """Return the camera with another RTP transport."""
        return replace(self, transport=transport)


def parse_address(written: str) -> tuple[Address, Login | None]:
    """Split an address from its credentials; AddressError where it is no address of a camera."""
    parts, port, login = split_url(written.strip())
    scheme = parts.scheme.lower()
    if scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return Address(scheme, "", 0, parts.path), None
    if scheme not in _PORTS or not parts.hostname or port == 0:
        raise AddressError("The address is not one of a camera.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    scheme = "rtsp" if scheme == "rtspu" else scheme
    return Address(scheme, parts.hostname, port or _PORTS[scheme], path), login


def split_url(written: str) -> tuple[SplitResult, int | None, Login | None]:
    """Split a URL; return its parts, its port and its credentials; AddressError where it is malformed."""
    if any(ord(character) <= 32 or ord(character) == 127 for character in written):
        raise AddressError("The address holds a space or a control character.")
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError:
        raise AddressError("The address cannot be understood.") from None
    if parts.username is None:
        return parts, port, None
    return parts, port, Login(unquote(parts.username), unquote(parts.password or ""))


def redirect_target(address: Address, location: str) -> Address:
    """Return the target of an RTSP redirect without credentials; AddressError: no RTSP, leaves TLS, or this machine."""
    written = location.strip()
    try:
        relative = bool(written) and not urlsplit(written).scheme
        base = address.uri.replace("rtsp", "http", 1)
        target = urljoin(base, written).replace("http", "rtsp", 1) if relative else written
    except ValueError:
        raise AddressError("The address cannot be understood.") from None
    leads_to = parse_address(target)[0]
    if leads_to.needs_libav or (address.encrypted and not leads_to.encrypted):
        raise AddressError("A redirect leads out of RTSP, or out of its encryption.")
    if is_local_host(leads_to.host) and not is_local_host(address.host):
        raise AddressError("A redirect leads to this machine itself.")
    return leads_to


def is_local_host(host: str) -> bool:
    """Return whether a host is unspecified, loopback or localhost, which no other machine's camera can have."""
    try:
        address = ip_address(host)
    except ValueError:
        return host.lower() == "localhost"
    return address.is_unspecified or address.is_loopback

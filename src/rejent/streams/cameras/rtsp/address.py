"""Where a camera is and how to log in: addresses as offices write them, taken apart so that no password travels in one."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import unquote, urljoin, urlsplit

from rejent.streams.cameras.errors import AddressError

_PORTS = {"rtsp": 554, "rtsps": 322, "rtspu": 554, "http": 80, "https": 443}
_LOGIN_GOES_ON = {
    "rtsp": frozenset({"rtsp", "rtsps"}),
    "rtsps": frozenset({"rtsps"}),
    "http": frozenset({"http", "https"}),
    "https": frozenset({"https"}),
}
"""Schemes that a login entered for one may be used with: the same protocol, and never in the clear after TLS."""


class Transport(StrEnum):
    """How RTP travels."""

    TCP = "tcp"
    """Interleaved in the RTSP connection (RFC 2326 §10.12): nothing is lost, no further port is needed."""
    UDP = "udp"


@dataclass(frozen=True, slots=True)
class Login:
    """A user and password; the password never shows in a representation."""

    user: str
    password: str = field(repr=False)


@dataclass(slots=True)
class Offers:
    """What a camera has offered since the program started; outlives its connections.

    Attributes:
        digest: it took a proof of the password, so that it need never see the password itself.
    """

    digest: bool = False


@dataclass(frozen=True, slots=True)
class Trust:
    """What makes a camera's certificate acceptable (RTSPS).

    Attributes:
        authority: PEM text of the authority that issued it; None trusts the system's authorities.
        fingerprint: SHA-256 of the certificate itself in hexadecimal; then nothing else is asked.
        anything: accept any certificate, chosen by a person who knows what that means.
    """

    authority: str | None = None
    fingerprint: str | None = None
    anything: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """An address without user and password; `host` is empty and `port` 0 for a file."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def encrypted(self) -> bool:
        """Whether TLS is used."""
        return self.scheme == "rtsps"

    @property
    def foreign(self) -> bool:
        """Whether it is no RTSP camera, so that libav reads it."""
        return self.scheme not in {"rtsp", "rtsps"}

    @property
    def uri(self) -> str:
        """The request address: scheme, host, port where it is not the usual one, path and query."""
        if self.scheme == "file":
            return f"file://{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"

    def may_share_login_with(self, other: "Address") -> bool:
        """Whether the same password may be used there: same host, same protocol, and never in the clear after TLS."""
        schemes = _LOGIN_GOES_ON.get(self.scheme, frozenset())
        return self.host.lower() == other.host.lower() and other.scheme in schemes


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera to record.

    Attributes:
        source_id: its opaque id; the only thing that names it in logs and errors.
        transport: what to ask for first; TCP falls back to UDP only where the camera offers nothing else.
        offers: what it offered earlier; no part of what the camera is.
    """

    source_id: str
    address: Address
    login: Login | None = None
    transport: Transport = Transport.TCP
    trust: Trust = field(default_factory=Trust)
    offers: Offers = field(default_factory=Offers, compare=False, repr=False)

    def moved_to(self, address: Address) -> "Camera":
        """The camera after a redirect; the login stays behind unless it may be used there too."""
        keeps = self.address.may_share_login_with(address)
        return replace(self, address=address, login=self.login if keeps else None)

    def over(self, transport: Transport) -> "Camera":
        """The same camera, asked to send another way."""
        return replace(self, transport=transport)


def read_address(written: str) -> tuple[Address, Login | None]:
    """Take an address apart.

    Raises:
        AddressError: it is no address of a camera.
    """
    if any(ord(character) <= 32 or ord(character) == 127 for character in written.strip()):
        raise AddressError("The address holds a space or a control character.")
    try:
        parts = urlsplit(written.strip())
        port = parts.port
    except ValueError:
        raise AddressError("The address cannot be understood.") from None
    scheme = parts.scheme.lower()
    if scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return Address(scheme, "", 0, parts.path), None
    if scheme not in _PORTS or not parts.hostname or port == 0:
        raise AddressError("The address is not one of a camera.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    login = None
    if parts.username is not None:
        login = Login(unquote(parts.username), unquote(parts.password or ""))
    scheme = "rtsp" if scheme == "rtspu" else scheme
    return Address(scheme, parts.hostname, port or _PORTS[scheme], path), login


def redirected(address: Address, location: str) -> Address:
    """Where the redirect of an RTSP camera leads; a user or password written into it is not used.

    Raises:
        AddressError: it leads nowhere an RTSP client can go, out of TLS, or to what this machine serves itself alone.
    """
    written = location.strip()
    try:
        relative = bool(written) and not urlsplit(written).scheme
        base = address.uri.replace("rtsp", "http", 1)
        target = urljoin(base, written).replace("http", "rtsp", 1) if relative else written
    except ValueError:
        raise AddressError("The address cannot be understood.") from None
    leads_to = read_address(target)[0]
    if leads_to.foreign or (address.encrypted and not leads_to.encrypted):
        raise AddressError("A redirect leads out of RTSP, or out of its encryption.")
    if names_nobody(leads_to.host) and not names_nobody(address.host):
        raise AddressError("A redirect leads to this machine itself.")
    return leads_to


def names_nobody(host: str) -> bool:
    """Whether a host is an address no camera can have for others: unspecified or the machine itself."""
    try:
        address = ip_address(host)
    except ValueError:
        return host.lower() == "localhost"
    return address.is_unspecified or address.is_loopback

"""Addresses of sources: the credentials split off, the rest fit to be stored, and a form fit to be shown."""

import re
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote

from rejent.catalog.errors import AddressRefusedError

SCHEMES = frozenset({"rtsp", "rtsps", "http", "https", "file"})
_LONGEST, _LONGEST_NAME = 500, 253
_SHAPE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>.*)\Z", re.DOTALL)
_HOST = re.compile(
    r"(?:\[(?P<ip>[0-9A-Fa-f:.]+(?:%[^\]]+)?)\]|(?P<name>[^:\[\]@]+))(?::(?P<port>[0-9]{1,5}))?"
)
_LABEL = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
_NAME = re.compile(rf"(?:{_LABEL}\.)*(?![0-9]+\.?\Z){_LABEL}\.?")
"""A name of a host (RFC 1123 §2.1); what ends in digits alone is an IP address or nothing."""
_TELLING = re.compile(
    r"(?P<name>(?<![A-Za-z])(?:user(?:name)?|login|usr|pass(?:word|wd)?|pwd|psw|token|auth|key|secret|sid))"
    r"=(?P<value>[^&;#/?]*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Address:
    """An address without its credentials.

    Attributes:
        text: the address to connect to.
        user: the user's name, or empty.
        password: the password, or empty; never printed.
    """

    text: str
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Address({shown(self.text)!r})"


def parsed(given: str) -> Address:
    """Split ``scheme://user:password@host:port/path`` into an address and its credentials (RFC 3986 §3.2).

    Raises:
        AddressRefusedError: it cannot be an address of a source; the error never repeats what was given.
    """
    match = _SHAPE.match(given.strip())
    if (
        match is None
        or len(given) > _LONGEST
        or any(ord(sign) < 0x21 or ord(sign) == 0x7F for sign in given.strip())
    ):
        raise AddressRefusedError(
            "This is not an address of a source.", advice="Write it as rtsp://user:password@host:port/path"
        )
    scheme = match["scheme"].lower()
    if scheme not in SCHEMES:
        raise AddressRefusedError(
            "Addresses that begin with {scheme} cannot be recorded.",
            scheme=scheme,
            advice="Known are: {known}.",
            known=" ".join(sorted(SCHEMES)),
        )
    userinfo, at, host = match["authority"].rpartition("@")
    _demand_host(scheme, host, match["rest"], has_user=bool(at))
    user, _, password = userinfo.partition(":")
    return Address(f"{scheme}://{host}{match['rest']}", unquote(user), unquote(password))


def shown(address: str) -> str:
    """The address as pages and logs may show it: values that look like credentials are masked."""
    match = _SHAPE.match(address)
    if match is None:
        return ""
    host = match["authority"].rpartition("@")[2]
    rest = _TELLING.sub(lambda found: found["name"] + "=***", match["rest"])
    return f"{match['scheme']}://{host}{rest}"


def _demand_host(scheme: str, host: str, rest: str, *, has_user: bool) -> None:
    if scheme == "file":
        if host or not rest.startswith("/"):
            raise AddressRefusedError(
                "A file is named by its whole path.", advice="Write it as file:///folder/file.mp4"
            )
        return
    found = _HOST.fullmatch(host)
    if found is None or (found["port"] and not 0 < int(found["port"]) < 65536):
        raise AddressRefusedError(
            "The address names no host and port that can be called.",
            advice="Write the characters / ? # @ : of a password as %2F %3F %23 %40 %3A."
            if "@" in rest or has_user
            else "Write it as rtsp://host:port/path",
        )
    if not _can_be_host(found["ip"] or found["name"]):
        raise AddressRefusedError(
            "This address names no camera: its host is neither a name nor an IP address.",
            advice="Write it as rtsp://user:password@host:port/path",
        )


def _can_be_host(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host) is not None
    return len(host) <= _LONGEST_NAME and _NAME.fullmatch(host) is not None

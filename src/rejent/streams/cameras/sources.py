"""Description and recording of cameras, as a kind of source."""

import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import unquote

from rejent.catalog.addresses import SHAPE, Address
from rejent.catalog.coverage import LONGEST
from rejent.catalog.errors import AddressRefusedError, SourceRefusedError
from rejent.catalog.stream_parts import SourceForm
from rejent.office import queries as office
from rejent.streams.cameras.network.rtsp.address import Trust, plain_fingerprint

SCHEMES = frozenset({"rtsp", "rtsps", "http", "https", "file"})
TRANSPORTS = frozenset({"tcp", "udp"})
_LONGEST_ADDRESS, _LONGEST_NAME = 500, 253
_LONGEST_AUTHORITY = 65536
_SHA256 = re.compile(r"[0-9a-f]{64}")
_HOST = re.compile(
    r"(?:\[(?P<ip>[0-9A-Fa-f:.]+(?:%[^\]]+)?)\]|(?P<name>[^:\[\]@]+))(?::(?P<port>[0-9]{1,5}))?"
)
_LABEL = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
_NAME = re.compile(rf"(?:{_LABEL}\.)*(?![0-9]+\.?\Z){_LABEL}\.?")
"""A name of a host (RFC 1123 §2.1); what ends in digits alone is an IP address or nothing."""
_LONGEST_RECORDED = timedelta(minutes=2)
"""A segment lasts a minute; twice as long is what a camera whose clock runs far too slow, or a very slow one, can make of it."""


def is_over_http(address: str) -> bool:
    """Return whether a camera of this address is read over HTTP."""
    return address.strip().lower().startswith(("http:", "https:"))


def parsed(given: str) -> Address:
    """Split ``scheme://user:password@host:port/path`` into an address and its credentials (RFC 3986 §3.2).

    Raises AddressRefusedError: it cannot be an address of a source; the error never repeats what was given.
    """
    match = SHAPE.match(given.strip())
    if (
        match is None
        or len(given) > _LONGEST_ADDRESS
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
    _require_host(scheme, host, match["rest"], has_user=bool(at))
    user, _, password = userinfo.partition(":")
    return Address(f"{scheme}://{host}{match['rest']}", unquote(user), unquote(password))


def _require_host(scheme: str, host: str, rest: str, *, has_user: bool) -> None:
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


def _address(given: str) -> Address:
    """Return the address of a camera to be added; a file put in its place would stand in the ledger as what the camera saw."""
    address, created = parsed(given), office.created_as()
    if created is not None and created["test"] is not True and address.text.startswith("file:"):
        raise AddressRefusedError(
            "A file is recorded only in a test installation.", advice="Give the address of a camera."
        )
    return address


def _traits(given: Mapping[str, str]) -> dict[str, str]:
    """Return transport, what the certificate is held against, and the smaller stream's address; empty is what is taken away."""
    transport, live = given.get("transport"), given.get("live_address")
    if transport is not None and transport not in TRANSPORTS:
        raise SourceRefusedError(
            "{transport} is no transport.", transport=transport, advice="Use tcp or udp."
        )
    stated = {**given, "live_address": _address(live).text} if live else dict(given)
    if given.get("fingerprint"):
        stated["fingerprint"] = _fingerprint(given["fingerprint"])
    if given.get("authority"):
        _require_authority(given["authority"])
    return stated


def require_encrypted(address: str, traits: Mapping[str, str]) -> None:
    """See that a camera whose certificate is described shows one. Raises SourceRefusedError: its address is not RTSPS or HTTPS."""
    if not address.strip().lower().startswith(("rtsps:", "https:")) and (
        traits.get("fingerprint") or traits.get("authority")
    ):
        raise SourceRefusedError(
            "A camera shows a certificate only at an address that begins with rtsps or https.",
            advice="Write the address as rtsps://… or https://…, or leave fingerprint and authority out.",
        )


def _fingerprint(written: str) -> str:
    found = plain_fingerprint(written)
    if not _SHA256.fullmatch(found):
        raise SourceRefusedError(
            "A fingerprint is the SHA-256 of the camera's certificate: 64 hexadecimal digits, with or without colons.",
            advice="Copy it from the camera's own pages, or compare it with the one that Rejent shows.",
        )
    return found


def _require_authority(pem: str) -> None:
    with suppress(ValueError, ssl.SSLError):
        if len(pem) <= _LONGEST_AUTHORITY and Trust(authority=pem).context():
            return
    raise SourceRefusedError(
        "This is no certificate of an authority in PEM.",
        advice="Give the file that begins with -----BEGIN CERTIFICATE-----.",
    )


FORM = SourceForm(
    is_continuous=True,
    address=_address,
    traits=_traits,
    preset={"transport": "tcp"},
    entered=("transport",),
    reach=lambda _: LONGEST,
    longest=lambda _: _LONGEST_RECORDED,
    neutral_word="Kamera",
)

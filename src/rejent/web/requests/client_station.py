"""The station that a request comes from: by the certificate of its connection, or of one that a trusted proxy hands on.

Without a proxy only the handshake counts, no header; a trusted proxy's header counts if it stands there once. The machine
itself needs no certificate while the office's pages have no other name and it calls its own over the loopback directly.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.translation import pgettext

from rejent.devices import queries as stations
from rejent.devices.views import MACHINE, THE_MACHINE, ClientStation
from rejent.office.installation import Installation
from rejent.office.proxies import client_address, is_loopback, is_trusted, was_handed_on

CERTIFICATE = "rejent.certificate"
"""Under this name the server leaves, in ``scope["state"]``, the SHA-256 of the certificate that a connection showed."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """The origin of a request: SHA-256 of its certificate in hex (empty for none), the address behind proxies, whether local."""

    fingerprint: str
    address: str
    machine: bool


def client_station(request: HttpRequest) -> ClientStation:
    """Return the station that a page is requested from, by the list of this moment."""
    scope: Mapping[str, Any] = getattr(request, "scope", {})
    peer = str(request.META.get("REMOTE_ADDR") or "")
    headers = _headers(scope) if scope else [(name.lower(), value) for name, value in request.headers.items()]
    return _looked_up(request_origin(peer, headers, _certificate(scope), settings.INSTALLATION))


def client_station_of_scope(scope: Mapping[str, Any]) -> ClientStation:
    """Return the station that a WebSocket was opened from, by the list of this moment."""
    client = scope.get("client") or ("", 0)
    return _looked_up(request_origin(client[0], _headers(scope), _certificate(scope), settings.INSTALLATION))


def station_words(asked: ClientStation) -> str:
    """Return a station's name for a picture; empty where it is none of the list."""
    return pgettext("station", "the server") if asked.station == MACHINE else asked.name


def request_origin(
    peer: str, headers: Iterable[tuple[str, str]], certificate: str, installation: Installation
) -> RequestOrigin:
    """Read the origin of a request from its peer address, its headers (names in small letters) and its certificate's digest."""
    given = list(headers)
    trusted = installation.trusted_proxies
    forwarded = ",".join(value for name, value in given if name == "x-forwarded-for")
    if is_trusted(peer, trusted):
        handed_on = [value for name, value in given if name == installation.station_header]
        fingerprint = certificate_digest(handed_on[0]) if len(handed_on) == 1 else ""
        return RequestOrigin(fingerprint, client_address(peer, forwarded, trusted), machine=False)
    came_by_proxy = was_handed_on(name for name, _ in given)
    hosts = [value for name, value in given if name == "host"]
    by_own_name = is_loopback(peer) and len(hosts) == 1 and _own_name(hosts[0])
    machine = installation.by_itself and by_own_name and not came_by_proxy
    return RequestOrigin(certificate, client_address(peer, "", ()), machine)


def certificate_digest(written: str) -> str:
    """Return the SHA-256 of a certificate that a proxy hands on; empty for what cannot be read as exactly one.

    Accepted are the digest in hex, with or without colons (Caddy, HAProxy), PEM in percent-encoding (nginx), and DER in
    base64 between colons (RFC 9440 § 2.2).
    """
    text = written.strip()
    try:
        if text.startswith(":"):
            return sha256(
                base64.b64decode(text.removeprefix(":").removesuffix(":"), validate=True)
            ).hexdigest()
        if text.startswith("-----BEGIN") and "," not in text:
            return x509.load_pem_x509_certificate(unquote(text).encode()).fingerprint(hashes.SHA256()).hex()
    except ValueError:
        return ""
    bare = text.replace(":", "").lower()
    return bare if _DIGEST.fullmatch(bare) else ""


def _looked_up(seen: RequestOrigin) -> ClientStation:
    found = stations.client_station(seen.fingerprint, seen.address, clock=settings.CLOCK)
    return THE_MACHINE if seen.machine and not found.listed else found


def _headers(scope: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]


def _certificate(scope: Mapping[str, Any]) -> str:
    return str(scope.get("state", {}).get(CERTIFICATE, ""))


def _own_name(host: str) -> bool:
    name = split_domain_port(host)[0]
    return name == "localhost" or is_loopback(name.removeprefix("[").removesuffix("]"))

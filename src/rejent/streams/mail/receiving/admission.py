"""Who may hand messages to a journal, and the certificate by which the connection is encrypted (STARTTLS, RFC 3207)."""

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path

from cryptography.x509 import load_pem_x509_certificate

from rejent.catalog.errors import SourceRefusedError
from rejent.kernel.tls import reason_of, server_context

_EVERYBODY = 0o007
"""Rights of others; those of the group may stand, as of Debian's ssl-cert."""
Stamp = tuple[str, int, int]
"""A file, its number on its disk and when it was changed."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may connect, and PEM files of certificate and key; without networks anybody may, without a certificate in the clear."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    certificate: str = ""
    key: str = ""

    @classmethod
    def of(cls, traits: Mapping[str, str]) -> "Admission":
        """Return what a journal's traits state."""
        networks = (each for each in traits.get("networks", "").split(",") if each)
        return cls(
            tuple(ip_network(each, strict=False) for each in networks),
            traits.get("certificate", ""),
            traits.get("key", ""),
        )

    def allows(self, peer: str, here: str) -> bool:
        """Return whether a host may connect to the address ``here``; this machine always may."""
        address = _plain(peer)
        return not self.networks or address == _plain(here) or any(address in each for each in self.networks)

    def encryption(self) -> ssl.SSLContext | None:
        """Return the terms of TLS; nothing without a certificate. Raises OSError: certificate or key cannot be used."""
        return server_context(Path(self.certificate), Path(self.key)) if self.certificate else None


def demand_usable(certificate: str, key: str, now: datetime) -> None:
    """See that certificate and key can be used, belong together and hold today, and that nobody else reads the key.

    Raises SourceRefusedError: they do not.
    """
    try:
        server_context(Path(certificate), Path(key))
        shown = load_pem_x509_certificate(Path(certificate).read_bytes())
        open_to_all = Path(key).stat().st_mode & _EVERYBODY
    except (OSError, ValueError) as error:
        raise SourceRefusedError(
            "{certificate} and {key} cannot be used: {why}.",
            certificate=certificate,
            key=key,
            why=reason_of(error) if isinstance(error, OSError) else "no certificate",
            advice="Name PEM files on this machine that belong together, the key without a passphrase.",
        ) from error
    if open_to_all:
        raise SourceRefusedError(
            "Anybody on this machine may read the key {key}.",
            key=key,
            advice="chmod 600, or 640 for a group.",
        )
    if not shown.not_valid_before_utc <= now < shown.not_valid_after_utc:
        raise SourceRefusedError(
            "The certificate {certificate} is valid from {begin} to {end}.",
            certificate=certificate,
            begin=shown.not_valid_before_utc.date(),
            end=shown.not_valid_after_utc.date(),
            advice="Have a new one issued.",
        )


def stamps(admissions: Iterable[Admission]) -> frozenset[Stamp]:
    """Return the state of every file of TLS, by which a renewed one is known; a missing one has zeros."""
    return frozenset(_stamp(file) for each in admissions for file in (each.certificate, each.key) if file)


def _stamp(file: str) -> Stamp:
    try:
        state = Path(file).stat()
    except OSError:
        return file, 0, 0
    return file, state.st_ino, state.st_mtime_ns


def _plain(host: str) -> IPv4Address | IPv6Address:
    """Parse an address; one of IPv4 that IPv6 writes is one of IPv4 (RFC 4291 §2.5.5.2)."""
    address = ip_address(host.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address

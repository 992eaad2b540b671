"""Who may hand messages to a journal: from where, and by whose password (SMTP AUTH, RFC 4954).

Also the certificate by which the connection is encrypted (STARTTLS, RFC 3207).
"""

import asyncio
import re
import ssl
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path

from cryptography.x509 import load_pem_x509_certificate
from django.contrib.auth.hashers import check_password, make_password

from rejent.catalog.errors import SourceRefusedError
from rejent.kernel.tls import reason_of, server_context
from rejent.office.proxies import counted_as

MOST_SENDERS = 50
MOST_FAILURES = 5
"""Wrong passwords of one host within a minute; then it is put off until later, and nothing is computed for it."""
WITHIN_S = 60.0
_MOST_HOSTS = 10_000
_LONGEST_FILE = 1 << 16
_LINE = re.compile(r"(?P<name>[!-9;-~]{1,100}):(?P<hash>argon2\$[ -~]{20,300})")
_EVERYBODY = 0o007
"""Rights of others; those of the group may stand, as of Debian's ssl-cert."""
Stamp = tuple[str, int, int]
"""A file, its number on its disk and when it was changed."""


def sender_line(name: str, password: str) -> str:
    """Return the line of a file by which a sender is known; their password cannot be read from it."""
    line = f"{name}:{make_password(password)}"
    if _LINE.fullmatch(line) is None:
        raise ValueError(name)
    return line


def read_senders(file: Path) -> dict[str, str]:
    """Return the hashed passwords of senders by their names. Raises OSError: the file cannot be read, or holds no such lines."""
    with file.open("rb") as content:
        lines = content.read(_LONGEST_FILE).decode("ascii", "replace").splitlines()
    found = {
        match["name"]: match["hash"] for line in lines if (match := _LINE.fullmatch(line.strip())) is not None
    }
    if not found or len(found) != len([line for line in lines if line.strip()]) or len(found) > MOST_SENDERS:
        raise OSError(0, "its lines are not those of rejent mail sender")
    return found


@dataclass(slots=True)
class Senders:
    """Verifies passwords, and no more of a host that guesses."""

    hashes: dict[str, str] = field(repr=False)
    _failures: "OrderedDict[str, list[float]]" = field(default_factory=OrderedDict)
    _nobody: str = field(default_factory=partial(make_password, "nobody"), repr=False)
    """What the password of an unknown name is held against, so that its answer takes as long."""

    async def verify(self, host: str, name: str, password: str) -> bool | None:
        """Return whether a password is the sender's; None where the host failed too often, and nothing was looked at."""
        now, who = asyncio.get_running_loop().time(), counted_as(host.partition("%")[0])
        failed = [at for at in self._failures.get(who, []) if now - at < WITHIN_S]
        if len(failed) >= MOST_FAILURES:
            return None
        self._failures[who] = [*failed, now]
        self._failures.move_to_end(who)
        while len(self._failures) > _MOST_HOSTS:
            self._failures.popitem(last=False)
        known = self.hashes.get(name)
        if not await asyncio.to_thread(check_password, password, known or self._nobody) or known is None:
            return False
        self._failures.pop(who, None)
        return True


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may connect, and PEM files of certificate and key; without networks anybody may, without a certificate in the clear.

    ``senders`` is a file of names and hashed passwords, of which whoever connects from elsewhere proves one.
    """

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    certificate: str = ""
    key: str = ""
    senders: str = ""

    @classmethod
    def of(cls, traits: Mapping[str, str]) -> "Admission":
        """Return what a journal's traits state."""
        networks = (each for each in traits.get("networks", "").split(",") if each)
        return cls(
            tuple(ip_network(each, strict=False) for each in networks),
            traits.get("certificate", ""),
            traits.get("key", ""),
            traits.get("senders", ""),
        )

    def allows(self, peer: str, here: str) -> bool:
        """Return whether a host may connect to the address ``here``; this machine always may."""
        address = _plain(peer)
        return not self.networks or is_here(peer, here) or any(address in each for each in self.networks)

    def passwords(self) -> Senders | None:
        """Return who verifies passwords; nothing where none are asked for. Raises OSError: their file cannot be used."""
        return Senders(read_senders(Path(self.senders))) if self.senders else None

    def encryption(self) -> ssl.SSLContext | None:
        """Return the terms of TLS; nothing without a certificate. Raises OSError: certificate or key cannot be used."""
        return server_context(Path(self.certificate), Path(self.key)) if self.certificate else None


def is_here(peer: str, here: str) -> bool:
    """Return whether who connects to the address ``here`` is this machine."""
    return _plain(peer) == _plain(here)


def require_usable(certificate: str, key: str, now: datetime) -> None:
    """See that certificate and key can be used, belong together and hold today, and that nobody else reads the key.

    Raises SourceRefusedError.
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


def require_senders(file: str) -> None:
    """See that a file of senders can be used, and that nobody else reads it. Raises SourceRefusedError: it cannot."""
    try:
        read_senders(Path(file))
        open_to_all = Path(file).stat().st_mode & _EVERYBODY
    except OSError as error:
        raise SourceRefusedError(
            "{file} cannot be used: {why}.",
            file=file,
            why=error.strerror or reason_of(error),
            advice="Write its lines with: rejent mail sender --name NAME",
        ) from error
    if open_to_all:
        advice = "chmod 600, or 640 for a group."
        raise SourceRefusedError("Anybody on this machine may read {file}.", file=file, advice=advice)


def stamps(files: Iterable[str]) -> frozenset[Stamp]:
    """Return the state of files, by which a renewed one is known; a missing one has zeros."""
    return frozenset(map(_stamp, files))


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

"""Who hands messages over by a name and a password (SMTP AUTH, RFC 4954), for mail servers that no address tells from others."""

import asyncio
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path

from django.contrib.auth.hashers import check_password, make_password

MOST_SENDERS = 50
MOST_FAILURES = 5
"""Wrong passwords of one host within a minute; then it is told to come later, and nothing is computed for it."""
WITHIN_S = 60.0
_MOST_HOSTS = 10_000
_LONGEST_FILE = 1 << 16
_LINE = re.compile(r"(?P<name>[!-9;-~]{1,100}):(?P<hash>argon2\$[ -~]{20,300})")


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
        now, who = asyncio.get_running_loop().time(), _network(host)
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


def _network(host: str) -> str:
    """Return by what a host is counted: an address of IPv6 with its network, of which it may have any number."""
    address = ip_address(host.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, 64), strict=False))
    return host

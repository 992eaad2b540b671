"""Parts of a line's address, each in one spelling; each function raises AddressRefusedError for a wrong one."""

import re
from collections.abc import Iterable
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from rejent.catalog.errors import AddressRefusedError

SIP_PORT = 5060
_MOST_DIGITS = 15
"""Digits of a telephone number (ITU-T E.164 §6)."""
_MOST_PORTS = 16
_HOST = re.compile(r"(?:\[(?P<ip>[^\]]+)\]|(?P<plain>[^:\[\]]+)):(?P<port>[0-9]{1,5})")
_INTERFACE = re.compile(r"[A-Za-z0-9_.@\-]{1,15}")
"""Names of network interfaces (IFNAMSIZ in linux/if.h)."""
_FORMATTING = re.compile(r"[\s().\-/\u2010-\u2015\u00a0]+")


class Undecided(StrEnum):
    """Rule for a call whose direction its numbers do not show."""

    RECORD = "record"
    """It is recorded, and listed as undecided."""
    REFUSE = "refuse"
    """Nothing of it is kept."""


def interface(stated: str) -> str:
    """Return the name of a network interface."""
    if not _INTERFACE.fullmatch(stated) or stated in {".", ".."}:
        raise AddressRefusedError(
            "This is no name of a network interface.", advice="Write it as `ip link` shows it: eth1"
        )
    return stated


def ports(stated: Iterable[str]) -> tuple[int, ...]:
    """Return ports, each once; SIP's own where none is stated."""
    given = [each.strip() for each in stated if each.strip()]
    if len(given) > _MOST_PORTS or not all(re.fullmatch(r"[0-9]{1,5}", each) for each in given):
        raise AddressRefusedError("These are no ports.", advice="Write them as 5060,5080")
    ports = tuple(dict.fromkeys(int(each) for each in given)) or (SIP_PORT,)
    if not all(0 < port < 65536 for port in ports):
        raise AddressRefusedError("These are no ports.", advice="A port is a number from 1 to 65535.")
    return ports


def port_range(stated: str) -> tuple[int, int] | None:
    """Parse ``21000-21099``, with room for a call of two parties at least; None where nothing is stated."""
    if not stated.strip():
        return None
    found = re.fullmatch(r"\s*([0-9]{1,5})\s*-\s*([0-9]{1,5})\s*", stated)
    if found is None or not fits_a_call(span := (int(found[1]), int(found[2]))):
        raise AddressRefusedError(
            "This is no range of ports for speech.",
            advice="Write the first and the last of four or more as 21000-21099, from 1024 on.",
        )
    return span


def fits_a_call(ports: tuple[int, int]) -> bool:
    """Return True if a range of ports is one that a recorder may open, and holds the four of a call of two parties."""
    first, last = ports
    return first >= 1024 and first + first % 2 + 3 <= last < 65536


def listening_place(stated: str) -> tuple[IPv4Address | IPv6Address, int]:
    """Parse ``HOST:PORT`` of this machine, to which others can send."""
    found = _HOST.fullmatch(stated)
    if found is None or not 0 < int(found["port"]) < 65536:
        raise AddressRefusedError(
            "This is no address to listen at.", advice="Write it as 192.0.2.5:5060 or [2001:db8::5]:5060"
        )
    written = found["ip"] or found["plain"]
    try:
        host = ip_address("127.0.0.1" if written.lower() == "localhost" else written)
    except ValueError:
        raise AddressRefusedError(
            "Calls are handed over at an address of this machine, not at a name.",
            advice="Write it as 192.0.2.5:5060",
        ) from None
    if host.is_unspecified or host.is_multicast:
        raise AddressRefusedError(
            "The address must be one that others can send to: it is told them in every answer.",
            advice="Give the address of this machine in the network of the telephones.",
        )
    return host, int(found["port"])


def prefix(written: str) -> str:
    """Return a prefix of numbers in one spelling."""
    plain = _FORMATTING.sub("", written)
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    elif plain.startswith("0"):
        plain = plain[1:]
    digits = plain.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _MOST_DIGITS:
        raise AddressRefusedError(
            "What is given as a number of the office is none.",
            advice="Write it as '+48 75 734' or '75 734 12', and extensions by their beginning.",
        )
    return plain


def allowed_callers(host: IPv4Address | IPv6Address, stated: Iterable[str]) -> tuple[str, ...]:
    """Return who may hand calls over; only a loopback address speaks for itself."""
    given = [each.strip() for each in stated if each.strip()]
    if not given and host.is_loopback:
        given = [str(host)]
    if not given:
        raise AddressRefusedError(
            "Nobody is named who may hand calls over.",
            advice="Give the address of the exchange or session border controller: --from 192.0.2.10",
        )
    return networks(given)


def networks(stated: Iterable[str]) -> tuple[str, ...]:
    """Return addresses and networks in one spelling, each once."""
    found = []
    for each in stated:
        if not each.strip():
            continue
        try:
            network = ip_network(each.strip(), strict=False)
        except ValueError:
            raise AddressRefusedError(
                "What is listed among addresses is none.",
                advice="An address looks like 192.0.2.10 or 192.0.2.0/24.",
            ) from None
        alone = network.num_addresses == 1
        found.append(str(network.network_address) if alone else str(network))
    return tuple(dict.fromkeys(found))


def undecided_rule(stated: str) -> Undecided:
    """Return the rule for a call whose direction is not known."""
    try:
        return Undecided(stated)
    except ValueError:
        raise AddressRefusedError(
            "{rule} is no rule for undecided calls.", rule=stated, advice="Use record or refuse."
        ) from None


def refusal_key(stated: str) -> str:
    """Return the digit that refuses the recording, or empty."""
    key = stated.strip()
    if key and not (len(key) == 1 and key.isascii() and key.isdigit()):
        raise AddressRefusedError(
            "The key that refuses a recording is no digit.",
            advice="Give one digit: --refusal-key 9; the star plays the information clause.",
        )
    return key

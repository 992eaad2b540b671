"""Lines whose calls are recorded, as their addresses tell them: where calls are handed over, of which numbers, by whom.

``siprec://192.0.2.5:5060?numbers=+4875734,12&from=192.0.2.0/24`` – everything that decides what is recorded stands in
the address, so that the ledger's digest of it covers it, too.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import parse_qs

from rejent.catalog.errors import AddressRefusedError

SCHEME = "siprec"
_LONGEST = 500
_MOST_DIGITS = 15
"""Digits of a telephone number (ITU-T E.164 §6)."""
_HOST = re.compile(r"(?:\[(?P<ip>[^\]]+)\]|(?P<plain>[^:\[\]]+)):(?P<port>[0-9]{1,5})")
_FORMATTING = re.compile(r"[\s().\-/\u2010-\u2015\u00a0]+")


class Undecided(StrEnum):
    """What becomes of a call whose direction its numbers do not tell."""

    RECORD = "record"
    """It is recorded, and listed as undecided."""
    REFUSE = "refuse"
    """Nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class LineAddress:
    """Where a line's calls are handed over, and which they are.

    Attributes:
        host: an address of this machine at which we listen.
        port: likewise.
        numbers: prefixes of the office's own numbers: ``+`` and digits, or digits alone, which stand for a number without
            its country's code and for an extension.
        callers: addresses and networks that may hand calls over.
        undecided: what becomes of a call whose direction is not known.
    """

    host: str
    port: int
    numbers: tuple[str, ...]
    callers: tuple[str, ...]
    undecided: Undecided = Undecided.RECORD

    @property
    def text(self) -> str:
        """The address as the catalogue keeps it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        query = f"numbers={','.join(self.numbers)}&from={','.join(self.callers)}"
        rule = "" if self.undecided is Undecided.RECORD else f"&undecided={self.undecided.value}"
        return f"{SCHEME}://{host}:{self.port}?{query}{rule}"


def line_address(
    siprec: str, numbers: Iterable[str], callers: Iterable[str], undecided: str = Undecided.RECORD
) -> LineAddress:
    """A line as people state it.

    Args:
        siprec: ``HOST:PORT``, the host an address of this machine.
        numbers: prefixes of the office's own numbers, in any spelling.
        callers: addresses and networks; where there are none and the host is a loopback address, that one is taken.
        undecided: ``record`` or ``refuse``.

    Raises:
        AddressRefusedError: one of them cannot be what it should be.
    """
    host, port = _place(siprec.strip())
    prefixes = tuple(dict.fromkeys(_prefix(number) for number in numbers))
    if not prefixes:
        raise AddressRefusedError(
            "A line needs the numbers of the office.",
            advice="Give the beginning that they share: --numbers '+48 75 734'",
        )
    address = LineAddress(str(host), port, prefixes, _callers(host, callers), _rule(undecided))
    if len(address.text) > _LONGEST:
        raise AddressRefusedError(
            "These are too many numbers and addresses for one line.",
            advice="Give shorter beginnings of numbers, or networks instead of addresses.",
        )
    return address


def read_line(address: str) -> LineAddress:
    """A line as the catalogue keeps it.

    Raises:
        AddressRefusedError: it is no address of a line.
    """
    scheme, _, rest = address.partition("://")
    place, _, query = rest.partition("?")
    stated = {key: values[-1] for key, values in parse_qs(query.replace("+", "%2B")).items()}
    if scheme != SCHEME:
        raise AddressRefusedError(
            "This is no address of a line.", advice="Strike the line off and add it anew."
        )
    return line_address(
        place,
        stated.get("numbers", "").split(","),
        stated.get("from", "").split(","),
        stated.get("undecided", Undecided.RECORD),
    )


def _place(stated: str) -> tuple[IPv4Address | IPv6Address, int]:
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


def _prefix(written: str) -> str:
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


def _callers(host: IPv4Address | IPv6Address, stated: Iterable[str]) -> tuple[str, ...]:
    given = [each.strip() for each in stated if each.strip()]
    if not given and host.is_loopback:
        given = [str(host)]
    if not given:
        raise AddressRefusedError(
            "Nobody is named who may hand calls over.",
            advice="Give the address of the PBX or session border controller: --from 192.0.2.10",
        )
    found = []
    for each in given:
        try:
            network = ip_network(each, strict=False)
        except ValueError:
            raise AddressRefusedError(
                "What is listed among those who may hand calls over is no address.",
                advice="An address looks like 192.0.2.10 or 192.0.2.0/24.",
            ) from None
        alone = network.num_addresses == 1
        found.append(str(network.network_address) if alone else str(network))
    return tuple(dict.fromkeys(found))


def _rule(stated: str) -> Undecided:
    try:
        return Undecided(stated)
    except ValueError:
        raise AddressRefusedError(
            "{rule} is no rule for undecided calls.", rule=stated, advice="Use record or refuse."
        ) from None

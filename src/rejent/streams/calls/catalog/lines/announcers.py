"""Addresses at which the calls of a line are answered with its announcement, and to which they go on.

``announce://192.0.2.5:5070?from=192.0.2.10&to=sip:100@192.0.2.10&around=sip:199@192.0.2.10``; without ``to`` we hang up
when all is said, and the dialplan of the PBX goes on.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_network
from urllib.parse import parse_qs, quote

from rejent.catalog.errors import AddressRefusedError
from rejent.streams.calls.catalog.lines.parts import listening_place

SCHEME = "announce"
_LONGEST = 500
_TARGET = re.compile(
    r"sips?:[A-Za-z0-9*#+_.!~\-]{1,64}@[A-Za-z0-9.\-:\[\]]{1,128}(?:;[A-Za-z0-9=;.\-]{1,64})?"
)


class WhenRejected(StrEnum):
    """Reaction where the PBX does not take the hand-over."""

    HANG_UP = "hang-up"
    STAY = "stay"


@dataclass(frozen=True, slots=True)
class AnnouncerAddress:
    """Address that answers calls of ``callers`` (addresses and networks), and where they go on.

    ``target`` takes the hand-over (empty: hang up), ``around`` that of a caller who refuses to be recorded; without it
    the PBX learns that by the cause of hanging up.
    """

    host: str
    port: int
    callers: tuple[str, ...]
    target: str = ""
    around: str = ""
    when_rejected: WhenRejected = WhenRejected.HANG_UP

    @property
    def text(self) -> str:
        """The address as the catalogue keeps it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        fields = {"from": ",".join(self.callers), "to": self.target, "around": self.around}
        fields |= (
            {"refused": self.when_rejected.value} if self.when_rejected is not WhenRejected.HANG_UP else {}
        )
        query = "&".join(f"{name}={quote(value, safe=',:/@')}" for name, value in fields.items() if value)
        return f"{SCHEME}://{host}:{self.port}?{query}"


def announcer_address(
    listen: str,
    callers: Iterable[str],
    *,
    target: str = "",
    around: str = "",
    when_rejected: str = WhenRejected.HANG_UP,
) -> AnnouncerAddress:
    """Return the announcer that people state; a loopback host speaks for itself. AddressRefusedError where a part is invalid."""
    host, port = listening_place(listen.strip())
    given = [each.strip() for each in callers if each.strip()]
    if not given and host.is_loopback:
        given = [str(host)]
    try:
        networks = tuple(dict.fromkeys(_network(each) for each in given))
        rule = WhenRejected(when_rejected)
    except ValueError:
        raise AddressRefusedError(
            "This is neither an address, nor a network, nor one of the rules.",
            advice="An address looks like 192.0.2.10, a network like 192.0.2.0/24; the rules are hang-up and stay.",
        ) from None
    if not networks:
        raise AddressRefusedError(
            "Nobody is named who may send calls.",
            advice="Give the address of the exchange: --from 192.0.2.10",
        )
    for each in (target, around):
        if each and not _TARGET.fullmatch(each):
            raise AddressRefusedError(
                "A call cannot be handed over to this address.", advice="Write it as sip:100@192.0.2.10"
            )
    address = AnnouncerAddress(str(host), port, networks, target, around, rule)
    if len(address.text) > _LONGEST:
        raise AddressRefusedError(
            "These are too many addresses.", advice="Give networks instead of addresses."
        )
    return address


def read_announcer(address: str) -> AnnouncerAddress:
    """Parse an announcer as the catalogue keeps it; AddressRefusedError where it is none."""
    scheme, _, rest = address.partition("://")
    place, _, query = rest.partition("?")
    options = {name: values[-1] for name, values in parse_qs(query.replace("+", "%2B")).items()}
    if scheme != SCHEME:
        raise AddressRefusedError("This is no address at which calls are answered.", advice="State it anew.")
    return announcer_address(
        place,
        options.get("from", "").split(","),
        target=options.get("to", ""),
        around=options.get("around", ""),
        when_rejected=options.get("refused", WhenRejected.HANG_UP),
    )


def _network(written: str) -> str:
    network = ip_network(written, strict=False)
    return str(network.network_address) if network.num_addresses == 1 else str(network)

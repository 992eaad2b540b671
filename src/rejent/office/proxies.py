"""Client addresses behind reverse proxies: headers count only from proxies the office has named."""

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

_PORT = re.compile(r"^(?:(?P<v4>[0-9.]+):[0-9]{1,5}|\[(?P<v6>[^\]]+)\](?::[0-9]{1,5})?)$")
"""An address with a port, or an IPv6 address in brackets (RFC 3986 § 3.2.2)."""


_HANDED_ON = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip"})


def was_handed_on(names: Iterable[str]) -> bool:
    """Return whether a request's headers, by their names in small letters, say that a proxy handed it on."""
    return any(name in _HANDED_ON or name.startswith("x-forwarded") for name in names)


def require_networks(written: Sequence[str]) -> None:
    """Check addresses and networks as an office writes them. Raises `ValueError` if one of them is neither."""
    for each in written:
        ip_network(each)


def client_address(peer: str, forwarded: str, trusted: Sequence[str]) -> str:
    """Return the address a request comes from.

    Without trusted proxies, or where the peer is none, it is the peer's, whatever the request says of itself. From a
    trusted proxy it is the rightmost address in ``X-Forwarded-For`` that is no trusted proxy's: what stands left of it was
    written by whoever asks. Some proxies write the port besides; it is left out. An address that cannot be read ends the search at the last one that could.
    """
    found = _read(peer)
    if found is None:
        return peer
    for written in [*reversed(forwarded.split(","))] if forwarded else []:
        if not is_trusted(str(found), trusted):
            break
        before = _read(_PORT.sub(r"\g<v4>\g<v6>", written.strip()))
        if before is None:
            break
        found = before
    return str(found)


def is_trusted(address: str, trusted: Sequence[str]) -> bool:
    """Return whether it is the address of a reverse proxy that the office has named."""
    found = _read(address)
    return found is not None and any(
        found in network for network in map(ip_network, trusted) if network.version == found.version
    )


def counted_as(address: str) -> str:
    """Return the key that attempts are counted under: an IPv6 host owns the whole of its /64."""
    found = _read(address)
    return str(IPv6Network((found, 64), strict=False)) if isinstance(found, IPv6Address) else address


def is_loopback(address: str) -> bool:
    """Return whether it is of this machine."""
    found = _read(address)
    return found is not None and found.is_loopback


def _read(written: str) -> Address | None:
    try:
        found = ip_address(written.strip())
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found

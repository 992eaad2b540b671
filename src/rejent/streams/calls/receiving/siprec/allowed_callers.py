"""Hosts that may call the recording server."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from rejent.kernel.errors import InputRefusedError


class AllowedCallers:
    """Addresses and networks that may open sessions; empty allows nobody. InputRefusedError: one of them is no address."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks: list[IPv4Network | IPv6Network] = []
        for written in networks:
            try:
                self._networks.append(ip_network(written.strip(), strict=False))
            except ValueError:
                raise InputRefusedError(
                    "What is listed among those who may call is no address.",
                    advice="An address looks like 192.0.2.10 or 192.0.2.0/24.",
                ) from None

    def __contains__(self, host: object) -> bool:
        try:
            address = plain_address(str(host))
        except ValueError:
            return False
        return any(address.version == network.version and address in network for network in self._networks)


def plain_address(host: str) -> IPv4Address | IPv6Address:
    """Parse an address, mapping IPv4-mapped IPv6 to IPv4 (RFC 4291 §2.5.5.2); ValueError where it is none."""
    address = ip_address(host.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address

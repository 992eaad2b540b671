"""Check destinations of RTP: a caller's description may name any host (RFC 8866 §5.7, RFC 3264 §5.1).

Names are not resolved: that would block all speech and let callers trigger queries.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from rejent.streams.calls.receiving.siprec.allowed_callers import plain_address


@dataclass(frozen=True, slots=True)
class SignallingPeers:
    """Addresses of the signalling: the source of the caller's messages, and our own."""

    caller: str
    own: str


@dataclass(frozen=True, slots=True)
class Destination:
    """Address to which speech goes; ``elsewhere`` (unconfirmed) where it is not the source of signalling.

    It is unspecified for RFC 2543 hold (RFC 3264 §8.4).
    """

    host: str
    elsewhere: bool

    @property
    def held(self) -> bool:
        """True if nobody listens now."""
        return ip_address(self.host).is_unspecified


def destination_of(written: str, reached: SignallingPeers) -> Destination | None:
    """Return the destination of speech, the source of signalling where ``written`` is empty.

    None for a name, a multicast address, ourselves or another address family.
    """
    try:
        address = ip_address(written) if written else plain_address(reached.caller)
        address = getattr(address, "ipv4_mapped", None) or address
        caller, own = plain_address(reached.caller), plain_address(reached.own)
    except ValueError:
        return None
    if address.is_unspecified:
        return Destination(str(address), elsewhere=False)
    ourselves = _is_ours(address, own) and not _is_ours(caller, own)
    scoped = isinstance(address, IPv6Address) and address.scope_id is not None
    if address.version != own.version or scoped or ourselves or _is_of_many(address):
        return None
    return Destination(str(address), elsewhere=address != caller)


def _is_ours(address: IPv4Address | IPv6Address, own: IPv4Address | IPv6Address) -> bool:
    return address.is_loopback or address == own


def _is_of_many(address: IPv4Address | IPv6Address) -> bool:
    """Return True for multicast and reserved IPv4 with broadcast; the kernel rejects subnet broadcasts."""
    return address.is_multicast or (address.version == 4 and address.is_reserved)

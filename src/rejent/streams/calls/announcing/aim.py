"""Where speech may be sent: a description is a stranger's word, and whatever it names we would send to (RFC 8866 §5.7, RFC 3264 §5.1).

A name is not looked up: to ask for it holds up everybody else's speech, and lets a stranger choose whom this machine asks for what.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from rejent.streams.calls.siprec.allowed_callers import plain_address


@dataclass(frozen=True, slots=True)
class Reached:
    """How a caller and we reach each other in the signalling.

    Attributes:
        caller: the address its messages come from.
        own: the address we are reached at.
    """

    caller: str
    own: str


@dataclass(frozen=True, slots=True)
class Ear:
    """Where somebody wants to hear us.

    Attributes:
        host: an address, as sockets write it; all zeros where nobody listens now, which is the old way of holding (RFC 3264 §8.4).
        elsewhere: it is not where the signalling comes from, so that nothing shows yet that speech is wanted there.
    """

    host: str
    elsewhere: bool

    @property
    def held(self) -> bool:
        """Nobody listens now."""
        return ip_address(self.host).is_unspecified


def ear(written: str, reached: Reached) -> Ear | None:
    """Where speech goes, or None where none may go: to a name, to a group of hosts, to ourselves, to another family of addresses.

    Args:
        written: what the description names; where it is empty, speech goes where the signalling comes from.
        reached: how the signalling goes.
    """
    try:
        address = ip_address(written) if written else plain_address(reached.caller)
        address = getattr(address, "ipv4_mapped", None) or address
        caller, own = plain_address(reached.caller), plain_address(reached.own)
    except ValueError:
        return None
    if address.is_unspecified:
        return Ear(str(address), elsewhere=False)
    ourselves = _is_ours(address, own) and not _is_ours(caller, own)
    scoped = isinstance(address, IPv6Address) and address.scope_id is not None
    if address.version != own.version or scoped or ourselves or _is_of_many(address):
        return None
    return Ear(str(address), elsewhere=address != caller)


def _is_ours(address: IPv4Address | IPv6Address, own: IPv4Address | IPv6Address) -> bool:
    return address.is_loopback or address == own


def _is_of_many(address: IPv4Address | IPv6Address) -> bool:
    """Multicast, and the last sixteenth of IPv4, which ends with the broadcast address. That of a network the kernel refuses."""
    return address.is_multicast or (address.version == 4 and address.is_reserved)

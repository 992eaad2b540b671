"""Discovery of cameras on the local network: WS-Discovery probes over multicast and their matches.

Anybody on the network can answer, with anything: a match is a suggestion to a person, never a source. Source:
WS-Discovery (April 2005) §3.1 and §5; ONVIF Core Specification §7.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

from rejent.recording.errors import SourceError
from rejent.streams.cameras.errors import UnreachableError
from rejent.streams.cameras.network.onvif import requests, responses
from rejent.streams.cameras.network.onvif.responses import child, children, text

GROUP = ("239.255.255.250", 3702)
KINDS = ("NetworkVideoTransmitter", "Device")
MOST_DEVICES = 1024
_MOST_ADDRESSES = 8


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """A device that answered: its permanent name (``urn:uuid:…``) and claimed addresses, those at the sender's own address first."""

    endpoint: str
    addresses: tuple[str, ...]
    name: str
    hardware: str


async def discover(
    *, seconds: float = 3.0, interface: str = "", group: tuple[str, int] = GROUP
) -> AsyncIterator[FoundDevice]:
    """Probe the network of our IPv4 address ``interface``; yield each camera once, as it answers. UnreachableError: nothing can be sent."""
    loop = asyncio.get_running_loop()
    message_ids = {f"urn:uuid:{uuid4()}": kind for kind in KINDS for _ in range(2)}
    channel = _channel(interface)
    transport, protocol = await loop.create_datagram_endpoint(
        lambda: _ProbeMatches(set(message_ids)), sock=channel
    )
    try:
        for message_id, kind in message_ids.items():
            transport.sendto(requests.probe(message_id, kind), group)
        seen: set[str] = set()
        until = loop.time() + seconds
        while len(seen) < MOST_DEVICES:
            try:
                device = await asyncio.wait_for(protocol.found.get(), until - loop.time())
            except TimeoutError:
                return
            if device.endpoint not in seen:
                seen.add(device.endpoint)
                yield device
    finally:
        transport.close()


def _channel(interface: str) -> socket.socket:
    channel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        channel.setblocking(False)
        channel.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        if interface:
            channel.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
        channel.bind((interface, 0))
    except OSError as error:
        channel.close()
        raise UnreachableError("The network cannot be asked ({number}).", number=error.errno or 0) from None
    return channel


class _ProbeMatches(asyncio.DatagramProtocol):
    """Collects the answers to our own probes; drops all else."""

    def __init__(self, message_ids: set[str]) -> None:
        self._questions = message_ids
        self.found: asyncio.Queue[FoundDevice] = asyncio.Queue(maxsize=MOST_DEVICES)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for device in devices_in(data, self._questions, addr[0]):
            if not self.found.full():
                self.found.put_nowait(device)

    def error_received(self, exc: Exception) -> None:
        """Ignore that somebody could not be reached; others may answer."""


def devices_in(datagram: bytes, message_ids: set[str], sender: str) -> list[FoundDevice]:
    """Return the devices of a datagram that answers one of our probes; none for anything else."""
    try:
        root = responses.parse_xml(datagram)
    except SourceError:
        return []
    if text(child(root, "Header", "RelatesTo")) not in message_ids:
        return []
    body = child(root, "Body")
    wrapped = child(body, "ProbeMatches")
    matches = wrapped if wrapped is not None else body  # some leave the wrapper out
    found: list[FoundDevice] = []
    for match in children(matches, "ProbeMatch") if matches is not None else []:
        endpoint = text(child(match, "EndpointReference", "Address"))
        addresses = [
            word for word in text(child(match, "XAddrs")).split() if word.startswith(("http://", "https://"))
        ]
        if not endpoint or not addresses:
            continue
        addresses.sort(key=lambda address: f"//{sender}" not in address)
        scopes = text(child(match, "Scopes")).split()
        name, hardware = responses.scope_value(scopes, "name"), responses.scope_value(scopes, "hardware")
        found.append(FoundDevice(endpoint, tuple(addresses[:_MOST_ADDRESSES]), name, hardware))
    return found

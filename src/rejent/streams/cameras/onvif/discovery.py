"""Finding cameras on the local network: WS-Discovery probes over multicast and what comes back.

Anybody on the network can answer, with anything: what is found is an offer that a person looks at, never a source.
Source: WS-Discovery (April 2005) §3.1 and §5; ONVIF Core Specification §7.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

from rejent.recording.errors import SourceError
from rejent.streams.cameras.errors import UnreachableError
from rejent.streams.cameras.onvif import replies, requests
from rejent.streams.cameras.onvif.replies import child, children, text

GROUP = ("239.255.255.250", 3702)
KINDS = ("NetworkVideoTransmitter", "Device")
MOST_DEVICES = 1024
_MOST_ADDRESSES = 8


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """A device that answered.

    Args:
        endpoint: the name it keeps across restarts, ``urn:uuid:…``.
        addresses: where it says its device service is; those at the sender's own address first.
        name: what people called it.
        hardware: the model it says it is.
    """

    endpoint: str
    addresses: tuple[str, ...]
    name: str
    hardware: str


async def discover(
    *, seconds: float = 3.0, interface: str = "", group: tuple[str, int] = GROUP
) -> AsyncIterator[FoundDevice]:
    """Ask the network for cameras and give each once, as it answers.

    Args:
        seconds: how long to wait for answers altogether.
        interface: own IPv4 address of the network to ask; empty lets the system choose.
        group: multicast address and port.

    Raises:
        UnreachableError: nothing can be sent to that network.
    """
    loop = asyncio.get_running_loop()
    questions = {f"urn:uuid:{uuid4()}": kind for kind in KINDS for _ in range(2)}
    channel = _channel(interface)
    transport, protocol = await loop.create_datagram_endpoint(lambda: _Answers(set(questions)), sock=channel)
    try:
        for message_id, kind in questions.items():
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


class _Answers(asyncio.DatagramProtocol):
    """Collects what answers our own questions; anything else is dropped."""

    def __init__(self, questions: set[str]) -> None:
        self._questions = questions
        self.found: asyncio.Queue[FoundDevice] = asyncio.Queue(maxsize=MOST_DEVICES)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take one datagram."""
        for device in devices_in(data, self._questions, addr[0]):
            if not self.found.full():
                self.found.put_nowait(device)

    def error_received(self, exc: Exception) -> None:
        """An answer of the network that somebody could not be reached; others may."""


def devices_in(datagram: bytes, questions: set[str], sender: str) -> list[FoundDevice]:
    """The devices a datagram announces in answer to one of our questions; none for anything else."""
    try:
        root = replies.parsed(datagram)
    except SourceError:
        return []
    if text(child(root, "Header", "RelatesTo")) not in questions:
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
        name, hardware = replies.scope_value(scopes, "name"), replies.scope_value(scopes, "hardware")
        found.append(FoundDevice(endpoint, tuple(addresses[:_MOST_ADDRESSES]), name, hardware))
    return found

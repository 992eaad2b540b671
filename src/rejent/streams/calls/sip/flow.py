"""Where a message came from and where another is to go."""

from dataclasses import dataclass

from rejent.streams.calls.sip.fields import read_address, top_via
from rejent.streams.calls.sip.message import Headers, Request, Response

DEFAULT_PORT = 5060


@dataclass(slots=True, frozen=True)
class Flow:
    """A connection, or a pair of addresses that exchange datagrams.

    Attributes:
        transport: ``udp``, ``tcp`` or ``tls``.
        host: the peer's address as the socket gives it.
        port: the peer's port.
        connection: which of our sockets, as the shell numbers them.
    """

    transport: str
    host: str
    port: int
    connection: int = 0

    @property
    def reliable(self) -> bool:
        """Whether nothing sent over it is lost unnoticed."""
        return self.transport != "udp"


@dataclass(slots=True, frozen=True)
class Outgoing:
    """Bytes to send, and where.

    Attributes:
        target: of a request of ours, the address it is meant for, should the connection be gone.
    """

    data: bytes
    flow: Flow
    target: str = ""


def marked(request: Request, flow: Flow) -> Request:
    """The request with where it really came from in its topmost Via (RFC 3261 §18.2.1, RFC 3581 §4)."""
    values = request.headers.values("Via")
    via = top_via(request.headers)
    top = values[0]
    if "rport" in via.parameters and not via.parameters["rport"]:
        parts = top.split(";")
        top = ";".join(
            f"rport={flow.port}" if part.strip().lower() in {"rport", "rport="} else part for part in parts
        )
    if "received" not in via.parameters and (via.host != flow.host or "rport" in via.parameters):
        top += f";received={flow.host}"
    ways = [("Via", one) for one in (top, *values[1:])]
    others = [(name, value) for name, value in request.headers if name.lower() != "via"]
    return Request(request.method, request.uri, Headers([*ways, *others]), request.body, request.raw)


def way_back(request: Request, flow: Flow) -> Flow:
    """Where the answer goes: over the same connection, or to where the datagram came from (RFC 3581 §4).

    A host named in Via is never believed, so that no answer can be aimed at somebody else.
    """
    if flow.reliable:
        return flow
    via = top_via(request.headers)
    port = flow.port if "rport" in via.parameters else via.port or DEFAULT_PORT
    return Flow(flow.transport, flow.host, port, flow.connection)


def answer(request: Request, status: int, fields: list[tuple[str, str]] | None = None, *, tag: str = "",
           reason: str = "", body: bytes = b"") -> Response:  # fmt: skip
    """An answer with the fields that every answer repeats (RFC 3261 §8.2.6).

    Args:
        request: what is answered.
        status: the code.
        fields: further header fields.
        tag: the name of our side of the dialog, where the request gives none.
        reason: a sentence in place of the usual one.
        body: what the answer carries.
    """
    repeated = [
        (name, value) for name, value in request.headers if name in {"Via", "From", "Call-ID", "CSeq"}
    ]
    to = request.headers.get("To") or ""
    if tag and not read_address(to).tag:
        to = f"{to};tag={tag}"
    return Response(status, reason, Headers([*repeated, ("To", to), *(fields or [])]), body)

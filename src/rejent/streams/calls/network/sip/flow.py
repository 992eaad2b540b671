"""Flows of messages, and responses to requests (RFC 3261 §18.2)."""

from dataclasses import dataclass

from rejent.streams.calls.network.sip.header_values import read_address, top_via
from rejent.streams.calls.network.sip.message import Headers, Request, Response

DEFAULT_PORT = 5060


@dataclass(slots=True, frozen=True)
class Flow:
    """A connection, or a pair of addresses exchanging datagrams; ``connection`` numbers our sockets."""

    transport: str
    host: str
    port: int
    connection: int = 0

    @property
    def reliable(self) -> bool:
        """True unless the transport is UDP."""
        return self.transport != "udp"


@dataclass(slots=True, frozen=True)
class Outgoing:
    """Bytes to send and their flow; ``target`` is the URI to connect to if the connection is gone."""

    data: bytes
    flow: Flow
    target: str = ""


def stamp_source(request: Request, flow: Flow) -> Request:
    """Return the request with ``received`` and ``rport`` in its topmost Via (RFC 3261 §18.2.1, RFC 3581 §4)."""
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


def response_flow(request: Request, flow: Flow) -> Flow:
    """Return the flow of the response (RFC 3581 §4); the host in Via is ignored, so that none can be aimed at somebody else."""
    if flow.reliable:
        return flow
    via = top_via(request.headers)
    port = flow.port if "rport" in via.parameters else via.port or DEFAULT_PORT
    return Flow(flow.transport, flow.host, port, flow.connection)


def write_response(request: Request, status: int, fields: list[tuple[str, str]] | None = None, *, tag: str = "",
           reason: str = "", body: bytes = b"") -> Response:  # fmt: skip
    """Return a response with the fields copied from the request (RFC 3261 §8.2.6); ``tag`` is used where its To has none."""
    repeated = [
        (name, value) for name, value in request.headers if name in {"Via", "From", "Call-ID", "CSeq"}
    ]
    to = request.headers.get("To") or ""
    if tag and not read_address(to).tag:
        to = f"{to};tag={tag}"
    return Response(status, reason, Headers([*repeated, ("To", to), *(fields or [])]), body)

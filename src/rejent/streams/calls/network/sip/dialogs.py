"""UAS dialogs and requests inside them (RFC 3261 §12)."""

from collections.abc import Callable
from dataclasses import dataclass

from rejent.kernel.numbers import read_number
from rejent.streams.calls.network.sip.flow import Flow
from rejent.streams.calls.network.sip.header_values import read_address, read_parameters, tokens
from rejent.streams.calls.network.sip.message import Headers, Request, Response

MAX_ROUTES = 16

Entropy = Callable[[int], bytes]
"""Returns that many unpredictable octets."""
DialogId = tuple[str, str, str]
"""Call-ID, local tag, remote tag."""


@dataclass(slots=True)
class Dialog:
    """One dialog on the UAS side: our To with our tag, the caller's From as written, and if it takes UPDATE (RFC 3311)."""

    id: DialogId
    local: str
    remote: str
    target: str
    routes: tuple[str, ...]
    flow: Flow
    contact: str
    local_sequence: int = 0
    remote_sequence: int = 0
    allows_update: bool = False

    def accept_sequence(self, request: Request) -> bool:
        """Record the CSeq of a request; False if it is not newer than the last (RFC 3261 §12.2.2)."""
        if request.sequence <= self.remote_sequence:
            return False
        self.remote_sequence = request.sequence
        return True

    def refresh(self, request: Request | Response, flow: Flow) -> None:
        """Update remote target, flow and Allow from a message inside the dialog."""
        contacts = request.headers.values("Contact")
        if contacts and contacts[0] != "*":
            self.target = read_address(contacts[0]).uri or self.target
        if request.headers.get("Allow") is not None:
            self.allows_update = "update" in tokens(request.headers, "Allow")
        self.flow = flow

    def request(
        self, method: str, branch: str, fields: list[tuple[str, str]] | None = None, body: bytes = b""
    ) -> Request:
        """Return a new request inside the dialog (RFC 3261 §12.2.1.1)."""
        self.local_sequence += 1
        return self._write(method, self.local_sequence, branch, fields or [], body)

    def acknowledgement(self, sequence: int, branch: str) -> Request:
        """Return the ACK to the 2xx of an INVITE of ours."""
        return self._write("ACK", sequence, branch, [], b"")

    def _write(
        self, method: str, sequence: int, branch: str, fields: list[tuple[str, str]], body: bytes
    ) -> Request:
        target, routes = self.target, self.routes
        if routes and not _is_loose(routes[0]):
            target, routes = read_address(routes[0]).uri, (*routes[1:], f"<{self.target}>")
        host = read_address(self.contact).address
        sent_by = f"[{host.host}]" if ":" in host.host else host.host
        via = f"SIP/2.0/{self.flow.transport.upper()} {sent_by}:{host.port or 5060};branch={branch};rport"
        head = [("Via", via), ("Max-Forwards", "70")]
        head += [("Route", route) for route in routes]
        head += [
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.id[0]),
            ("CSeq", f"{sequence} {method}"),
        ]
        head += [("Contact", self.contact)] if method in {"INVITE", "UPDATE"} else []
        return Request(method, target, Headers([*head, *fields]), body)


def dialog_from_invite(invite: Request, flow: Flow, tag: str, contact: str) -> Dialog:
    """Return the dialog that accepting an INVITE creates (RFC 3261 §12.1.1); SipError for an unusable caller or route set."""
    to = invite.headers.get("To") or ""
    sender = invite.headers.get("From") or ""
    remote = read_address(sender)
    contacts = invite.headers.values("Contact")
    routes = tuple(invite.headers.values("Record-Route")[:MAX_ROUTES])
    for route in routes:
        _is_loose(route)
    return Dialog(
        id=(invite.call_id, tag, remote.tag),
        local=f"{to};tag={tag}",
        remote=sender,
        target=read_address(contacts[0]).uri if contacts else remote.uri,
        routes=routes,
        flow=flow,
        contact=contact,
        remote_sequence=invite.sequence,
        allows_update="update" in tokens(invite.headers, "Allow"),
    )


def _is_loose(route: str) -> bool:
    """Return True if a proxy is a loose router (RFC 3261 §16.12)."""
    return read_address(route).has("lr")


def dialog_id(request: Request) -> DialogId | None:
    """Return the dialog a request belongs to, or None where it opens one."""
    tag = read_address(request.headers.get("To") or "").tag
    if not tag:
        return None
    return (request.call_id, tag, read_address(request.headers.get("From") or "").tag)


DEFAULT_INTERVAL = 1800
"""Seconds proposed to a caller that supports timers but names no interval (RFC 4028 §4.2)."""
MIN_INTERVAL = 90
"""Seconds: a shorter interval is accepted on the wire but expires after this (RFC 4028 §5)."""
MAX_INTERVAL = 24 * 3600


@dataclass(slots=True, frozen=True)
class SessionTimer:
    """A negotiated timer: Session-Expires in seconds, and ``ours`` where the caller insists that we refresh."""

    interval: int
    ours: bool

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Header fields of the 2xx; ``timer`` is required, since only callers that support it get a timer."""
        return [
            ("Session-Expires", f"{self.interval};refresher={'uas' if self.ours else 'uac'}"),
            ("Require", "timer"),
        ]

    @property
    def expires_after(self) -> float:
        """Seconds without a refresh after which the session has expired."""
        return float(max(self.interval, MIN_INTERVAL))

    @property
    def refresh_after(self) -> float:
        """Seconds after which we refresh, where we are the refresher (RFC 4028 §7.2)."""
        return self.interval / 2


def negotiate(request: Request) -> SessionTimer | None:
    """Return the timer for the response to an INVITE or UPDATE; None where the caller supports none (RFC 4028 §9)."""
    if "timer" not in (*tokens(request.headers, "Supported"), *tokens(request.headers, "Require")):
        return None
    number, _, rest = (request.headers.get("Session-Expires") or "").partition(";")
    interval = read_number(number.strip(), most=2**32 - 1)  # delta-seconds, RFC 3261 § 20.19
    if interval is None:
        return SessionTimer(DEFAULT_INTERVAL, ours=False)
    insists = (read_parameters(rest).get("refresher") or "").lower() == "uas"
    return SessionTimer(min(max(interval, 1), MAX_INTERVAL), ours=insists)

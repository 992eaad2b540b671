"""A sans-I/O user agent server for any kind of session (RFC 3261 §8.2, §12.2).

Every request gets a response at once, also where handling it fails: 500 is sent before the exception is raised.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from rejent.streams.calls.network.sip.deadlines import Deadlines, Moment
from rejent.streams.calls.network.sip.dialogs import Dialog, DialogId, Entropy, dialog_id
from rejent.streams.calls.network.sip.flow import Flow, Outgoing, response_flow, stamp_source, write_response
from rejent.streams.calls.network.sip.header_values import tokens
from rejent.streams.calls.network.sip.message import Request, Response, SipError, read_message, write_message
from rejent.streams.calls.network.sip.transactions import (
    Acknowledged,
    Cancelled,
    ClientTransaction,
    ClientTransactions,
    NewRequest,
    ServerTransaction,
    ServerTransactions,
)


class FaultCollector:
    """Collects exceptions and raises them together."""

    def __init__(self) -> None:
        self._met: list[Exception] = []

    @contextmanager
    def isolated(self) -> Iterator[None]:
        """Run the block; keep its exception for `raise_all`."""
        try:
            yield
        except Exception as fault:  # noqa: BLE001 - raised by `raise_all`
            self._met.append(fault)

    def raise_all(self) -> None:
        """Raise the collected exceptions, if any, as an ExceptionGroup."""
        if self._met:
            raise ExceptionGroup("Some could not be served.", self._met)


SERVER = ("Server", "Rejent")


@dataclass(slots=True, frozen=True)
class Rejection:
    """A final error response."""

    status: int
    fields: tuple[tuple[str, str], ...] = ()
    reason: str = ""


@dataclass(slots=True, frozen=True)
class Capabilities:
    """Supported methods of a server, and the option tags that it accepts in Require."""

    methods: tuple[str, ...]
    understood: frozenset[str]

    @property
    def allow(self) -> tuple[str, str]:
        """The Allow field."""
        return "Allow", ", ".join(self.methods)

    def rejection_of(self, request: Request) -> Rejection | None:
        """Return the refusal for an unsupported method (405), option tag (420) or URI scheme (416), if any."""
        if request.method not in self.methods:
            return Rejection(405, (self.allow,))
        unknown = [one for one in tokens(request.headers, "Require") if one not in self.understood]
        if unknown:
            return Rejection(420, (("Unsupported", ", ".join(dict.fromkeys(unknown))),))
        if not request.uri.lower().startswith(("sip:", "sips:", "tel:")):
            return Rejection(416, (), "Unsupported URI Scheme")
        return None


class DialogSession(Protocol):
    """A session as `DialogServer` needs it, with the transaction of the INVITE that opened it."""

    dialog: Dialog
    invite_key: tuple[str, ...]


Session = TypeVar("Session", bound=DialogSession)
Taken = TypeVar("Taken")
Key = TypeVar("Key", bound=Hashable)


class SessionWatch(Generic[Session, Key, Taken]):
    """Deadlines of sessions, requests of ours inside their dialogs, and what ended."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy, self._client = entropy, ClientTransactions()
        self._pending: dict[ClientTransaction, tuple[Session, str]] = {}
        """Session and purpose of each request that awaits its response."""
        self._due: Deadlines[Key] = Deadlines()
        self._ended: list[Taken] = []

    @property
    def next_deadline(self) -> float | None:
        """Return the time at which to call `tick`, in seconds of the monotonic clock."""
        both = (self._client.next_deadline, self._due.next)
        return min((at for at in both if at is not None), default=None)

    def take_outgoing(self) -> list[Outgoing]:
        """Return our requests to be sent, once."""
        return self._client.take_outgoing()

    def take_ended(self) -> list[Taken]:
        """Return what ended since the last call."""
        ended, self._ended = self._ended, []
        return ended

    def _ask(self, session: Session, method: str, purpose: str, at: Moment, *,
             fields: list[tuple[str, str]] | None = None, body: bytes = b"") -> None:  # fmt: skip
        """Send a request; skipped where the peer's address cannot be parsed."""
        with suppress(SipError):
            request = session.dialog.request(method, self._branch(), fields, body)
            question = self._client.send(request, session.dialog.flow, at.monotonic)
            self._pending[question] = session, purpose

    def _branch(self) -> str:
        return "z9hG4bK" + self._entropy(10).hex()

    def _lost(self, at: Moment) -> Iterator[tuple[Session, str]]:
        """Yield session and purpose of each request that timed out."""
        for question in self._client.tick(at.monotonic):
            if pending := self._pending.pop(question, None):
                yield pending


class DialogServer(ABC, Generic[Session, Taken]):
    """Parses messages, matches transactions and dialogs, and sends responses; subclasses handle the requests."""

    def __init__(self, capabilities: Capabilities, entropy: Entropy, retry_after: int) -> None:
        self.accepting = True
        self._capabilities, self._entropy, self._retry_after = capabilities, entropy, retry_after
        self._transactions = ServerTransactions()
        self._sessions: dict[DialogId, Session] = {}
        self._outgoing: list[Outgoing] = []

    @property
    def sessions(self) -> int:
        """Number of current sessions."""
        return len(self._sessions)

    def take_outgoing(self) -> list[Outgoing]:
        """Return what is to be sent, once."""
        outgoing, self._outgoing = [*self._outgoing, *self._transactions.take_outgoing()], []
        return outgoing

    def receive(self, data: bytes, flow: Flow, at: Moment) -> None:
        """Process one message; an unparsable request is answered where possible. A subclass's exception is raised after a 500."""
        try:
            message = read_message(data)
            if isinstance(message, Response):
                self._answered(message, at)
            else:
                self._request(message, flow, at)
        except SipError as error:
            self._reject_unparsed(error, flow)

    def forbid(self, data: bytes, flow: Flow) -> None:
        """Answer a request of a host that is not allowed with 403, without keeping state."""
        try:
            message = read_message(data)
        except SipError:
            return
        if isinstance(message, Request):
            error = SipError("The sender may not call.", where="source", status=403)
            error.request = message
            self._reject_unparsed(error, flow)

    @property
    @abstractmethod
    def next_deadline(self) -> float | None:
        """Return the time at which to call `tick`, in seconds of the monotonic clock."""

    @abstractmethod
    def take_events(self) -> list[Taken]:
        """Return the events since the last call."""

    @abstractmethod
    def tick(self, at: Moment) -> None:
        """Process what is due."""

    @abstractmethod
    def stop_all(self, at: Moment) -> None:
        """End all sessions and accept no more."""

    @abstractmethod
    def _invite(self, transaction: ServerTransaction, flow: Flow, at: Moment) -> Rejection | None: ...

    @abstractmethod
    def _options(self, transaction: ServerTransaction, at: Moment) -> Rejection | None: ...

    @abstractmethod
    def _inside(
        self, transaction: ServerTransaction, session: Session, flow: Flow, at: Moment
    ) -> Rejection | None: ...

    @abstractmethod
    def _confirmed(self, session: Session, arrival: Acknowledged, at: Moment) -> None: ...

    @abstractmethod
    def _answered(self, response: Response, at: Moment) -> None: ...

    def _cancelled(self, session: Session, at: Moment) -> None: ...

    def _respond(self, transaction: ServerTransaction, status: int, fields: list[tuple[str, str]], at: Moment, *,
                 tag: str = "", reason: str = "", body: bytes = b"") -> None:  # fmt: skip
        if body:
            fields = [*fields, ("Content-Type", "application/sdp")]
        reply = write_response(transaction.request, status, fields, tag=tag, reason=reason, body=body)
        self._transactions.respond(transaction, reply, at.monotonic)

    def _tag(self) -> str:
        return self._entropy(8).hex()

    def _full(self) -> Rejection:
        return Rejection(503, (("Retry-After", str(self._retry_after)),))

    def _session_of(self, transaction: ServerTransaction) -> Session | None:
        known = dialog_id(transaction.request)
        if known is not None:
            return self._sessions.get(known)
        return next((one for one in self._sessions.values() if one.invite_key == transaction.key), None)

    def _reject_unparsed(self, error: SipError, flow: Flow) -> None:
        request = error.request
        if request is None or request.method == "ACK":
            return
        try:
            back = response_flow(request, flow)
            reply = write_response(
                stamp_source(request, flow), error.status, [SERVER], tag=self._entropy(6).hex()
            )
            self._outgoing.append(Outgoing(write_message(reply), back))
        except SipError:
            return

    def _request(self, request: Request, flow: Flow, at: Moment) -> None:
        belongs = dialog_id(request) in self._sessions
        arrival = self._transactions.receive(request, flow, at.monotonic, belongs=belongs)
        if isinstance(arrival, Acknowledged):
            known = dialog_id(arrival.request)
            session = self._sessions.get(known) if known is not None else None
            if session is not None:
                self._confirmed(session, arrival, at)
        elif isinstance(arrival, Cancelled):
            session = self._session_of(arrival.invite)
            if session is not None:
                self._cancelled(session, at)
        elif isinstance(arrival, NewRequest):
            self._handle(arrival.transaction, flow, at)

    def _handle(self, transaction: ServerTransaction, flow: Flow, at: Moment) -> None:
        try:
            rejection = self._capabilities.rejection_of(transaction.request) or self._served(
                transaction, flow, at
            )
        except SipError as error:
            rejection = Rejection(error.status)
        except Exception:
            self._reject(transaction, Rejection(500), at)
            raise
        if rejection is not None:
            self._reject(transaction, rejection, at)

    def _reject(self, transaction: ServerTransaction, rejection: Rejection, at: Moment) -> None:
        fields = [*rejection.fields, SERVER]
        self._respond(transaction, rejection.status, fields, at, tag=self._tag(), reason=rejection.reason)

    def _served(self, transaction: ServerTransaction, flow: Flow, at: Moment) -> Rejection | None:
        request = transaction.request
        known = dialog_id(request)
        if known is not None:
            session = self._sessions.get(known)
            if session is None:
                return Rejection(481)
            if not session.dialog.accept_sequence(request) and request.method != "BYE":
                return Rejection(500)
            return self._inside(transaction, session, flow, at)
        if request.method == "INVITE":
            return self._invite(transaction, flow, at)
        if request.method == "OPTIONS":
            return self._options(transaction, at)
        return Rejection(481)

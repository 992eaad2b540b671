"""What every server of dialogs does with a message, whatever its sessions are for; without any input or output (RFC 3261 §8.2, §12.2).

Every request is answered in the turn it arrives in, refusals included; silence is never an answer, not even to what we
fail at by a fault of ours, which is answered with 500 before it is raised to whoever tells of it.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from rejent.streams.calls.sip.dialogs import Dialog, DialogId, Entropy, dialog_id
from rejent.streams.calls.sip.errors import SipError
from rejent.streams.calls.sip.fields import tokens
from rejent.streams.calls.sip.flow import Flow, Outgoing, answer, marked, way_back
from rejent.streams.calls.sip.message import Request, Response, read_message, write_message
from rejent.streams.calls.sip.moment import Moment
from rejent.streams.calls.sip.transactions import (
    Acknowledged,
    Asked,
    Cancelled,
    ServerTransactions,
    Transaction,
)
from rejent.streams.calls.sip.underway import Key

SERVER = ("Server", "Rejent")


@dataclass(slots=True, frozen=True)
class Refusal:
    """A status with what goes with it."""

    status: int
    fields: tuple[tuple[str, str], ...] = ()
    reason: str = ""


@dataclass(slots=True, frozen=True)
class Abilities:
    """What a server can be asked.

    Attributes:
        methods: those it knows.
        understood: extensions that a request may require.
    """

    methods: tuple[str, ...]
    understood: frozenset[str]

    @property
    def allow(self) -> tuple[str, str]:
        """The methods, as answers tell them."""
        return "Allow", ", ".join(self.methods)

    def refusal_of(self, request: Request) -> Refusal | None:
        """Why a request is refused whatever it carries: its method (405), what it requires (420) or its scheme (416)."""
        if request.method not in self.methods:
            return Refusal(405, (self.allow,))
        unknown = [one for one in tokens(request.headers, "Require") if one not in self.understood]
        if unknown:
            return Refusal(420, (("Unsupported", ", ".join(dict.fromkeys(unknown))),))
        if not request.uri.lower().startswith(("sip:", "sips:", "tel:")):
            return Refusal(416, (), "Unsupported URI Scheme")
        return None


class InDialog(Protocol):
    """What a session must tell of itself.

    Attributes:
        opened_by: the transaction of the INVITE that opened it.
    """

    dialog: Dialog
    opened_by: Key


Session = TypeVar("Session", bound=InDialog)


class DialogServer(ABC, Generic[Session]):
    """Takes messages and answers requests; what a request means, those who serve say.

    Args:
        abilities: what can be asked.
        entropy: makes tags nobody can guess.
        retry_after: seconds after which somebody refused for want of room may come back.

    Attributes:
        accepting: new sessions are taken.
    """

    def __init__(self, abilities: Abilities, entropy: Entropy, retry_after: int) -> None:
        self.accepting = True
        self._abilities, self._entropy, self._retry_after = abilities, entropy, retry_after
        self._transactions = ServerTransactions()
        self._sessions: dict[DialogId, Session] = {}
        self._outgoing: list[Outgoing] = []

    @property
    def sessions(self) -> int:
        """How many sessions there are now."""
        return len(self._sessions)

    def take_outgoing(self) -> list[Outgoing]:
        """What is to be sent, each time once."""
        outgoing, self._outgoing = [*self._outgoing, *self._transactions.take_outgoing()], []
        return outgoing

    def receive(self, data: bytes, flow: Flow, at: Moment) -> None:
        """Take one message. One that cannot be read is answered where that is possible, and else dropped.

        Raises:
            Exception: whatever nobody foresaw; the request is answered and those who serve have left nothing of it behind.
        """
        try:
            message = read_message(data)
            if isinstance(message, Response):
                self._answered(message, at)
            else:
                self._request(message, flow, at)
        except SipError as error:
            self._refuse_unseen(error, flow)

    def forbid(self, data: bytes, flow: Flow) -> None:
        """Refuse a request of one who may not call, and remember nothing of it."""
        try:
            message = read_message(data)
        except SipError:
            return
        if isinstance(message, Request):
            error = SipError("The sender may not call.", where="source", status=403)
            error.request = message
            self._refuse_unseen(error, flow)

    # What those who serve say

    @abstractmethod
    def _invite(self, transaction: Transaction, flow: Flow, at: Moment) -> Refusal | None:
        """An INVITE wants to open a session."""

    @abstractmethod
    def _options(self, transaction: Transaction, at: Moment) -> Refusal | None:
        """Somebody asks what we can do."""

    @abstractmethod
    def _inside(self, transaction: Transaction, session: Session, flow: Flow, at: Moment) -> Refusal | None:
        """A request came within a session, newer than those before it, or a BYE."""

    @abstractmethod
    def _confirmed(self, session: Session, arrival: Acknowledged, at: Moment) -> None:
        """Our 2xx to an INVITE of a session is confirmed."""

    @abstractmethod
    def _answered(self, response: Response, at: Moment) -> None:
        """An answer to a request of ours came.

        Raises:
            SipError: it cannot be understood.
        """

    def _cancelled(self, session: Session, at: Moment) -> None:
        """A CANCEL came after its INVITE was answered, which changes nothing."""

    # What they need for it

    def _respond(self, transaction: Transaction, status: int, fields: list[tuple[str, str]], at: Moment, *,
                 tag: str = "", reason: str = "", body: bytes = b"") -> None:  # fmt: skip
        if body:
            fields = [*fields, ("Content-Type", "application/sdp")]
        reply = answer(transaction.request, status, fields, tag=tag, reason=reason, body=body)
        self._transactions.respond(transaction, reply, at.monotonic)

    def _tag(self) -> str:
        return self._entropy(8).hex()

    def _full(self) -> Refusal:
        return Refusal(503, (("Retry-After", str(self._retry_after)),))

    def _session_of(self, transaction: Transaction) -> Session | None:
        """The session an INVITE opened or changed."""
        known = dialog_id(transaction.request)
        if known is not None:
            return self._sessions.get(known)
        return next((one for one in self._sessions.values() if one.opened_by == transaction.key), None)

    # How a message is taken

    def _refuse_unseen(self, error: SipError, flow: Flow) -> None:
        request = error.request
        if request is None or request.method == "ACK":
            return
        try:
            back = way_back(request, flow)
            reply = answer(marked(request, flow), error.status, [SERVER], tag=self._entropy(6).hex())
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
        elif isinstance(arrival, Asked):
            self._asked(arrival.transaction, flow, at)

    def _asked(self, transaction: Transaction, flow: Flow, at: Moment) -> None:
        try:
            refusal = self._abilities.refusal_of(transaction.request) or self._served(transaction, flow, at)
        except SipError as error:
            refusal = Refusal(error.status)
        except Exception:
            self._refuse(transaction, Refusal(500), at)
            raise
        if refusal is not None:
            self._refuse(transaction, refusal, at)

    def _refuse(self, transaction: Transaction, refusal: Refusal, at: Moment) -> None:
        fields = [*refusal.fields, SERVER]
        self._respond(transaction, refusal.status, fields, at, tag=self._tag(), reason=refusal.reason)

    def _served(self, transaction: Transaction, flow: Flow, at: Moment) -> Refusal | None:
        request = transaction.request
        known = dialog_id(request)
        if known is not None:
            session = self._sessions.get(known)
            if session is None:
                return Refusal(481)
            if not session.dialog.in_order(request) and request.method != "BYE":
                return Refusal(500)
            return self._inside(transaction, session, flow, at)
        if request.method == "INVITE":
            return self._invite(transaction, flow, at)
        if request.method == "OPTIONS":
            return self._options(transaction, at)
        return Refusal(481)

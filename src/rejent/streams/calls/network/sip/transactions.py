"""Client and server transactions (RFC 3261 §17, RFC 6026), sans I/O.

Pass messages to `receive`, answer requests by `respond`, send what `take_outgoing` returns, and call `tick` when
`next_deadline` is reached. A 2xx to INVITE is retransmitted over any transport until the ACK (RFC 3261 §13.3.1.4).
Timers are in seconds (RFC 3261 §17, table 4).
"""

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from rejent.streams.calls.network.sip.deadlines import Deadlines
from rejent.streams.calls.network.sip.flow import Flow, Outgoing, response_flow, stamp_source, write_response
from rejent.streams.calls.network.sip.header_values import read_address, top_via
from rejent.streams.calls.network.sip.message import Headers, Request, Response, SipError, write_message

T1 = 0.5
T2 = 4.0
T4 = 5.0
TRANSACTION_TIMEOUT = 64 * T1
"""Timers B, F, H, J and L."""


Key = tuple[str, ...]
Exchange = TypeVar("Exchange")


class TransactionTable(Generic[Exchange]):
    """Transactions by key, with their retransmissions and ends."""

    def __init__(self) -> None:
        self._known: dict[Key, Exchange] = {}
        self._repeats: Deadlines[Key] = Deadlines()
        self._ends: Deadlines[Key] = Deadlines()
        self._outgoing: list[Outgoing] = []

    def __len__(self) -> int:
        return len(self._known)

    def take_outgoing(self) -> list[Outgoing]:
        """Return what is to be sent, once."""
        outgoing, self._outgoing = self._outgoing, []
        return outgoing

    @property
    def next_deadline(self) -> float | None:
        """Time of the next retransmission or end, in seconds of the monotonic clock."""
        return min((at for at in (self._repeats.next, self._ends.next) if at is not None), default=None)


@dataclass(slots=True, eq=False)
class ClientTransaction:
    """One request of ours; ``acknowledgement`` is repeated for each retransmitted 2xx."""

    request: Request
    flow: Flow
    key: Key
    sent: bytes
    pause: float = T1
    provisional: bool = False
    answered: bool = False
    acknowledgement: bytes = b""


class ClientTransactions(TransactionTable[ClientTransaction]):
    """All client transactions."""

    def send(self, request: Request, flow: Flow, now: float) -> ClientTransaction:
        """Send a request whose topmost Via has a branch of its own."""
        key = (top_via(request.headers).branch, request.method)
        transaction = ClientTransaction(request, flow, key, write_message(request))
        self._known[key] = transaction
        self._outgoing.append(Outgoing(transaction.sent, flow, request.uri))
        if not flow.reliable:
            self._repeats.set(key, now + T1)
        self._ends.set(key, now + TRANSACTION_TIMEOUT)
        return transaction

    def acknowledge(self, transaction: ClientTransaction, ack: Request) -> None:
        """Send the ACK to a 2xx, now and for each retransmission."""
        transaction.acknowledgement = write_message(ack)
        self._outgoing.append(Outgoing(transaction.acknowledgement, transaction.flow))

    def receive(self, response: Response, now: float) -> ClientTransaction | None:
        """Return the transaction of a final response the first time it arrives, else None; SipError for an unreadable Via."""
        key = (top_via(response.headers).branch, response.sequence[1])
        transaction = self._known.get(key)
        if transaction is None:
            return None
        if transaction.answered:
            if transaction.acknowledgement:
                self._outgoing.append(Outgoing(transaction.acknowledgement, transaction.flow))
            return None
        if response.status < 200:
            transaction.provisional = True
            if transaction.request.method == "INVITE":
                self._repeats.drop(key)
            return None
        transaction.answered = True
        self._repeats.drop(key)
        self._ends.set(key, now + TRANSACTION_TIMEOUT)
        if transaction.request.method == "INVITE" and response.status >= 300:
            self.acknowledge(transaction, _ack_non_2xx(transaction.request, response))
        return transaction

    def tick(self, now: float) -> list[ClientTransaction]:
        """Retransmit what is due; return the transactions that timed out."""
        for key in self._repeats.due(now):
            transaction = self._known[key]
            self._outgoing.append(Outgoing(transaction.sent, transaction.flow))
            transaction.pause = T2 if transaction.provisional else 2 * transaction.pause
            if transaction.request.method != "INVITE":
                transaction.pause = min(transaction.pause, T2)
            self._repeats.set(key, now + transaction.pause)
        lost: list[ClientTransaction] = []
        for key in self._ends.due(now):
            self._repeats.drop(key)
            transaction = self._known.pop(key)
            if not transaction.answered:
                lost.append(transaction)
        return lost


def _ack_non_2xx(request: Request, response: Response) -> Request:
    """Return the ACK to a refusal: same way, same branch, the To of the answer (RFC 3261 §17.1.1.3)."""
    if response.headers.get("To") is None:
        raise SipError("A header field that every message needs is missing.", where="To")
    fields = [("Via", request.headers.values("Via")[0])]
    fields += [(name, value) for name, value in request.headers if name in {"From", "Call-ID", "Route"}]
    fields += [
        ("To", response.headers.get("To") or ""),
        ("CSeq", f"{request.sequence} ACK"),
        ("Max-Forwards", "70"),
    ]
    return Request("ACK", request.uri, Headers(fields))


MAX_TRANSACTIONS = 20_000
"""Transactions at once; further requests get 503 without state, unless they belong to a session."""
MAX_PER_HOST = 4_000
"""Limit for one host; doubled for requests that belong to a session."""
OCTETS_PER_UNIT = 4_096
"""A transaction counts once more for each of these octets it holds."""
TIMER_C = 180.0
"""Seconds after which an unanswered request is forgotten (timer C of RFC 3261 §16.6)."""
_COOKIE = "z9hG4bK"
_KEY_FIELDS = frozenset({"Via", "From", "To", "Call-ID", "CSeq"})


class State(Enum):
    """State of a server transaction (RFC 3261 figures 7 and 8, RFC 6026 figure 5)."""

    PROCEEDING = "proceeding"
    ACCEPTED = "accepted"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"


@dataclass(slots=True, eq=False)
class ServerTransaction:
    """One request and its response; the request is reduced to its key fields once answered."""

    request: Request
    flow: Flow
    key: Key
    state: State = State.PROCEEDING
    answered: bytes = b""
    confirmed: bool = False
    pause: float = T1
    weight: int = 0

    @property
    def is_invite(self) -> bool:
        """True for INVITE."""
        return self.request.method == "INVITE"


@dataclass(slots=True, frozen=True)
class NewRequest:
    """A request not seen before, to be answered."""

    transaction: ServerTransaction


@dataclass(slots=True, frozen=True)
class Acknowledged:
    """The ACK to a 2xx, and the transaction of its INVITE where that is still known."""

    request: Request
    invite: ServerTransaction | None


@dataclass(slots=True, frozen=True)
class Cancelled:
    """A CANCEL of a known INVITE; without effect unless ``in_time``, when the pending INVITE got 487."""

    invite: ServerTransaction
    in_time: bool = True


Arrival = NewRequest | Acknowledged | Cancelled


class ServerTransactions(TransactionTable[ServerTransaction]):
    """All server transactions."""

    def __init__(self, limit: int = MAX_TRANSACTIONS, of_host: int = MAX_PER_HOST) -> None:
        super().__init__()
        self._limit, self._of_host = limit, of_host
        self._held: Counter[str] = Counter()
        self._held_total = 0
        self._first_of: dict[Key, Key] = {}
        self._accepted_of: dict[Key, Key] = {}

    def receive(self, request: Request, flow: Flow, now: float, *, belongs: bool = False) -> Arrival | None:
        """Take one request; return None where nothing is left to do.

        ``belongs`` marks a request of a known session, which others cannot crowd out. SipError: it cannot be answered.
        """
        key = _key(request)
        known = self._known.get(key)
        if request.method == "ACK":
            return self._acknowledge(request, known, now)
        if known is not None:
            self._repeat(known)
            return None
        stamped = stamp_source(request, flow)
        back = response_flow(request, flow)
        if self._is_full(flow.host, belongs=belongs):
            self._send(write_response(stamped, 503, [("Retry-After", "5")], tag="full"), back)
            return None
        transaction = ServerTransaction(stamped, back, key)
        merged = _merge_key(request)
        if merged is not None and self._is_merged(merged, key):
            self._send(write_response(stamped, 482, tag="merged"), back)
            return None
        self._known[key] = transaction
        self._weigh(transaction, len(request.raw))
        self._ends.set(key, now + TIMER_C)
        if merged is not None:
            self._first_of[merged] = key
        if request.method == "CANCEL":
            return self._cancel(transaction, now)
        return NewRequest(transaction)

    def respond(self, transaction: ServerTransaction, response: Response, now: float) -> None:
        """Send a response; a second final response is not sent."""
        if transaction.state is not State.PROCEEDING:
            return
        data = self._send(response, transaction.flow)
        transaction.answered = data
        if response.status < 200:
            return
        transaction.request = _reduced(transaction.request)
        self._weigh(transaction, len(data))
        reliable = transaction.flow.reliable
        if transaction.is_invite:
            accepted = response.status < 300
            transaction.state = State.ACCEPTED if accepted else State.COMPLETED
            if accepted:
                self._accepted_of[_dialog_key(transaction.request)] = transaction.key
            if accepted or not reliable:
                self._repeats.set(transaction.key, now + T1)
            self._ends.set(transaction.key, now + TRANSACTION_TIMEOUT)
        else:
            transaction.state = State.COMPLETED
            self._ends.set(transaction.key, now + (0.0 if reliable else TRANSACTION_TIMEOUT))

    def tick(self, now: float) -> list[ServerTransaction]:
        """Retransmit what is due, forget what is over; return INVITE transactions whose 2xx was never acknowledged."""
        for key in self._repeats.due(now):
            transaction = self._known.get(key)
            if transaction is None or transaction.confirmed:
                continue
            self._repeat(transaction)
            transaction.pause = min(2 * transaction.pause, T2)
            self._repeats.set(key, now + transaction.pause)
        unconfirmed: list[ServerTransaction] = []
        for key in self._ends.due(now):
            self._repeats.drop(key)
            transaction = self._known.pop(key, None)
            if transaction is None:
                continue
            self._count(transaction, -transaction.weight)
            _forget(self._first_of, _merge_key(transaction.request), key)
            _forget(self._accepted_of, _dialog_key(transaction.request), key)
            if transaction.state is State.ACCEPTED and not transaction.confirmed:
                unconfirmed.append(transaction)
        return unconfirmed

    def _acknowledge(self, request: Request, known: ServerTransaction | None, now: float) -> Arrival | None:
        if known is not None and known.state in {State.COMPLETED, State.CONFIRMED}:
            if known.state is State.COMPLETED:
                known.state, known.confirmed = State.CONFIRMED, True
                self._repeats.drop(known.key)
                self._ends.set(known.key, now + (0.0 if known.flow.reliable else T4))
            return None
        invite = known or self._accepted_invite(request)
        if invite is not None:
            invite.confirmed = True
            self._repeats.drop(invite.key)
        return Acknowledged(request, invite)

    def _accepted_invite(self, ack: Request) -> ServerTransaction | None:
        """Return the INVITE transaction whose 2xx an ACK with its own branch confirms (RFC 3261 §13.2.2.4)."""
        return self._known.get(self._accepted_of.get(_dialog_key(ack), ()))

    def _cancel(self, cancel: ServerTransaction, now: float) -> Cancelled | None:
        invite = self._known.get((*cancel.key[:-1], "INVITE"))
        if invite is None:
            self.respond(cancel, write_response(cancel.request, 481, tag="none"), now)
            return None
        self.respond(cancel, write_response(cancel.request, 200, tag="cancel"), now)
        if invite.state is not State.PROCEEDING:
            return Cancelled(invite, in_time=False)
        self.respond(invite, write_response(invite.request, 487, tag="cancel"), now)
        return Cancelled(invite)

    def _is_full(self, host: str, *, belongs: bool) -> bool:
        if belongs:
            return self._held[host] >= 2 * self._of_host
        return self._held_total >= self._limit or self._held[host] >= self._of_host

    def _weigh(self, transaction: ServerTransaction, octets: int) -> None:
        self._count(transaction, 1 + octets // OCTETS_PER_UNIT - transaction.weight)

    def _count(self, transaction: ServerTransaction, more: int) -> None:
        host = transaction.flow.host
        transaction.weight += more
        self._held_total += more
        self._held[host] += more
        if not self._held[host]:
            del self._held[host]

    def _is_merged(self, merged: Key, key: Key) -> bool:
        """Return True if the same request arrived over another path (RFC 3261 §8.2.2.2)."""
        first = self._first_of.get(merged)
        return first is not None and first != key and first in self._known

    def _repeat(self, transaction: ServerTransaction) -> None:
        if transaction.answered:
            self._outgoing.append(Outgoing(transaction.answered, transaction.flow))

    def _send(self, response: Response, flow: Flow) -> bytes:
        data = write_message(response)
        self._outgoing.append(Outgoing(data, flow))
        return data


def _key(request: Request) -> Key:
    """Return the key that matches a request to its transaction (RFC 3261 §17.2.3), also for RFC 2543 devices."""
    via = top_via(request.headers)
    method = "INVITE" if request.method == "ACK" else request.method
    if via.branch.lower().startswith(_COOKIE.lower()) and len(via.branch) > len(_COOKIE):
        return (via.branch, via.host.lower(), str(via.port), method)
    sender = read_address(request.headers.get("From") or "").tag
    return (request.call_id, sender, str(request.sequence), via.host.lower(), str(via.port), method)


def _reduced(request: Request) -> Request:
    kept = [(name, value) for name, value in request.headers if name in _KEY_FIELDS]
    return Request(request.method, "", Headers(kept))


def _forget(index: dict[Key, Key], wanted: Key | None, key: Key) -> None:
    if wanted is not None and index.get(wanted) == key:
        del index[wanted]


def _merge_key(request: Request) -> Key | None:
    if request.method in {"ACK", "CANCEL"} or read_address(request.headers.get("To") or "").tag:
        return None
    return (*_dialog_key(request), request.method)


def _dialog_key(request: Request) -> Key:
    sender = read_address(request.headers.get("From") or "").tag
    return (request.call_id, sender, str(request.sequence))

"""Requests answered once however often they arrive (RFC 3261 §17.2, RFC 6026), without any input or output.

Hand in requests as they come, answer what `receive` returns by `respond`, send what `take_outgoing` gives, and call
`tick` when `next_deadline` has come. A 2xx to INVITE is repeated, over any transport, until the caller confirms it
(RFC 3261 §13.3.1.4).
"""

from collections import Counter
from dataclasses import dataclass
from enum import Enum

from rejent.streams.calls.sip.fields import read_address, top_via
from rejent.streams.calls.sip.flow import Flow, Outgoing, answer, marked, way_back
from rejent.streams.calls.sip.message import Headers, Request, Response, write_message
from rejent.streams.calls.sip.timers import LIFETIME, T1, T2, T4
from rejent.streams.calls.sip.underway import Key, UnderWay

MAX_TRANSACTIONS = 20_000
"""Transactions held at once; requests beyond are refused without being remembered, unless they belong to what we serve."""
MAX_OF_HOST = 4_000
"""Of these, of one host; twice as many where they belong to what we serve."""
OCTETS = 4_096
"""Whoever makes us hold more octets than these for a transaction has it counted once more for each of them."""
UNANSWERED = 180.0
"""Seconds after which a request that nobody answered is forgotten (timer C of RFC 3261 §16.6)."""
_COOKIE = "z9hG4bK"
_TOLD_APART_BY = frozenset({"Via", "From", "To", "Call-ID", "CSeq"})


class State(Enum):
    """Where a transaction stands (RFC 3261 figures 7 and 8, RFC 6026 figure 5)."""

    PROCEEDING = "proceeding"
    ACCEPTED = "accepted"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"


@dataclass(slots=True, eq=False)
class Transaction:
    """One request and its answer.

    Attributes:
        request: with the way it really came written into its topmost Via; once it is answered only what tells it apart.
        flow: the way back.
    """

    request: Request
    flow: Flow
    key: Key
    state: State = State.PROCEEDING
    answered: bytes = b""
    confirmed: bool = False
    pause: float = T1
    weight: int = 0
    """As how many it counts."""

    @property
    def is_invite(self) -> bool:
        """Whether it opens or changes a session."""
        return self.request.method == "INVITE"


@dataclass(slots=True, frozen=True)
class Asked:
    """A request not seen before; it wants an answer."""

    transaction: Transaction


@dataclass(slots=True, frozen=True)
class Acknowledged:
    """The caller confirms the 2xx to an INVITE.

    Attributes:
        invite: the transaction confirmed, or None where it is no longer known.
    """

    request: Request
    invite: Transaction | None


@dataclass(slots=True, frozen=True)
class Cancelled:
    """The caller no longer wants an INVITE.

    Attributes:
        in_time: it was not answered yet and has been answered with 487 for us; else the CANCEL changes nothing.
    """

    invite: Transaction
    in_time: bool = True


Arrival = Asked | Acknowledged | Cancelled


class ServerTransactions(UnderWay[Transaction]):
    """All requests of others that are under way."""

    def __init__(self, limit: int = MAX_TRANSACTIONS, of_host: int = MAX_OF_HOST) -> None:
        super().__init__()
        self._limit, self._of_host = limit, of_host
        self._held: Counter[str] = Counter()
        """As how many those of each host count."""
        self._held_in_all = 0
        self._first_of: dict[Key, Key] = {}
        self._accepted_of: dict[Key, Key] = {}

    def receive(self, request: Request, flow: Flow, now: float, *, belongs: bool = False) -> Arrival | None:
        """Take one request; None where nothing is left to do.

        Args:
            request: what came.
            flow: over what.
            now: seconds of the monotonic clock.
            belongs: it is part of what we serve, so that nobody else's requests may keep it out.

        Raises:
            SipError: its Via cannot be understood, so that it cannot be answered.
        """
        key = _key(request)
        known = self._known.get(key)
        if request.method == "ACK":
            return self._acknowledge(request, known, now)
        if known is not None:
            self._repeat(known)
            return None
        stamped = marked(request, flow)
        back = way_back(request, flow)
        if self._is_full(flow.host, belongs=belongs):
            self._send(answer(stamped, 503, [("Retry-After", "5")], tag="full"), back)
            return None
        transaction = Transaction(stamped, back, key)
        merged = _merge_key(request)
        if merged is not None and self._is_second_way(merged, key):
            self._send(answer(stamped, 482, tag="merged"), back)
            return None
        self._known[key] = transaction
        self._weigh(transaction, len(request.raw))
        self._ends.set(key, now + UNANSWERED)
        if merged is not None:
            self._first_of[merged] = key
        if request.method == "CANCEL":
            return self._cancel(transaction, now)
        return Asked(transaction)

    def respond(self, transaction: Transaction, response: Response, now: float) -> None:
        """Answer a request; a second final answer is not sent."""
        if transaction.state is not State.PROCEEDING:
            return
        data = self._send(response, transaction.flow)
        transaction.answered = data
        if response.status < 200:
            return
        transaction.request = _remembered(transaction.request)
        self._weigh(transaction, len(data))
        reliable = transaction.flow.reliable
        if transaction.is_invite:
            accepted = response.status < 300
            transaction.state = State.ACCEPTED if accepted else State.COMPLETED
            if accepted:
                self._accepted_of[_dialog_key(transaction.request)] = transaction.key
            if accepted or not reliable:
                self._repeats.set(transaction.key, now + T1)
            self._ends.set(transaction.key, now + LIFETIME)
        else:
            transaction.state = State.COMPLETED
            self._ends.set(transaction.key, now + (0.0 if reliable else LIFETIME))

    def tick(self, now: float) -> list[Transaction]:
        """Repeat what is due and forget what is over.

        Returns:
            The INVITEs whose 2xx nobody confirmed in time.
        """
        for key in self._repeats.due(now):
            transaction = self._known.get(key)
            if transaction is None or transaction.confirmed:
                continue
            self._repeat(transaction)
            transaction.pause = min(2 * transaction.pause, T2)
            self._repeats.set(key, now + transaction.pause)
        unconfirmed: list[Transaction] = []
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

    def _acknowledge(self, request: Request, known: Transaction | None, now: float) -> Arrival | None:
        if known is not None and known.state in {State.COMPLETED, State.CONFIRMED}:
            if known.state is State.COMPLETED:
                known.state, known.confirmed = State.CONFIRMED, True
                self._repeats.drop(known.key)
                self._ends.set(known.key, now + (0.0 if known.flow.reliable else T4))
            return None
        invite = known or self._accepted(request)
        if invite is not None:
            invite.confirmed = True
            self._repeats.drop(invite.key)
        return Acknowledged(request, invite)

    def _accepted(self, ack: Request) -> Transaction | None:
        """The INVITE whose 2xx an ACK with a branch of its own confirms (RFC 3261 §13.2.2.4)."""
        return self._known.get(self._accepted_of.get(_dialog_key(ack), ()))

    def _cancel(self, cancel: Transaction, now: float) -> Cancelled | None:
        invite = self._known.get((*cancel.key[:-1], "INVITE"))
        if invite is None:
            self.respond(cancel, answer(cancel.request, 481, tag="none"), now)
            return None
        self.respond(cancel, answer(cancel.request, 200, tag="cancel"), now)
        if invite.state is not State.PROCEEDING:
            return Cancelled(invite, in_time=False)
        self.respond(invite, answer(invite.request, 487, tag="cancel"), now)
        return Cancelled(invite)

    def _is_full(self, host: str, *, belongs: bool) -> bool:
        if belongs:
            return self._held[host] >= 2 * self._of_host
        return self._held_in_all >= self._limit or self._held[host] >= self._of_host

    def _weigh(self, transaction: Transaction, octets: int) -> None:
        self._count(transaction, 1 + octets // OCTETS - transaction.weight)

    def _count(self, transaction: Transaction, more: int) -> None:
        host = transaction.flow.host
        transaction.weight += more
        self._held_in_all += more
        self._held[host] += more
        if not self._held[host]:
            del self._held[host]

    def _is_second_way(self, merged: Key, key: Key) -> bool:
        """Whether the same request came another way before (RFC 3261 §8.2.2.2)."""
        first = self._first_of.get(merged)
        return first is not None and first != key and first in self._known

    def _repeat(self, transaction: Transaction) -> None:
        if transaction.answered:
            self._outgoing.append(Outgoing(transaction.answered, transaction.flow))

    def _send(self, response: Response, flow: Flow) -> bytes:
        data = write_message(response)
        self._outgoing.append(Outgoing(data, flow))
        return data


def _key(request: Request) -> Key:
    """What tells transactions apart (RFC 3261 §17.2.3), also those of devices older than it."""
    via = top_via(request.headers)
    method = "INVITE" if request.method == "ACK" else request.method
    if via.branch.lower().startswith(_COOKIE.lower()) and len(via.branch) > len(_COOKIE):
        return (via.branch, via.host.lower(), str(via.port), method)
    sender = read_address(request.headers.get("From") or "").tag
    return (request.call_id, sender, str(request.sequence), via.host.lower(), str(via.port), method)


def _remembered(request: Request) -> Request:
    """What is kept of a request that is answered: what tells it, and its dialog, apart."""
    kept = [(name, value) for name, value in request.headers if name in _TOLD_APART_BY]
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

"""Requests of our own until they are answered (RFC 3261 §17.1), without any input or output."""

from dataclasses import dataclass

from rejent.streams.calls.sip.errors import SipError
from rejent.streams.calls.sip.fields import top_via
from rejent.streams.calls.sip.flow import Flow, Outgoing
from rejent.streams.calls.sip.message import Headers, Request, Response, write_message
from rejent.streams.calls.sip.timers import LIFETIME, T1, T2
from rejent.streams.calls.sip.underway import Key, UnderWay


@dataclass(slots=True, eq=False)
class Question:
    """One request of ours.

    Attributes:
        acknowledgement: what confirms its 2xx, to be sent again each time that is repeated.
    """

    request: Request
    flow: Flow
    key: Key
    sent: bytes
    pause: float = T1
    provisional: bool = False
    answered: bool = False
    acknowledgement: bytes = b""


class ClientTransactions(UnderWay[Question]):
    """All requests of ours that are under way."""

    def ask(self, request: Request, flow: Flow, now: float) -> Question:
        """Send a request whose topmost Via names a branch of its own."""
        key = (top_via(request.headers).branch, request.method)
        question = Question(request, flow, key, write_message(request))
        self._known[key] = question
        self._outgoing.append(Outgoing(question.sent, flow, request.uri))
        if not flow.reliable:
            self._repeats.set(key, now + T1)
        self._ends.set(key, now + LIFETIME)
        return question

    def acknowledge(self, question: Question, ack: Request) -> None:
        """Confirm the 2xx to an INVITE of ours, now and whenever it is repeated."""
        question.acknowledgement = write_message(ack)
        self._outgoing.append(Outgoing(question.acknowledgement, question.flow))

    def receive(self, response: Response, now: float) -> Question | None:
        """The question a final answer belongs to, the first time it arrives; else None.

        Raises:
            SipError: its Via cannot be understood.
        """
        key = (top_via(response.headers).branch, response.sequence[1])
        question = self._known.get(key)
        if question is None:
            return None
        if question.answered:
            if question.acknowledgement:
                self._outgoing.append(Outgoing(question.acknowledgement, question.flow))
            return None
        if response.status < 200:
            question.provisional = True
            if question.request.method == "INVITE":
                self._repeats.drop(key)
            return None
        question.answered = True
        self._repeats.drop(key)
        self._ends.set(key, now + LIFETIME)
        if question.request.method == "INVITE" and response.status >= 300:
            self.acknowledge(question, _refusal_confirmed(question.request, response))
        return question

    def tick(self, now: float) -> list[Question]:
        """Repeat what is due; gives the questions nobody answered."""
        for key in self._repeats.due(now):
            question = self._known[key]
            self._outgoing.append(Outgoing(question.sent, question.flow))
            question.pause = T2 if question.provisional else 2 * question.pause
            if question.request.method != "INVITE":
                question.pause = min(question.pause, T2)
            self._repeats.set(key, now + question.pause)
        lost: list[Question] = []
        for key in self._ends.due(now):
            self._repeats.drop(key)
            question = self._known.pop(key)
            if not question.answered:
                lost.append(question)
        return lost


def _refusal_confirmed(request: Request, response: Response) -> Request:
    """The ACK to a refusal: same way, same branch, the To of the answer (RFC 3261 §17.1.1.3)."""
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

"""End of announced calls: REFER (RFC 3515, RFC 5589 §6.1), BYE, or loss."""

import re
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from rejent.streams.calls.announcing.playback import Decision
from rejent.streams.calls.announcing.session import Outcome, Session
from rejent.streams.calls.network.sip.deadlines import Deadlines, Moment
from rejent.streams.calls.network.sip.dialogs import DialogId, Entropy
from rejent.streams.calls.network.sip.flow import Outgoing
from rejent.streams.calls.network.sip.message import Request, Response, SipError
from rejent.streams.calls.network.sip.transactions import ClientTransaction, ClientTransactions

MAX_DURATION_S = 900.0
REFER_TIMEOUT_S = 20.0
NORMAL, REJECTED = 16, 21
"""Q.850 causes in the Reason of BYE (RFC 3326): normal clearing, and refused by the caller."""
_SIPFRAG = re.compile(rb"\s*SIP/2\.0\s+([1-6]\d\d)")


class Due(Enum):
    """Kind of a deadline."""

    LONGEST = "longest"
    TAKEN = "taken"


@dataclass(slots=True)
class _PendingRequest:
    session: Session
    refer: bool


class HandOvers:
    """Monitors all callers of a server until they leave."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._client = ClientTransactions()
        self._pending: dict[ClientTransaction, _PendingRequest] = {}
        self._present: dict[DialogId, Session] = {}
        self._due: Deadlines[tuple[Due, DialogId]] = Deadlines()
        self._ended: list[tuple[Session, Outcome]] = []

    @property
    def next_deadline(self) -> float | None:
        """Return the time at which to call `tick`."""
        both = (self._client.next_deadline, self._due.next)
        return min((at for at in both if at is not None), default=None)

    @property
    def present(self) -> list[Session]:
        """Current callers."""
        return list(self._present.values())

    def take_outgoing(self) -> list[Outgoing]:
        """Return our requests to be sent, once."""
        return self._client.take_outgoing()

    def take_ended(self) -> list[tuple[Session, Outcome]]:
        """Return sessions that ended since the last call, and their outcomes."""
        ended, self._ended = self._ended, []
        return ended

    def begin(self, session: Session, at: Moment) -> None:
        """Monitor a caller from now on."""
        self._present[session.dialog.id] = session
        self._due.set((Due.LONGEST, session.dialog.id), at.monotonic + MAX_DURATION_S)

    def decide(self, session: Session, at: Moment) -> None:
        """Hand over or hang up, after the end or a refusal."""
        programme = session.playback.programme
        session.refuses_recording = session.playback.decided is Decision.REFUSED
        session.handing = True
        target = programme.around if session.refuses_recording else programme.target
        if not target:
            self.end(session, Outcome.REFUSED if session.refuses_recording else Outcome.CONTINUED, at)
            return
        fields = [("Refer-To", f"<{target}>"), ("Referred-By", session.dialog.contact)]
        self._ask(session, "REFER", [*fields, ("Contact", session.dialog.contact)], at)
        self._due.set((Due.TAKEN, session.dialog.id), at.monotonic + REFER_TIMEOUT_S)

    def notified(self, session: Session, notify: Request, at: Moment) -> None:
        """Process the NOTIFY of a REFER."""
        found = _SIPFRAG.match(notify.body)
        over = "terminated" in (notify.headers.get("Subscription-State") or "").lower()
        status = int(found[1]) if found else 0
        if not session.handing or not (over or status >= 200):
            return
        if 200 <= status < 300:
            self._handed_over(session, at)
        else:
            self._not_taken(session, at)

    def hung_up(self, session: Session) -> None:
        """Process a BYE: the regular end of a hand-over, or a hang-up."""
        if session.handing and session.taken:
            self._gone(session, Outcome.AROUND if session.refuses_recording else Outcome.HANDED_OVER)
        elif session.handing:
            self._gone(session, Outcome.NOT_TAKEN)
        else:
            self._gone(session, Outcome.HUNG_UP)

    def end(self, session: Session, outcome: Outcome, at: Moment) -> None:
        """Send BYE, with the cause of a refusal."""
        if session.dialog.id not in self._present:
            return
        cause = REJECTED if session.refuses_recording and outcome is not Outcome.AROUND else NORMAL
        self._gone(session, outcome)
        self._ask(session, "BYE", [("Reason", f"Q.850;cause={cause}")], at)

    def answered(self, response: Response, at: Moment) -> None:
        """Process a response to a request of ours."""
        question = self._client.receive(response, at.monotonic)
        pending = self._pending.pop(question, None) if question is not None else None
        if pending is None or not pending.refer or pending.session.dialog.id not in self._present:
            return
        if response.status < 300:
            pending.session.taken = True
        else:
            self._not_taken(pending.session, at)

    def tick(self, at: Moment) -> None:
        """Process what is due."""
        for question in self._client.tick(at.monotonic):
            pending = self._pending.pop(question, None)
            if pending is not None and pending.refer:
                self._not_taken(pending.session, at)
        for due, known in self._due.due(at.monotonic):
            session = self._present.get(known)
            if session is not None and due is Due.TAKEN:
                self._not_taken(session, at)
            elif session is not None:
                self.end(session, Outcome.TOO_LONG, at)

    def _handed_over(self, session: Session, at: Moment) -> None:
        self.end(session, Outcome.AROUND if session.refuses_recording else Outcome.HANDED_OVER, at)

    def _not_taken(self, session: Session, at: Moment) -> None:
        if session.dialog.id not in self._present:
            return
        self._due.drop((Due.TAKEN, session.dialog.id))
        session.taken = False
        if not session.playback.programme.stays:
            self.end(session, Outcome.NOT_TAKEN, at)

    def _gone(self, session: Session, outcome: Outcome) -> None:
        if self._present.pop(session.dialog.id, None) is None:
            return
        for due in Due:
            self._due.drop((due, session.dialog.id))
        self._ended.append((session, outcome))

    def _ask(self, session: Session, method: str, fields: list[tuple[str, str]], at: Moment) -> None:
        """Send a request; skipped where the PBX's address cannot be parsed."""
        branch = f"z9hG4bK{self._entropy(12).hex()}"
        with suppress(SipError):
            request = session.dialog.request(method, branch, fields)
            question = self._client.send(request, session.dialog.flow, at.monotonic)
            self._pending[question] = _PendingRequest(session, method == "REFER")

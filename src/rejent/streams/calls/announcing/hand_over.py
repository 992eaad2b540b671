"""End of announced calls: REFER (RFC 3515, RFC 5589 §6.1), BYE, or loss."""

import re
from enum import Enum

from rejent.streams.calls.announcing.playback import Decision
from rejent.streams.calls.announcing.session import Outcome, Session
from rejent.streams.calls.network.sip.deadlines import Moment
from rejent.streams.calls.network.sip.dialog_server import SessionWatch
from rejent.streams.calls.network.sip.dialogs import DialogId, Entropy
from rejent.streams.calls.network.sip.message import Request, Response

MAX_DURATION_S = 900.0
REFER_TIMEOUT_S = 20.0
NORMAL, REJECTED = 16, 21
"""Q.850 causes in the Reason of BYE (RFC 3326): normal clearing, and refused by the caller."""
_SIPFRAG = re.compile(rb"\s*SIP/2\.0\s+([1-6]\d\d)")


class Due(Enum):
    """Kind of a deadline."""

    LONGEST = "longest"
    TAKEN = "taken"


class HandOvers(SessionWatch[Session, tuple[Due, DialogId], tuple[Session, Outcome]]):
    """Monitors all callers of a server until they leave."""

    def __init__(self, entropy: Entropy) -> None:
        super().__init__(entropy)
        self._present: dict[DialogId, Session] = {}

    @property
    def present(self) -> list[Session]:
        """Current callers."""
        return list(self._present.values())

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
        self._ask(session, "REFER", "REFER", at, fields=[*fields, ("Contact", session.dialog.contact)])
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
        self._ask(session, "BYE", "BYE", at, fields=[("Reason", f"Q.850;cause={cause}")])

    def answered(self, response: Response, at: Moment) -> None:
        """Process a response to a request of ours."""
        question = self._client.receive(response, at.monotonic)
        pending = self._pending.pop(question, None) if question is not None else None
        if pending is None or pending[1] != "REFER" or pending[0].dialog.id not in self._present:
            return
        if response.status < 300:
            pending[0].taken = True
        else:
            self._not_taken(pending[0], at)

    def tick(self, at: Moment) -> None:
        """Process what is due."""
        for session, method in self._lost(at):
            if method == "REFER":
                self._not_taken(session, at)
        for due, known in self._due.due(at.monotonic):
            present = self._present.get(known)
            if present is not None and due is Due.TAKEN:
                self._not_taken(present, at)
            elif present is not None:
                self.end(present, Outcome.TOO_LONG, at)

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

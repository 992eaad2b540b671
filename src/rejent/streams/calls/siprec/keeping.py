"""Signs of life of sessions, and what we ask of callers ourselves.

A session ends by what its caller says, or when every sign of it is gone. While media flows, no unanswered refresh, no
missing ACK and no lost timer ends it, for the call goes on whatever the signalling says.
"""

from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from rejent.streams.calls.sip.deadlines import Deadlines
from rejent.streams.calls.sip.dialogs import Entropy
from rejent.streams.calls.sip.errors import SipError
from rejent.streams.calls.sip.flow import Outgoing
from rejent.streams.calls.sip.isolation import FaultCollector
from rejent.streams.calls.sip.message import Response
from rejent.streams.calls.sip.moment import Moment
from rejent.streams.calls.sip.session_timer import SessionTimer
from rejent.streams.calls.sip.transactions import ClientTransaction, ClientTransactions
from rejent.streams.calls.siprec.bodies import METADATA, SDP
from rejent.streams.calls.siprec.events import Ended, Event, MediaPorts, Why
from rejent.streams.calls.siprec.metadata_xml import write_snapshot_request
from rejent.streams.calls.siprec.session import RecordingSession, read_carried

QUIET = 30.0
"""Seconds without a packet after which media counts as silent."""
PROBE_EVERY = 300.0
"""Seconds after which a silent caller without a session timer is asked whether it still knows the session."""
AGAIN = 2.0
"""Longest wait, in seconds, before a re-INVITE of ours that met another is repeated (RFC 3261 §14.1)."""
MAX_AGAIN = 5


class Due(Enum):
    """What a deadline is about."""

    ALIVE = "alive"
    REFRESH = "refresh"
    LONGEST = "longest"
    AGAIN = "again"


class Purpose(Enum):
    """Why we ask."""

    BYE = "bye"
    PROBE = "probe"
    REFRESH = "refresh"
    SNAPSHOT = "snapshot"
    RECEIVING = "receiving"


@dataclass(slots=True)
class _Asked:
    session: RecordingSession
    purpose: Purpose


class Keeping:
    """Watches over all sessions of a server."""

    def __init__(self, ports: MediaPorts, entropy: Entropy, longest: float) -> None:
        self._ports = ports
        self._entropy = entropy
        self._longest = longest
        self._client = ClientTransactions()
        self._asked: dict[ClientTransaction, _Asked] = {}
        self._sessions: dict[str, RecordingSession] = {}
        self._repeated: dict[str, int] = {}
        self._due: Deadlines[tuple[Due, str]] = Deadlines()
        self._ended: list[RecordingSession] = []

    @property
    def next_deadline(self) -> float | None:
        """When `tick` is to be called, in seconds of the monotonic clock."""
        return min(
            (at for at in (self._client.next_deadline, self._due.next) if at is not None), default=None
        )

    def take_outgoing(self) -> list[Outgoing]:
        """Requests of ours to be sent."""
        return self._client.take_outgoing()

    def take_ended(self) -> list[RecordingSession]:
        """Sessions that ended since this was asked last."""
        ended, self._ended = self._ended, []
        return ended

    def begin(self, session: RecordingSession, at: Moment) -> None:
        """Watch over a session from now on."""
        self._sessions[session.name] = session
        self._due.set((Due.LONGEST, session.name), at.monotonic + self._longest)
        self.refreshed(session, at)

    def refreshed(self, session: RecordingSession, at: Moment) -> None:
        """The caller gave a sign of life, or agreed on new ones."""
        timer = session.timer
        self._due.set(
            (Due.ALIVE, session.name), at.monotonic + (timer.expires_after if timer else PROBE_EVERY)
        )
        if timer is not None and timer.ours:
            self._due.set((Due.REFRESH, session.name), at.monotonic + timer.refresh_after)
        else:
            self._due.drop((Due.REFRESH, session.name))

    def confirmed(self, session: RecordingSession, at: Moment) -> list[Event]:
        """An exchange with the caller is complete, so that we may ask something ourselves."""
        if not session.lost_track or session.asked_for_snapshot or not session.dialog.allows_update:
            return []
        session.asked_for_snapshot = True
        fields = [
            ("Require", "siprec"),
            ("Content-Type", METADATA),
            ("Content-Disposition", "recording-session"),
        ]
        body = write_snapshot_request("The metadata received cannot be joined to what is known.")
        self._ask(session, "UPDATE", Purpose.SNAPSHOT, at, fields=fields, body=body)
        return session.note("snapshot-requested", at)

    def unconfirmed(self, session: RecordingSession, at: Moment) -> list[Event]:
        """The caller never confirmed our answer (RFC 3261 §13.3.1.4)."""
        session.offered = False
        if self._flows(session, at):
            return session.note("ack-missing", at)
        return self.end(session, Why.NOT_CONFIRMED, at)

    def renegotiate(self, session: RecordingSession, at: Moment, *, receiving: bool) -> None:
        """Say by a re-INVITE whether we take media (RFC 7866 §7.2)."""
        session.streams.receive(receiving=receiving)
        self._repeated.pop(session.name, None)
        self._reinvite(session, Purpose.RECEIVING, at)

    def end(self, session: RecordingSession, why: Why, at: Moment) -> list[Event]:
        """End a session, by a BYE of ours unless the caller ended or forgot it."""
        if self._sessions.pop(session.name, None) is None:
            return []
        for due in Due:
            self._due.drop((due, session.name))
        self._repeated.pop(session.name, None)
        self._ended.append(session)
        if why not in {Why.BYE, Why.VANISHED}:
            self._ask(session, "BYE", Purpose.BYE, at)
        return [*session.streams.close(at), Ended(session.name, at, why)]

    def answered(self, response: Response, at: Moment) -> list[Event]:
        """Take an answer to a request of ours.

        Raises:
            SipError: it cannot be understood.
        """
        question = self._client.receive(response, at.monotonic)
        asked = self._asked.pop(question, None) if question is not None else None
        if question is None or asked is None or asked.session.name not in self._sessions:
            return []
        session = asked.session
        if 200 <= response.status < 300 and question.request.method == "INVITE":
            ack = session.dialog.acknowledgement(question.request.sequence, self._branch())
            self._client.acknowledge(question, ack)
        if response.status in {408, 481}:
            session.offered = False
            return self._gone(session, at)
        if response.status >= 300:
            return self._refused(asked, response, at)
        return self._agreed(asked, response, at)

    def tick(self, at: Moment, faults: FaultCollector) -> list[Event]:
        """Do what is due, for each session on its own."""
        events: list[Event] = []
        for question in self._client.tick(at.monotonic):
            asked = self._asked.pop(question, None)
            if asked is not None and asked.session.name in self._sessions:
                asked.session.offered = False
                with faults.isolated():
                    events += self._gone(asked.session, at)
        for due, name in self._due.due(at.monotonic):
            session = self._sessions.get(name)
            if session is not None:
                with faults.isolated():
                    events += self._do(due, session, at)
        return events

    def _do(self, due: Due, session: RecordingSession, at: Moment) -> list[Event]:
        if due is Due.LONGEST:
            return self.end(session, Why.TOO_LONG, at)
        if due is Due.ALIVE:
            return self._check_alive(session, at)
        if due is Due.AGAIN:
            self._reinvite(session, Purpose.RECEIVING, at)
        elif session.dialog.allows_update:
            self._ask(session, "UPDATE", Purpose.REFRESH, at, fields=_refresher(session.timer))
        else:
            self._reinvite(session, Purpose.REFRESH, at)
        return []

    def _check_alive(self, session: RecordingSession, at: Moment) -> list[Event]:
        key = (Due.ALIVE, session.name)
        if self._flows(session, at):
            self._due.set(key, at.monotonic + (QUIET if session.timer else PROBE_EVERY))
            return session.note("not-refreshed", at) if session.timer else []
        if session.timer is not None:
            return self.end(session, Why.NOT_REFRESHED, at)
        self._due.set(key, at.monotonic + PROBE_EVERY)
        self._ask(session, "OPTIONS", Purpose.PROBE, at)
        return []

    def _gone(self, session: RecordingSession, at: Moment) -> list[Event]:
        """The caller does not know the session, or does not answer (RFC 3261 §12.2.1.2)."""
        if not self._flows(session, at):
            return self.end(session, Why.VANISHED, at)
        self._due.set((Due.ALIVE, session.name), at.monotonic + QUIET)
        return session.note("caller-unresponsive", at)

    def _refused(self, asked: _Asked, response: Response, at: Moment) -> list[Event]:
        session = asked.session
        if asked.purpose in {Purpose.RECEIVING, Purpose.REFRESH}:
            session.offered = False
        tries = self._repeated.get(session.name, 0)
        if asked.purpose is Purpose.RECEIVING and response.status == 491 and tries < MAX_AGAIN:
            self._repeated[session.name] = tries + 1
            wait = AGAIN * int.from_bytes(self._entropy(2), "big") / 65536
            self._due.set((Due.AGAIN, session.name), at.monotonic + wait)
            return []
        return [] if asked.purpose is Purpose.PROBE else session.note(f"{asked.purpose.value}-refused", at)

    def _agreed(self, asked: _Asked, response: Response, at: Moment) -> list[Event]:
        session = asked.session
        session.moved(response, session.dialog.flow)
        events: list[Event] = []
        if asked.purpose in {Purpose.RECEIVING, Purpose.REFRESH} and response.body:
            events = session.take(response, read_carried(response), at)
        if asked.purpose in {Purpose.RECEIVING, Purpose.REFRESH}:
            session.offered = False
            self.refreshed(session, at)
        return events

    def _reinvite(self, session: RecordingSession, purpose: Purpose, at: Moment) -> None:
        if session.offered:
            self._due.set((Due.AGAIN, session.name), at.monotonic + AGAIN)
            return
        session.offered = True
        fields = [("Require", "siprec"), ("Content-Type", SDP), *_refresher(session.timer)]
        self._ask(session, "INVITE", purpose, at, fields=fields, body=session.streams.description())

    def _ask(self, session: RecordingSession, method: str, purpose: Purpose, at: Moment, *,
             fields: list[tuple[str, str]] | None = None, body: bytes = b"") -> None:  # fmt: skip
        """Ask a caller; one whom no request can be written to is not asked, and everything goes on as without an answer."""
        with suppress(SipError):
            request = session.dialog.request(method, self._branch(), fields, body)
            question = self._client.send(request, session.dialog.flow, at.monotonic)
            self._asked[question] = _Asked(session, purpose)

    def _branch(self) -> str:
        return "z9hG4bK" + self._entropy(10).hex()

    def _flows(self, session: RecordingSession, at: Moment) -> bool:
        heard = self._ports.last_heard(session.name)
        return heard is not None and at.monotonic - heard < QUIET


def _refresher(timer: SessionTimer | None) -> list[tuple[str, str]]:
    """What a refresh of ours says about the timer (RFC 4028 §7.4): roles turn round with the direction of the request."""
    if timer is None:
        return []
    role = "uac" if timer.ours else "uas"
    return [("Supported", "timer"), ("Session-Expires", f"{timer.interval};refresher={role}")]

"""Liveness of sessions, and our requests inside them.

While media flows, no unanswered refresh, missing ACK or expired timer ends a session: the call continues whatever the
signalling says.
"""

from enum import Enum, StrEnum

from rejent.streams.calls.network.sip.deadlines import Moment
from rejent.streams.calls.network.sip.dialog_server import FaultCollector, SessionWatch
from rejent.streams.calls.network.sip.dialogs import Entropy, SessionTimer
from rejent.streams.calls.network.sip.message import Response
from rejent.streams.calls.receiving.siprec.bodies import METADATA, SDP
from rejent.streams.calls.receiving.siprec.events import Ended, EndReason, Event, MediaPorts
from rejent.streams.calls.receiving.siprec.metadata_xml import write_snapshot_request
from rejent.streams.calls.receiving.siprec.session import RecordingSession, read_content

QUIET = 30.0
PROBE_EVERY = 300.0
"""Seconds between OPTIONS to a silent caller without a session timer."""
AGAIN = 2.0
"""Longest delay before a re-INVITE is repeated after 491, in seconds (RFC 3261 §14.1)."""
MAX_AGAIN = 5


class Due(Enum):
    """Kind of a deadline."""

    ALIVE = "alive"
    REFRESH = "refresh"
    LONGEST = "longest"
    AGAIN = "again"


class Purpose(StrEnum):
    """Purpose of a request of ours."""

    BYE = "bye"
    PROBE = "probe"
    REFRESH = "refresh"
    SNAPSHOT = "snapshot"
    RECEIVING = "receiving"


class SessionMonitor(SessionWatch[RecordingSession, tuple[Due, str], RecordingSession]):
    """Monitors all sessions of a server."""

    def __init__(self, ports: MediaPorts, entropy: Entropy, longest: float) -> None:
        super().__init__(entropy)
        self._ports, self._longest = ports, longest
        self._sessions: dict[str, RecordingSession] = {}
        self._repeated: dict[str, int] = {}

    def begin(self, session: RecordingSession, at: Moment) -> None:
        """Monitor a session from now on."""
        self._sessions[session.name] = session
        self._due.set((Due.LONGEST, session.name), at.monotonic + self._longest)
        self.refreshed(session, at)

    def refreshed(self, session: RecordingSession, at: Moment) -> None:
        """Restart a session's timers."""
        timer = session.timer
        self._due.set(
            (Due.ALIVE, session.name), at.monotonic + (timer.expires_after if timer else PROBE_EVERY)
        )
        if timer is not None and timer.ours:
            self._due.set((Due.REFRESH, session.name), at.monotonic + timer.refresh_after)
        else:
            self._due.drop((Due.REFRESH, session.name))

    def confirmed(self, session: RecordingSession, at: Moment) -> list[Event]:
        """Ask for a metadata snapshot if needed, once an exchange is complete."""
        if not session.out_of_sync or session.snapshot_requested or not session.dialog.allows_update:
            return []
        session.snapshot_requested = True
        fields = [
            ("Require", "siprec"),
            ("Content-Type", METADATA),
            ("Content-Disposition", "recording-session"),
        ]
        body = write_snapshot_request(session.out_of_sync)
        self._ask(session, "UPDATE", Purpose.SNAPSHOT, at, fields=fields, body=body)
        return session.note("snapshot-requested", at)

    def unconfirmed(self, session: RecordingSession, at: Moment) -> list[Event]:
        """Handle a 2xx that was never acknowledged (RFC 3261 §13.3.1.4)."""
        session.offered = False
        if self._flows(session, at):
            return session.note("ack-missing", at)
        return self.end(session, EndReason.NOT_CONFIRMED, at)

    def renegotiate(self, session: RecordingSession, at: Moment, *, receiving: bool) -> None:
        """Send a re-INVITE that starts or stops media (RFC 7866 §7.2)."""
        session.streams.receive(receiving=receiving)
        self._repeated.pop(session.name, None)
        self._reinvite(session, Purpose.RECEIVING, at)

    def end(self, session: RecordingSession, reason: EndReason, at: Moment) -> list[Event]:
        """End a session, with BYE unless the caller ended or lost it."""
        if self._sessions.pop(session.name, None) is None:
            return []
        for due in Due:
            self._due.drop((due, session.name))
        self._repeated.pop(session.name, None)
        self._ended.append(session)
        if reason not in {EndReason.BYE, EndReason.VANISHED}:
            self._ask(session, "BYE", Purpose.BYE, at)
        return [*session.streams.close(at), Ended(session.name, at, reason)]

    def answered(self, response: Response, at: Moment) -> list[Event]:
        """Process a response to a request of ours; SipError where it cannot be parsed."""
        question = self._client.receive(response, at.monotonic)
        pending = self._pending.pop(question, None) if question is not None else None
        if question is None or pending is None or pending[0].name not in self._sessions:
            return []
        session, purpose = pending
        if 200 <= response.status < 300 and question.request.method == "INVITE":
            ack = session.dialog.acknowledgement(question.request.sequence, self._branch())
            self._client.acknowledge(question, ack)
        if response.status in {408, 481}:
            session.offered = False
            return self._gone(session, at)
        if response.status >= 300:
            return self._rejected(session, purpose, response, at)
        return self._agreed(session, purpose, response, at)

    def tick(self, at: Moment, faults: FaultCollector) -> list[Event]:
        """Process what is due, isolating the sessions' faults."""
        events: list[Event] = []
        for session, _ in self._lost(at):
            if session.name in self._sessions:
                session.offered = False
                with faults.isolated():
                    events += self._gone(session, at)
        for due, name in self._due.due(at.monotonic):
            known = self._sessions.get(name)
            if known is not None:
                with faults.isolated():
                    events += self._do(due, known, at)
        return events

    def _do(self, due: Due, session: RecordingSession, at: Moment) -> list[Event]:
        if due is Due.LONGEST:
            return self.end(session, EndReason.TOO_LONG, at)
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
            return self.end(session, EndReason.NOT_REFRESHED, at)
        self._due.set(key, at.monotonic + PROBE_EVERY)
        self._ask(session, "OPTIONS", Purpose.PROBE, at)
        return []

    def _gone(self, session: RecordingSession, at: Moment) -> list[Event]:
        """Handle a caller that does not know the session or does not respond (RFC 3261 §12.2.1.2)."""
        if not self._flows(session, at):
            return self.end(session, EndReason.VANISHED, at)
        self._due.set((Due.ALIVE, session.name), at.monotonic + QUIET)
        return session.note("caller-unresponsive", at)

    def _rejected(
        self, session: RecordingSession, purpose: str, response: Response, at: Moment
    ) -> list[Event]:
        if purpose in {Purpose.RECEIVING, Purpose.REFRESH}:
            session.offered = False
        tries = self._repeated.get(session.name, 0)
        if purpose == Purpose.RECEIVING and response.status == 491 and tries < MAX_AGAIN:
            self._repeated[session.name] = tries + 1
            wait = AGAIN * int.from_bytes(self._entropy(2), "big") / 65536
            self._due.set((Due.AGAIN, session.name), at.monotonic + wait)
            return []
        return [] if purpose == Purpose.PROBE else session.note(f"{purpose}-refused", at)

    def _agreed(self, session: RecordingSession, purpose: str, response: Response, at: Moment) -> list[Event]:
        session.moved(response, session.dialog.flow)
        events: list[Event] = []
        if purpose in {Purpose.RECEIVING, Purpose.REFRESH} and response.body:
            events = session.take(response, read_content(response), at)
        if purpose in {Purpose.RECEIVING, Purpose.REFRESH}:
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

    def _flows(self, session: RecordingSession, at: Moment) -> bool:
        heard = self._ports.last_packet_at(session.name)
        return heard is not None and at.monotonic - heard < QUIET


def _refresher(timer: SessionTimer | None) -> list[tuple[str, str]]:
    """Return the timer fields of our refresh; the roles swap with the direction of the request (RFC 4028 §7.4)."""
    if timer is None:
        return []
    role = "uac" if timer.ours else "uas"
    return [("Supported", "timer"), ("Session-Expires", f"{timer.interval};refresher={role}")]

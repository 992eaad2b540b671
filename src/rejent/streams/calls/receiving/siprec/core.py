"""The session recording server, sans I/O (RFC 7866).

Pass messages to `receive`, call `tick` when `next_deadline` is reached, and after each send what `take_outgoing`
returns and process what `take_events` returns.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rejent.streams.calls.network.sip.deadlines import Moment
from rejent.streams.calls.network.sip.dialog_server import (
    SERVER,
    Capabilities,
    DialogServer,
    FaultCollector,
    Rejection,
)
from rejent.streams.calls.network.sip.dialogs import Entropy, dialog_from_invite
from rejent.streams.calls.network.sip.flow import Flow, Outgoing
from rejent.streams.calls.network.sip.message import Request, Response
from rejent.streams.calls.network.sip.transactions import Acknowledged, ServerTransaction
from rejent.streams.calls.receiving.siprec.bodies import ACCEPTED_TYPES
from rejent.streams.calls.receiving.siprec.events import (
    Begun,
    Confirmed,
    EndReason,
    Event,
    MediaPorts,
    NoRoom,
)
from rejent.streams.calls.receiving.siprec.liveness import SessionMonitor
from rejent.streams.calls.receiving.siprec.media_lines import MediaLines
from rejent.streams.calls.receiving.siprec.session import (
    MessageContent,
    RecordingSession,
    deviations_of,
    is_bridge,
    read_content,
)

CAPABILITIES = Capabilities(
    ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "INFO"), frozenset({"siprec", "timer", "100rel"})
)
"""100rel has no effect, since we never send provisional responses (RFC 3262 §3)."""
ALLOW = CAPABILITIES.allow
ACCEPT = ("Accept", ", ".join(ACCEPTED_TYPES))
SUPPORTED = ("Supported", "timer")


@dataclass(slots=True, frozen=True)
class Settings:
    """Address as callers reach it, and limits of the recording server in seconds; it may take ordinary calls too, or decline them."""

    host: str
    port: int = 5060
    tls_port: int = 5061
    limit: int = 500
    retry_after: int = 30
    longest: float = 24 * 3600.0
    takes_plain_calls: bool = False

    def contact(self, flow: Flow) -> str:
        """Return our Contact with the ``+sip.srs`` feature tag (RFC 7866 §6.1.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = self.tls_port if flow.transport == "tls" else self.port
        transport = "" if flow.transport == "udp" else f";transport={flow.transport}"
        return f"<sip:{host}:{port}{transport}>;+sip.srs"


LINES_OF_A_CALL = 2
"""Media lines of an ordinary session: one per party."""


class RecordingCore(DialogServer[RecordingSession, Event]):
    """All recording sessions of one server; ``accepting`` is False while the store is full or the server is stopping.

    ``admission`` returns the status with which a new session is rejected; 0 accepts it.
    """

    def __init__(
        self,
        settings: Settings,
        ports: MediaPorts,
        entropy: Entropy,
        admission: Callable[[Begun], int] = lambda _: 0,
    ) -> None:
        super().__init__(CAPABILITIES, entropy, settings.retry_after)
        self._admission = admission
        self._settings = settings
        self._ports = ports
        self._by_call: dict[str, int] = {}
        self._events: list[Event] = []
        self._monitor = SessionMonitor(ports, entropy, settings.longest)

    @property
    def next_deadline(self) -> float | None:
        """Return the time at which to call `tick`, in seconds of the monotonic clock."""
        instants = (self._transactions.next_deadline, self._monitor.next_deadline)
        return min((at for at in instants if at is not None), default=None)

    def take_outgoing(self) -> list[Outgoing]:
        """Return what is to be sent, once."""
        return [*super().take_outgoing(), *self._monitor.take_outgoing()]

    def take_events(self) -> list[Event]:
        """Return the events since the last call."""
        events, self._events = self._events, []
        return events

    def tick(self, at: Moment) -> None:
        """Process what is due in all sessions; an ExceptionGroup is raised after the last, if some failed."""
        faults = FaultCollector()
        for transaction in self._transactions.tick(at.monotonic):
            with faults.isolated():
                session = self._session_of(transaction)
                if session is not None:
                    self._events += self._monitor.unconfirmed(session, at)
        self._events += self._monitor.tick(at, faults)
        self._drop_ended()
        faults.raise_all()

    def stop(self, session: str, at: Moment) -> bool:
        """End a session that is not to be recorded by BYE; False where it is unknown."""
        found = next((one for one in self._sessions.values() if one.name == session), None)
        if found is None:
            return False
        self._events += self._monitor.end(found, EndReason.STOPPED, at)
        self._drop_ended()
        return True

    def stop_all(self, at: Moment) -> None:
        """End all sessions by BYE and accept no more; an ExceptionGroup is raised after the last, if some failed."""
        self.accepting = False
        faults = FaultCollector()
        for session in list(self._sessions.values()):
            with faults.isolated():
                self._events += self._monitor.end(session, EndReason.STOPPED, at)
        self._drop_ended()
        faults.raise_all()

    def set_receiving(self, session: str, at: Moment, *, receiving: bool) -> bool:
        """Announce by re-INVITE whether we receive media; False where the session is unknown."""
        found = next((one for one in self._sessions.values() if one.name == session), None)
        if found is None:
            return False
        self._monitor.renegotiate(found, at, receiving=receiving)
        return True

    def _answered(self, response: Response, at: Moment) -> None:
        self._events += self._monitor.answered(response, at)
        self._drop_ended()

    def _cancelled(self, session: RecordingSession, at: Moment) -> None:
        self._events += session.note("cancel-late", at)

    @property
    def has_room(self) -> bool:
        """True if one more ordinary session fits, whether or not new ones are accepted."""
        return len(self._sessions) < self._settings.limit and self._ports.free >= LINES_OF_A_CALL

    def _no_room(self, flow: Flow, at: Moment, session: str = "") -> Rejection:
        self._events.append(NoRoom(session, at, flow.host))
        return self._full()

    def _options(self, transaction: ServerTransaction, at: Moment) -> Rejection | None:
        load = ("X-Load", f"{len(self._sessions)};limit={self._settings.limit}")
        if not (self.accepting and self.has_room):
            full = self._full()
            return Rejection(full.status, (*full.fields, load))
        contact = ("Contact", self._settings.contact(transaction.flow))
        fields = [contact, ALLOW, ACCEPT, SUPPORTED, SERVER, load]
        self._respond(transaction, 200, fields, at, tag=self._tag())
        return None

    def _invite(self, transaction: ServerTransaction, flow: Flow, at: Moment) -> Rejection | None:
        invite = transaction.request
        if not self.accepting:
            return self._full()
        if len(self._sessions) >= self._settings.limit:
            return self._no_room(flow, at)
        content = read_content(invite)
        if not content.understood:
            return Rejection(415, (ACCEPT,))
        session = self._open(transaction, flow)
        begun, events = session.begin(invite, content, at)
        if rejection := self._not_admitted(invite, content, begun):
            return rejection
        try:
            return self._answer(transaction, session, content, [begun, *events], at)
        except Exception:
            self._forget(session)
            session.streams.close(at)
            raise

    def _answer(
        self,
        transaction: ServerTransaction,
        session: RecordingSession,
        content: MessageContent,
        events: list[Event],
        at: Moment,
    ) -> Rejection | None:
        if content.description is None:
            streams = session.open_own(self._ports, at)
            if streams is None:
                return self._no_room(transaction.flow, at, session.name)
            session.offered, session.offered_in = True, transaction.key
        else:
            streams = session.streams.take(content.description, at)
            if content.description.media and not session.streams.current:
                lacks_ports = session.streams.rejected_for_ports
                return self._no_room(transaction.flow, at, session.name) if lacks_ports else Rejection(488)
        self._add(session)
        if self._by_call[session.dialog.id[0]] > 1:
            events += session.note("call-id-twice", at)
        self._respond(transaction, 200, self._fields(session), at, tag=session.dialog.id[1],
                      body=session.streams.description())  # fmt: skip
        self._events += [*events, *streams]
        self._monitor.begin(session, at)
        return None

    def _not_admitted(self, invite: Request, content: MessageContent, begun: Begun) -> Rejection | None:
        if not self._settings.takes_plain_calls and _is_plain(invite, content):
            return Rejection(603, (), "Only recording sessions are taken")
        status = self._admission(begun)
        if status == 503:
            return self._full()
        return Rejection(status, (), "This call is not recorded") if status else None

    def _open(self, transaction: ServerTransaction, flow: Flow) -> RecordingSession:
        name = self._entropy(16).hex()
        number = str(int.from_bytes(self._entropy(6), "big"))
        streams = MediaLines(name, self._ports, self._settings.host, number, self._entropy)
        dialog = dialog_from_invite(transaction.request, flow, self._tag(), self._settings.contact(flow))
        return RecordingSession(name, dialog, streams, transaction.key)

    def _add(self, session: RecordingSession) -> None:
        self._sessions[session.dialog.id] = session
        call = session.dialog.id[0]
        self._by_call[call] = self._by_call.get(call, 0) + 1

    def _drop_ended(self) -> None:
        for session in self._monitor.take_ended():
            self._forget(session)

    def _forget(self, session: RecordingSession) -> None:
        if self._sessions.pop(session.dialog.id, None) is None:
            return
        call = session.dialog.id[0]
        self._by_call[call] -= 1
        if not self._by_call[call]:
            del self._by_call[call]

    def _fields(self, session: RecordingSession) -> list[tuple[str, str]]:
        timer = session.timer.fields if session.timer else []
        return [("Contact", session.dialog.contact), ALLOW, ACCEPT, SUPPORTED, SERVER, *timer]

    def _inside(
        self, transaction: ServerTransaction, session: RecordingSession, flow: Flow, at: Moment
    ) -> Rejection | None:
        request = transaction.request
        if request.method == "BYE":
            self._respond(transaction, 200, [SERVER], at)
            self._events += session.received(request, at)
            self._events += self._monitor.end(session, EndReason.BYE, at)
            self._drop_ended()
            return None
        if request.method in {"INVITE", "UPDATE"}:
            return self._changed(transaction, session, flow, at)
        self._respond(transaction, 200, [ALLOW, ACCEPT, SERVER], at)
        if request.body:
            self._events += session.received(request, at)
        return None

    def _changed(
        self, transaction: ServerTransaction, session: RecordingSession, flow: Flow, at: Moment
    ) -> Rejection | None:
        request = transaction.request
        content = read_content(request)
        if not content.understood:
            return Rejection(415, (ACCEPT,))
        wants_offer = request.method == "INVITE" and content.description is None
        if session.offered and (content.description is not None or wants_offer):
            return Rejection(491)
        self._events += session.take(request, content, at)
        session.moved(request, flow)
        body = session.streams.description() if content.description is not None or wants_offer else b""
        if wants_offer:
            session.offered, session.offered_in = True, transaction.key
        self._respond(transaction, 200, self._fields(session), at, body=body)
        self._monitor.refreshed(session, at)
        if request.method == "UPDATE":
            self._events += self._monitor.confirmed(session, at)
        return None

    def _confirmed(self, session: RecordingSession, arrival: Acknowledged, at: Moment) -> None:
        self._events.append(Confirmed(session.name, at))
        if session.offered and arrival.invite is not None and arrival.invite.key == session.offered_in:
            session.offered = False
            if not arrival.request.body:
                self._events += session.note("answer-missing", at)
            else:
                self._events += session.take(arrival.request, read_content(arrival.request), at)
        self._events += self._monitor.confirmed(session, at)


def _is_plain(invite: Request, content: MessageContent) -> bool:
    missing = set(deviations_of(invite))
    plain = {"require-missing", "feature-missing"} <= missing
    return plain and content.bodies.metadata is None and not is_bridge(invite)

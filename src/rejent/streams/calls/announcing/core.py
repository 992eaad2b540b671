"""The announcing service, sans I/O: answer, play, hand over (RFC 3261, RFC 3264, RFC 3515).

Every INVITE is answered at once, or rejected so that the PBX continues without us. Pass messages to `receive` and
packets to `hear`, call `tick` when `next_deadline` is reached, and each time send what `take_outgoing` returns and
process what `take_events` returns.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rejent.streams.calls.announcing.hand_over import HandOvers
from rejent.streams.calls.announcing.negotiation import (
    NegotiatedMedia,
    RtpPackets,
    SignallingPeers,
    negotiate_media,
    write_negotiated,
    write_own,
)
from rejent.streams.calls.announcing.playback import Playback, Programme
from rejent.streams.calls.announcing.session import Announced, MediaSockets, Outcome, Session, read_info
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
from rejent.streams.calls.network.sip.header_values import read_address
from rejent.streams.calls.network.sip.message import Response, SipError
from rejent.streams.calls.network.sip.transactions import Acknowledged, ServerTransaction
from rejent.streams.calls.receiving.siprec.sdp import Description, Ports
from rejent.streams.calls.receiving.siprec.session import read_content

CAPABILITIES = Capabilities(
    ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "INFO", "NOTIFY"),
    frozenset({"timer", "100rel", "replaces", "norefersub"}),
)
ALLOW = CAPABILITIES.allow


@dataclass(slots=True, frozen=True)
class ServiceAddress:
    """Address, also in SDP, and limits of the service; ``of_host`` limits one host, ``retry_after`` is in seconds."""

    host: str
    port: int
    limit: int = 200
    of_host: int = 200
    retry_after: int = 10

    def contact(self, flow: Flow) -> str:
        """Return our Contact."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"<sip:{host}:{self.port}{'' if flow.transport == 'udp' else f';transport={flow.transport}'}>"


class AnnouncingCore(DialogServer[Session, Announced]):
    """All callers answered at one address; a ``programme`` of None rejects all calls.

    ``open_sockets`` opens the sockets of one caller, None when none are left.
    """

    def __init__(
        self,
        presence: ServiceAddress,
        programme: Programme | None,
        open_sockets: Callable[[str], MediaSockets | None],
        entropy: Entropy,
    ) -> None:
        super().__init__(CAPABILITIES, entropy, presence.retry_after)
        self.programme = programme
        self._presence, self._open_sockets = presence, open_sockets
        self._by_sockets: dict[MediaSockets, Session] = {}
        self._ending = HandOvers(entropy)

    @property
    def next_deadline(self) -> float | None:
        """Return the time at which to call `tick`, in seconds of the monotonic clock."""
        speaking = (session.due for session in self._sessions.values())
        others = (self._transactions.next_deadline, self._ending.next_deadline)
        return min((at for at in (*speaking, *others) if at is not None), default=None)

    def take_outgoing(self) -> list[Outgoing]:
        """Return what is to be sent, once."""
        return [*super().take_outgoing(), *self._ending.take_outgoing()]

    def take_events(self) -> list[Announced]:
        """Return the callers that ended since the last call."""
        ended = []
        for session, outcome in self._ending.take_ended():
            if self._sessions.pop(session.dialog.id, None) is not None:
                self._by_sockets.pop(session.sockets, None)
                session.sockets.close()
                ended.append(session.announced(outcome))
        return ended

    def hear(self, session: Session, datagram: bytes, host: str, port: int, at: Moment) -> None:
        """Process a packet at a caller's port."""
        if session.dialog.id in self._sessions:
            session.take_packet(datagram, host, port, at.monotonic)
            self._decide(session, at)

    def session_of(self, sockets: MediaSockets) -> Session | None:
        """Return the session of these sockets."""
        return self._by_sockets.get(sockets)

    def tick(self, at: Moment) -> None:
        """End overdue calls, then send due packets; an ExceptionGroup is raised after the last session, if some failed."""
        for transaction in self._transactions.tick(at.monotonic):
            if (session := self._session_of(transaction)) is not None:
                self._ending.end(session, Outcome.NOT_CONFIRMED, at)
        self._ending.tick(at)
        faults = FaultCollector()
        for session in self._ending.present:
            with faults.isolated():
                self._speak(session, at)
        faults.raise_all()

    def _speak(self, session: Session, at: Moment) -> None:
        due = session.due
        if due is None or due > at.monotonic:
            return
        try:
            session.speak(at.monotonic)
            self._decide(session, at)
        except Exception:
            self._ending.end(session, Outcome.STOPPED, at)
            raise

    def stop_all(self, at: Moment) -> None:
        """End all calls, so that dialplans continue, and accept no more; an ExceptionGroup as in `tick`."""
        self.accepting = False
        faults = FaultCollector()
        for session in list(self._sessions.values()):
            with faults.isolated():
                self._ending.end(session, Outcome.STOPPED, at)
        faults.raise_all()

    def _decide(self, session: Session, at: Moment) -> None:
        if session.handing:
            return
        if session.playback.decided is not None:
            self._ending.decide(session, at)
        elif not session.wanted:
            self._ending.end(session, Outcome.NOT_HEARD, at)

    def _answered(self, response: Response, at: Moment) -> None:
        self._ending.answered(response, at)

    def _has_room(self, host: str) -> bool:
        ready = self.accepting and self.programme is not None and len(self._sessions) < self._presence.limit
        of_host = sum(one.dialog.flow.host == host for one in self._sessions.values())
        return ready and of_host < self._presence.of_host

    def _options(self, transaction: ServerTransaction, at: Moment) -> Rejection | None:
        if not self._has_room(transaction.flow.host):
            return self._full()
        fields = [
            ("Contact", self._presence.contact(transaction.flow)),
            ALLOW,
            ("Accept", "application/sdp"),
            SERVER,
        ]
        self._respond(transaction, 200, fields, at, tag=self._tag())
        return None

    def _invite(self, transaction: ServerTransaction, flow: Flow, at: Moment) -> Rejection | None:
        invite = transaction.request
        if self.programme is None or not self._has_room(flow.host):
            return self._full()
        content = read_content(invite)
        if not content.understood:
            return Rejection(415, (("Accept", "application/sdp"),))
        offer = content.description
        taken = negotiate_media(offer, self._reached(flow)) if offer is not None else None
        if offer is not None and taken is None:
            return Rejection(488)
        name = self._entropy(16).hex()
        sockets = self._open_sockets(name)
        if sockets is None:
            return self._full()
        try:
            session = self._new_session(transaction, flow, name, sockets, at)
            body = self._first_answer(session, offer, taken)
        except Exception:
            sockets.close()
            raise
        self._sessions[session.dialog.id] = self._by_sockets[sockets] = session
        self._ending.begin(session, at)
        self._respond(transaction, 200, self._fields(session), at, tag=session.dialog.id[1], body=body)
        return None

    def _first_answer(
        self, session: Session, offer: Description | None, taken: NegotiatedMedia | None
    ) -> bytes:
        if offer is None or taken is None:
            session.offered = True
            return write_own(session.number, session.version, self._ports(session))
        session.take(taken)
        return write_negotiated(offer, taken, session.number, session.version, self._ports(session))

    def _new_session(
        self, transaction: ServerTransaction, flow: Flow, name: str, sockets: MediaSockets, at: Moment
    ) -> Session:
        invite = transaction.request
        if self.programme is None:
            raise SipError("There is nothing to be said.", where="programme", status=503)
        dialog = dialog_from_invite(invite, flow, self._tag(), self._presence.contact(flow))
        asserted = invite.headers.values("P-Asserted-Identity")
        number = int.from_bytes
        return Session(
            name=name,
            dialog=dialog,
            invite_key=transaction.key,
            sockets=sockets,
            playback=Playback(self.programme),
            packets=RtpPackets(
                number(self._entropy(4), "big"),
                number(self._entropy(2), "big"),
                number(self._entropy(4), "big"),
            ),
            number=str(number(self._entropy(6), "big")),
            caller=_user(asserted[0] if asserted else invite.headers.get("From") or ""),
            called=_user(invite.headers.get("To") or ""),
            answered=at,
        )

    def _reached(self, flow: Flow) -> SignallingPeers:
        return SignallingPeers(flow.host, self._presence.host)

    def _ports(self, session: Session) -> Ports:
        return Ports(self._presence.host, session.sockets.port, session.sockets.port + 1)

    def _fields(self, session: Session) -> list[tuple[str, str]]:
        return [("Contact", session.dialog.contact), ALLOW, SERVER]

    def _confirmed(self, session: Session, arrival: Acknowledged, at: Moment) -> None:
        if session.offered:
            description = read_content(arrival.request).description if arrival.request.body else None
            reached = self._reached(session.dialog.flow)
            taken = negotiate_media(description, reached) if description is not None else None
            if taken is None:
                self._ending.end(session, Outcome.NOT_CONFIRMED, at)
                return
            session.offered = False
            session.take(taken)
        session.start_media(at.monotonic)

    def _inside(
        self, transaction: ServerTransaction, session: Session, flow: Flow, at: Moment
    ) -> Rejection | None:
        request = transaction.request
        if request.method in {"INVITE", "UPDATE"}:
            return self._changed(transaction, session, flow, at)
        self._respond(transaction, 200, [ALLOW, SERVER], at)
        if request.method == "BYE":
            self._ending.hung_up(session)
        elif request.method == "NOTIFY":
            self._ending.notified(session, request, at)
        elif request.method == "INFO" and (key := read_info(request)):
            session.playback.press(key, at.monotonic)
            self._decide(session, at)
        return None

    def _changed(
        self, transaction: ServerTransaction, session: Session, flow: Flow, at: Moment
    ) -> Rejection | None:
        """Handle a re-INVITE or UPDATE: hold, other media, refresh, or a request for our offer."""
        request = transaction.request
        offer = read_content(request).description
        if session.offered:
            return Rejection(491)
        session.dialog.refresh(request, flow)
        if offer is None:
            session.offered = request.method == "INVITE"
            body = (
                write_own(session.number, session.version, self._ports(session)) if session.offered else b""
            )
            self._respond(transaction, 200, self._fields(session), at, body=body)
            return None
        taken = negotiate_media(offer, self._reached(flow))
        if taken is None:
            return Rejection(488)
        session.version += 1
        session.take(taken)
        body = write_negotiated(offer, taken, session.number, session.version, self._ports(session))
        self._respond(transaction, 200, self._fields(session), at, body=body)
        if session.started:
            session.start_media(at.monotonic)
        return None


def _user(written: str) -> str:
    return read_address(written).address.user[:128]

"""The state of one recording session, sans I/O (RFC 7866)."""

from dataclasses import dataclass, field

from rejent.streams.calls.network.sip.deadlines import Moment
from rejent.streams.calls.network.sip.dialogs import Dialog, SessionTimer, negotiate
from rejent.streams.calls.network.sip.flow import Flow
from rejent.streams.calls.network.sip.header_values import NameAddress, read_address, tokens
from rejent.streams.calls.network.sip.message import Request, Response, readable
from rejent.streams.calls.receiving.siprec.bodies import Bodies, read_bodies
from rejent.streams.calls.receiving.siprec.events import (
    Begun,
    DeviationNoted,
    Event,
    MediaPorts,
    MessageReceived,
    MetadataChanged,
    Profile,
    Stream,
    StreamAdded,
)
from rejent.streams.calls.receiving.siprec.media_lines import MediaLines
from rejent.streams.calls.receiving.siprec.metadata import (
    CallSession,
    Metadata,
    Participant,
    StreamInfo,
    StreamUse,
)
from rejent.streams.calls.receiving.siprec.metadata_xml import BrokenMetadataError, read_metadata
from rejent.streams.calls.receiving.siprec.sdp import OWN_LINE, Description, offer_line, read_description

_DRAFT = frozenset({"namespace", "root-element", "streams-in-participant"})


def deviations_of(invite: Request) -> list[str]:
    """Return the deviations of an INVITE's head from RFC 7866 §6.2."""
    contacts = invite.headers.values("Contact")
    contact = read_address(contacts[0]) if contacts else None
    found = [] if "siprec" in tokens(invite.headers, "Require") else ["require-missing"]
    if contact is None or not contact.has("+sip.src"):
        found.append("feature-draft" if contact is not None and contact.has("src") else "feature-missing")
    elif "+sip.src" not in contact.parameters:
        found.append("feature-in-address")
    return found


def profile_of(invite: Request, metadata: Metadata | None, deviations: list[str]) -> Profile:
    """Return the caller's profile, by head and metadata."""
    if is_bridge(invite):
        return Profile.CISCO_BIB
    if metadata is not None and _DRAFT & set(metadata.deviations):
        return Profile.DRAFT
    is_unmarked = {"require-missing", "feature-missing"} <= set(deviations)
    if metadata is None and is_unmarked:
        return Profile.PLAIN
    return (
        Profile.TOLERANT if deviations or (metadata is not None and metadata.deviations) else Profile.STRICT
    )


def is_bridge(invite: Request) -> bool:
    """Return True for Cisco's built-in bridge or network-based recording."""
    sender = _sender(invite)
    return sender.has("x-nearend") or sender.has("x-farend")


def bridge_metadata(invite: Request) -> Metadata:
    """Return the metadata in the From of Cisco's built-in bridge; both calls of a conversation share a group."""
    sender = _sender(invite)
    near = Participant("near", ((readable(sender.parameter("x-nearendaddr")), ""),))
    far = Participant("far", ((readable(sender.parameter("x-farendaddr")), ""),))
    references = sorted(
        one for one in (sender.parameter("x-refci"), sender.parameter("x-farendrefci")) if one
    )
    session = CallSession(sender.parameter("x-refci"), group="+".join(references))
    speaker = "near" if sender.has("x-nearend") else "far"
    return Metadata(
        sessions=(session,),
        participants=(near, far),
        streams=(StreamInfo("call", "", session.id),),
        uses=(StreamUse(speaker, ("call",)),),
    )


def _sender(invite: Request) -> NameAddress:
    return read_address(invite.headers.get("From") or "")


MAX_MESSAGE_BYTES = 32 * 1024 * 1024
NO_SNAPSHOT = "The metadata received updates a snapshot that was not received."


@dataclass(slots=True, eq=False)
class RecordingSession:
    """One session, opened by the transaction ``invite_key``; its metadata is None while there is none.

    ``offered``: our offer awaits its answer, in the ACK of ``offered_in`` or in the response to our re-INVITE.
    ``out_of_sync``: why a snapshot has to be requested, as the caller is told; empty while the metadata is known.
    """

    name: str
    dialog: Dialog
    streams: MediaLines
    invite_key: tuple[str, ...]
    metadata: Metadata | None = None
    timer: SessionTimer | None = None
    offered: bool = False
    offered_in: tuple[str, ...] = ()
    out_of_sync: str = ""
    snapshot_requested: bool = False
    message_bytes: int = 0
    noted: set[str] = field(default_factory=set)

    def begin(self, invite: Request, content: "MessageContent", at: Moment) -> tuple[Begun, list[Event]]:
        """Process the opening INVITE; return `Begun` and the events after it. Media lines are negotiated separately."""
        self.timer = negotiate(invite)
        if content.metadata is None and is_bridge(invite):
            content = MessageContent(
                content.bodies, content.description, bridge_metadata(invite), content.deviations
            )
        deviations = [] if is_bridge(invite) else deviations_of(invite)
        begun = Begun(
            self.name,
            at,
            call_id=readable(invite.call_id),
            source=self.dialog.flow,
            profile=profile_of(invite, content.metadata, deviations),
            metadata=content.metadata or Metadata(),
            stated=readable(invite.headers.get("Date") or ""),
            sender=_address(invite, "From"),
            target=_address(invite, "To"),
        )
        self.metadata = content.metadata
        is_partial = content.metadata is not None and content.metadata.partial
        self.out_of_sync = content.metadata_fault or (NO_SNAPSHOT if is_partial else "")
        return begun, [*self.received(invite, at), *self._note([*deviations, *content.deviations], at)]

    def open_own(self, ports: MediaPorts, at: Moment) -> list[Event] | None:
        """Allocate the one line we offer ourselves; None where no port is left."""
        opened = ports.allocate(self.name, OWN_LINE)
        if opened is None:
            return None
        stream = Stream(0, opened, offer_line(opened))
        self.streams.open_own(stream.media, stream)
        return [StreamAdded(self.name, at, stream)]

    def take(self, message: Request | Response, content: "MessageContent", at: Moment) -> list[Event]:
        """Process the content of a later message."""
        events: list[Event] = [*self.received(message, at), *self._note(content.deviations, at)]
        self.out_of_sync = content.metadata_fault or self.out_of_sync
        if content.metadata is not None:
            events += self._take_metadata(content.metadata, at)
        if content.description is not None:
            events += self.streams.take(content.description, at)
            self.offered = False
        return events

    def _take_metadata(self, newer: Metadata, at: Moment) -> list[Event]:
        if newer.partial and self.metadata is None:
            self.out_of_sync = self.out_of_sync or NO_SNAPSHOT
        if not newer.partial:
            self.out_of_sync, self.snapshot_requested = "", False
        known = (self.metadata or Metadata()).updated(newer)
        notes = self._note(list(known.deviations), at)
        if known == self.metadata:
            return notes
        self.metadata = known
        return [*notes, MetadataChanged(self.name, at, known)]

    def moved(self, message: Request | Response, flow: Flow) -> None:
        """Update the caller's address and the session timer from a message."""
        self.dialog.refresh(message, flow)
        if isinstance(message, Request) and message.method in {"INVITE", "UPDATE"}:
            self.timer = negotiate(message)

    def received(self, message: Request | Response, at: Moment) -> list[Event]:
        """Emit a message to be stored; beyond `MAX_MESSAGE_BYTES` only the BYE."""
        method = message.method if isinstance(message, Request) else str(message.status)
        self.message_bytes += len(message.raw)
        if self.message_bytes > MAX_MESSAGE_BYTES and method != "BYE":
            return self.note("messages-too-much", at)
        return [MessageReceived(self.name, at, method, message.raw)]

    def _note(self, deviations: list[str], at: Moment) -> list[Event]:
        fresh = [one for one in dict.fromkeys(deviations) if one not in self.noted]
        self.noted.update(fresh)
        return [DeviationNoted(self.name, at, one) for one in fresh]

    def note(self, deviation: str, at: Moment) -> list[Event]:
        """Emit one deviation, unless emitted before."""
        return self._note([deviation], at)


def _address(invite: Request, field_name: str) -> str:
    return readable(read_address(invite.headers.get(field_name) or "").uri)


@dataclass(slots=True, frozen=True)
class MessageContent:
    """The parsed content of a message, with deviations of all its parts by stable names.

    ``metadata_fault``: the sentence that says why the metadata cannot be read; empty where it can, or there is none.
    """

    bodies: Bodies
    description: Description | None
    metadata: Metadata | None
    deviations: list[str]
    metadata_fault: str = ""

    @property
    def understood(self) -> bool:
        """True if it has no body, or a known kind of part."""
        found = self.bodies
        return found.description is not None or found.metadata is not None or not found.others


def read_content(message: Request | Response) -> MessageContent:
    """Parse description and metadata of a message; SipError for a malformed description, while broken metadata is recorded."""
    bodies = read_bodies(message.headers, message.body)
    deviations = list(bodies.deviations)
    if bodies.not_understood:
        deviations.append("part-not-understood")
    metadata, fault = None, ""
    if bodies.metadata is not None:
        try:
            metadata = read_metadata(bodies.metadata)
            deviations += metadata.deviations
        except BrokenMetadataError as error:
            deviations.append(error.fault)
            fault = error.template.format(**error.facts)
    description = None if bodies.description is None else read_description(bodies.description)
    return MessageContent(bodies, description, metadata, deviations, fault)

"""One recording session from INVITE to its end, as a state without clock, socket or file (RFC 7866)."""

from dataclasses import dataclass, field

from rejent.streams.calls.sip.dialogs import Dialog
from rejent.streams.calls.sip.errors import SipError
from rejent.streams.calls.sip.flow import Flow
from rejent.streams.calls.sip.header_values import read_address
from rejent.streams.calls.sip.message import Request, Response, readable
from rejent.streams.calls.sip.moment import Moment
from rejent.streams.calls.sip.session_timer import SessionTimer, negotiate
from rejent.streams.calls.siprec.answer import OWN_LINE, offer_line
from rejent.streams.calls.siprec.bodies import Bodies, read_bodies
from rejent.streams.calls.siprec.events import (
    Begun,
    Event,
    MediaPorts,
    MessageReceived,
    MetadataChanged,
    Noted,
    Stream,
    StreamAdded,
)
from rejent.streams.calls.siprec.metadata import Metadata
from rejent.streams.calls.siprec.metadata_xml import read_metadata
from rejent.streams.calls.siprec.profile import bridge_metadata, deviations_of, is_bridge, profile_of
from rejent.streams.calls.siprec.sdp import Description, read_description
from rejent.streams.calls.siprec.streams import Streams

MAX_SAID = 32 * 1024 * 1024
"""Bytes of one session's messages that are handed out to be kept: a thousand calls in one session need half of it."""


@dataclass(slots=True, eq=False)
class RecordingSession:
    """What is known of one session.

    Attributes:
        name: ours, never used twice.
        metadata: after all updates; None while nothing was said.
        timer: what was agreed on signs of life.
        offered: our offer waits for its answer, in the ACK or in the answer to our re-INVITE.
        offered_in: the transaction whose ACK brings the answer.
        lost_track: metadata came that cannot be joined to what is known, so a snapshot has to be asked for.
        opened_by: the transaction of the INVITE that opened it.
        said: bytes of the messages that came in it.
    """

    name: str
    dialog: Dialog
    streams: Streams
    invite_key: tuple[str, ...]
    metadata: Metadata | None = None
    timer: SessionTimer | None = None
    offered: bool = False
    offered_in: tuple[str, ...] = ()
    lost_track: bool = False
    asked_for_snapshot: bool = False
    said: int = 0
    noted: set[str] = field(default_factory=set)

    def begin(self, invite: Request, carried: "Carried", at: Moment) -> tuple[Begun, list[Event]]:
        """Take the INVITE that opens the session, and tell that it begins and what follows; its streams are negotiated apart."""
        self.timer = negotiate(invite)
        if carried.metadata is None and is_bridge(invite):
            carried = Carried(
                carried.bodies, carried.description, bridge_metadata(invite), carried.deviations
            )
        deviations = [] if is_bridge(invite) else deviations_of(invite)
        begun = Begun(
            self.name,
            at,
            call_id=readable(invite.call_id),
            source=self.dialog.flow,
            profile=profile_of(invite, carried.metadata, deviations),
            metadata=carried.metadata or Metadata(),
            stated=readable(invite.headers.get("Date") or ""),
            sender=_address(invite, "From"),
            target=_address(invite, "To"),
        )
        self.metadata = carried.metadata
        self.lost_track = carried.metadata_broken or (
            carried.metadata is not None and carried.metadata.partial
        )
        return begun, [*self.received(invite, at), *self._note([*deviations, *carried.deviations], at)]

    def open_own(self, ports: MediaPorts, at: Moment) -> list[Event] | None:
        """Make ready the one line we offer to a caller that offers none; None where no port is left."""
        opened = ports.allocate(self.name, OWN_LINE)
        if opened is None:
            return None
        stream = Stream(0, opened, offer_line(opened))
        self.streams.open_own(stream.media, stream)
        return [StreamAdded(self.name, at, stream)]

    def take(self, message: Request | Response, carried: "Carried", at: Moment) -> list[Event]:
        """Take what a later message of the session carries."""
        events: list[Event] = [*self.received(message, at), *self._note(carried.deviations, at)]
        if carried.metadata_broken:
            self.lost_track = True
        if carried.metadata is not None:
            events += self._take_metadata(carried.metadata, at)
        if carried.description is not None:
            events += self.streams.take(carried.description, at)
            self.offered = False
        return events

    def _take_metadata(self, newer: Metadata, at: Moment) -> list[Event]:
        if newer.partial and self.metadata is None:
            self.lost_track = True
        if not newer.partial:
            self.lost_track, self.asked_for_snapshot = False, False
        known = (self.metadata or Metadata()).updated(newer)
        told = self._note(list(known.deviations), at)
        if known == self.metadata:
            return told
        self.metadata = known
        return [*told, MetadataChanged(self.name, at, known)]

    def moved(self, message: Request | Response, flow: Flow) -> None:
        """Note where the caller can be reached from now on, and until when it is alive."""
        self.dialog.refresh(message, flow)
        if isinstance(message, Request) and message.method in {"INVITE", "UPDATE"}:
            self.timer = negotiate(message)

    def received(self, message: Request | Response, at: Moment) -> list[Event]:
        """Hand a message out to be kept; beyond `MAX_SAID` only the one that ends the session."""
        method = message.method if isinstance(message, Request) else str(message.status)
        self.said += len(message.raw)
        if self.said > MAX_SAID and method != "BYE":
            return self.note("messages-too-much", at)
        return [MessageReceived(self.name, at, method, message.raw)]

    def _note(self, deviations: list[str], at: Moment) -> list[Event]:
        """Each deviation once a session."""
        fresh = [one for one in dict.fromkeys(deviations) if one not in self.noted]
        self.noted.update(fresh)
        return [Noted(self.name, at, one) for one in fresh]

    def note(self, deviation: str, at: Moment) -> list[Event]:
        """Name one deviation, unless it was named before."""
        return self._note([deviation], at)


def _address(invite: Request, field_name: str) -> str:
    return readable(read_address(invite.headers.get(field_name) or "").uri)


@dataclass(slots=True, frozen=True)
class Carried:
    """What a message carries, read.

    Attributes:
        deviations: of all its parts, by stable names.
    """

    bodies: Bodies
    description: Description | None
    metadata: Metadata | None
    deviations: list[str]
    metadata_broken: bool = False

    @property
    def understood(self) -> bool:
        """Whether it carries nothing, or something of a kind we know."""
        found = self.bodies
        return found.description is not None or found.metadata is not None or not found.others


def read_carried(message: Request | Response) -> Carried:
    """Read the description and the metadata of a message; broken metadata is named, and never stops the media.

    Raises:
        SipError: the session description is none.
    """
    bodies = read_bodies(message.headers, message.body)
    deviations = list(bodies.deviations)
    if bodies.not_understood:
        deviations.append("part-not-understood")
    metadata, broken = None, False
    if bodies.metadata is not None:
        try:
            metadata = read_metadata(bodies.metadata)
            deviations += metadata.deviations
        except SipError:
            deviations.append("metadata-unreadable")
            broken = True
    description = None if bodies.description is None else read_description(bodies.description)
    return Carried(bodies, description, metadata, deviations, broken)

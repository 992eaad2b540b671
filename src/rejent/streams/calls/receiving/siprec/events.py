"""Events of recording sessions, each emitted once."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from rejent.streams.calls.network.rtp.srtp import Crypto
from rejent.streams.calls.network.sip.deadlines import Moment
from rejent.streams.calls.network.sip.flow import Flow
from rejent.streams.calls.receiving.siprec.metadata import Metadata
from rejent.streams.calls.receiving.siprec.sdp import Media, Ports


class MediaPorts(Protocol):
    """Allocates media ports. Called before an INVITE is answered: must not block."""

    @property
    def free(self) -> int:
        """Number of media lines that could get ports now."""

    def allocate(self, session: str, media: Media) -> Ports | None:
        """Return ports for one media line, or None where none are left."""

    def release(self, ports: Ports) -> None:
        """Release the ports of a removed line; late packets may still arrive for a moment."""

    def last_packet_at(self, session: str) -> float | None:
        """Return when the session's last packet arrived, in seconds of the monotonic clock, or None."""


class Profile(StrEnum):
    """SIPREC dialect of a caller; stored with the recording."""

    STRICT = "siprec"
    TOLERANT = "siprec-tolerant"
    DRAFT = "siprec-draft"
    """Metadata of a draft before RFC 7865."""
    CISCO_BIB = "cisco-bib"
    """Cisco built-in bridge or network-based recording: two plain calls per conversation."""
    PLAIN = "plain"


class EndReason(StrEnum):
    """Reason for the end of a session."""

    BYE = "bye"
    NOT_CONFIRMED = "not-confirmed"
    """No ACK and no media."""
    NOT_REFRESHED = "not-refreshed"
    """The session timer expired without media."""
    VANISHED = "vanished"
    """The caller does not know the session or does not respond, and there is no media."""
    TOO_LONG = "too-long"
    STOPPED = "stopped"


@dataclass(slots=True, frozen=True)
class Stream:
    """One received media line: its index in the description, our ports, the caller's current description, our key."""

    number: int
    ports: Ports
    media: Media
    crypto: Crypto | None = None
    paused: bool = False


@dataclass(slots=True, frozen=True)
class Event:
    """An event of a session, by our unique name for it."""

    session: str
    at: Moment


@dataclass(slots=True, frozen=True)
class Begun(Event):
    """A session was answered; its streams follow as `StreamAdded`. From and To mostly name devices, not the parties."""

    call_id: str
    source: Flow
    profile: Profile
    metadata: Metadata
    stated: str = ""
    sender: str = ""
    target: str = ""


@dataclass(slots=True, frozen=True)
class MessageReceived(Event):
    """A message as received, to be kept as long as the call and no longer (RFC 7865 §10)."""

    method: str
    raw: bytes = field(repr=False)


@dataclass(slots=True, frozen=True)
class DeviationNoted(Event):
    """A deviation from the standards, by a stable name."""

    deviation: str


@dataclass(slots=True, frozen=True)
class StreamEvent(Event):
    """An event of one stream."""

    stream: Stream


class StreamAdded(StreamEvent):
    """Media may arrive from now on."""

    __slots__ = ()


class StreamChanged(StreamEvent):
    """Coding, source, key or label changed."""

    __slots__ = ()


class StreamPaused(StreamEvent):
    """The caller stopped sending: a gap with a cause, no loss."""

    __slots__ = ()


class StreamResumed(StreamEvent):
    """The caller sends again."""

    __slots__ = ()


class StreamRemoved(StreamEvent):
    """The line was removed for good."""

    __slots__ = ()


@dataclass(slots=True, frozen=True)
class MetadataChanged(Event):
    """The metadata after an update."""

    metadata: Metadata


@dataclass(slots=True, frozen=True)
class Confirmed(Event):
    """The caller confirmed an answer: it knows the session."""


@dataclass(slots=True, frozen=True)
class NoRoom(Event):
    """A new session of a host was rejected with 503: no port is left for it, or, without its name, as many as may be are open."""

    host: str


@dataclass(slots=True, frozen=True)
class Ended(Event):
    """The session ended; its streams were removed before."""

    reason: EndReason

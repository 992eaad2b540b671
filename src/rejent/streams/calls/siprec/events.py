"""What a recording session tells those who store calls: each thing once, with both clocks."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from rejent.streams.calls.sip.flow import Flow
from rejent.streams.calls.sip.moment import Moment
from rejent.streams.calls.siprec.answer import Ports
from rejent.streams.calls.siprec.metadata import Metadata
from rejent.streams.calls.siprec.sdp import Crypto, Media


class MediaPorts(Protocol):
    """Who receives the media of sessions. Called while an INVITE waits for its answer: it must not block."""

    @property
    def free(self) -> int:
        """How many media lines could be given ports now."""

    def allocate(self, session: str, media: Media) -> Ports | None:
        """Two open ports for one media line, or None where none are left."""

    def release(self, ports: Ports) -> None:
        """The ports of a line that is gone; late packets may still arrive for a moment."""

    def last_heard(self, session: str) -> float | None:
        """When a packet of the session arrived last, in seconds of the monotonic clock; None where none did."""


class Profile(StrEnum):
    """How a caller speaks; stored with the recording."""

    STRICT = "siprec"
    """As RFC 7866 and RFC 7865 say."""
    TOLERANT = "siprec-tolerant"
    """SIPREC with deviations."""
    DRAFT = "siprec-draft"
    """Metadata after one of the drafts before RFC 7865."""
    CISCO_BIB = "cisco-bib"
    """Cisco's built-in bridge or network-based recording: two plain calls for each conversation."""
    PLAIN = "plain"
    """An ordinary call."""


class Why(StrEnum):
    """Why a session ended."""

    BYE = "bye"
    """The caller said so."""
    NOT_CONFIRMED = "not-confirmed"
    """Our answer was never confirmed and no media came."""
    NOT_REFRESHED = "not-refreshed"
    """The session timer ran out and no media came: the BYE is lost."""
    VANISHED = "vanished"
    """The caller no longer knows the session, or no longer answers, and no media came."""
    TOO_LONG = "too-long"
    """It lasted longer than any call may."""
    STOPPED = "stopped"
    """We ended it."""


@dataclass(slots=True, frozen=True)
class Stream:
    """One media line that is received.

    Attributes:
        number: its place in the description, from 0.
        media: as the caller describes it now.
        crypto: our key, where the line is encrypted.
        paused: nothing is to be expected.
    """

    number: int
    ports: Ports
    media: Media
    crypto: Crypto | None = None
    paused: bool = False


@dataclass(slots=True, frozen=True)
class Event:
    """Something that happened to a session.

    Attributes:
        session: our name for it, never used twice.
    """

    session: str
    at: Moment


@dataclass(slots=True, frozen=True)
class Begun(Event):
    """A session is answered; its streams follow as `StreamAdded`.

    Attributes:
        call_id: the caller's name for it; opaque, and not unique between callers.
        metadata: what the INVITE says; empty where it says nothing.
        stated: the Date field of the INVITE as written; empty where there is none.
        sender, target: the addresses in its From and To; mostly those of the devices, not of those who talk.
    """

    call_id: str
    source: Flow
    profile: Profile
    metadata: Metadata
    stated: str = ""
    sender: str = ""
    target: str = ""


@dataclass(slots=True, frozen=True)
class MessageReceived(Event):
    """A message of the session, byte by byte, to be kept as long as the call and no longer (RFC 7865 §10)."""

    method: str
    raw: bytes = field(repr=False)


@dataclass(slots=True, frozen=True)
class Noted(Event):
    """The session deviates from the standards, by a stable name."""

    deviation: str


@dataclass(slots=True, frozen=True)
class StreamEvent(Event):
    """Something that happened to one stream of a session."""

    stream: Stream


class StreamAdded(StreamEvent):
    """A stream may arrive from now on."""

    __slots__ = ()


class StreamChanged(StreamEvent):
    """Its coding, source, key or label changed."""

    __slots__ = ()


class StreamPaused(StreamEvent):
    """The caller stops sending it: a gap with a cause, no loss."""

    __slots__ = ()


class StreamResumed(StreamEvent):
    """The caller sends it again."""

    __slots__ = ()


class StreamRemoved(StreamEvent):
    """It will not come back."""

    __slots__ = ()


@dataclass(slots=True, frozen=True)
class MetadataChanged(Event):
    """What is known of the call after an update."""

    metadata: Metadata


@dataclass(slots=True, frozen=True)
class Ended(Event):
    """The session is over; its streams were removed before."""

    why: Why

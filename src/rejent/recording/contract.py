"""What every recorder type and the rest of the program promise each other.

A recorder type (cameras, calls, …) reads its sources and hands finished bytes to a `SegmentSink`; it knows neither the
vault nor the catalogue. The sink seals, stores and books them; it knows no protocol. Both sides name why nothing is
recorded with the same `Cause`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from rejent.formats.fragment import Fragment, FragmentPlace


class State(StrEnum):
    """What a source does now."""

    CONNECTING = "connecting"
    """On the way to its first picture, or waiting for the next attempt."""
    RECORDING = "recording"
    """Bytes of it reach the store; of a line: whoever calls is recorded."""
    STOPPED = "stopped"
    """Nothing will be recorded until a person, or the storage, changes something."""


class Cause(StrEnum):
    """Why a source is not recorded, in `status`, in the gap register and in alarms."""

    NONE = ""
    """It is recorded."""
    STARTING = "starting"
    """The first attempt is still under way."""
    UNREACHABLE = "unreachable"
    """No connection: wrong address, switched off, cable, network."""
    UNTRUSTED = "untrusted-certificate"
    """The camera's certificate is not the one agreed on."""
    REFUSED_PASSWORD = "refused-password"  # noqa: S105 - the name of a cause
    """The camera refuses the user or the password."""
    WEAKER_LOGIN = "weaker-login"
    """The camera asks for the password itself, though it had been content with proof of it (Digest) before."""
    NOT_A_CAMERA = "not-a-camera"
    """Whatever answers there does not speak RTSP, or not for this address."""
    NO_VIDEO = "no-video"
    """The camera describes no video track."""
    UNSUPPORTED_CODEC = "unsupported-codec"
    """Its video is in a form that cannot be recorded."""
    NO_KEY_FRAME = "no-key-frame"
    """Pictures arrive, but none that decoding can start with."""
    GARBAGE = "garbage"
    """What arrives breaks the protocol."""
    STALLED = "stalled"
    """Connected, but no pictures arrive."""
    CLOSED = "closed-by-camera"
    """The camera ended the connection."""
    PACKETS_LOST = "packets-lost"
    """Packets were lost; pictures that depend on them are not kept."""
    CAMERA_CLOCK = "camera-clock-jumped"
    """The camera's own picture times jumped; a new run starts at the next key frame."""
    PARAMETERS = "parameters-changed"
    """The camera changed size or coding; a new run starts at the next key frame."""
    DAY_CHANGE = "day-change"
    """Pictures between local midnight and the next key frame that could belong to neither day."""
    STORAGE_FULL = "storage-full"
    """No room left."""
    STORAGE_FAILED = "storage-failed"
    """The store refuses to write."""
    STORAGE_SLOW = "storage-slow"
    """The store cannot keep up; what did not fit in memory is lost."""
    NO_DAY_KEY = "no-day-key"
    """No key was made ahead for this source and date."""
    EXCLUDED = "excluded-place"
    """The regulation forbids recording there."""
    SWITCHED_OFF = "switched-off"
    """A person switched it off."""
    RECORDER_STOPPED = "recorder-stopped"
    """The program was not running, or was being restarted."""
    CANNOT_LISTEN = "cannot-listen"
    """Where calls are handed over, another program listens, or the address is none of this machine."""
    FOLDER_GONE = "folder-gone"
    """The folder of a PBX that records itself is not there, or may not be read."""
    CANNOT_WATCH = "cannot-watch"
    """The interface at which a mirror port's copies arrive is not there, is down, or may not be looked at."""
    UNPLUGGED = "unplugged"
    """Nothing is connected to that interface."""
    MIRROR_DROPPED = "mirror-dropped"
    """This machine had no room for some frames of a mirror port: calls may have been missed."""
    CLOCK_SET = "clock-set"
    """This machine's clock was set, and a person confirmed it."""
    RECORDER_FAILED = "recorder-failed"
    """The recorder itself broke off."""


@dataclass(slots=True, frozen=True)
class SegmentOpening:
    """What is known when a segment begins.

    Attributes:
        source_id: the opaque id of the source.
        day: the office's civil date; every picture of the segment belongs to it.
        start: the instant of its first picture.
        init: what precedes the first fragment in the file (for video: ftyp and moov).
        media_type: `video/mp4` with its codecs parameter, `audio/wav`, …
        tick_rate: ticks of media time per second.
        run: names the unbroken run of one connection that the segment belongs to.
        continues: the first picture depends on the last segment of the day before (see docs/design/0005).
        traits: further facts for the catalogue that are no content: codec, width, height, …
    """

    source_id: str
    day: date
    start: datetime
    init: bytes
    media_type: str
    tick_rate: int
    run: str
    continues: bool = False
    traits: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class SegmentEnding:
    """What is known when a segment ends.

    Attributes:
        start: the instant of its first picture, settled.
        end: the instant at which its last picture ends.
        media_duration: ticks from first to last by the source's own clock.
        units: pictures in it.
        clock_offset: the source's wall clock minus the receiver's, in seconds, where the source tells it.
    """

    start: datetime
    end: datetime
    media_duration: int
    units: int
    clock_offset: float | None = None


@dataclass(slots=True, frozen=True)
class FinishedSegment:
    """A sealed object that is durable in the store and waits to be booked.

    `size` and `sha256` are those of the sealed file, `plain_size` that of its content. `recovered` tells that the
    recorder broke off and the object holds whole chunks up to that point only.
    """

    opening: SegmentOpening
    ending: SegmentEnding
    object_name: str
    recipient: str
    size: int
    plain_size: int
    sha256: str
    fragments: tuple[FragmentPlace, ...]
    recovered: bool = False


@dataclass(slots=True, frozen=True)
class SourceStatus:
    """What `status`, the pages and the metrics say about a source; no name, no address, no secret."""

    source_id: str
    state: State
    cause: Cause
    since: datetime
    clock_offset: float | None = None


class SegmentWriter(Protocol):
    """Takes one segment. No call waits for the disk."""

    def append(self, fragment: Fragment) -> None:
        """Hand over the next fragment.

        Raises:
            rejent.recording.errors.StorageError: the segment cannot go on; its cause says why. What was appended before
                stays and is booked.
        """

    def close(self, ending: SegmentEnding) -> None:
        """No more fragments: make it durable and book it, in the background. An empty segment leaves no trace.

        Raises:
            rejent.recording.errors.StorageError: an earlier fragment could not be written.
        """

    def discard(self) -> None:
        """Nothing of it is to be kept, as if it had never begun; in the background."""


class SegmentSink(Protocol):
    """Where recorders hand over what they record. No call waits for the disk or the database."""

    def open_segment(self, opening: SegmentOpening) -> SegmentWriter:
        """Begin a segment.

        Raises:
            rejent.recording.errors.StorageError: no room, no writing, or no day key.
        """

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:
        """Nothing was recorded from `start` to `end`.

        Told with `end` None when the gap begins and once more, with the same `start`, when it has ended; an `end` that
        is not after `start` withdraws it.
        """

    def status(self, status: SourceStatus) -> None:
        """A source changed its state or cause, or its clock offset was measured anew."""

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """The system clock stepped against the monotonic one; recording goes on in the old time until confirmed."""


class Recorder(Protocol):
    """A process of one recorder type with any number of sources."""

    def remove(self, source_id: str) -> None:
        """End one source; the others do not notice. Its last segment is closed and booked."""

    def statuses(self) -> list[SourceStatus]:
        """Every source as it stands; callable from any thread."""

    def confirm_clock(self) -> None:
        """A person vouches for the civil clock as it stands now; callable from any thread."""

    def run(self) -> None:
        """Record until `stop` is called."""

    def stop(self) -> None:
        """Close every segment, book it, return from `run`; callable from any thread."""

"""Contract between recorders of every stream and the rest of the program.

A recorder (cameras, calls, …) reads its sources and passes finished bytes to a `SegmentSink`; it knows neither the
vault nor the catalogue. The sink seals, stores and books them; it knows no protocol. Both sides report with the same
`Cause` why nothing is recorded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from rejent.formats.content_tree import ContentRoot
from rejent.formats.fragment_index import Fragment, FragmentPlace
from rejent.formats.record_index import Coverage


class State(StrEnum):
    """State of a source."""

    CONNECTING = "connecting"
    """Before its first picture, or waiting for the next attempt."""
    RECORDING = "recording"
    """Its bytes reach the store; for a source of items: one would be recorded."""
    STOPPED = "stopped"
    """Nothing will be recorded until a person, or the storage, changes something."""


class Cause(StrEnum):
    """Cause why a source is not recorded, in `status`, in the gap register and in alarms; kinds of streams have more."""


class GeneralCause(Cause):
    """Causes that every stream has."""

    NONE = ""
    """It is recorded."""
    STARTING = "starting"
    """The first attempt is still under way."""
    DAY_CHANGE = "day-change"
    """An obstacle between local midnight and the first picture that the next segment could begin with."""
    STORAGE_FULL = "storage-full"
    """No room left."""
    STORAGE_FAILED = "storage-failed"
    """The store refuses to write."""
    STORAGE_SLOW = "storage-slow"
    """The store cannot keep up; what did not fit in memory is lost."""
    NO_DAY_KEY = "no-day-key"
    """No key was made ahead for this source and date."""
    SWITCHED_OFF = "switched-off"
    """A person switched it off."""
    RECORDER_STOPPED = "recorder-stopped"
    """The program was not running, or was being restarted."""
    CLOCK_SET = "clock-set"
    """This machine's clock was set, and a person confirmed it."""
    RECORDER_FAILED = "recorder-failed"
    """The recorder itself broke off."""


@dataclass(slots=True, frozen=True)
class SegmentOpening:
    """Facts known when a segment begins, at its first picture.

    Every picture belongs to the office's civil ``day``. ``init`` are the bytes before the first fragment (for video ftyp and
    moov); ``run`` identifies the unbroken run of one connection; ``continues``: the first picture depends on the last segment
    of the day before (see docs/design/0005); ``traits`` are further facts for the catalogue, without content.
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
class Missed:
    """What a segment lacks though no gap is booked: pauses, their seconds, and units not kept since the segment before began.

    ``retimed`` are units whose time stamps could not be right and were replaced.
    """

    pauses: int = 0
    pauses_s: float = 0.0
    dropped: int = 0
    retimed: int = 0


@dataclass(slots=True, frozen=True)
class SegmentEnding:
    """Facts known when a segment ends; ``clock_offset`` is the source's wall clock minus the receiver's, in seconds, where known.

    Of records ``coverage`` says which they are; the earliest may be earlier than the one that the segment began with.
    """

    start: datetime
    end: datetime
    units: int
    clock_offset: float | None = None
    missed: Missed = field(default_factory=Missed)
    coverage: Coverage | None = None


@dataclass(slots=True, frozen=True)
class FinishedSegment:
    """A sealed object that is durable in the store and waits to be booked; ``size`` and ``sha256`` are those of the sealed file.

    ``head`` is the digest of its head (hexadecimal), ``content`` binds what is in it. ``recovered`` marks an object of whole chunks only, up to the point where the recorder broke off.
    """

    opening: SegmentOpening
    ending: SegmentEnding
    object_name: str
    recipient: str
    size: int
    sha256: str
    head: str
    fragments: tuple[FragmentPlace, ...]
    recovered: bool = False
    content: ContentRoot | None = None


@dataclass(slots=True, frozen=True)
class SourceStatus:
    """Status of a source without name, address or secret; ``certificate`` is the fingerprint of one that is not trusted."""

    source_id: str
    state: State
    cause: Cause
    since: datetime
    clock_offset: float | None = None
    certificate: str = ""


Settled = Callable[[Cause], None]
"""Is told, in a thread of the sink, that a segment is durable as a whole, or why it is not."""


class SegmentWriter(Protocol):
    """Writer of one segment. No call waits for the disk."""

    def append(self, fragment: Fragment) -> None:
        """Append the next fragment. Raises StorageError: the segment cannot go on, with the cause; what was appended stays."""

    def secure(self) -> None:
        """Let a killed recorder lose nothing of what was appended; in the background."""

    def close(self, ending: SegmentEnding, settled: Settled = ...) -> None:
        """End the segment, durable and booked in the background, unless empty. Raises StorageError: a fragment was not written."""

    def discard(self) -> None:
        """Drop the segment as if it had never begun; in the background."""


class Reports(Protocol):
    """Takes what recorders report besides segments."""

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:
        """Report that nothing was recorded from `start` to `end`; first with `end` None, again with the same `start` at the end.

        An `end` that is not after `start` withdraws the gap.
        """

    def status(self, status: SourceStatus) -> None:
        """Report a source's new state, cause or clock offset."""

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """Report a step of the system clock; recording goes on in the old time until confirmed."""


class SegmentSink(Reports, Protocol):
    """Sink for what recorders record. No call waits for the disk or the database."""

    def open_segment(self, opening: SegmentOpening) -> SegmentWriter:
        """Begin a segment. Raises rejent.recording.errors.StorageError: no room, no writing, or no day key."""


class RecordSink(SegmentSink, Protocol):
    """Sink for records, which are gathered by wall time."""

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        """Do something after so many seconds, in a thread of the sink; nothing once that is closed."""


class BookingPort(Reports, Protocol):
    """Books finished segments, gaps and states, at once or later; a call may wait for the database."""

    def segments(self, finished: Sequence[FinishedSegment]) -> None:
        """Book finished segments."""


class Recorder(Protocol):
    """A process that records any number of sources of one stream."""

    def remove(self, source_id: str) -> None:
        """End one source, without effect on others. Its last segment is closed and booked."""

    def statuses(self) -> list[SourceStatus]:
        """Return the status of every source; callable from any thread."""

    def confirm_clock(self) -> None:
        """A person vouches for the civil clock as it stands now; callable from any thread."""

    def run(self) -> None:
        """Record until `stop` is called."""

    def stop(self) -> None:
        """Close every segment, book it, return from `run`; callable from any thread."""

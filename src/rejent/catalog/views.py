"""Values that the catalogue hands out and takes in, never rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from rejent.formats.content_tree import ContentRoot
from rejent.kernel.intervals import Interval

Octets = bytes
"""Raw content, where a column named ``bytes`` counts it."""


@dataclass(frozen=True, slots=True)
class FinishedSegment:
    """A sealed object that is durable in the vault and wants to be booked.

    Attributes:
        id: its identifier, chosen by the recorder; booking it twice does nothing.
        start, end: instants in UTC, half-open.
        run: which run of the recorder wrote it; adjoining segments of one run belong together.
        bytes, sha256: length and digest (hexadecimal) of the sealed object.
        recipient: public half of the key that opens it.
        units: what its stream counts, such as pictures or packets.
        index: where each fragment lies, as the recorder packed it.
        recovered: it was cut short by a crash and mended.
        tail: its last fragments came from the companion object.
        head: digest of the object's head, which is unique to its content.
        seams, seams_ms: pauses within it that are too short for gaps, and how long they are in all.
        dropped: units that came since the segment before began, and could not be kept.
        retimed: units whose time stamps could not be right and were replaced.
        content: what binds its plain content; nothing where whoever sealed it had none to bind.
    """

    id: UUID
    source_id: str
    day: date
    start: datetime
    end: datetime
    run: str
    object_name: str
    bytes: int
    sha256: str
    recipient: str
    units: int
    traits: Mapping[str, Any]
    index: Octets
    recovered: bool = False
    tail: bool = False
    head: str = ""
    seams: int = 0
    seams_ms: int = 0
    dropped: int = 0
    retimed: int = 0
    content: ContentRoot | None = None

    @property
    def interval(self) -> Interval:
        """From its first picture to the end of its last."""
        return Interval(self.start, self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentView(FinishedSegment):
    """A booked segment.

    Attributes:
        state: ``sealed``, ``held`` or ``destroyed``.
        entry: index of the act in the ledger that enters it.
        seams, seams_ms: short holes beside and within it, which are no gaps, and how long they are in all.
    """

    state: str
    entry: int


@dataclass(frozen=True, slots=True)
class HealthReport:
    """State of a source, as its recorder reports it.

    Attributes:
        state, cause: stable words of the recorder, as in `rejent.recording.contract`; no cause where it records.
        clock_offset_s: the camera's clock minus real time, in seconds.
        clock_method: how that was measured: ``rtcp``, ``onvif`` or empty.
        traits: those of its last segment.
    """

    source_id: str
    state: str
    cause: str
    since: datetime
    last_picture_at: datetime | None
    clock_offset_s: float | None
    clock_method: str
    traits: Mapping[str, Any]
    bytes_per_second: float


@dataclass(frozen=True, slots=True)
class HealthView:
    """The last report on a source and when it came."""

    state: str
    cause: str
    since: datetime
    last_picture_at: datetime | None
    clock_offset_s: float | None
    clock_method: str
    clock_at: datetime | None
    traits: Mapping[str, Any]
    bytes_per_second: float
    reported_at: datetime


RECORDING = "recording"
BY_HAND = "by-hand"
"""State of a source whose recordings people bring; no recorder is to be waited for."""
STARTING = "starting"
STOPPED = "stopped"
WAITING = "waiting"
GATES = "gates"
"""The cause of waiting: a stream whose conditions are not all met."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A condition that keeps a stream from starting.

    Attributes:
        name: its stable name, as `rejent.office.regulation.gates` gives it; ``regulation`` where none is in force.
        until: the first day on which it is met; nothing while it lacks its fact.
    """

    name: str
    until: date | None = None

    def __str__(self) -> str:
        return f"{self.name} ({self.until})" if self.until else self.name


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source as people see it.

    Attributes:
        building, place, kind: where it is; empty where that is secret and was not asked for.
        secret_place: the regulation keeps camera places secret.
        address_shown: the address without anything that looks like a credential.
        traits: what its stream says of it besides; addresses in it as `address_shown`.
        started_at: the first instant that is accounted for, once it has started.
        health: the last report; nothing before the first.
        waits_for: what keeps its stream from starting, where nothing records it; empty without a clock.
        by_hand: people bring its recordings, and no recorder reports on it.
    """

    id: str
    stream: str
    name: str
    building: str
    place: str
    kind: str
    secret_place: bool
    address_shown: str
    traits: Mapping[str, str]
    switched_on: bool
    added_at: datetime
    removed_at: datetime | None
    started_at: datetime | None
    health: HealthView | None
    waits_for: tuple[Wait, ...] = ()
    by_hand: bool = False

    @property
    def where(self) -> tuple[str, ...]:
        """Building and place, as far as they are stated; nothing of what stands nowhere, whose building and place bear its own name."""
        named = self.building == self.place == self.name
        return () if named else tuple(part for part in (self.building, self.place) if part)

    @property
    def state(self) -> str:
        """Its state: ``waiting`` for its stream's gates, ``by-hand`` without a recorder, else as that last said.

        ``starting`` before it said anything.
        """
        if self.waits_for:
            return WAITING
        if self.by_hand:
            return BY_HAND
        return self.health.state if self.health else STARTING

    @property
    def cause(self) -> str:
        """Return why it is not recorded; empty while it is."""
        if self.waits_for:
            return GATES
        if self.by_hand:
            return ""
        return self.health.cause if self.health else STARTING

    @property
    def cause_with_conditions(self) -> str:
        """The cause with what it waits for: ``waiting for: staff-told, places-marked``."""
        return f"waiting for: {', '.join(map(str, self.waits_for))}" if self.waits_for else self.cause


@dataclass(frozen=True, slots=True)
class RecorderSource:
    """A source as its recorder needs it.

    Attributes:
        credentials: still sealed; only the recorder's supervisor can open them.
        place: the identifier of its place; None where it has none.
        started: whether it was ever recorded. A recorder is not disturbed by a change of these two.
    """

    id: str
    stream: str
    name: str
    address: str
    traits: Mapping[str, str]
    credentials: bytes = field(repr=False)
    place: int | None = field(default=None, compare=False)
    started: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class GapView:
    """A stretch without a recording and its cause, open while ``end`` is empty."""

    source_id: str
    start: datetime
    end: datetime | None
    cause: str


class Short(NamedTuple):
    """What is missing though no gap is booked: short holes, their seconds in all, and units that came and could not be kept.

    ``retimed`` are units that are kept at other times than their stamps said.
    """

    seams: int = 0
    seams_s: float = 0.0
    dropped: int = 0
    retimed: int = 0


@dataclass(frozen=True, slots=True)
class DaySummary:
    """Content of one civil date of a source, in seconds and counts."""

    day: date
    recorded_s: float
    gap_s: float
    segments: int
    gaps: int


class Totals(NamedTuple):
    """Time that a source has recorded and missed since its first start, in seconds, and what is missing besides."""

    recorded_s: float
    gap_s: float
    short: Short = Short()


@dataclass(frozen=True, slots=True)
class LivingDay:
    """The segments of one source and civil date under one key that are not destroyed."""

    source_id: str
    day: date
    recipient: str
    state: str
    segments: int
    bytes: int


class StoredObject(NamedTuple):
    """An object that the vault must hold, as it was booked."""

    segment_id: UUID
    object_name: str
    bytes: int
    sha256: str
    recipient: str

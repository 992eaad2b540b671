"""Values of a PBX's call records and files, as the catalogue takes them in and hands them out."""

from dataclasses import dataclass, field
from datetime import date, datetime

from rejent.catalog.views import FinishedSegment
from rejent.streams.calls.catalog.views import BegunCall


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedRecord:
    """A call record that was read; see `rejent.streams.calls.catalog.pbx.models.CallRecord`.

    Attributes:
        mark: digest of the row, hexadecimal.
        day: the civil date of the call; of its arrival where that is not told.
        state: ``expected``, ``unanswered`` or ``left-out``.
        caller, called: as `rejent.streams.calls.catalog.numbers.phone_numbers.canonical_number` gives them.
    """

    mark: str
    day: date
    state: str
    record_id: str = ""
    linked_id: str = ""
    start: datetime | None = None
    seconds: float | None = None
    stated: str = ""
    assumed: str = ""
    direction: str = ""
    caller: str = field(default="", repr=False)
    called: str = field(default="", repr=False)
    outcome: str = ""
    file: str = field(default="", repr=False)
    raw: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """A call record as it stands; see `rejent.streams.calls.catalog.pbx.models.CallRecord`."""

    id: int
    source_id: str
    state: str
    cause: str
    record_id: str
    linked_id: str
    start: datetime | None
    seconds: float | None
    stated: str
    assumed: str
    direction: str
    caller: str = field(repr=False)
    called: str = field(repr=False)
    outcome: str
    file: str = field(repr=False)
    arrived_at: datetime
    entry: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedHour:
    """Result of comparing the records of one hour of a line with its recordings, for calls that should be recorded.

    Attributes:
        start: the instant at which the hour begins.
        told: how many calls somebody answered and no rule leaves out.
        recorded: of how many the recording is there.
        missing: of how many it was found to be missing.
    """

    source_id: str
    start: datetime
    told: int
    recorded: int
    missing: int

    @property
    def waiting(self) -> int:
        """Return how many were not compared yet."""
        return self.told - self.recorded - self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """A file in a PBX's folder.

    Attributes:
        mark: digest of name, length and time of change, hexadecimal.
        name: as people may be shown it.
        day: the civil date of its call; of the look where that is not known.
        digest: SHA-256 of its content, hexadecimal; empty where it was not read.
    """

    mark: str
    name: str = field(repr=False)
    bytes: int
    day: date
    digest: str = ""


@dataclass(frozen=True, slots=True)
class FileView:
    """A file that was looked at; see `rejent.streams.calls.catalog.pbx.models.PbxFile`."""

    source_id: str
    state: str
    cause: str
    name: str = field(repr=False)
    bytes: int
    looked_at: datetime
    removed_at: datetime | None
    call_id: str | None


@dataclass(frozen=True, slots=True)
class SealedCopy:
    """The booked object of a file that was taken over.

    Attributes:
        digest: SHA-256 of the file's content, hexadecimal; empty once nothing of the recording is kept.
        call_id: its call.
        object_name: in the store.
        sha256: of the object, hexadecimal, as the ledger tells it.
        records: those that tell of the call.
    """

    digest: str
    call_id: str
    object_name: str
    sha256: str
    records: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedCall:
    """A call whose sealed copy is durable and wants to be booked, with the file it was taken from.

    Attributes:
        end: when it ended, by what was decoded.
        records: those that tell of it.
        cause: what is wrong with the recording though it was taken over; ``one-sided`` where one side is silent throughout.
    """

    call: BegunCall
    end: datetime
    segment: FinishedSegment
    file: LookedAt
    records: tuple[int, ...] = ()
    cause: str = ""

"""Calls, announcements and what a PBX reports of calls, as values."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from rejent.catalog.views import FinishedSegment
from rejent.kernel.intervals import Interval
from rejent.streams.calls.catalog.turns import CALLER, PartyTurn, read_turns

REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class BegunCall:
    """A call of a line whose recording begins, answered at ``start``; ``id`` is the run of its segments, 32 hexadecimal digits.

    ``caller`` and ``called`` are as signalled, in any spelling; ``profile`` says how the PBX spoke.
    """

    id: str
    source_id: str
    day: date
    start: datetime
    direction: str
    caller: str
    called: str
    profile: str = ""
    turns: tuple[PartyTurn, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedParties:
    """Parties and direction of a call as its exchange names them while it lasts; ``turns`` are all who took part after its beginning."""

    call_id: str
    caller: str = field(repr=False)
    called: str = field(repr=False)
    direction: str
    turns: tuple[PartyTurn, ...] = ()


@dataclass(frozen=True, slots=True)
class CallView:
    """A recorded call; ``end`` is None while it runs, ``faults`` are words parted by spaces.

    ``caller`` and ``called`` are the parties at its beginning, ``later`` who took part afterwards, in order of time
    (`rejent.streams.calls.catalog.turns`). Once ``destroyed``, nobody is named any more.
    """

    id: str
    source_id: str
    day: date
    start: datetime
    end: datetime | None
    direction: str
    caller: str
    called: str
    destroyed: bool
    ended_by: str = ""
    faults: str = ""
    later_written: str = field(default="", repr=False)

    @property
    def later(self) -> tuple[PartyTurn, ...]:
        """Return who took part after its beginning, on whichever side or beside them, in order of time."""
        return tuple(sorted(read_turns(self.later_written), key=lambda one: one.since))

    def turns(self, side: str) -> tuple[PartyTurn, ...]:
        """Return who held a side of it in turn, the party of its beginning first."""
        first = self.caller if side == CALLER else self.called
        return PartyTurn(side, first, self.start), *(one for one in self.later if one.side == side)

    @property
    def interval(self) -> Interval:
        """From its beginning to a moment after its end, in which late packets still come; one that runs may last a day."""
        return Interval(self.start, (self.end or self.start + timedelta(days=1)) + timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class CallQuestion:
    """Facts that somebody knows of a call that they look for; empty ones are not known.

    Numbers may be endings of four digits or more; the hits nearest to the instant ``about`` are on the first page.
    """

    caller: str = field(repr=False)
    called: str = field(repr=False)
    day: date | None
    about: datetime | None
    direction: str
    source_ids: frozenset[str]

    @property
    def facts(self) -> tuple[str, ...]:
        """The names of what is known of the call itself, never the numbers."""
        known = {
            "caller": self.caller.strip(),
            "called": self.called.strip(),
            "date": self.day,
            "hour": self.about,
        }
        return tuple(name for name, value in known.items() if value)


@dataclass(frozen=True, slots=True)
class FoundCalls:
    """A page of hits in order of time, the newest first where no date is known, and how many fit altogether.

    ``earlier`` and ``later`` name the calls at which other pages end or begin; empty where there are none.
    """

    calls: tuple[CallView, ...]
    count: int
    earlier: str = ""
    later: str = ""

    @property
    def more(self) -> bool:
        """Return whether others fit as well."""
        return bool(self.earlier or self.later)


HUNG_UP = "hung-up"

NOT_ANNOUNCED = "no"
"""Word for a call that should have been announced, where nothing shows that it was."""

NOT_SEARCHED = "not-yet"
"""The same, while the keeper has still to search the call's sound."""


class NoticeKind(StrEnum):
    """Kind of an announcement."""

    INCOMING = "incoming"
    CLAUSE = "clause"
    OUTGOING = "outgoing"


class KnownBy(StrEnum):
    """Evidence that an announcement was heard."""

    SERVICE = "service"
    PBX = "pbx"
    FOUND = "found"
    EMPLOYEE = "employee"


@dataclass(frozen=True, slots=True)
class AnnouncementView:
    """One version of an announcement: its number among all, and among those of its line and kind.

    ``sound`` is a WAV of 8000 samples a second, 16 bits, one channel; ``made_by`` is ``uploaded`` or the program that
    spoke the text.
    """

    id: int
    source_id: str
    kind: str
    version: int
    language: str
    text: str
    sha256: str
    made_by: str
    valid_from: datetime
    sound: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Notice:
    """Evidence that an announcement was heard; ``by`` is the employee who confirmed it.

    ``outcome`` and ``doubt`` are stable words for what became of the caller and what speaks against it; ``score`` (0 to
    1) is that of a sound that was found.
    """

    kind: str
    known_by: str
    start: datetime
    heard_s: float
    completed: bool
    keys: str = ""
    outcome: str = ""
    score: float | None = None
    doubt: str = ""
    by: str = ""
    announcement: int | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class HeardBeforehand:
    """An announcement heard in a call that is not known yet, or by nobody we record; numbers as signalled."""

    source_id: str
    notice: Notice
    caller: str = field(repr=False)
    called: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CallToSearch:
    """A call whose sound is to be searched for what its line announced when it began."""

    id: str
    source_id: str
    start: datetime
    versions: tuple[AnnouncementView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFacts:
    """What a call record states; see `rejent.streams.calls.catalog.models.CallRecord`."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedRecord(RecordFacts):
    """A call record that was read, ``expected``, ``unanswered`` or ``left-out``; its numbers are canonical.

    ``mark`` is a digest of the row; ``day`` that of its arrival where none is stated.
    """

    mark: str
    day: date
    raw: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView(RecordFacts):
    """A call record as it stands."""

    id: int
    source_id: str
    cause: str
    arrived_at: datetime
    entry: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedHour:
    """Records of one hour of a line compared with its recordings.

    ``recordable`` counts calls that somebody answered and no rule leaves out, ``recorded`` and ``missing`` those of them
    settled.
    """

    source_id: str
    start: datetime
    recordable: int
    recorded: int
    missing: int

    @property
    def waiting(self) -> int:
        """Return how many were not compared yet."""
        return self.recordable - self.recorded - self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """A file in a PBX's folder; ``mark`` is a digest of name, length and time of change, ``name`` as people may be shown it.

    ``day`` is that of its call, else of the look; ``digest`` is the SHA-256 of its content, empty where it was not
    read.
    """

    mark: str
    name: str = field(repr=False)
    bytes: int
    day: date
    digest: str = ""


@dataclass(frozen=True, slots=True)
class FileView:
    """A file that was looked at; see `rejent.streams.calls.catalog.models.PbxFile`."""

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
    """The booked object of a file that was taken over, and its records; ``digest`` is that of the file, ``sha256`` that of the object."""

    digest: str
    call_id: str
    object_name: str
    sha256: str
    records: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedCall:
    """A call whose sealed copy is durable and wants to be booked, with the file and the records that describe it.

    ``cause``: what is wrong with the recording all the same, in words parted by a blank; ``one-sided`` where one side is silent
    throughout, ``head-…`` where the head of the file lies about its length.
    """

    call: BegunCall
    end: datetime
    segment: FinishedSegment
    file: LookedAt
    records: tuple[int, ...] = ()
    cause: str = ""

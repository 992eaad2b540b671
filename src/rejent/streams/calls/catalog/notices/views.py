"""Announcements, who plays them, and what shows that they were heard: values, never rows."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

HUNG_UP = "hung-up"
"""The outcome of a caller who did not hear all because they, or their exchange, hung up."""

NOT_ANNOUNCED = "no"
"""Word for a call that should have been announced, where nothing shows that it was."""

NOT_SOUGHT = "not-yet"
"""The same, while the keeper has still to search the call's sound."""


class NoticeKind(StrEnum):
    """Kind of an announcement."""

    INCOMING = "incoming"
    """Heard by a caller before the call is recorded."""
    CLAUSE = "clause"
    """The information clause, heard on a key."""
    OUTGOING = "outgoing"
    """Read by an employee to whoever they call."""


class KnownBy(StrEnum):
    """Evidence that an announcement was heard."""

    SERVICE = "service"
    """Our own announcing played it."""
    PBX = "pbx"
    """The PBX says that it played it."""
    FOUND = "found"
    """Its sound stands in the recording."""
    EMPLOYEE = "employee"
    """The employee who called confirms having read it."""


@dataclass(frozen=True, slots=True)
class AnnouncementView:
    """One version of an announcement.

    Attributes:
        id: its number among all announcements.
        version: its number among those of its line and kind.
        sound: a WAV of 8000 samples a second, 16 bits, one channel.
        sha256: hexadecimal, of the sound.
        made_by: ``uploaded`` or the program that spoke the text.
        valid_from: since when callers hear it.
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
    """Evidence that an announcement was heard.

    Attributes:
        start: the instant at which it began.
        heard_s: how many seconds of its sound were heard.
        completed: it was heard to its end.
        keys: what the caller pressed meanwhile.
        outcome: what became of the caller then; a stable word, empty where that is not known.
        score: of a sound that was found, 0 to 1.
        doubt: a stable word for what speaks against it; mostly empty.
        by: the identifier of the employee who confirmed it.
        announcement: which version; nothing where that is not known.
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
    """An announcement heard in a call that is not known yet, or by nobody we record.

    Attributes:
        caller, called: as signalled.
    """

    source_id: str
    notice: Notice
    caller: str = field(repr=False)
    called: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SoughtCall:
    """A call whose sound is to be searched.

    Attributes:
        versions: what its line announced when it began, by kind.
    """

    id: str
    source_id: str
    start: datetime
    versions: tuple[AnnouncementView, ...]

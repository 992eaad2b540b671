"""Calls as they are handed out."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from rejent.kernel.intervals import Interval

REFUSED = "refused"
"""Cause of the end of a recording whose party refused it."""


@dataclass(frozen=True, slots=True)
class BegunCall:
    """A call of a line whose recording begins.

    Attributes:
        id: 32 hexadecimal digits, the run of its segments.
        day: the civil date on which it begins, in the office's zone.
        start: when it was answered, UTC.
        caller, called: as signalled; any spelling.
        profile: how the PBX spoke.
    """

    id: str
    source_id: str
    day: date
    start: datetime
    direction: str
    caller: str
    called: str
    profile: str = ""


@dataclass(frozen=True, slots=True)
class CallView:
    """A recorded call; ``end`` is None while it runs; once ``destroyed``, nobody is named any more.

    ``faults``: words for what was wrong with how the exchange described it, with spaces between them.
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

    @property
    def interval(self) -> Interval:
        """From its beginning to a moment after its end, in which late packets still come; one that runs may last a day."""
        return Interval(self.start, (self.end or self.start + timedelta(days=1)) + timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class CallQuestion:
    """Facts that somebody knows of a call that they look for; empty ones are not known.

    Attributes:
        caller, called: as a person writes them; of four digits or more also an ending.
        about: an instant near its beginning; the hits nearest to it are on the first page.
        source_ids: the lines that are looked through.
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
    """A page of hits.

    Attributes:
        calls: in order of time; the newest first where no date is known.
        count: how many fit altogether.
        earlier: the call before which the page of earlier ones ends; empty where there are none.
        later: the call after which the page of later ones begins.
    """

    calls: tuple[CallView, ...]
    count: int
    earlier: str = ""
    later: str = ""

    @property
    def more(self) -> bool:
        """Return whether others fit as well."""
        return bool(self.earlier or self.later)

"""Part of a kind of stream that cases need: its way to find what an application is about."""

from collections.abc import Callable
from dataclasses import dataclass, field

from rejent.cases.errors import ApplicationRefusedError
from rejent.cases.views import Application
from rejent.kernel.clock import Clock
from rejent.kernel.intervals import Interval
from rejent.kernel.stream_parts import StreamPart


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recording that an application may be about: the time of a source, or one item of it."""

    source_id: str
    interval: Interval
    item: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """Who looks, for what, when.

    Attributes:
        application: its fields are all that is known.
        actor: who enters it.
    """

    application: Application = field(repr=False)
    clock: Clock
    actor: str

    @property
    def interval(self) -> Interval:
        """Return the time that is asked for; ApplicationRefusedError where the application is about no recording."""
        if self.application.interval is None:
            raise ApplicationRefusedError("The day of the event is missing.", part="event_first")
        return self.application.interval


Finder = Callable[[Search], list[Candidate]]
"""Returns the recordings that an application may be about, entering the search where the kind enters searches; raises
`ApplicationRefusedError` where too little is known, or too many fit."""

FINDER: StreamPart[Finder] = StreamPart("finder of applications")

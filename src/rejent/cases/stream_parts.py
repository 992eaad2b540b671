"""Part of a kind of stream that cases need: its way to find what an application is about."""

from collections.abc import Callable
from dataclasses import dataclass, field

from rejent.cases.errors import ApplicationRefusedError
from rejent.cases.views import Application
from rejent.catalog import queries as catalog
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
    """Who looks, for what, when."""

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


@dataclass(frozen=True, slots=True)
class CaseEnd:
    """What a kind does to its own records of a case that ends; both run within the transaction.

    ``closed`` is given number, clock and actor of a case that is refused or taken back, ``erased`` the number of one whose applicant is
    erased, and erases what the kind keeps of people.
    """

    closed: Callable[[str, Clock, str], None]
    erased: Callable[[str], None]


CASE_END: StreamPart[CaseEnd] = StreamPart("end of a case")
"""Only for kinds that keep records of their own under a case."""


def ends_of(stream: str) -> list[CaseEnd]:
    """Return what the kind of a case's stream does at its end; nothing for most."""
    return [end for name, end in CASE_END.items() if name == stream]


def by_time(search: Search) -> list[Candidate]:
    """Return the time that is asked for, of each chosen source.

    Raises ApplicationRefusedError: none is chosen, or one of them is another stream's or unknown.
    """
    wanted = search.application
    if not wanted.source_ids:
        raise ApplicationRefusedError(
            "No source is chosen.",
            part="sources",
            advice="Choose each that may have recorded the place. The provisional hold keeps them all.",
        )
    known = {each.id for each in catalog.sources(wanted.stream, removed=True)}
    if not wanted.source_ids <= known:
        raise ApplicationRefusedError("There is no such source in this stream.", part="sources")
    return [Candidate(each, search.interval) for each in sorted(wanted.source_ids)]

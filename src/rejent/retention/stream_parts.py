"""Parts of a kind of stream that retention needs: its objects' format, its chores, its checks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from rejent.catalog.views import SegmentView
from rejent.formats.content_tree import Framed, unframed
from rejent.formats.fragment_index import FragmentIndex
from rejent.kernel.clock import Clock
from rejent.kernel.findings import Finding
from rejent.kernel.intervals import Interval
from rejent.kernel.stream_parts import StreamPart
from rejent.retention.rounds.round import Keeping, Round
from rejent.vault.age import SealedReader, SealWriter


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a segment that becomes an object of its own.

    Attributes:
        ticks: from where to where it reaches; distinguishes it from other parts of the segment.
        units: pictures or packets in it.
        write: seals it and returns where its fragments lie.
    """

    ticks: tuple[int, int]
    interval: Interval
    units: int
    write: Callable[[SealWriter], FragmentIndex]


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole of a segment that was cut short, to be sealed anew.

    Attributes:
        traits: of the segment, which only the content shows.
        item: which item of its stream it is of, where only the content shows it.
        enter_item: enters that item in the transaction that books the mended segment.
        start: of its content, where that begins earlier than who booked it could know.
    """

    content: Iterator[bytes]
    end: datetime
    index: FragmentIndex
    units: int
    lost: int
    traits: Mapping[str, object]
    item: str = ""
    enter_item: Callable[[Clock], None] | None = None
    start: datetime | None = None


@dataclass(frozen=True, slots=True)
class ObjectFormat:
    """A stream's way with the content of its objects.

    Attributes:
        parts_of: returns the parts of an open object that hold what is held, given the held parts of its interval in order; nothing
            where the whole object is needed for that. Raises `ContentError` for what is no recording of the stream.
        mended: returns what sound bytes of a segment that was cut short become. Raises `ContentError` where that is nothing.
        framed: returns how many bytes of a fragment a cut writes anew (docs/design/0031).
    """

    parts_of: Callable[[SealedReader, SegmentView, Sequence[Interval]], list[Part]]
    mended: Callable[[SegmentView, bytes], Whole]
    framed: Framed = unframed


class When(Enum):
    """At which time of a keeper's round a chore is done."""

    BEFORE = auto()
    """Before retention's own; left out while the clock is off that somebody put elsewhere, for nothing is dated by it then."""
    MENDED = auto()
    """Once what was cut short is mended, before anything is destroyed."""
    UNDER_HOLDS = auto()
    """The same, for what destroys: while every hold that was ever noted stands, too."""
    AFTER = auto()
    """After everything else."""


@dataclass(frozen=True, slots=True)
class Chore:
    """A piece of work that a keeper does for a stream in each round; its failure is named in the round and stops nothing else."""

    name: str
    when: When
    run: Callable[[Keeping, Round], object]


WholeItem = Callable[[str, str, Interval], Interval]
"""Given an item, its source and a stated time, returns from when until when the whole item was, as it was entered, as its row has it and
as its objects are; raises a `HoldRefusedError` where it is another source's or of another time, `AlreadyDestroyedError` where nothing is left."""

OBJECTS: StreamPart[ObjectFormat] = StreamPart("objects")
WHOLE_ITEM: StreamPart[WholeItem] = StreamPart("whole item")
"""Of streams whose recordings are of items, such as calls, of which one is held without the others of its time."""
CHORES: StreamPart[Sequence[Chore]] = StreamPart("chores")
ALARMS: StreamPart[Mapping[str, Callable[[datetime], Mapping[str, object] | None]]] = StreamPart("alarms")
"""By its kind, each alarm of a stream: at an instant, what is known of it while it is on."""
TERM_CHECKS: StreamPart[Mapping[str, Callable[[Keeping], Iterator[Finding]]]] = StreamPart("term checks")
"""Checks of what must not outlive a term besides recordings, by the names under which their failure is reported."""


def chores(when: When) -> list[Chore]:
    """Return every kind's chores of one time of the round."""
    return [chore for each in CHORES.values() for chore in each if chore.when is when]

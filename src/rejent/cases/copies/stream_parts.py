"""The part of a kind of stream that copies need: what is in one, and how it is stated on its label."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rejent.cases.copies.redaction import Effect, Plan
from rejent.cases.copies.views import CopyView, PartView
from rejent.catalog.views import SegmentView
from rejent.formats.mp4.export_format import ExportFacts, ExportSigner
from rejent.formats.source import Source
from rejent.kernel.intervals import Interval
from rejent.kernel.stream_parts import StreamPart
from rejent.kernel.terms import Length
from rejent.retention.stream_parts import Part
from rejent.vault.age import SealedReader


@dataclass(frozen=True, slots=True)
class PlayableForm:
    """What browsers play instead of contents that some or all of them cannot.

    ``needed`` returns whether browsers may not play a content as it is, ``made`` what they play instead; ``cut`` what they play of a content
    that holds one time, and of which another within it is shown; nothing where the content itself says what is shown.
    """

    needed: Callable[[Source], bool]
    media_type: str
    made: Callable[[Source], bytes]
    cut: Callable[[Source, Interval, Interval], bytes] | None = None


@dataclass
class Redacted(ABC):
    """A content under redaction: what it is, the time that it holds, what is shown of it, the plan, the time that the plan counts.

    ``remark`` is for the file; ``units`` what is counted in what was made, known at its end.
    """

    content: Source
    held: Interval
    shown: Interval
    plan: Plan
    axis: Interval
    remark: str
    units: int = 0

    @abstractmethod
    def pieces(self) -> Iterator[tuple[bytes, float]]:
        """Yield what is made, piece by piece, with the share of the content that is done."""


@dataclass(frozen=True, slots=True)
class Redacting:
    """A stream's way of hiding parts of a recording.

    Attributes:
        effects: what can be done to it; regions where the picture can be black.
        made: begins it. What comes of it raises RejentError where it cannot be decoded, or no worker is free.
        media_length: returns how long players show a content, where that is stretched evenly onto the time that it shows; nothing
            where a content plays as long as what it shows.
    """

    effects: frozenset[Effect]
    media_type: str
    made: Callable[[Source, Interval, Interval, Plan, Interval, str], Redacted]
    media_length: Callable[[Source], timedelta] | None = None


@dataclass(frozen=True, slots=True)
class Exporting:
    """A stream's way of giving a recording out in a format that other systems read.

    ``made`` yields a file, given a content, what it says of itself (`start`: the beginning of what it shows), and who signs it.
    """

    name: str
    ending: str
    made: Callable[[Source, ExportFacts, ExportSigner | None], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A content that an open viewing chose, in the clear, though it lies sealed within the recording.

    ``accompanying`` is the type of a content that nobody chose and that goes with them, such as a list of their envelopes; empty of all others.
    """

    segment: SegmentView
    interval: Interval
    content: bytes = field(repr=False)
    accompanying: str = ""


@dataclass(frozen=True, slots=True)
class CopyForm:
    """A stream's way with copies.

    Attributes:
        media_type: returns the type of a content, given its first bytes.
        details: returns what label and register state of an item, by the regulation's names of columns.
        ended: returns when an item ended, by the word of the ledger; nothing while it runs, or where its row was altered.
        playable: what browsers play; nothing where they play all contents as they are.
        redacting: how parts of it are hidden; nothing where that cannot be done.
        shown: returns the part of a segment that a copy of a stretch of it holds, which players show as exactly that stretch whatever stands
            before it to be decoded; nothing of it all. Nothing where a content holds no more than what is asked for. Raises ContentError.
        exporting: how it is given out in a format that other systems read; nothing where there is none.
        acts: names of the stream's own acts on a copy, which its package proves with those of every copy.
        ceiling: the statute's longest life of a recording, which a copy outlives only by a finding (R-OPEN-9).
    """

    media_type: Callable[[bytes], str]
    details: Callable[[str], Mapping[str, str]] = lambda _item: {}
    ended: Callable[[str], datetime | None] = lambda _item: None
    acts: tuple[str, ...] = ()
    ceiling: Length | None = None
    playable: PlayableForm | None = None
    redacting: Redacting | None = None
    exporting: Exporting | None = None
    shown: Callable[[SealedReader, SegmentView, Interval], Part | None] | None = None


COPIES: StreamPart[CopyForm] = StreamPart("copies")


def shown_of(copy: CopyView, part: PartView) -> Interval:
    """Return the stretch of a part that is shown: what was asked for, without what its file holds around it."""
    if copy.item or part.whole or COPIES.of(copy.source_kind).shown is None:
        return part.interval
    return part.interval.intersection(copy.interval) or part.interval


def playable_of(copy: CopyView, part: PartView, content: Source) -> Callable[[Source], bytes] | None:
    """Return what makes of a part what browsers play; None where they play it as it is."""
    form, shown = COPIES.of(copy.source_kind).playable, shown_of(copy, part)
    if form is not None and form.cut is not None and shown != part.interval:
        cut = form.cut
        return lambda content: cut(content, part.interval, shown)
    return form.made if form is not None and form.needed(content) else None


def axis_of(copy: CopyView) -> Interval:
    """Return the time that a plan of a copy counts from and ends with: that of all it shows."""
    shown = [shown_of(copy, part) for part in copy.parts]
    return Interval(shown[0].start, max(each.end for each in shown))

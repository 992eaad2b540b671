"""What is open of a camera: the segment being written, pictures in and fragments to the sink, or the gap it is in."""

from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rejent.catalog.coverage import SEAM
from rejent.formats.fragment_index import Fragment
from rejent.formats.mp4.boxes import initialisation
from rejent.formats.mp4.parameters import describe
from rejent.formats.mp4.picture import TICKS_PER_SECOND, AccessUnit, ParameterSets
from rejent.formats.mp4.writer import FragmentWriter
from rejent.kernel.clock import OFFICE_ZONE, civil_date, local_midnight
from rejent.recording.contract import Cause, Missed, SegmentEnding, SegmentOpening, SegmentSink
from rejent.recording.steady_time import SteadyTime

MOST_A_MINUTE = 30
"""Segments of one camera that may end within a minute: damage every other second still gives a recording worth having."""
MINUTE = 60.0


class SegmentThrottle:
    """Leaves room between the segments of a camera whose segments end too often; all instants are readings of the monotonic clock.

    A segment costs the same however short it is: a file, a sync, a row, entries in the ledger. The camera is read on, and the next
    segment begins once there is room for it.
    """

    def __init__(self) -> None:
        self._ends: deque[float] = deque()

    def segment_ended(self, now: float) -> None:
        """Count the end of a segment."""
        self._ends.append(now)

    def has_room(self, now: float, *, after: int = 0) -> bool:
        """Return whether a segment may begin, ``after`` so many more have ended."""
        while self._ends and now - self._ends[0] > MINUTE:
            self._ends.popleft()
        return len(self._ends) + after < MOST_A_MINUTE

    def reset(self) -> None:
        """Forget all: a person changed its address or login."""
        self._ends.clear()


@dataclass(slots=True, frozen=True)
class SegmentContext:
    """Common settings of all segments of one camera."""

    source_id: str
    sink: SegmentSink
    steady: SteadyTime
    zone: ZoneInfo = OFFICE_ZONE
    fragment_seconds: float = 0.5
    throttle: SegmentThrottle = field(default_factory=SegmentThrottle)

    @property
    def monotonic(self) -> float:
        """Return the current reading of the monotonic clock."""
        return self.steady.monotonic(self.steady.now())


class OpenSegment:
    """One segment from its first picture to its end; all times are monotonic readings.

    Its first picture is ``at`` its own time, which may lie before ``start``, from which the segment counts; from ``due`` on it ends at the
    next key picture. Raises StorageError: the sink refuses it; ParameterSetError.
    """

    def __init__(
        self,
        context: SegmentContext,
        parameters: ParameterSets,
        run: str,
        start: float,
        due: float,
        *,
        at: float,
        continues: bool,
    ) -> None:
        form = describe(parameters)
        self._context = context
        steady = self._steady = context.steady
        instant = steady.instant(start)
        self.parameters = parameters
        self.start = start
        self.due = due
        self.continues = continues
        self.day: date = civil_date(instant, context.zone)
        self.midnight = steady.monotonic(local_midnight(self.day + timedelta(days=1), context.zone))
        self.handed_over = 0
        """Ticks in fragments the sink has taken."""
        self.size = 0
        self.dropped = 0
        """Pictures that came before it, since the last one began, and were not kept."""
        self.retimed = 0
        """Its pictures whose time stamps were replaced before they were added."""
        self._at = at
        self._pauses, self._pauses_s = 0, 0.0
        self._pictures = FragmentWriter(parameters, target=context.fragment_seconds)
        self._writer = context.sink.open_segment(
            SegmentOpening(
                source_id=context.source_id,
                day=self.day,
                start=instant,
                init=initialisation(parameters),
                media_type=f'video/mp4; codecs="{form.codec_string}"',
                tick_rate=TICKS_PER_SECOND,
                run=run,
                continues=continues,
                traits={
                    "codec": form.codec_string,
                    "width": form.width,
                    "height": form.height,
                    **({"coded_from": parameters.coded_from} if parameters.coded_from else {}),
                },
            )
        )

    def add(self, unit: AccessUnit) -> None:
        """Add the next picture; StorageError where the segment cannot go on."""
        self.size += len(unit.data)
        self._hand_over(self._pictures.add(unit))

    def note_pause(self, seconds: float) -> None:
        """Count a pause between two of its pictures, too short for a gap."""
        self._pauses += 1
        self._pauses_s += seconds

    def finish(self, following: AccessUnit | None) -> float:
        """Hand over the queued pictures; return the monotonic reading at its end by the media clock. StorageError as in `add`."""
        self._hand_over(self._pictures.finish(following))
        return self._at + self._pictures.duration / TICKS_PER_SECOND

    def close(self, end: float, clock_offset: float | None) -> datetime:
        """Close the segment in the sink; return the instant at which its coverage ends."""
        begun = self._steady.instant(self.start)
        ended = max(self._steady.instant(min(end, self.midnight)), begun + timedelta(milliseconds=1))
        retimed = self.retimed + self._pictures.corrections
        missed = Missed(self._pauses, self._pauses_s, self.dropped, retimed)
        self._writer.close(SegmentEnding(begun, ended, self._pictures.pictures, clock_offset, missed))
        self._context.throttle.segment_ended(self._context.monotonic)
        return ended

    def _hand_over(self, fragment: Fragment | None) -> None:
        if fragment is not None:
            self._writer.append(fragment)
            self.handed_over = fragment.time + fragment.duration


class CurrentGap:
    """The open gap of one source, if there is one, as the sink knows it: one hole, whose cause may change while it lasts.

    A hole that ends within a seam is no gap and is not reported: a camera that comes off its pace would leave an act and its correction
    in the ledger each time. A cause that lasts no longer than a seam makes no gap of its own, for two such gaps would vanish though the
    hole is longer: it belongs to the first cause, or to the next one that lasts.
    """

    def __init__(self, sink: SegmentSink, source_id: str) -> None:
        self._sink = sink
        self._source_id = source_id
        self._entered: tuple[datetime, Cause] | None = None
        self._is_reported = False
        self._next: tuple[datetime, Cause] | None = None
        """A later cause that has not lasted long enough yet, and since when it holds."""

    @property
    def is_changing(self) -> bool:
        """Return whether the gap, or another cause of it, waits for having lasted long enough."""
        return self._next is not None or (self._entered is not None and not self._is_reported)

    def begin(self, start: datetime, cause: Cause, *, may_vanish: bool = False) -> None:
        """Begin a gap, unless one is open; one that may vanish within a seam is not reported before it outlasts that."""
        if self._entered is None:
            self._enter(start, cause)
            if not may_vanish:
                self._report(start, cause)

    def change(self, at: datetime, cause: Cause, *, for_good: bool = False) -> None:
        """Go on with a cause from an instant on; ``for_good`` where nothing more will be known of the source."""
        self.look(at)
        if self._entered is None:
            return
        if cause is self._entered[1]:
            self._next = None
        elif self._next is None or cause is not self._next[1]:
            self._next = at, cause
        if for_good:
            self._report(*self._entered)
        if for_good and self._next is not None:
            self._turn(*self._entered, *self._next)

    def look(self, now: datetime) -> None:
        """Enter the gap, or a changed cause, once it has lasted longer than a seam."""
        if self._entered is not None and now - self._entered[0] > SEAM:
            self._report(*self._entered)
        if self._entered is not None and self._next is not None and now - self._next[0] > SEAM:
            self._turn(*self._entered, *self._next)

    def end(self, end: datetime) -> None:
        """End the gap, if one is open."""
        self.look(end)
        if self._entered is not None:
            (start, cause), self._entered, self._next = self._entered, None, None
            if self._is_reported:
                self._sink.gap(self._source_id, start, max(start, end), cause)

    def _turn(self, start: datetime, cause: Cause, at: datetime, following: Cause) -> None:
        since = at if at - start > SEAM else start
        self._sink.gap(self._source_id, start, since, cause)
        self._next = None
        self._enter(since, following)
        self._report(since, following)

    def _enter(self, start: datetime, cause: Cause) -> None:
        self._entered, self._is_reported = (start, cause), False

    def _report(self, start: datetime, cause: Cause) -> None:
        if not self._is_reported:
            self._is_reported = True
            self._sink.gap(self._source_id, start, None, cause)

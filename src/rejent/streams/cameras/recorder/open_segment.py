"""The segment being written: pictures in, fragments to the sink."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rejent.formats.fragment import Fragment
from rejent.formats.mp4.boxes import initialisation
from rejent.formats.mp4.parameters import describe
from rejent.formats.mp4.picture import TICKS_PER_SECOND, AccessUnit, ParameterSets
from rejent.formats.mp4.writer import FragmentWriter
from rejent.kernel.clock import OFFICE_ZONE, civil_date, local_midnight
from rejent.recording.contract import Missed, SegmentEnding, SegmentOpening, SegmentSink
from rejent.recording.errors import StorageError
from rejent.recording.steady_time import SteadyTime
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.recorder.throttle import SegmentThrottle


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
    next key picture. Raises StorageError: the sink refuses it, or the camera is paused (`garbage`); ParameterSetError.
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
        if context.throttle.is_paused(context.monotonic):
            raise StorageError(CameraCause.GARBAGE, "The camera breaks off again and again.")
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
        """Bytes of its pictures."""
        self.dropped = 0
        """Pictures that came before it, since the last one began, and were not kept."""
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
                traits={"codec": form.codec_string, "width": form.width, "height": form.height},
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

    def close(self, end: float, clock_offset: float | None, *, by_loss: bool = False) -> datetime:
        """Close the segment in the sink, `by_loss` if lost packets ended it; return the instant at which its coverage ends."""
        begun = self._steady.instant(self.start)
        ended = max(self._steady.instant(min(end, self.midnight)), begun + timedelta(milliseconds=1))
        missed = Missed(self._pauses, self._pauses_s, self.dropped)
        self._writer.close(SegmentEnding(begun, ended, self._pictures.pictures, clock_offset, missed))
        self._context.throttle.segment_ended(self._context.monotonic, by_loss=by_loss)
        return ended

    def _hand_over(self, fragment: Fragment | None) -> None:
        if fragment is not None:
            self._writer.append(fragment)
            self.handed_over = fragment.time + fragment.duration

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
from rejent.recording.contract import SegmentEnding, SegmentOpening, SegmentSink
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
    """One segment from its first picture to its end.

    Args:
        due: the monotonic reading from which it ends at the next key picture.
        continues: its first picture depends on the segment before it.

    Raises:
        rejent.recording.errors.StorageError: the sink refuses it, or the camera is paused (`garbage`).
        rejent.formats.mp4.errors.ParameterSetError: the parameter sets cannot be read.
    """

    def __init__(
        self,
        context: SegmentContext,
        parameters: ParameterSets,
        run: str,
        start: float,
        due: float,
        *,
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

    def finish(self, following: AccessUnit | None) -> float:
        """Hand over the queued pictures; return the monotonic reading at its end by the media clock. StorageError as in `add`."""
        self._hand_over(self._pictures.finish(following))
        return self.start + self._pictures.duration / TICKS_PER_SECOND

    def close(
        self, start: float, end: float, clock_offset: float | None, *, by_loss: bool = False
    ) -> datetime:
        """Close the segment in the sink, `by_loss` if lost packets ended it; return the instant at which its coverage ends."""
        begun = self._steady.instant(start)
        ended = max(self._steady.instant(min(end, self.midnight)), begun + timedelta(milliseconds=1))
        self._writer.close(SegmentEnding(begun, ended, self._pictures.pictures, clock_offset))
        self._context.throttle.segment_ended(self._context.monotonic, by_loss=by_loss)
        return ended

    def _hand_over(self, fragment: Fragment | None) -> None:
        if fragment is not None:
            self._writer.append(fragment)
            self.handed_over = fragment.time + fragment.duration

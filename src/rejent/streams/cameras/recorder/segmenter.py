"""Segmentation of one camera's pictures, and booking of gaps.

A segment begins with a key picture, lasts a minute at most and stays within one civil date. Where a day, or a minute,
ends amid a group of pictures, the group goes on in a segment that *continues* the one before (docs/design/0005). At
every loss, pause or jump the segment ends, and the next begins with the next key picture, because a decoder cannot show
the pictures between. Where only the pace is wrong, all pictures are there: the segment goes on to the next key picture.

No segment begins before its connection, or before the end of the one before it, and none ends in the future, whatever the
camera's clock says: pictures that come faster than they can have been taken are fitted in between, in their order. What
came and could not be kept is counted.
"""

import secrets
import zlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import Enum

from rejent.formats.errors import ParameterSetError
from rejent.formats.mp4.parameters import describe, in_band, updated_parameters
from rejent.formats.mp4.picture import TICKS_PER_SECOND, AccessUnit, ParameterSets
from rejent.recording.contract import Cause, GeneralCause, SourceStatus, State
from rejent.recording.errors import StorageError
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.network.rtsp.assembly import Discontinuity, StreamItem
from rejent.streams.cameras.recorder.open_segment import CurrentGap, OpenSegment, SegmentContext
from rejent.streams.cameras.recorder.outliers import OutlierFilter
from rejent.streams.cameras.recorder.pace import Pace, Step
from rejent.streams.cameras.recorder.timeline import SETTLING, Timeline

LONGEST = 60.0
"""Seconds a segment may last."""
LARGEST = 256 * 1024 * 1024
"""Bytes of a segment after which the next begins, because recovery holds a truncated one in memory."""
STORAGE_RETRY = 2.0
"""Seconds between attempts to store again."""
_MOST_SETTLING = 250
_SOON = 0.1
_NEW_RUN = {Step.JUMP: CameraCause.CAMERA_CLOCK, Step.OFF_PACE: CameraCause.OFF_PACE}


class _Cut(Enum):
    NEXT = 0
    CONTINUE = 1
    LEAVE_OUT = 2


class Segmenter:
    """Cuts one camera's pictures into segments; the first gap begins at ``covered_until``, where known."""

    def __init__(self, context: SegmentContext, covered_until: datetime | None = None) -> None:
        now = context.steady.now()
        self.clock_offset: float | None = None
        self.untrusted = ""
        """Fingerprint of a certificate that the camera showed instead of a trusted one."""
        self.unusable = 0
        """Whole pictures since the last connection that no segment could begin with."""
        self.dropped = 0
        """Pictures that came since the last segment began and were not kept."""
        self._context = context
        self._source_id = context.source_id
        self._sink = context.sink
        self._steady = context.steady
        self._stagger = zlib.crc32(context.source_id.encode()) % 60
        self._parameters: ParameterSets | None = None
        self._described: ParameterSets | None = None
        self._timeline: Timeline | None = None
        self._session, self._runs = secrets.token_hex(8), 0
        self._session_at = context.monotonic
        """Reading of the monotonic clock when the connection began."""
        self._outliers = OutlierFilter()
        self._settling: list[AccessUnit] = []
        self._segment: OpenSegment | None = None
        self._last: AccessUnit | None = None
        self._shift = 0
        """Ticks added to the times of a run's pictures, once its clock told nothing."""
        self._pace = Pace()
        self._key_at = 0.0
        self._group = 0.0
        self._retry_at = 0.0
        self._covered_at = context.monotonic
        """Reading of the monotonic clock up to which its time is covered."""
        self._gap = CurrentGap(context.sink, context.source_id)
        self._cause: Cause = GeneralCause.STARTING
        self._state, self._since = State.CONNECTING, now
        earlier = covered_until is not None and covered_until < now
        self._gap.begin(
            covered_until if covered_until and earlier else now,
            GeneralCause.RECORDER_STOPPED if earlier else GeneralCause.STARTING,
        )

    @property
    def status(self) -> SourceStatus:
        """Return the status of the source."""
        return SourceStatus(
            self._source_id, self._state, self._cause, self._since, self.clock_offset, self.untrusted
        )

    @property
    def recording(self) -> bool:
        """Return whether its pictures reach the sink now."""
        return self._state is State.RECORDING

    @property
    def parameters(self) -> ParameterSets | None:
        """Return the parameter sets in force."""
        return self._parameters

    def connected(self, parameters: ParameterSets) -> None:
        """Prepare for a new connection with these parameter sets, which in-band ones may replace."""
        self._place_held()
        self._parameters = parameters
        self._session_at = self._context.monotonic
        retimed, self._outliers = self._outliers.retimed, OutlierFilter()
        self._outliers.retimed = retimed
        self._end_run()
        self._pace = Pace()
        self.unusable = 0

    def take(self, items: Iterable[StreamItem]) -> None:
        """Process what arrived, in order."""
        for item in items:
            if isinstance(item, Discontinuity):
                self._place_held()
                self._break_off(item.cause)
                if item.cause is not CameraCause.PACKETS_LOST:
                    self._end_run()
            elif item.damaged:
                self.dropped += 1
            else:
                for unit in self._outliers.take(item):
                    self._place(unit)

    def interrupted(self, cause: Cause, state: State = State.CONNECTING) -> None:
        """Close the segment and book the cause, as nothing more comes for now."""
        self._place_held()
        self._break_off(cause)
        self._end_run()
        self._gap.change(self._steady.now(), cause, for_good=state is State.STOPPED)
        self._set_status(state, cause)

    def look(self, now: float) -> None:
        """Do what is due without a picture, at a reading of the monotonic clock."""
        if self._gap.is_changing:
            self._gap.look(self._steady.instant(now))

    def clock_confirmed(self) -> None:
        """Go on in a new order of time: a person confirmed the civil clock, which may have gone back."""
        self._session, self._runs = secrets.token_hex(8), 0

    def _place_held(self) -> None:
        """Place what waits for more pictures: none come that belong to them."""
        for unit in self._outliers.release():
            self._place(unit)
        self._release()

    # The beginning of a run

    def _settle(self, unit: AccessUnit) -> None:
        held = self._settling
        if not held and not (unit.key and self._describes(unit)):
            self.unusable += 1
            self.dropped += 1
            return
        if held and self._pace.judge(held[-1], unit, self._ahead(unit)) in {Step.PAUSE, *_NEW_RUN}:
            self._release()
            self._place(unit)
            return
        self.unusable = 0
        held.append(unit)
        if unit.arrival - held[0].arrival >= SETTLING or len(held) >= _MOST_SETTLING:
            self._release()

    def _describes(self, unit: AccessUnit) -> bool:
        """Return whether the known parameter sets and those of this key picture describe the stream; adopt them."""
        known = self._parameters
        if known is None:
            return False
        try:
            if known.sets:
                newer = updated_parameters(known, unit.data)
            else:
                newer = replace(known, sets=in_band(known.codec, unit.data))
            if newer is None and self._described is known:
                return True
            describe(newer or known)
        except ParameterSetError:
            return False
        self._parameters = self._described = newer or known
        return True

    def _release(self) -> None:
        held = self._settling
        if not held:
            return
        self._settling = []
        self._timeline = Timeline(min(unit.arrival - unit.time / TICKS_PER_SECOND for unit in held))
        self._runs += 1
        for unit in held:
            self._place(unit)

    def _end_run(self) -> None:
        self._timeline = None
        self._last = None
        self._pace.usual = 0.0
        self._shift = 0

    # Picture by picture

    def _place(self, unit: AccessUnit) -> None:
        if self._timeline is None:
            self._settle(unit)
            return
        stamped = unit
        if self._shift:
            unit = replace(unit, time=unit.time + self._shift)
        if self._last is not None:
            step = self._pace.judge(self._last, unit, self._ahead(unit))
            if step is Step.JUMP and not self._has_room(unit):
                unit = self._follow(self._last, unit)
            elif step is not Step.JOINS and self._ends_run(step, self._last, unit):
                self._settle(stamped)
                return
        at = self._timeline.at(unit.time)
        self._timeline.observe(unit.time, unit.arrival)
        if self._last is None or unit.time > self._last.time:
            self._last = unit
        if unit.key:
            self._group = at - self._key_at
            self._key_at = at
        try:
            self._record(unit, at)
        except StorageError as error:
            self.dropped += 1
            self._storage_failed(error, unit.arrival)

    def _ends_run(self, step: Step, last: AccessUnit, unit: AccessUnit) -> bool:
        """Act on what a picture is to the last one; return whether it belongs to another run.

        A run whose pace alone is wrong ends with a key picture, any run while there is room for segments.
        """
        if step in _NEW_RUN:
            if not (unit.key or step is Step.JUMP) or not self._has_room(unit):
                return False
            self._break_off(_NEW_RUN[step])
            self._end_run()
            return True
        self._note(step, (unit.time - last.time) / TICKS_PER_SECOND, CameraCause.STALLED)
        return False

    def _has_room(self, unit: AccessUnit) -> bool:
        return self._context.throttle.has_room(unit.arrival, after=1)

    def _follow(self, last: AccessUnit, unit: AccessUnit) -> AccessUnit:
        """Return a picture behind a jump for which there is no room, at the time at which it arrived.

        Thirty jumps a minute are a clock that tells nothing, not thirty streams. The time is counted as replaced, and what went by
        without a picture is stated as anywhere else.
        """
        waited = max(unit.arrival - last.arrival, self._pace.usual)
        time = last.time + max(int(waited * TICKS_PER_SECOND), 1)
        self._shift += time - unit.time
        self._outliers.retimed += 1
        self._note(self._pace.judge_silence(waited), waited, CameraCause.CAMERA_CLOCK)
        return replace(unit, time=time)

    def _note(self, step: Step, seconds: float, cause: Cause) -> None:
        """Enter a pause: a gap, or a count of the segment's where it is short."""
        if step is Step.PAUSE:
            self._break_off(cause)
        elif step is Step.SHORT_PAUSE and self._segment is not None:
            self._segment.note_pause(seconds - self._pace.usual)

    def _ahead(self, unit: AccessUnit) -> float:
        """Return the seconds by which a picture's time is ahead of its arrival, since the run's beginning."""
        if self._timeline is not None:
            return self._timeline.at(unit.time) - unit.arrival
        first = self._settling[0]
        return (unit.time - first.time) / TICKS_PER_SECOND - (unit.arrival - first.arrival)

    def _record(self, unit: AccessUnit, at: float) -> None:
        segment = self._segment
        if segment is None:
            begins = unit.key and unit.arrival >= self._retry_at
            if begins and self._context.throttle.has_room(unit.arrival) and self._describes(unit):
                self._open(unit, at, max(at, self._covered_at, self._session_at), continues=False)
            else:
                self.dropped += 1
            return
        cut = self._cut_before(segment, unit, at)
        if cut is None:
            handed_over = segment.handed_over
            segment.add(unit)
            if segment.handed_over != handed_over and self._state is not State.RECORDING:
                self._set_status(State.RECORDING, GeneralCause.NONE)
        elif cut is _Cut.LEAVE_OUT:
            self.dropped += 1
            self._break_off(GeneralCause.DAY_CHANGE)
        elif not self._has_room(unit):
            self.dropped += 1
            self._break_off(CameraCause.GARBAGE)
        else:
            end = self._close(unit)
            self._open(unit, end, self._covered_at, continues=cut is _Cut.CONTINUE)

    def _cut_before(self, segment: OpenSegment, unit: AccessUnit, at: float) -> _Cut | None:
        if at + 1e-6 >= segment.midnight:
            return _Cut.NEXT if unit.key else _Cut.LEAVE_OUT if self._pace.reorders else _Cut.CONTINUE
        full = segment.size >= LARGEST
        if not unit.key:
            return _Cut.CONTINUE if full or at - segment.start >= LONGEST + _SOON else None
        known = self._parameters
        if self._describes(unit) and self._parameters is not known:
            return _Cut.NEXT
        late = at >= segment.due or at + self._group - segment.start > LONGEST + _SOON
        return _Cut.NEXT if full or late or segment.continues else None

    def _open(self, unit: AccessUnit, at: float, start: float, *, continues: bool) -> None:
        if self._parameters is None:
            return
        begin = self._steady.instant(start)
        until = 60 - (begin.timestamp() - self._stagger) % 60
        due = start + until + (60 if until < LONGEST / 2 else 0)
        run = f"{self._session}.{self._runs}"
        segment = OpenSegment(self._context, self._parameters, run, start, due, at=at, continues=continues)
        self._segment = segment
        segment.dropped, self.dropped = self.dropped, 0
        self.unusable = 0
        self._gap.end(begin)
        segment.add(unit)

    def _close(self, following: AccessUnit | None) -> float:
        """End the open segment; return the time of ``following``, until which it lasts where that joins it."""
        segment, timeline = self._segment, self._timeline
        if segment is None or timeline is None:
            return self._covered_at
        end = segment.finish(following)
        if end < segment.midnight:
            end += timeline.pull(max(end - segment.start, 0.0))
            ahead = end - self._context.monotonic
            if ahead > 0:
                end -= ahead
                timeline.origin -= ahead if following is not None else 0.0
        segment.retimed, self._outliers.retimed = self._outliers.retimed, 0
        ended = segment.close(end, self.clock_offset)
        self._covered_at = self._steady.monotonic(ended)
        self._segment = None
        return end

    # Gaps and states

    def _break_off(self, cause: Cause) -> None:
        if self._segment is None:
            return
        try:
            self._close(None)
        except StorageError as error:
            self._storage_failed(error, self._last.arrival if self._last else 0.0)
            return
        self._gap.begin(self._covered, cause, may_vanish=cause is CameraCause.OFF_PACE)

    def _storage_failed(self, error: StorageError, arrival: float) -> None:
        segment, self._segment = self._segment, None
        self._retry_at = arrival + STORAGE_RETRY
        if segment is not None:
            self._covered_at = segment.start + error.kept / TICKS_PER_SECOND
        self._gap.begin(self._covered, error.cause)
        self._set_status(State.STOPPED, error.cause)

    @property
    def _covered(self) -> datetime:
        return self._steady.instant(self._covered_at)

    def _set_status(self, state: State, cause: Cause) -> None:
        if (state, cause) != (self._state, self._cause):
            self._state, self._cause, self._since = state, cause, self._steady.now()
            self._sink.status(self.status)

"""Recorder of notes: hands each to the sink when it is written."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from rejent.kernel.clock import Clock, civil_date
from rejent.recording.contract import (
    Cause,
    GeneralCause,
    SegmentEnding,
    SegmentOpening,
    SegmentSink,
    SegmentWriter,
    SourceStatus,
    State,
)
from rejent.recording.errors import StorageError
from tests.streams.notes.lines import TICKS, Note, fragments, instant

LONGEST = timedelta(minutes=5)
"""After which a segment gives way to the next, as it does at midnight."""


@dataclass(slots=True)
class _Segment:
    opening: SegmentOpening
    writer: SegmentWriter
    units: int = 0
    ticks: int = 0

    def takes(self, at: datetime) -> bool:
        """Return whether a note of an instant belongs to it."""
        return civil_date(at) == self.opening.day and at < self.opening.start + LONGEST

    def append(self, note: Note) -> None:
        """Hand a note over. Raises StorageError."""
        for fragment in fragments([note], self.opening.start, self.ticks):
            self.writer.append(fragment)
            self.units, self.ticks = self.units + 1, fragment.time + fragment.duration

    def close(self) -> None:
        """End it; it is booked in the background."""
        start = self.opening.start
        self.writer.close(SegmentEnding(start, instant(start, self.ticks), self.units))


class NoteRecorder:
    """Records what is written into any number of notebooks; see `rejent.recording.contract.Recorder`."""

    def __init__(self, sink: SegmentSink, clock: Clock, run: str) -> None:
        self._sink, self._clock, self._run = sink, clock, run
        self._lock, self._stopped = threading.Lock(), threading.Event()
        self._segments: dict[str, _Segment] = {}
        self._told: dict[str, SourceStatus] = {}

    def add(self, source_id: str) -> None:
        """Take notes of a source from now on."""
        with self._lock:
            self._tell(source_id, GeneralCause.NONE, self._clock.now())

    def write(self, source_id: str, text: str) -> None:
        """Record a note; one that is not kept begins a gap, which ends with the next that is.

        Raises:
            StorageError: it cannot be kept.
            ContentError: it is more than a line.
        """
        with self._lock:
            note = Note(self._clock.now(), text)
            try:
                self._segment_of(source_id, note.at).append(note)
            except StorageError as error:
                self._segments.pop(source_id, None)
                self._tell(source_id, error.cause, note.at)
                raise
            self._tell(source_id, GeneralCause.NONE, note.at)

    def remove(self, source_id: str) -> None:
        """End a source."""
        with self._lock:
            self._close(source_id)
            self._told.pop(source_id, None)

    def statuses(self) -> list[SourceStatus]:
        """Return the status of every source."""
        with self._lock:
            return list(self._told.values())

    def confirm_clock(self) -> None:
        """Do nothing: a note has the time of the clock at which it is written."""

    def run(self) -> None:
        """Wait until `stop`, then end every segment."""
        self._stopped.wait()
        for source_id in [one.source_id for one in self.statuses()]:
            self.remove(source_id)

    def stop(self) -> None:
        """Let `run` return."""
        self._stopped.set()

    def _segment_of(self, source_id: str, at: datetime) -> _Segment:
        segment = self._segments.get(source_id)
        if segment is None or not segment.takes(at):
            self._close(source_id)
            opening = SegmentOpening(source_id, civil_date(at), at, b"", "text/plain", TICKS, self._run)
            segment = self._segments[source_id] = _Segment(opening, self._sink.open_segment(opening))
        return segment

    def _close(self, source_id: str) -> None:
        if (segment := self._segments.pop(source_id, None)) is not None:
            segment.close()

    def _tell(self, source_id: str, cause: Cause, at: datetime) -> None:
        before = self._told.get(source_id)
        if before is not None and before.cause is cause:
            return
        if before is not None and before.cause:
            self._sink.gap(source_id, before.since, at, before.cause)
        if cause:
            self._sink.gap(source_id, at, None, cause)
        state = State.STOPPED if cause else State.RECORDING
        self._told[source_id] = SourceStatus(source_id, state, cause, at)
        self._sink.status(self._told[source_id])

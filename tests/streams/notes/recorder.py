"""Recorder of notes: hands each to the sink when it is written."""

from datetime import timedelta

from rejent.kernel.clock import Clock, civil_date
from rejent.recording.contract import SegmentEnding, SegmentOpening, SegmentSink, SegmentWriter
from tests.streams.notes.lines import TICKS, Note, fragments, instant

LONGEST = timedelta(minutes=5)
"""After which a segment gives way to the next, as it does at midnight."""


class NoteRecorder:
    """Records the notes of one source."""

    def __init__(self, source_id: str, sink: SegmentSink, clock: Clock, run: str) -> None:
        self._source_id, self._sink, self._clock, self._run = source_id, sink, clock, run
        self._segment: SegmentWriter | None = None
        self._opening: SegmentOpening | None = None
        self._units = self._ticks = 0

    def write(self, text: str) -> None:
        """Record a note.

        Raises:
            StorageError: it cannot be kept.
            ContentError: it is more than a line.
        """
        note = Note(self._clock.now(), text)
        opening = self._opening
        if opening and (civil_date(note.at) != opening.day or note.at >= opening.start + LONGEST):
            self.close()
        if self._segment is None or self._opening is None:
            self._opening = SegmentOpening(
                self._source_id, civil_date(note.at), note.at, b"", "text/plain", TICKS, self._run
            )
            self._segment = self._sink.open_segment(self._opening)
        for fragment in fragments([note], self._opening.start, self._ticks):
            self._segment.append(fragment)
            self._units, self._ticks = self._units + 1, fragment.time + fragment.duration

    def close(self) -> None:
        """End the segment; it is booked in the background."""
        if self._segment is not None and self._opening is not None:
            start = self._opening.start
            self._segment.close(SegmentEnding(start, instant(start, self._ticks), self._units))
        self._segment, self._opening, self._units, self._ticks = None, None, 0, 0

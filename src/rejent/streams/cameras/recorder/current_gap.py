"""The gap that a camera is in: one hole, whose cause may change while it lasts.

A hole that ends within a seam is no gap and is not told: a camera that comes off its pace would leave an act and its
correction in the ledger each time. A cause that lasts no longer than a seam makes no gap of its own, for two such gaps
would vanish though the hole is longer: it belongs to the first cause, or to the next one that lasts.
"""

from datetime import datetime

from rejent.catalog.coverage import SEAM
from rejent.recording.contract import Cause, SegmentSink


class CurrentGap:
    """The open gap of one source, if there is one, as the sink knows it."""

    def __init__(self, sink: SegmentSink, source_id: str) -> None:
        self._sink = sink
        self._source_id = source_id
        self._entered: tuple[datetime, Cause] | None = None
        self._is_told = False
        self._next: tuple[datetime, Cause] | None = None
        """A later cause that has not lasted long enough yet, and since when it holds."""

    @property
    def is_changing(self) -> bool:
        """Tell if the gap, or another cause of it, waits for having lasted long enough."""
        return self._next is not None or (self._entered is not None and not self._is_told)

    def begin(self, start: datetime, cause: Cause, *, may_vanish: bool = False) -> None:
        """Begin a gap, unless one is open; one that may vanish within a seam is not told before it outlasts that."""
        if self._entered is None:
            self._enter(start, cause)
            if not may_vanish:
                self._tell(start, cause)

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
            self._tell(*self._entered)
        if for_good and self._next is not None:
            self._turn(*self._entered, *self._next)

    def look(self, now: datetime) -> None:
        """Enter the gap, or a changed cause, once it has lasted longer than a seam."""
        if self._entered is not None and now - self._entered[0] > SEAM:
            self._tell(*self._entered)
        if self._entered is not None and self._next is not None and now - self._next[0] > SEAM:
            self._turn(*self._entered, *self._next)

    def end(self, end: datetime) -> None:
        """End the gap, if one is open."""
        self.look(end)
        if self._entered is not None:
            (start, cause), self._entered, self._next = self._entered, None, None
            if self._is_told:
                self._sink.gap(self._source_id, start, max(start, end), cause)

    def _turn(self, start: datetime, cause: Cause, at: datetime, following: Cause) -> None:
        since = at if at - start > SEAM else start
        self._sink.gap(self._source_id, start, since, cause)
        self._next = None
        self._enter(since, following)
        self._tell(since, following)

    def _enter(self, start: datetime, cause: Cause) -> None:
        self._entered, self._is_told = (start, cause), False

    def _tell(self, start: datetime, cause: Cause) -> None:
        if not self._is_told:
            self._is_told = True
            self._sink.gap(self._source_id, start, None, cause)

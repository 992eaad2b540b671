"""Where a recorder's finished segments, gaps and states are entered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from rejent.recording.contract import Cause, FinishedSegment, SourceStatus


class Books(Protocol):
    """Where finished segments, gaps and states are entered; a call may wait for the database.

    What cannot be entered now is kept by the implementation and entered later.
    """

    def segments(self, finished: Sequence[FinishedSegment]) -> None:
        """Book finished segments."""

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:
        """Book a gap, open while ``end`` is missing."""

    def status(self, status: SourceStatus) -> None:
        """Book how a source fares."""

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """Book that the system clock stepped."""

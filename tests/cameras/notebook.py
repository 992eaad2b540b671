"""A sink that keeps what a recorder hands over in memory, so that tests can look at it and wait for it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from rejent.formats.fragment_index import Fragment
from rejent.recording.contract import (
    Cause,
    GeneralCause,
    SegmentEnding,
    SegmentOpening,
    Settled,
    SourceStatus,
)
from rejent.recording.errors import StorageError
from tests.waiting import CEILING_S


@dataclass
class NotedSegment:
    """One segment as it was handed over."""

    opening: SegmentOpening
    notebook: "Notebook"
    fragments: list[Fragment] = field(default_factory=list)
    ending: SegmentEnding | None = None

    def append(self, fragment: Fragment) -> None:
        """Keep a fragment, unless the store is set to fail."""
        failure = self.notebook.failure
        if failure is not None:
            error = StorageError(failure, "The store fails as told.")
            last = self.fragments[-1] if self.fragments else None
            error.kept = last.time + last.duration if last else 0
            raise error
        with self.notebook.changed:
            self.fragments.append(fragment)
            self.notebook.changed.notify_all()

    def secure(self) -> None:
        """Nothing can be lost of it."""

    def close(self, ending: SegmentEnding, settled: Settled = lambda _: None) -> None:
        """Keep the ending, and say that all of it is kept."""
        with self.notebook.changed:
            self.ending = ending
            self.notebook.changed.notify_all()
        settled(GeneralCause.NONE)

    def discard(self) -> None:
        """Keep nothing of it."""
        with self.notebook.changed:
            self.notebook.segments.remove(self)
            self.notebook.changed.notify_all()

    @property
    def movie(self) -> bytes:
        """The whole file."""
        return self.opening.init + b"".join(part for fragment in self.fragments for part in fragment.parts)

    @property
    def units(self) -> int:
        """Pictures handed over."""
        return sum(fragment.units for fragment in self.fragments)

    def write(self, folder: Path) -> Path:
        """The segment as a file."""
        path = folder / f"{self.opening.source_id}-{self.notebook.segments.index(self)}.mp4"
        path.write_bytes(self.movie)
        return path


@dataclass
class NotedGap:
    """One gap."""

    start: datetime
    end: datetime | None
    cause: Cause


class Notebook:
    """See `rejent.recording.contract.SegmentSink`."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.segments: list[NotedSegment] = []
        self.gaps: dict[str, list[NotedGap]] = {}
        self.statuses: list[SourceStatus] = []
        self.steps: list[float] = []
        self.failure: Cause | None = None
        self.refusal: Cause | None = None

    def open_segment(self, opening: SegmentOpening) -> NotedSegment:
        """Begin a segment, unless set to refuse."""
        if self.refusal is not None:
            raise StorageError(self.refusal, "The store refuses as told.")
        with self.changed:
            self.segments.append(NotedSegment(opening, self))
            self.changed.notify_all()
        return self.segments[-1]

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        """Do it at once."""
        del seconds
        work()

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:
        """Note the beginning or the end of a gap."""
        with self.changed:
            noted = self.gaps.setdefault(source_id, [])
            if end is None:
                noted.append(NotedGap(start, None, cause))
            else:
                assert noted[-1].start == start, "a gap ends that did not begin"
                noted[-1].end = end
            self.changed.notify_all()

    def status(self, status: SourceStatus) -> None:
        """Note a changed state."""
        with self.changed:
            self.statuses.append(status)
            self.changed.notify_all()

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """Note a step of the clock."""
        del noticed
        self.steps.append(seconds)

    def of(self, source_id: str) -> list[NotedSegment]:
        """The segments of one source."""
        return [segment for segment in self.segments if segment.opening.source_id == source_id]

    def units(self, source_id: str) -> int:
        """Pictures handed over for one source."""
        return sum(segment.units for segment in self.of(source_id))

    def causes(self, source_id: str) -> list[Cause]:
        """Return every cause reported for one source, in order."""
        return [status.cause for status in self.statuses if status.source_id == source_id]

    def wait_for(self, condition: Callable[[], bool], seconds: float = CEILING_S) -> None:
        """Return as soon as the condition holds."""
        with self.changed:
            assert self.changed.wait_for(condition, seconds), "what the test waits for did not come about"

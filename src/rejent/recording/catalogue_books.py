"""Booking in the catalogue, from any thread of a recorder, in order.

Bookings wait in memory while the database does not answer; the sealed objects are durable by then, and whatever a
dying process leaves unbooked is booked at its next start.
"""

import threading
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from django.db import DatabaseError, DataError, IntegrityError, close_old_connections

from rejent.catalog import services
from rejent.catalog.views import FinishedSegment as BookedSegment
from rejent.catalog.views import HealthReport, RecorderSource
from rejent.formats.fragment_index import FragmentIndex
from rejent.formats.record_index import RecordIndex
from rejent.kernel.clock import Clock
from rejent.kernel.errors import RejentError
from rejent.recording.contract import Cause, FinishedSegment, SourceStatus, State

log = structlog.get_logger(__name__)


BEHIND_S = 180.0
"""Seconds without a booked segment after which the last booked picture is reported instead of now; segments take a minute."""


class CatalogueBooks:
    """A recorder's booking port to the catalogue; ``measured`` returns a source's clock offset in seconds and how it is known."""

    def __init__(
        self,
        clock: Clock,
        measured: Callable[[SourceStatus], tuple[float | None, str]] = lambda _: (None, ""),
    ) -> None:
        self._clock = clock
        self._measured = measured
        self.stepped = False
        """The system clock stepped, and the recorder continues in the old time."""
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._last_end: dict[str, datetime] = {}
        self._rates: dict[str, float] = {}
        self._traits: dict[str, dict[str, object]] = {}
        self._kept_up: dict[str, float] = {}
        """Monotonic instant of each recording source's last booked segment, or of its start."""

    def segments(self, finished: Sequence[FinishedSegment]) -> None:
        """Book finished segments in one transaction."""
        for segment in finished:
            source_id = segment.opening.source_id
            self._last_end[source_id] = segment.ending.end
            self._traits[source_id] = segment.opening.traits
            self._kept_up[source_id] = self._clock.monotonic()
            seconds = (segment.ending.end - segment.ending.start).total_seconds()
            self._rates[source_id] = segment.size / max(seconds, 0.001)
        booked = [_booked(segment) for segment in finished]
        self.enter(lambda: services.book_segments(booked, self._clock))

    def recovered(self, segments: Sequence[BookedSegment]) -> None:
        """Book recovered segments of an earlier run in one transaction."""
        self.enter(lambda: services.book_segments(segments, self._clock))

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:
        """Book the start of a gap, or the end of the open one."""
        if end is None:
            self.enter(lambda: services.open_gap(source_id, start, cause.value, clock=self._clock))
        else:
            self.enter(lambda: services.close_gap(source_id, end, clock=self._clock))

    def status(self, status: SourceStatus) -> None:
        """Report a changed state; `report` repeats it, so it need not wait for the database."""
        self._report_health([self._report(status)])

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """Log the step; the keeper judges and enters it."""
        self.stepped = True
        log.warning("clock.stepped", seconds=round(seconds, 3), noticed=noticed.isoformat())

    def report(self, statuses: list[SourceStatus], known: dict[str, RecorderSource]) -> None:
        """Book whatever waits, and report the status of every known source."""
        self._report_health([self._report(status) for status in statuses if status.source_id in known])

    @property
    def waiting(self) -> int:
        """Count the bookings the database has not taken yet."""
        return len(self._waiting)

    def enter(self, write: Callable[[], None]) -> None:
        """Book something after whatever waits."""
        with self._lock:
            self._waiting.append(write)
            self._catch_up()

    def _report_health(self, reports: list[HealthReport]) -> None:
        with self._lock:
            if self._catch_up():
                self._attempt(lambda: services.report_health(reports, self._clock))

    def _catch_up(self) -> bool:
        while self._waiting and self._attempt(self._waiting[0]):
            self._waiting.popleft()
        return not self._waiting

    def _attempt(self, write: Callable[[], None]) -> bool:
        """Return False while the database does not answer; drop a refused booking, which would be refused again."""
        try:
            write()
        except (DataError, IntegrityError) as error:
            log.error("books.refused", code=type(error).__name__)  # noqa: TRY400 - its text may hold a number
        except DatabaseError:
            log.exception("books.waiting", waiting=len(self._waiting))
            close_old_connections()
            return False
        except RejentError as error:
            log.error("books.refused", code=error.code)  # noqa: TRY400 - the kind says enough
        return True

    def keeps_up(self, status: SourceStatus) -> bool:
        """Return whether a source records and its segments are booked in time."""
        if status.state is not State.RECORDING:
            self._kept_up.pop(status.source_id, None)
            return False
        now = self._clock.monotonic()
        return now - self._kept_up.setdefault(status.source_id, now) < BEHIND_S

    def _report(self, status: SourceStatus) -> HealthReport:
        keeps_up = self.keeps_up(status)
        offset, method = self._measured(status)
        return HealthReport(
            source_id=status.source_id,
            state=status.state.value,
            cause=status.cause.value,
            since=status.since,
            last_picture_at=self._clock.now() if keeps_up else self._last_end.get(status.source_id),
            clock_offset_s=offset,
            clock_method=method if offset is not None else "",
            traits={**self._traits.get(status.source_id, {}), **_untrusted(status)},
            bytes_per_second=self._rates.get(status.source_id, 0.0),
        )


def _untrusted(status: SourceStatus) -> dict[str, object]:
    return {"certificate": status.certificate} if status.certificate else {}


def _booked(segment: FinishedSegment) -> BookedSegment:
    opening, ending = segment.opening, segment.ending
    offset, index = ending.clock_offset, FragmentIndex(segment.fragments)
    if ending.coverage is not None:
        index = RecordIndex(segment.fragments, ending.coverage)
    return BookedSegment(
        id=uuid.UUID(segment.object_name.rpartition("-")[2].removesuffix(".age")),
        source_id=opening.source_id,
        day=opening.day,
        start=ending.start,
        end=ending.end,
        run=opening.run,
        object_name=segment.object_name,
        bytes=segment.size,
        sha256=segment.sha256,
        head=segment.head,
        recipient=segment.recipient,
        units=ending.units,
        index=index.encode(),
        recovered=segment.recovered,
        content=segment.content,
        tail=False,
        traits=opening.traits if offset is None else {**opening.traits, "clock_offset_s": offset},
        seams=ending.missed.pauses,
        seams_ms=round(ending.missed.pauses_s * 1000),
        dropped=ending.missed.dropped,
        retimed=ending.missed.retimed,
    )

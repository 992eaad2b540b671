"""A recorder process: up to 32 cameras, sealed with public halves, kept away from the private ones.

What it finishes while the database does not answer waits in memory, and is booked when it answers again; the sealed
objects are durable by then, and a process that dies before is made good by the keeper.
"""

import signal
import threading
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from rejent.capture.contract import Cause, FinishedSegment, SourceStatus
from rejent.capture.live import LivePublisher
from rejent.capture.sealing import SealingSink
from rejent.capture.video.address import Camera, Login, Transport, read_address
from rejent.capture.video.engine import CameraRecorder
from rejent.capture.video.mp4.index import FragmentIndex
from rejent.catalog import queries, services
from rejent.catalog.views import FinishedSegment as BookedSegment
from rejent.catalog.views import HealthReport, RecorderSource
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.errors import RejentError
from rejent.office import queries as office
from rejent.vault.recipients import Recipient
from rejent.vault.recovery import recover_unfinished
from rejent.vault.store.port import Leftover

log = structlog.get_logger(__name__)

CAMERAS_PER_RECORDER = 32
LOOK_AGAIN_S = 2.0


def record(slot: int) -> int:
    """Record the cameras of one slot until told to stop."""
    clock: Clock = settings.CLOCK
    logins = settings.VAULT.credentials
    recover(queries.recorder_sources(slot, CAMERAS_PER_RECORDER), clock)
    books = CatalogueBooks(clock)
    sink = SealingSink(settings.VAULT.store, DayKeys(), books)
    publisher = LivePublisher(settings.INSTALLATION.runtime / f"live-{slot}.sock", clock)
    recorder = CameraRecorder(sink, clock, publisher)
    roster = Roster(recorder, slot, clock, logins.open)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    loop = threading.Thread(target=recorder.run, name="recorder")
    loop.start()
    try:
        while not stop.is_set() and loop.is_alive():
            roster.refresh()
            books.report(recorder.statuses(), roster.sources)
            close_old_connections()
            stop.wait(LOOK_AGAIN_S)
    finally:
        recorder.stop()
        loop.join()
        sink.close()
        publisher.close()
    return 0 if stop.is_set() else 1


class DayKeys:
    """The public halves of the day keys, looked up once each."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, date], Recipient] = {}

    def __call__(self, source_id: str, day: date) -> Recipient | None:
        """The public half, or nothing if the keeper has made none."""
        known = self._known.get((source_id, day))
        if known is None:
            text = queries.recipient(source_id, day)
            if text is None:
                return None
            known = self._known[source_id, day] = Recipient.parse(text)
        return known


@dataclass(slots=True)
class Roster:
    """Keeps the recorder's cameras those of the catalogue."""

    recorder: CameraRecorder
    slot: int
    clock: Clock
    login: Callable[[str, bytes], tuple[str, str]]
    sources: dict[str, RecorderSource] = field(default_factory=dict)

    def refresh(self) -> None:
        """Add what is new, change what changed, remove what is gone; nothing else is touched."""
        try:
            wanted = {
                source.id: source
                for source in queries.recorder_sources(self.slot, CAMERAS_PER_RECORDER)
                if source.stream == "video" and office.gates(source.stream, clock=self.clock).open
            }
        except DatabaseError:
            log.exception("roster.unread")
            return
        for source_id in self.sources.keys() - wanted.keys():
            self.recorder.remove(source_id)
        for source_id, source in wanted.items():
            if self.sources.get(source_id) != source:
                self._add(source)
        self.sources = wanted

    def _add(self, source: RecorderSource) -> None:
        try:
            address, login = read_address(source.address)
            if source.credentials:
                login = Login(*self.login(source.id, source.credentials))
        except RejentError as error:
            log.error("source.unusable", source=source.id, code=error.code)  # noqa: TRY400 - the text may hold an address
            return
        camera = Camera(source.id, address, login, transport=Transport(source.transport))
        self.recorder.add(camera, covered_until=queries.covered_until(source.id))


class CatalogueBooks:
    """Enters what the recorder finishes; waits out a database that does not answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: deque[Callable[[], None]] = deque()
        self._last_end: dict[str, datetime] = {}
        self._rates: dict[str, float] = {}
        self._traits: dict[str, dict[str, object]] = {}

    def segments(self, finished: Sequence[FinishedSegment]) -> None:
        """Book finished segments in one transaction."""
        for segment in finished:
            source_id = segment.opening.source_id
            self._last_end[source_id] = segment.ending.end
            self._traits[source_id] = segment.opening.traits
            seconds = (segment.ending.end - segment.ending.start).total_seconds()
            self._rates[source_id] = segment.size / max(seconds, 0.001)
        booked = [_booked(segment) for segment in finished]
        self._enter(lambda: services.book_segments(booked, self._clock))

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:
        """Book a gap."""
        if end is None:
            self._enter(lambda: services.open_gap(source_id, start, cause.value, clock=self._clock))
        else:
            self._enter(lambda: services.close_gap(source_id, end, clock=self._clock))

    def status(self, status: SourceStatus) -> None:
        """Book a changed state at once."""
        self._enter(lambda: services.report_health([self._report(status)], self._clock))

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """Say in the log that the clock stepped; the keeper enters it."""
        log.warning("clock.stepped", seconds=round(seconds, 3), noticed=noticed.isoformat())

    def report(self, statuses: list[SourceStatus], known: dict[str, RecorderSource]) -> None:
        """Book how every source fares, and whatever waits."""
        reports = [self._report(status) for status in statuses if status.source_id in known]
        self._enter(lambda: services.report_health(reports, self._clock))

    def _enter(self, write: Callable[[], None]) -> None:
        self._waiting.append(write)
        while self._waiting:
            try:
                self._waiting[0]()
            except DatabaseError:
                log.exception("books.waiting", waiting=len(self._waiting))
                close_old_connections()
                return
            except RejentError as error:
                log.error("books.refused", code=error.code)  # noqa: TRY400 - one line is enough
            self._waiting.popleft()

    def _report(self, status: SourceStatus) -> HealthReport:
        traits = self._traits.get(status.source_id, {})
        return HealthReport(
            source_id=status.source_id,
            state=status.state.value,
            cause=status.cause.value,
            since=status.since,
            last_picture_at=self._clock.now()
            if status.state.value == "recording"
            else self._last_end.get(status.source_id),
            clock_offset_s=status.clock_offset,
            clock_method="rtcp" if status.clock_offset is not None else "",
            codec=str(traits.get("codec", "")),
            width=int(str(traits.get("width", 0))),
            height=int(str(traits.get("height", 0))),
            bytes_per_second=self._rates.get(status.source_id, 0.0),
        )


def recover(sources: Sequence[RecorderSource], clock: Clock) -> None:
    """Book what a killed recorder of these sources left unfinished; the keeper, who has keys, completes it."""
    store = settings.VAULT.store
    mine = {source.id for source in sources}
    found = []
    for leftover in store.unfinished():
        source_id, _, rest = leftover.name.partition("/")
        if leftover.kind is not Leftover.PART or source_id not in mine:
            continue
        kept = recover_unfinished(store, leftover.name)
        if kept is not None and (
            booked := _from_name(kept.name, source_id, rest, kept.size, kept.sha256.hex())
        ):
            found.append(booked)
    if found:
        services.book_segments(found, clock)
        log.warning("recorder.recovered", segments=len(found))


def _from_name(name: str, source_id: str, rest: str, size: int, sha256: str) -> BookedSegment | None:
    day_text, _, file = rest.partition("/")
    begun, _, identifier = file.removesuffix(".age").partition("-")
    day = date.fromisoformat(day_text)
    recipient = queries.recipient(source_id, day)
    if recipient is None:
        return None
    clock_time = datetime.strptime(begun, "%H%M%S%f").replace(tzinfo=UTC).time()
    start = next(
        instant
        for instant in (datetime.combine(day - timedelta(days=back), clock_time, UTC) for back in (0, 1))
        if civil_date(instant) == day
    )
    return BookedSegment(
        id=uuid.UUID(identifier),
        source_id=source_id,
        day=day,
        start=start,
        end=start + timedelta(milliseconds=1),
        camera_offset_s=None,
        run="",
        object_name=name,
        bytes=size,
        sha256=sha256,
        recipient=recipient,
        frames=0,
        codec="",
        width=0,
        height=0,
        index=b"",
        recovered=True,
        tail=False,
    )


def _booked(segment: FinishedSegment) -> BookedSegment:
    opening, ending = segment.opening, segment.ending
    return BookedSegment(
        id=uuid.UUID(segment.object_name.rpartition("-")[2].removesuffix(".age")),
        source_id=opening.source_id,
        day=opening.day,
        start=ending.start,
        end=ending.end,
        camera_offset_s=ending.clock_offset,
        run=opening.run,
        object_name=segment.object_name,
        bytes=segment.size,
        sha256=segment.sha256,
        recipient=segment.recipient,
        frames=ending.units,
        codec=str(opening.traits.get("codec", "")),
        width=int(str(opening.traits.get("width", 0))),
        height=int(str(opening.traits.get("height", 0))),
        index=FragmentIndex(segment.fragments).encode(),
        recovered=segment.recovered,
        tail=False,
    )

"""A recorder process: several cameras, sealed with public halves, kept away from the private ones."""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import product
from typing import Protocol

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

from rejent.catalog import queries
from rejent.catalog.views import RecorderSource
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.errors import RejentError
from rejent.office import queries as office
from rejent.office.errors import NoRegulationError
from rejent.ops.books import CatalogueBooks
from rejent.ops.camera_clocks import CameraClocks
from rejent.ops.recovery import LeftBehind, left_behind, recover
from rejent.recording.contract import Cause, SourceStatus, State
from rejent.recording.sink import SealingSink
from rejent.retention import queries as retention
from rejent.retention.clock_judgement import Verdict
from rejent.streams.cameras.live.publisher import LivePublisher
from rejent.streams.cameras.recorder.engine import CameraRecorder
from rejent.streams.cameras.rtsp.address import Camera, Login, Transport, parse_address
from rejent.vault.age.recipients import Recipient
from rejent.vault.errors import KeyTextError

log = structlog.get_logger(__name__)

LOOK_AGAIN_S = 2.0
"""Seconds between two looks at whether the catalogue changed."""
REPORT_EVERY_S = 6.0
"""Seconds between two reports of how the sources fare; a changed state is reported at once."""
READ_ANEW_S = 30.0
"""Seconds after which the catalogue is read though nothing was written: gates open with the time of day."""
DAYS_AHEAD = 7
"""The keeper makes day keys for so many days ahead."""
KEEPER_SEEN_WITHIN = timedelta(minutes=1)
"""A keeper looks at the clock several times in this."""


RECOVERY_FIRST_S = 5.0
"""What an ordinary crash left is booked before the cameras start; of a flood of leftovers the rest goes alongside."""


def record(slot: int) -> int:
    """Record the cameras of one slot until told to stop."""
    clock: Clock = settings.CLOCK
    logins = settings.VAULT.credentials
    left = left_behind(queries.recorder_sources(slot, settings.CAMERAS_PER_RECORDER), clock)
    camera_clocks = CameraClocks(clock)
    books = CatalogueBooks(clock, camera_clocks)
    keys = DayKeys(clock)
    sink = SealingSink(settings.VAULT.store, keys, books)
    publisher = LivePublisher(settings.INSTALLATION.runtime / f"live-{slot}.sock", clock)
    recorder = CameraRecorder(sink, clock, publisher)
    roster = Roster(recorder, keys, books, slot, clock, logins.open)
    stop, report_at = told_to_stop(), clock.monotonic()
    with closing(publisher), under_way(recorder, sink, left, books, "recorder") as loop:
        while not stop.is_set() and loop.is_alive():
            roster.look()
            statuses = recorder.statuses()
            for status in statuses:
                publisher.state(status)
            if clock.monotonic() >= report_at:
                report_at = clock.monotonic() + REPORT_EVERY_S
                books.report(statuses, roster.sources)
                camera_clocks.look(statuses, roster.hosts)
            go_on(stop, recorder, books, clock)
    return 0 if stop.is_set() else 1


class Recorder(Protocol):
    """What records all sources of a process in a thread."""

    def run(self) -> None:
        """Record until `stop`."""

    def stop(self) -> None:
        """Let `run` return."""

    def confirm_clock(self) -> None:
        """A person vouches for the civil clock as it stands now."""


@contextmanager
def under_way(
    recorder: Recorder, sink: SealingSink, left: LeftBehind, books: CatalogueBooks, name: str
) -> Iterator[threading.Thread]:
    """Book what the last run left, then record in a thread of this name until the end of the block; what is left is handed over."""
    ending = threading.Event()
    loop = threading.Thread(target=recorder.run, name=name)
    recovery = recovering(left, books, ending)
    loop.start()
    try:
        yield loop
    finally:
        ending.set()
        recorder.stop()
        loop.join()
        recovery.join()
        sink.close()


def go_on(stop: threading.Event, recorder: Recorder, books: CatalogueBooks, clock: Clock) -> None:
    """Let a clock be believed that stepped and that somebody vouches for; wait for the next look."""
    if books.stepped and believed(clock):
        books.stepped = False
        recorder.confirm_clock()
    close_old_connections()
    stop.wait(LOOK_AGAIN_S)


def told_to_stop() -> threading.Event:
    """Set once a signal asks the process to end."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def recovering(left: LeftBehind, books: CatalogueBooks, ending: threading.Event) -> threading.Thread:
    """Recovery in a thread that is done, or had its time to be alone."""
    recovery = threading.Thread(target=_recover, args=(left, books, ending.is_set), name="recovery")
    recovery.start()
    recovery.join(RECOVERY_FIRST_S)
    return recovery


def _recover(left: LeftBehind, books: CatalogueBooks, stopping: Callable[[], bool]) -> None:
    """Book what the last run left, while the cameras record."""
    try:
        recover(left, books.recovered, stopping)
    finally:
        connection.close()


def believed(clock: Clock) -> bool:
    """Whether the keeper has seen the clock as it stands now and believes it, or a person does."""
    try:
        state = retention.clock_state()
    except DatabaseError:
        return False
    if state is None or state.verdict is not Verdict.STEADY:
        return False
    return abs(clock.now() - state.seen) < KEEPER_SEEN_WITHIN


def may_start(stream: str, clock: Clock) -> bool:
    """Whether every condition of a stream is met."""
    try:
        return office.gates(stream, clock=clock).open
    except NoRegulationError:
        return False


class DayKeys:
    """The public halves of the day keys, looked up ahead so that no segment waits for the database."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[tuple[str, date], Recipient] = {}
        self._texts: dict[tuple[str, date], str] = {}

    def __call__(self, source_id: str, day: date) -> Recipient | None:
        """The public half, or nothing if the keeper has made none."""
        return self._known.get((source_id, day))

    def look_ahead(self, source_ids: Iterable[str]) -> None:
        """Learn what these sources need in the days to come, and forget the days before yesterday.

        A key that is another by now is followed, and one that is gone left: the former may be nobody's. What is no key changes nothing.
        """
        today = civil_date(self._clock.now())
        days = [today + timedelta(days=ahead) for ahead in range(-1, DAYS_AHEAD + 1)]
        places = set(product(source_ids, days))
        told = {(source_id, day): text for source_id, day, text in queries.day_keys_from(today)}
        stays = {place for place in places if place[1] < today or place in told}
        known = {place: key for place, key in self._known.items() if place in stays}
        for place in places & told.keys():
            if self._texts.get(place) != told[place]:
                with suppress(KeyTextError):
                    known[place] = Recipient.parse(told[place])
        self._known, self._texts = known, {place: told[place] for place in places & told.keys()}


@dataclass(slots=True)
class Reading:
    """Reads the catalogue when somebody wrote to it, and now and then in any case."""

    clock: Clock
    _version: int | None = None
    _read_at: float = 0.0

    def look(self, read: Callable[[], None]) -> None:
        """Read it by ``read`` if that is due; while the database does not answer, everything goes on as it was."""
        now = self.clock.monotonic()
        try:
            version = queries.version()
            if version is None or version != self._version or now >= self._read_at:
                read()
                self._version, self._read_at = version, now + READ_ANEW_S
        except DatabaseError:
            log.exception("roster.unread")


@dataclass(slots=True)
class Roster:
    """Keeps the recorder's cameras those of the catalogue."""

    recorder: CameraRecorder
    keys: DayKeys
    books: CatalogueBooks
    slot: int
    clock: Clock
    login: Callable[[str, bytes], tuple[str, str]]
    sources: dict[str, RecorderSource] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)
    _reading: Reading = field(init=False)

    def __post_init__(self) -> None:
        self._reading = Reading(self.clock)

    def look(self) -> None:
        """Learn what changed in the catalogue."""
        self._reading.look(self._read)

    def _read(self) -> None:
        """Add what is new, change what changed, remove what is gone; nothing else is touched."""
        sources = queries.recorder_sources(self.slot, settings.CAMERAS_PER_RECORDER)
        cameras = [source for source in sources if source.stream == "video"]
        wanted = (
            {source.id: source for source in cameras} if cameras and may_start("video", self.clock) else {}
        )
        self.keys.look_ahead(wanted)
        changed = [source for source in wanted.values() if self.sources.get(source.id) != source]
        covered = {source.id: queries.covered_until(source.id) for source in changed}
        for source_id in self.sources.keys() - wanted.keys():
            self.recorder.remove(source_id)
            self.hosts.pop(source_id, None)
        for source in changed:
            self._add(source, covered[source.id])
        self.sources = wanted

    def _add(self, source: RecorderSource, covered_until: datetime | None) -> None:
        try:
            address, login = parse_address(source.address)
            if source.credentials:
                login = Login(*self.login(source.id, source.credentials))
        except RejentError as error:
            log.error("source.unusable", source=source.id, code=error.code)  # noqa: TRY400 - the text may hold an address
            self.recorder.remove(source.id)
            unusable = SourceStatus(source.id, State.STOPPED, Cause.NOT_A_CAMERA, self.clock.now())
            self.books.status(unusable)
            return
        self.hosts[source.id] = address.host
        camera = Camera(source.id, address, login, transport=Transport(source.transport))
        self.recorder.add(camera, covered_until=covered_until)

"""Main loop of a recorder's process: recovery, then recording in a thread while the catalogue is followed."""

import signal
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import DatabaseError, close_old_connections, connection

from rejent.catalog import queries
from rejent.catalog.views import RecorderSource
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.errors import RejentError
from rejent.office import queries as office
from rejent.office.errors import NoRegulationError
from rejent.office.regulation.gates import Activation, GateState
from rejent.recording.catalogue_books import CatalogueBooks
from rejent.recording.contract import Cause, GeneralCause, Recorder
from rejent.recording.recovery import LeftBehind, recover
from rejent.recording.sink import SealingSink
from rejent.recording.steady_time import SteadyTime
from rejent.vault.store.free_space import bytes_to_begin
from rejent.vault.store.object_store import ObjectStore
from rejent.vault.store.volume_identity import read_identity

log = structlog.get_logger(__name__)

LOOK_AGAIN_S = 2.0
"""Seconds between two checks for a change of the catalogue."""
REPORT_EVERY_S = 6.0
"""Seconds between two reports of the sources' states; a changed state is reported at once."""
READ_ANEW_S = 30.0
"""Seconds after which the catalogue is read though unchanged: gates open with the time of day."""
RECOVERY_FIRST_S = 5.0
"""Seconds of recovery before recording starts: enough for an ordinary crash; more runs in parallel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervision:
    """Main loop of a recorder's process: the recorder's thread of this name, the sink it fills, the books, what the last run left.

    ``look`` follows the catalogue at each check, ``report`` passes on the sources' states, ``is_accepted`` returns True if
    the civil clock, after a step, is confirmed as it stands; ``steady``, the time that is recorded in, then follows it. The
    sink is closed at the end.
    """

    recorder: Recorder
    sink: SealingSink
    books: CatalogueBooks
    left: LeftBehind
    clock: Clock
    steady: SteadyTime
    name: str
    look: Callable[[], None]
    report: Callable[[], None]
    is_accepted: Callable[[Clock], bool]

    def run(self) -> int:
        """Record until a signal ends the process; return the exit status."""
        stop, ending = stop_on_signals(), threading.Event()
        loop = threading.Thread(target=self.recorder.run, name=self.name)
        recovery = recovering(self.left, self.books, ending)
        loop.start()
        try:
            self._follow(stop, loop)
        finally:
            ending.set()
            self.recorder.stop()
            loop.join()
            recovery.join()
            self.sink.close()
        return 0 if stop.is_set() else 1

    def _follow(self, stop: threading.Event, loop: threading.Thread) -> None:
        report_at = self.clock.monotonic()
        while not stop.is_set() and loop.is_alive():
            self.look()
            if self.clock.monotonic() >= report_at:
                report_at = self.clock.monotonic() + REPORT_EVERY_S
                self.report()
            if self.books.stepped and self.is_accepted(self.clock):
                self.books.stepped = False
                self.steady.confirm()
                self.recorder.confirm_clock()
            close_old_connections()
            stop.wait(LOOK_AGAIN_S)


def stop_on_signals() -> threading.Event:
    """Return the event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def recovering(left: LeftBehind, books: CatalogueBooks, ending: threading.Event) -> threading.Thread:
    """Start recovery; return its thread once it is done or its time alone is over."""
    recovery = threading.Thread(target=_recover, args=(left, books, ending.is_set), name="recovery")
    recovery.start()
    recovery.join(RECOVERY_FIRST_S)
    return recovery


def _recover(left: LeftBehind, books: CatalogueBooks, stopping: Callable[[], bool]) -> None:
    try:
        recover(left, books.recovered, stopping)
    finally:
        connection.close()


def may_start(stream: str, now: datetime) -> bool:
    """Return whether every condition of a stream is met at an instant in the time that is recorded in."""
    try:
        return office.gates(stream, civil_date(now)).open
    except NoRegulationError:
        return False


def startable(sources: Iterable[RecorderSource], stream: str, now: datetime) -> list[RecorderSource]:
    """Return those of a stream's sources that may be recorded at an instant: none before its conditions are met.

    One that was never recorded waits besides until its own place is marked; one that was goes on, whatever becomes of the plate.
    """
    try:
        activation = office.gates(stream, civil_date(now))
    except NoRegulationError:
        return []
    return [each for each in sources if _is_startable(each, activation)] if activation.open else []


def _is_startable(source: RecorderSource, activation: Activation) -> bool:
    condition = None if source.started else office.place_condition(activation, source.place)
    return condition is None or condition.state is GateState.MET


@dataclass(slots=True)
class Reading:
    """Reads the catalogue after changes, and periodically."""

    clock: Clock
    _version: int | None = None
    _read_at: float = 0.0

    def look(self, read: Callable[[], None]) -> None:
        """Call ``read`` if that is due; while the database does not answer, nothing changes."""
        now = self.clock.monotonic()
        try:
            version = queries.version()
            if version is None or version != self._version or now >= self._read_at:
                read()
                self._version, self._read_at = version, now + READ_ANEW_S
        except DatabaseError:
            log.exception("roster.unread")


def own_volume() -> str:
    """Return the mark of the store that the database knows; empty where it knows none."""
    known = queries.volume_if_known()
    return known.volume if known is not None else ""


def storage_cause(store: ObjectStore, volume: str) -> Cause:
    """Return the cause why the store takes no new object now; `GeneralCause.NONE` while it does.

    A folder without the mark of our volume is a missing disk's mount point: files put there would be hidden later.
    """
    try:
        space, mark = store.disk(), read_identity(store)
    except RejentError:
        return GeneralCause.STORAGE_FAILED
    if volume and (mark is None or mark.volume != volume):
        return GeneralCause.STORAGE_FAILED
    if space is None or space.free is None or space.total is None:
        return GeneralCause.NONE
    return GeneralCause.STORAGE_FULL if space.free < bytes_to_begin(space.total) else GeneralCause.NONE

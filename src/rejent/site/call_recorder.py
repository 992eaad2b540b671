"""The recorder of calls as a process: lines from the catalogue, calls sealed with public halves and booked."""

import threading
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.conf import settings
from django.db import close_old_connections

from rejent.capture.calls.recorder.engine import CallsRecorder, Silence
from rejent.capture.calls.recorder.line import LineOrder
from rejent.capture.calls.recording.sink import calls_sink
from rejent.capture.contract import Cause, SourceStatus, State
from rejent.catalog import queries
from rejent.catalog.lines import read_line
from rejent.catalog.views import RecorderSource
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.errors import RejentError
from rejent.office import queries as office
from rejent.site.call_books import CallBooks
from rejent.site.recorders import (
    LOOK_AGAIN_S,
    REPORT_EVERY_S,
    DayKeys,
    Reading,
    believed,
    may_start,
    recovering,
    told_to_stop,
)
from rejent.site.recovery import left_behind
from rejent.vault.store.port import ObjectStore
from rejent.vault.store.room import room_to_begin

log = structlog.get_logger(__name__)

CALLS = "calls"


def record_calls() -> int:
    """Record the calls of every line until told to stop."""
    clock: Clock = settings.CLOCK
    store = settings.VAULT.store
    left = left_behind(queries.recorder_sources(stream=CALLS), clock)
    books, keys = CallBooks(clock), DayKeys(clock)
    sink = calls_sink(store, keys, books)
    recorder = CallsRecorder(sink, clock, books, settings.INSTALLATION.rtp_ports)
    roster = LineRoster(recorder, keys, books, store, clock)
    stop, ending = told_to_stop(), threading.Event()
    loop = threading.Thread(target=recorder.run, name="calls")
    recovery = recovering(left, books, ending)
    loop.start()
    report_at = clock.monotonic()
    try:
        while not stop.is_set() and loop.is_alive():
            roster.look()
            if clock.monotonic() >= report_at:
                report_at = clock.monotonic() + REPORT_EVERY_S
                books.report([*recorder.statuses(), *roster.unusable.values()], roster.sources)
            recorder.look_at_clock()
            if books.stepped and believed(clock):
                books.stepped = False
                recorder.confirm_clock()
            close_old_connections()
            stop.wait(LOOK_AGAIN_S)
    finally:
        ending.set()
        recorder.stop()
        loop.join()
        recovery.join()
        sink.close()
    return 0 if stop.is_set() else 1


@dataclass(slots=True)
class LineRoster:
    """Keeps the recorder's lines those of the catalogue, and lets them take calls only while these can be kept.

    Attributes:
        sources: the lines that are recorded.
        unusable: what is said of lines whose address cannot be read.
    """

    recorder: CallsRecorder
    keys: DayKeys
    books: CallBooks
    store: ObjectStore
    clock: Clock
    sources: dict[str, RecorderSource] = field(default_factory=dict)
    unusable: dict[str, SourceStatus] = field(default_factory=dict)
    _directions: frozenset[str] = frozenset()
    _left: set[str] = field(default_factory=set)
    """Lines that this process recorded before."""
    _reading: Reading = field(init=False)

    def __post_init__(self) -> None:
        self._reading = Reading(self.clock)

    def look(self) -> None:
        """Learn what changed in the catalogue; see whether calls can be kept."""
        self._reading.look(self._read)
        stored = storage_cause(self.store)
        today = civil_date(self.clock.now())
        for source_id in self.sources:
            lacking = Cause.NONE if self.keys(source_id, today) else Cause.NO_DAY_KEY
            self.recorder.hinder(source_id, stored or lacking)

    def _read(self) -> None:
        """Add what is new, change what changed, remove what is gone; nothing else is touched."""
        lines = queries.recorder_sources(stream=CALLS)
        wanted = {line.id: line for line in lines} if lines and may_start(CALLS, self.clock) else {}
        rules = office.streams(civil_date(self.clock.now())).get(CALLS) if wanted else None
        directions = frozenset(each.value for each in rules.directions) if rules else frozenset()
        self.keys.look_ahead(wanted)
        told_anew = directions != self._directions
        changed = [line for line in wanted.values() if told_anew or self.sources.get(line.id) != line]
        silences = {line.id: self._silence(line.id) for line in changed}
        for source_id in self.sources.keys() - wanted.keys():
            self.recorder.remove(source_id)
            self._left.add(source_id)
        for line in changed:
            self._add(line, directions, silences[line.id])
        self.sources, self._directions = wanted, directions
        self.books.end_abandoned(self.sources)

    def _silence(self, source_id: str) -> Silence | None:
        """Since when and why nobody listens to a line that is to be added."""
        if source_id in self.sources:
            return None
        if source_id in self._left:
            return Silence(self.clock.now(), Cause.SWITCHED_OFF)
        heard = queries.heard_until(source_id)
        return Silence(heard, Cause.RECORDER_STOPPED) if heard else None

    def _add(self, line: RecorderSource, directions: frozenset[str], silence: Silence | None) -> None:
        self.unusable.pop(line.id, None)
        try:
            order = LineOrder(line.id, read_line(line.address), directions)
        except RejentError as error:
            log.error("source.unusable", source=line.id, code=error.code)  # noqa: TRY400 - the kind says enough
            self.recorder.remove(line.id)
            since: datetime = self.clock.now()
            self.unusable[line.id] = SourceStatus(line.id, State.STOPPED, Cause.CANNOT_LISTEN, since)
            return
        self.recorder.add(order, silence)


def storage_cause(store: ObjectStore) -> Cause:
    """Why the store takes no new object now; none while it does."""
    try:
        space = store.space()
    except RejentError:
        return Cause.STORAGE_FAILED
    if space.free is None or space.total is None:
        return Cause.NONE
    return Cause.STORAGE_FULL if space.free < room_to_begin(space.total) else Cause.NONE

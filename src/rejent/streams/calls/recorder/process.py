"""The process that records calls of the catalogue's lines."""

import gc
import logging
import ssl
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from django.conf import settings

from rejent.catalog import queries
from rejent.catalog.views import RecorderSource
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.errors import InputRefusedError, RejentError
from rejent.office import queries as office
from rejent.recording.contract import Cause, GeneralCause, SourceStatus, State
from rejent.recording.day_keys import DayKeys
from rejent.recording.main_loop import Reading, Supervision, may_start, own_volume, storage_cause
from rejent.recording.recovery import left_behind
from rejent.recording.steady_time import SteadyTime
from rejent.retention.clock import is_accepted, off_since_boot
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog.lines.addresses import SiprecLine
from rejent.streams.calls.catalog.lines.parts import LineCause
from rejent.streams.calls.network.rtp.receiver import SignallingPriority
from rejent.streams.calls.receiving.processes import live_line, own_lines
from rejent.streams.calls.receiving.siprec.connection import session_encryption
from rejent.streams.calls.recorder.call_books import CallBooks, RefusalNotes
from rejent.streams.calls.recorder.engine import CallsRecorder, Silence
from rejent.streams.calls.recorder.line import LineOrder, calls_sink
from rejent.streams.calls.settings import calls_settings
from rejent.vault.store.free_space import FullDiskCalls
from rejent.vault.store.object_store import ObjectStore

log = structlog.get_logger(__name__)

CALLS = "calls"
YOUNG, OLDER = 5000, 20
"""Objects after which garbage is looked for among the newest, those of ten calls, and every how often among all that are not frozen."""
NO_TLS = "This process began without a certificate that could be used. Once rejent.toml names one under [calls], restart the program."
FULL_ORDER = "drill-full"
"""File in the run folder by which a drill simulates a full store for this process."""


def record_sessions() -> int:
    """Record SIPREC sessions until stopped; return the exit status."""
    return _record("calls")


def record_mirrors() -> int:
    """Record calls at mirror ports until stopped; return the exit status."""
    return _record("mirror")


def _record(process: str) -> int:
    clock: Clock = settings.CLOCK
    order = settings.INSTALLATION.runtime / FULL_ORDER
    store = replace(settings.VAULT, calls=FullDiskCalls(order)).store
    left = left_behind(own_lines(process), clock)
    answering = SignallingPriority(clock)
    steady = SteadyTime(clock, off_since_boot(clock))
    notes = RefusalNotes(settings.INSTALLATION.runtime / f"refusals-{process}")
    books, keys = CallBooks(clock, answering.give, notes), DayKeys(steady.now)
    books.enter_noted()
    sink = calls_sink(store, keys, books)
    ports = calls_settings(settings.INSTALLATION).rtp_ports
    recorder = CallsRecorder(
        sink,
        clock,
        books,
        ports,
        answering=answering,
        tls=_encryption(process),
        off_by=lambda: clock.now() - steady.now(),
    )
    roster = LineRoster(process, recorder, keys, books, store, clock, steady)

    def look() -> None:
        answering.give()
        roster.look()
        recorder.look_at_clock()

    def report() -> None:
        books.report([*recorder.statuses(), *roster.unusable.values()], roster.sources)

    _hold_up_no_answer()
    return Supervision(
        recorder=recorder,
        sink=sink,
        books=books,
        left=left,
        clock=clock,
        steady=steady,
        name="calls",
        look=look,
        report=report,
        is_accepted=is_accepted,
    ).run()


@dataclass(slots=True)
class LineRoster:
    """Synchronises the recorder's lines with the catalogue; they take calls only while the store is available."""

    process: str
    recorder: CallsRecorder
    keys: DayKeys
    books: CallBooks
    store: ObjectStore
    clock: Clock
    steady: SteadyTime
    sources: dict[str, RecorderSource] = field(default_factory=dict)
    unusable: dict[str, SourceStatus] = field(default_factory=dict)
    _directions: frozenset[str] = frozenset()
    _left: set[str] = field(default_factory=set)
    _volume: str = field(default_factory=own_volume)
    _stored: Cause = GeneralCause.NONE
    _reading: Reading = field(init=False)

    def __post_init__(self) -> None:
        self._reading = Reading(self.clock)

    def look(self) -> None:
        """Read changes of the catalogue and check the store."""
        self._reading.look(self._read)
        stored = storage_cause(self.store, self._volume)
        if stored is not self._stored:
            log.log(logging.ERROR if stored else logging.INFO, "calls.storage", cause=stored.value or "none")
            self._stored = stored
        today = civil_date(self.steady.now())
        for source_id in self.sources:
            lacking = GeneralCause.NONE if self.keys(source_id, today) else GeneralCause.NO_DAY_KEY
            self.recorder.hinder(source_id, stored or lacking)

    def _read(self) -> None:
        lines = own_lines(self.process)
        wanted = {line.id: line for line in lines} if lines and may_start(CALLS, self.steady.now()) else {}
        rules = office.verified_streams(civil_date(self.steady.now())).get(CALLS) if wanted else None
        directions = frozenset(each.value for each in rules.directions) if rules else frozenset()
        self.keys.look_ahead(wanted)
        self.recorder.refused_numbers.numbers = call_queries.refused_numbers() if wanted else frozenset()
        is_changed = directions != self._directions
        changed = [line for line in wanted.values() if is_changed or self.sources.get(line.id) != line]
        silences = {line.id: self._silence(line.id) for line in changed}
        for source_id in self.sources.keys() - wanted.keys():
            self.recorder.remove(source_id)
            self._left.add(source_id)
        for line in changed:
            self._add(line, directions, silences[line.id])
        self.sources, self._directions = wanted, directions
        self.books.end_abandoned(self.sources)

    def _silence(self, source_id: str) -> Silence | None:
        if source_id in self.sources:
            return None
        if source_id in self._left:
            return Silence(self.clock.now(), GeneralCause.SWITCHED_OFF)
        heard = queries.heard_until(source_id, self.clock)
        return Silence(heard, GeneralCause.RECORDER_STOPPED) if heard else None

    def _add(self, line: RecorderSource, directions: frozenset[str], silence: Silence | None) -> None:
        self.unusable.pop(line.id, None)
        try:
            order = LineOrder(line.id, live_line(line.address), directions)
            encrypted = isinstance(order.address, SiprecLine) and order.address.tls
        except RejentError as error:
            log.error("source.unusable", source=line.id, code=error.code)  # noqa: TRY400 - the kind says enough
            self._put_aside(line.id)
            return
        if encrypted and self.recorder.tls is None:
            log.error("calls.no-tls", source=line.id, said=NO_TLS)
            self._put_aside(line.id)
            return
        self.recorder.add(order, silence)

    def _put_aside(self, source_id: str) -> None:
        self.recorder.remove(source_id)
        since: datetime = self.clock.now()
        self.unusable[source_id] = SourceStatus(source_id, State.STOPPED, LineCause.CANNOT_LISTEN, since)


def _hold_up_no_answer() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, OLDER)


def _encryption(process: str) -> ssl.SSLContext | None:
    if process != CALLS:
        return None
    try:
        return session_encryption(settings.INSTALLATION)
    except InputRefusedError as error:
        log.error("calls.no-tls", said=str(error))  # noqa: TRY400 - one line is enough
        return None

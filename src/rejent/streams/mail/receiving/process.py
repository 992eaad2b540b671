"""The process that receives e-mail for the catalogue's journals."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

import structlog
from django.conf import settings

from rejent.catalog import queries
from rejent.catalog.views import RecorderSource
from rejent.kernel.clock import Clock, civil_date
from rejent.recording.catalogue_books import CatalogueBooks
from rejent.recording.contract import Cause, GeneralCause
from rejent.recording.day_keys import DayKeys
from rejent.recording.main_loop import Reading, Supervision, may_start, own_volume, storage_cause
from rejent.recording.recovery import left_behind
from rejent.recording.sink import SealingSink
from rejent.recording.steady_time import SteadyTime
from rejent.retention.clock import is_accepted, off_since_boot
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.processes import MAIL, files_at_start, folders_at_start, journals, socket_folders
from rejent.streams.mail.receiving.admission import stamps
from rejent.streams.mail.receiving.causes import MailCause
from rejent.streams.mail.receiving.orders import JournalOrder
from rejent.streams.mail.receiving.recorder import MailRecorder
from rejent.streams.mail.records.counts import count
from rejent.streams.mail.records.role_keys import role_recipients
from rejent.streams.mail.sources import files_of
from rejent.streams.mail.threats.checking import Checking
from rejent.streams.mail.threats.known import Stamps, stamps_of
from rejent.streams.mail.threats.scanners import scanners_of
from rejent.streams.mail.threats.settings import mail_settings

log = structlog.get_logger(__name__)

MOST_WAITING = 512 << 20
"""Bytes of messages that may wait for the store."""
MOST_JOBS = 1024
"""Jobs of one journal that may wait for it: two batches, each message one."""

GATHERS_S = 0.25
"""Seconds that durable batches wait to be booked together: nobody waits for that, and a killed process books them when it starts."""


def receive_mail() -> int:
    """Receive the messages of every journal until stopped; return the exit status."""
    clock: Clock = settings.CLOCK
    steady = SteadyTime(clock, off_since_boot(clock))
    books, keys = CatalogueBooks(clock), DayKeys(steady.now)
    sink = SealingSink(
        settings.VAULT.store, keys, books, most_waiting=MOST_WAITING, most_jobs=MOST_JOBS, gathers_s=GATHERS_S
    )
    counts = DayCounts(books)
    recorder = MailRecorder(
        sink, clock, steady, counts.add, checking=Checking(), spool=settings.INSTALLATION.directory / "run"
    )
    roster = JournalRoster(recorder, sink, keys, clock, steady)

    def look() -> None:
        roster.look()
        counts.write()

    def report() -> None:
        books.report(recorder.statuses(), roster.sources)

    try:
        return Supervision(
            recorder=recorder,
            sink=sink,
            books=books,
            left=left_behind(journals(), clock),
            clock=clock,
            steady=steady,
            name=MAIL,
            look=look,
            report=report,
            is_accepted=is_accepted,
        ).run()
    finally:
        counts.write()


class DayCounts:
    """Counts that wait to be written, some seconds at a time; a killed process forgets the last of them, and of messages alone."""

    def __init__(self, books: CatalogueBooks) -> None:
        self._books = books
        self._lock = threading.Lock()
        self._waiting: dict[tuple[str, date], Counter[str]] = {}

    def add(self, source_id: str, day: date, counted: Counter[str]) -> None:
        """Count, from any thread."""
        with self._lock:
            self._waiting.setdefault((source_id, day), Counter()).update(counted)

    def write(self) -> None:
        """Write what waits."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for (source_id, day), counted in waiting.items():
            self._books.enter(partial(count, source_id, day, counted))


@dataclass(slots=True)
class JournalRoster:
    """Synchronises the recorder's journals with the catalogue, and reports what hinders them to it."""

    recorder: MailRecorder
    sink: SealingSink
    keys: DayKeys
    clock: Clock
    steady: SteadyTime
    sources: dict[str, RecorderSource] = field(default_factory=dict)
    _left: set[str] = field(default_factory=set)
    _volume: str = field(default_factory=own_volume)
    _reading: Reading = field(init=False)
    _known: Stamps | None = None

    def __post_init__(self) -> None:
        self._reading = Reading(self.clock)

    def look(self) -> None:
        """Read changes of the catalogue and check the store; end where files of TLS, maps or folders of sockets are others than those reached at the start."""
        self._set_scanners()  # first: no message is received before
        self._reading.look(self._read)
        stored = self.sink.hindrance = storage_cause(self.sink.store, self._volume)
        today = civil_date(self.steady.now())
        for source_id in self.sources:
            self.recorder.hinder(source_id, stored or self._lacking(source_id, today))
        files = (file for each in self.sources.values() for file in files_of(each.traits))
        if not (
            stamps(files) <= files_at_start() and socket_folders(self.sources.values()) <= folders_at_start()
        ):
            log.info("mail.files-changed")
            self.recorder.stop()

    def _set_scanners(self) -> None:
        """Hold messages against what the office set, anew whenever one of its files changes."""
        set_by = mail_settings(settings.INSTALLATION)
        known = stamps_of(set_by.yara_rules, set_by.host_lists)
        if known != self._known and set_by.checks:
            self._known = known
            self.recorder.check_by(scanners_of(set_by, self.clock))

    def _lacking(self, source_id: str, today: date) -> Cause:
        if any(not self.recorder.recipients.get(role) for role in KeyRole):
            return MailCause.NO_ROLE_KEYS
        return GeneralCause.NONE if self.keys(source_id, today) else GeneralCause.NO_DAY_KEY

    def _read(self) -> None:
        found = journals()
        wanted = {each.id: each for each in found} if found and may_start(MAIL, self.steady.now()) else {}
        self.recorder.recipients = role_recipients() if wanted else {}
        self.keys.look_ahead(wanted)
        for source_id in self.sources.keys() - wanted.keys():
            self.recorder.remove(source_id)
            self._left.add(source_id)
        for source in wanted.values():
            if self.sources.get(source.id) != source:
                self.recorder.add(JournalOrder.of(source), *self._silence(source.id))
        self.sources = wanted

    def _silence(self, source_id: str) -> tuple[datetime | None, Cause]:
        """Return since when and why nobody listened to a journal."""
        if source_id in self.sources:
            return None, GeneralCause.NONE
        if source_id in self._left:
            return self.clock.now(), GeneralCause.SWITCHED_OFF
        return queries.heard_until(source_id, self.clock), GeneralCause.RECORDER_STOPPED

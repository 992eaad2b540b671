"""The announcing process: answers calls by the catalogue and records what callers heard."""

import queue
import threading

import structlog
from django.conf import settings
from django.db import DatabaseError, DataError, IntegrityError, close_old_connections

from rejent.catalog import queries
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.errors import RejentError
from rejent.office import queries as office
from rejent.recording.main_loop import LOOK_AGAIN_S, Reading, stop_on_signals
from rejent.streams.calls.announcing.playback import Programme, Sound
from rejent.streams.calls.announcing.service import AnnouncingOrder, AnnouncingService
from rejent.streams.calls.announcing.session import Announced, Played
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.announcement_wav import samples_of
from rejent.streams.calls.catalog.lines.addresses import CALLS, read_line
from rejent.streams.calls.catalog.lines.announcers import WhenRejected, read_announcer
from rejent.streams.calls.catalog.views import AnnouncementView, HeardBeforehand, KnownBy, Notice, NoticeKind
from rejent.streams.calls.settings import calls_settings

log = structlog.get_logger(__name__)

OWN_PORTS = 400
"""Ports taken from the upper end of the range; the recorder begins at the lower."""


def announce_calls() -> int:
    """Answer the calls of every announced line until stopped."""
    clock: Clock = settings.CLOCK
    first, last = calls_settings(settings.INSTALLATION).rtp_ports
    service = AnnouncingService(clock, (max(first, last - OWN_PORTS), last))
    stop = stop_on_signals()
    loop = threading.Thread(target=service.run, name="announcing")
    loop.start()
    reading = Reading(clock)
    notes: list[HeardBeforehand] = []
    try:
        while not stop.is_set() and loop.is_alive():
            reading.look(lambda: service.want(wanted(clock)))
            notes = noted(service, notes, clock)
            close_old_connections()
            stop.wait(LOOK_AGAIN_S)
    finally:
        service.stop()
        loop.join()
        noted(service, notes, clock)
    return 0 if stop.is_set() else 1


def wanted(clock: Clock) -> list[AnnouncingOrder]:
    """Return the orders of all lines; a line without an announcement is not answered, so that its PBX continues."""
    now = clock.now()
    rules = office.streams_if_entered(civil_date(now)).get(CALLS)
    clause_key = rules.announcements.clause_key if rules else ""
    lines = {line.id: line.address for line in queries.recorder_sources(stream=CALLS)}
    orders = []
    for source_id, written in call_queries.announcers().items():
        if source_id not in lines:
            continue
        try:
            address, refusal_key = read_announcer(written), read_line(lines[source_id]).refusal
        except RejentError as error:
            log.error("announcing.unusable", source=source_id, code=error.code)  # noqa: TRY400 - the kind says enough
            continue
        incoming, clause = (
            call_queries.announcement_at(source_id, kind, now)
            for kind in (NoticeKind.INCOMING, NoticeKind.CLAUSE)
        )
        programme = None
        if incoming is not None:
            programme = Programme(
                incoming=_sound(incoming),
                clause=_sound(clause) if clause else None,
                clause_key=clause_key,
                refusal_key=refusal_key,
                target=address.target,
                around=address.around,
                stays=address.when_rejected is WhenRejected.STAY,
            )
        orders.append(AnnouncingOrder(source_id, address.host, address.port, address.callers, programme))
    return orders


def noted(service: AnnouncingService, waiting: list[HeardBeforehand], clock: Clock) -> list[HeardBeforehand]:
    """Store what callers heard; return the entries that wait for the database, without refused ones."""
    waiting = list(waiting)
    while True:
        try:
            source_id, announced = service.announced.get_nowait()
        except queue.Empty:
            break
        waiting += heard_of(source_id, announced)
    try:
        while waiting:
            _note(waiting[0], clock)
            del waiting[0]
    except DatabaseError:
        log.exception("announcing.not-noted")
    return waiting


def _note(heard: HeardBeforehand, clock: Clock) -> None:
    try:
        call_services.note_heard(heard, clock=clock)
    except (DataError, IntegrityError) as error:
        log.error("announcing.refused", code=type(error).__name__)  # noqa: TRY400 - its text may hold a number


def heard_of(source_id: str, announced: Announced) -> list[HeardBeforehand]:
    """Return the entries of one caller: each sound played, the first with keys and outcome."""
    played = announced.played or (Played(NoticeKind.INCOMING, 0, announced.start, 0.0, completed=False),)
    found = []
    for number, one in enumerate(played):
        notice = Notice(
            kind=one.kind,
            known_by=KnownBy.SERVICE,
            start=one.start,
            heard_s=one.heard_s,
            completed=one.completed,
            keys=announced.keys if not number else "",
            outcome=announced.outcome if not number else "",
            doubt="" if announced.media else "nothing-came",
            announcement=one.announcement or None,
        )
        found.append(HeardBeforehand(source_id, notice, announced.caller, announced.called))
    return found


def _sound(view: AnnouncementView) -> Sound:
    return Sound(view.kind, view.id, samples_of(view.sound))

"""The process that imports recordings and call records of PBXs."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from rejent.catalog import queries
from rejent.catalog.views import RecorderSource
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.errors import RejentError
from rejent.office import queries as office
from rejent.office.errors import NoRegulationError
from rejent.recording.contract import Cause, GeneralCause, SourceStatus, State
from rejent.recording.main_loop import (
    LOOK_AGAIN_S,
    REPORT_EVERY_S,
    may_start,
    own_volume,
    stop_on_signals,
    storage_cause,
)
from rejent.registers.errors import LedgerMismatchError
from rejent.retention.clock import is_ahead, stepped
from rejent.retention.terms.applicable_terms import Terms
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog.lines.addresses import CALLS, FolderLine, LineAddress
from rejent.streams.calls.catalog.lines.parts import LineCause, RecordPlace
from rejent.streams.calls.player.workshop import SoundWorkshop
from rejent.streams.calls.receiving.imported.folder import FolderError
from rejent.streams.calls.receiving.imported.folder_import import FolderImport, Rules, no_date
from rejent.streams.calls.receiving.imported.record_intake import RecordIntake, RecordLine
from rejent.streams.calls.receiving.processes import imported_lines
from rejent.streams.calls.recorder.call_books import CallBooks
from rejent.vault.store.object_store import ObjectStore

log = structlog.get_logger(__name__)

PATIENCE, PATIENCE_OF_SEVERAL = 15, 450
"""Looks for which a folder may be gone before the process starts anew; beside others longer than their files wait for records."""
MEASURING_S = 120.0


def import_calls() -> int:
    """Import calls until stopped, or until other folders than this process may read are configured."""
    clock: Clock = settings.CLOCK
    workshop = SoundWorkshop(clock, children=1, seconds=MEASURING_S)
    imports = CallImports(settings.VAULT.store, workshop.measured, clock)
    stop = stop_on_signals()
    books, report_at = CallBooks(clock), clock.monotonic()
    try:
        while not stop.is_set():
            begun = clock.monotonic()
            try:
                if not imports.look():
                    return 0
            except DatabaseError:
                log.exception("import.database")
            if clock.monotonic() >= report_at:
                report_at = clock.monotonic() + REPORT_EVERY_S
                books.report(imports.statuses(), imports.sources)
            close_old_connections()
            stop.wait(LOOK_AGAIN_S if imports.behind else max(LOOK_AGAIN_S, clock.monotonic() - begun))
    finally:
        workshop.close()
    return 0


@dataclass(slots=True)
class CallImports:
    """All lines whose calls come as files, and all places of call records."""

    store: ObjectStore
    measure: Callable[[bytes], bytes]
    clock: Clock
    sources: dict[str, RecorderSource] = field(default_factory=dict)
    _lines: dict[str, tuple[RecorderSource, LineAddress]] | None = None
    _folders: dict[str, FolderImport] = field(default_factory=dict)
    _records: list[RecordIntake] = field(default_factory=list)
    _troubles: dict[str, tuple[Cause, datetime]] = field(default_factory=dict)
    _left_out: set[tuple[str, str]] = field(default_factory=set)
    _volume: str = field(default_factory=own_volume)
    _taken: int = 0
    _away: bool = False
    _gone: int = 0

    def look(self) -> bool:
        """Import what has come; False if the process has to restart, as readable folders are fixed at its start."""
        lines = imported_lines() if may_start(CALLS, self.clock.now()) else {}
        if self._lines is None:
            self._begin(lines)
        elif lines != self._lines:
            return False
        rules = current_rules(self.clock) if lines else None
        if rules is None:
            return True
        for intake in self._records:
            intake.look(rules)
        refused_calls = frozenset[tuple[str, str]]().union(
            *(intake.refused_calls for intake in self._records)
        )
        rules = replace(rules, left_out=self._left_out, refused_calls=refused_calls)
        stored, self._taken, self._away = storage_cause(self.store, self._volume), 0, False
        for source_id, folder in self._folders.items():
            waits = any(intake.behind and source_id in intake.source_ids for intake in self._records)
            self._report(source_id, stored or (GeneralCause.NONE if waits else self._look(folder, rules)))
        self._gone = self._gone + 1 if self._away else 0
        return self._gone < (PATIENCE if len(self._folders) == 1 else PATIENCE_OF_SEVERAL)

    @property
    def behind(self) -> bool:
        """True if the last look imported calls or records, so that more may wait."""
        return self._taken > 0 or any(intake.behind for intake in self._records)

    def statuses(self) -> list[SourceStatus]:
        """Return the states of the lines."""
        return [
            SourceStatus(source_id, State.STOPPED if cause else State.RECORDING, cause, since)
            for source_id, (cause, since) in self._troubles.items()
        ]

    def _look(self, folder: FolderImport, rules: Rules) -> Cause:
        try:
            self._taken += folder.look(rules)
        except FolderError:
            self._away = True
            return LineCause.FOLDER_GONE
        except RejentError as error:
            log.error("import.failed", source=folder.source_id, code=error.code)  # noqa: TRY400 - the kind says enough
            return GeneralCause.STORAGE_FAILED
        return LineCause.FOLDER_GONE if folder.in_part else GeneralCause.NONE

    def _report(self, source_id: str, cause: Cause) -> None:
        before = self._troubles.get(source_id)
        if before is None or before[0] is not cause:
            self._troubles[source_id] = (cause, self.clock.now())

    def _begin(self, lines: dict[str, tuple[RecorderSource, LineAddress]]) -> None:
        self._lines = lines
        places: dict[RecordPlace, list[RecordLine]] = {}
        for source_id, (source, address) in lines.items():
            if isinstance(address, FolderLine):
                self.sources[source_id] = source
                self._folders[source_id] = FolderImport(
                    source_id, address, self.store, self.measure, self.clock
                )
            if address.records and address.records.path:
                places.setdefault(address.records, []).append(RecordLine(source_id, address))
        self._records = [
            RecordIntake(place, served, self.clock, self._left_out) for place, served in places.items()
        ]
        discard_unfinished(self.store, self.sources)


def discard_unfinished(store: ObjectStore, sources: dict[str, RecorderSource]) -> None:
    """Remove objects begun by a killed import; their files are imported anew."""
    for left in store.unfinished():
        if left.name.partition("/")[0] in sources:
            store.discard(left.name, left.kind)
            log.warning("import.discarded", object=left.name, kind=left.kind.value)


def current_rules(clock: Clock) -> Rules | None:
    """Return the current rules; None while no regulation that was entered names calls, or after a step of the clock that dates imports."""
    if stepped(clock):
        return None
    try:
        rules = office.verified_regulation(civil_date(clock.now())).stream(CALLS)
    except (NoRegulationError, LedgerMismatchError):
        return None
    if rules is None:
        return None
    directions = frozenset(each.value for each in rules.directions)
    terms, line = Terms(clock), next((each.id for each in queries.sources(CALLS, removed=True)), "")

    def over(day: date) -> bool:
        term = terms.term(line, day)
        return term is not None and terms.now >= term.purge_opens

    unsure = over if is_ahead(clock) else no_date
    return Rules(directions, call_queries.refused_numbers(), over, unsure=unsure)

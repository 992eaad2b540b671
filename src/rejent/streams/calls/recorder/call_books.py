"""Catalogue entries of a recorder of calls: begin and end of calls, and refusals."""

import json
import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import structlog

from rejent.kernel.clock import Clock
from rejent.ledger.durable_files import replace_durably
from rejent.recording.catalogue_books import CatalogueBooks
from rejent.recording.contract import SourceStatus, State
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.views import BegunCall, NamedParties
from rejent.streams.calls.recorder.line import Refusal

log = structlog.get_logger(__name__)

_CALL = re.compile(r"[0-9a-f]{32}")


class NotedRefusal(NamedTuple):
    """A party's refusal of a call, ``after_s`` seconds from its beginning; no number is noted."""

    source_id: str
    call_id: str
    how: str
    after_s: float


class RefusalNotes:
    """A folder with a file for each refusal that is not entered yet; used by one process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, exist_ok=True)

    def keep(self, refusal: NotedRefusal) -> None:
        """Note a refusal durably; a disk that cannot take it is logged, for the call is discarded all the same."""
        try:
            replace_durably(self._file(refusal.call_id), json.dumps(refusal._asdict()).encode())
        except OSError as error:
            log.error("calls.refusal-not-noted", source=refusal.source_id, why=error.strerror)  # noqa: TRY400 - one line is enough

    def drop(self, call_id: str) -> None:
        """Forget a refusal that was entered."""
        self._file(call_id).unlink(missing_ok=True)

    def left(self) -> list[NotedRefusal]:
        """Return the refusals that an earlier run did not enter; a file that is none is left aside."""
        found = []
        for file in sorted(self._folder.glob("*.json")):
            try:
                noted = NotedRefusal(**json.loads(file.read_bytes()))
            except (OSError, ValueError, TypeError):
                continue
            if _CALL.fullmatch(str(noted.call_id)) and file == self._file(noted.call_id):
                found.append(noted)
        return found

    def _file(self, call_id: str) -> Path:
        return self._folder / f"{call_id}.json"


MENDED_WITHIN_S = 300.0
"""Seconds for a keeper to recover objects of a killed recorder, before a call is ended without them."""


class CallBooks(CatalogueBooks):
    """The catalogue for a recorder of calls; `rejent.recording.catalogue_books` handles entries that must wait."""

    def __init__(
        self, clock: Clock, pause: Callable[[], None] = lambda: None, notes: RefusalNotes | None = None
    ) -> None:
        super().__init__(clock)
        self._pause, self._notes = pause, notes
        self._under_way: set[str] = set()
        self._settled: set[str] = set()
        self._begun = clock.monotonic()

    def enter(self, write: Callable[[], None]) -> None:
        """Run an entry after those that wait, and after work of higher priority."""
        self._pause()
        super().enter(write)

    def call_begun(self, call: BegunCall) -> None:
        """Enter the begin of a call."""
        self._under_way.add(call.id)
        self.enter(lambda: call_services.begin_call(call, clock=self._clock))

    def call_named(self, named: NamedParties) -> None:
        """Enter parties that were learned, or took a side, after the begin of a call."""
        self.enter(lambda: call_services.name_parties(named, clock=self._clock))

    def call_ended(self, call_id: str, end: datetime, why: str, faults: Sequence[str] = ()) -> None:
        """Enter the end of a call's recording."""

        def ended() -> None:
            call_services.end_call(call_id, end, why, faults=faults, clock=self._clock)
            self._under_way.discard(call_id)

        self.enter(ended)

    def note_refusal(self, source_id: str, call_id: str, how: Refusal, after_s: float) -> None:
        """Keep a refusal on disk until it is entered."""
        if self._notes is not None:
            self._notes.keep(NotedRefusal(source_id, call_id, how.value, after_s))

    def call_refused(self, source_id: str, call_id: str, how: Refusal, after_s: float) -> None:
        """Enter a refusal."""
        self._enter_refusal(NotedRefusal(source_id, call_id, how.value, after_s))

    def enter_noted(self) -> None:
        """Enter the refusals that an earlier run kept and could not enter."""
        for refusal in self._notes.left() if self._notes is not None else ():
            self._enter_refusal(refusal)

    def _enter_refusal(self, refusal: NotedRefusal) -> None:
        def refused() -> None:
            call_services.refuse_call(*refusal, clock=self._clock)
            if self._notes is not None and refusal.call_id:
                self._notes.drop(refusal.call_id)

        self.enter(refused)

    def end_abandoned(self, lines: Collection[str]) -> None:
        """End the calls of an earlier run, line by line, unless entries wait: one may be a refusal. DatabaseError: no response."""
        self.enter(lambda: None)
        if self.waiting:
            return
        self._settled &= set(lines)
        unsettled, waiting = set(lines) - self._settled, set()
        patient = self._clock.monotonic() - self._begun < MENDED_WITHIN_S
        for call in (
            call_queries.unended_calls(unsettled, besides=frozenset(self._under_way)) if unsettled else ()
        ):
            if call.id in self._under_way:
                continue
            if call.sure or not patient:
                why = call_services.why_stopped(call.id)
                call_services.end_call(call.id, call.recorded_until, why, clock=self._clock)
            else:
                waiting.add(call.source_id)
        self._settled |= unsettled - waiting

    def keeps_up(self, status: SourceStatus) -> bool:
        """Return True if a line is recorded: it is while it listens, with or without calls."""
        return status.state is State.RECORDING

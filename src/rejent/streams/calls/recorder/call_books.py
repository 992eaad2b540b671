"""What a recorder of calls enters besides what every recorder does: that calls begin and end."""

from collections.abc import Callable, Collection
from datetime import datetime

from rejent.kernel.clock import Clock
from rejent.recording.catalogue_books import CatalogueBooks
from rejent.recording.contract import SourceStatus, State
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.views import BegunCall
from rejent.streams.calls.recorder.line import Refusal

MENDED_WITHIN_S = 300.0
"""Seconds in which a keeper is given time to mend what a killed recorder left, before a call is ended without it."""


class CallBooks(CatalogueBooks):
    """The catalogue as a recorder of calls sees it; `rejent.recording.catalogue_books` says what becomes of entries that must wait.

    Args:
        clock: gives all instants.
        pause: called before each entry; it may wait a moment.
    """

    def __init__(self, clock: Clock, pause: Callable[[], None] = lambda: None) -> None:
        super().__init__(clock)
        self._pause = pause
        self._under_way: set[str] = set()
        self._settled: set[str] = set()
        """Lines of which an earlier run left no call that is not ended."""
        self._begun = clock.monotonic()

    def enter(self, write: Callable[[], None]) -> None:
        """Enter something after whatever waits, and after whoever is in a greater hurry."""
        self._pause()
        super().enter(write)

    def call_begun(self, call: BegunCall) -> None:
        """Enter that a call is recorded."""
        self._under_way.add(call.id)
        self.enter(lambda: call_services.begin_call(call, clock=self._clock))

    def call_ended(self, call_id: str, end: datetime, why: str) -> None:
        """Enter that the recording of a call is over."""

        def ended() -> None:
            call_services.end_call(call_id, end, why, clock=self._clock)
            self._under_way.discard(call_id)

        self.enter(ended)

    def call_refused(self, source_id: str, call_id: str, how: Refusal, after_s: float) -> None:
        """Enter that a party refused to be recorded."""
        self.enter(
            lambda: call_services.refuse_call(source_id, call_id, how.value, after_s, clock=self._clock)
        )

    def end_abandoned(self, lines: Collection[str]) -> None:
        """End the calls of an earlier run, as far as their objects reach, once these are mended; a line is done with then.

        Raises:
            DatabaseError: the database does not answer.
        """
        self._settled &= set(lines)
        asked, waiting = set(lines) - self._settled, set()
        patient = self._clock.monotonic() - self._begun < MENDED_WITHIN_S
        for call in call_queries.unended_calls(asked, besides=frozenset(self._under_way)) if asked else ():
            if call.id in self._under_way:
                continue
            if call.sure or not patient:
                why = call_services.why_stopped(call.id)
                call_services.end_call(call.id, call.recorded_until, why, clock=self._clock)
            else:
                waiting.add(call.source_id)
        self._settled |= asked - waiting

    def keeps_up(self, status: SourceStatus) -> bool:
        """Whether a line is recorded: it is while it listens, whether or not somebody calls."""
        return status.state is State.RECORDING

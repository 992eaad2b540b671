"""What a recorder of calls enters besides what every recorder does: that calls begin and end."""

from collections.abc import Collection
from datetime import datetime

from rejent.capture.contract import SourceStatus, State
from rejent.catalog import queries, services
from rejent.catalog.views import BegunCall
from rejent.kernel.clock import Clock
from rejent.site.books import CatalogueBooks

STOPPED = "recorder-stopped"
"""Why the recording of a call ended whose recorder was killed."""
MENDED_WITHIN_S = 300.0
"""Seconds in which a keeper is given time to mend what a killed recorder left, before a call is ended without it."""


class CallBooks(CatalogueBooks):
    """The catalogue as a recorder of calls sees it; `rejent.site.books` says what becomes of entries that must wait."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._under_way: set[str] = set()
        self._begun = clock.monotonic()

    def call_begun(self, call: BegunCall) -> None:
        """Enter that a call is recorded."""
        self._under_way.add(call.id)
        self.enter(lambda: services.begin_call(call, clock=self._clock))

    def call_ended(self, call_id: str, end: datetime, why: str) -> None:
        """Enter that the recording of a call is over."""

        def ended() -> None:
            services.end_call(call_id, end, why, clock=self._clock)
            self._under_way.discard(call_id)

        self.enter(ended)

    def end_abandoned(self, lines: Collection[str]) -> None:
        """End the calls of an earlier run, as far as their objects reach, once these are mended.

        Raises:
            DatabaseError: the database does not answer.
        """
        patient = self._clock.monotonic() - self._begun < MENDED_WITHIN_S
        for call in queries.unended_calls(lines):
            if call.id not in self._under_way and (call.sure or not patient):
                services.end_call(call.id, call.recorded_until, STOPPED, clock=self._clock)

    def keeps_up(self, status: SourceStatus) -> bool:
        """Whether a line is recorded: it is while it listens, whether or not somebody calls."""
        return status.state is State.RECORDING

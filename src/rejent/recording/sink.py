"""Sink that turns fragments into sealed, durable, booked segments, for every stream.

Two threads do what must not stall a recorder: one seals and writes, one makes durable and books. Queued work is
bounded for each source (`rejent.recording.backlog`); a store that cannot keep up ends the segment with a cause;
written data stays.
"""

import heapq
import itertools
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from functools import partial

import structlog

from rejent.recording.backlog import MOST_BYTES, MOST_JOBS, Backlog, run_logged
from rejent.recording.contract import (
    BookingPort,
    Cause,
    FinishedSegment,
    GeneralCause,
    SegmentOpening,
    SourceStatus,
)
from rejent.recording.errors import StorageError, StorageSlowError
from rejent.recording.sealed_segment import SealedSegment
from rejent.vault.age import Recipient
from rejent.vault.store.object_store import ObjectStore

log = structlog.get_logger(__name__)

TAIL_AFTER_S = 0.75
"""Seconds of content a killed recorder may lose of a slow source, besides the fragment it was gathering."""
MOST_A_TRANSACTION = 100
"""Segments that are booked in one transaction."""


class SealingSink:
    """Seals segments into a store and books them; see `rejent.recording.contract.SegmentSink`.

    ``recipient_for`` returns the public half of the day key of a source and civil date, or None; ``tail_after_s`` seconds of
    content in an unfinished chunk get a companion; ``most_waiting`` and ``most_jobs`` bound what waits for the store;
    durable segments wait ``gathers_s`` seconds for others that are booked with them.
    """

    def __init__(
        self,
        store: ObjectStore,
        recipient_for: Callable[[str, date], Recipient | None],
        books: BookingPort,
        tail_after_s: float = TAIL_AFTER_S,
        most_waiting: int = MOST_BYTES,
        *,
        most_jobs: int = MOST_JOBS,
        gathers_s: float = 0.0,
    ) -> None:
        self.tail_after_s = tail_after_s
        self.store = store
        self._recipient_for = recipient_for
        self._books = books
        self.backlog = Backlog(most_waiting, most_jobs)
        self._gathers_s = gathers_s
        self.hindrance: Cause = GeneralCause.NONE
        """The cause why no segment may begin now, as who watches the store has said last."""
        self._finished: list[FinishedSegment] = []
        self.unsalvaged: list[SealedSegment] = []
        """Segments whose writing and salvage both failed; tried again when the store works."""
        self._to_seal: queue.SimpleQueue[tuple[str, Callable[[], None]] | None] = queue.SimpleQueue()
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        """Work of the sealing thread by the monotonic instant at which it is due."""
        self._numbers = itertools.count()
        self._to_book: queue.SimpleQueue[tuple[str, Callable[[], FinishedSegment | None]] | None] = (
            queue.SimpleQueue()
        )
        self._sealer = threading.Thread(target=self._run_sealer, name="sealing", daemon=True)
        self._booker = threading.Thread(target=self._run_booker, name="booking", daemon=True)
        self._sealer.start()
        self._booker.start()

    def open_segment(self, opening: SegmentOpening) -> SealedSegment:
        """Begin a segment.

        Raises StorageError: there is no day key for it, too much of the source waits for the store, or the store is away.
        """
        if self.hindrance:
            raise StorageError(
                self.hindrance,
                "The store takes no recordings now.",
                advice="See what is wrong with its disk.",
            )
        if self.backlog.is_full(opening.source_id):
            raise StorageSlowError
        recipient = self._recipient_for(opening.source_id, opening.day)
        if recipient is None:
            raise StorageError(
                GeneralCause.NO_DAY_KEY,
                "No key was made ahead for {day}.",
                day=opening.day.isoformat(),
                advice="See that the keeper runs.",
            )
        segment = SealedSegment(self, opening, recipient)
        self.submit(opening.source_id, segment.begin)
        return segment

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:
        """Book that nothing was recorded from ``start`` to ``end``."""
        self.enter(source_id, partial(self._books.gap, source_id, start, end, cause))

    def status(self, status: SourceStatus) -> None:
        """Book a source's status."""
        self.enter(status.source_id, partial(self._books.status, status))

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """Book a step of the system clock."""
        self.enter("", partial(self._books.clock_stepped, seconds, noticed))

    def close(self) -> None:
        """Wait until everything handed over is durable and booked."""
        self._to_seal.put(None)
        self._sealer.join()
        self._to_book.put(None)
        self._booker.join()

    def settle(self) -> None:
        """Wait until everything handed over so far is sealed, committed and booked."""
        done = threading.Event()
        self.enter("", done.set)
        done.wait()

    def submit(self, source_id: str, work: Callable[[], None]) -> None:
        """Queue a job of a source for the sealing thread."""
        self.backlog.begin(source_id)
        self._to_seal.put((source_id, work))

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        """Do something in the sealing thread after so many seconds; nothing if the sink is closed before."""
        due = time.monotonic() + seconds, next(self._numbers), work
        self.submit("", partial(heapq.heappush, self._later, due))

    def book(self, source_id: str, work: Callable[[], FinishedSegment | None]) -> None:
        """Queue a job that may wait for the disk for the booking thread, and book its result."""
        self.backlog.begin(source_id)
        self._to_book.put((source_id, work))

    def enter(self, source_id: str, entry: Callable[[], None]) -> None:
        """Book something after every segment of the source handed over before; in the background."""

        def in_order() -> None:
            self._book_finished()
            entry()

        self.submit(source_id, partial(self.book, source_id, in_order))

    def _run_sealer(self) -> None:
        while (handed_over := self._next_to_seal()) is not None:
            source_id, work = handed_over
            run_logged(work)
            self.backlog.done(source_id)

    def _next_to_seal(self) -> tuple[str, Callable[[], None]] | None:
        while self._later:
            with suppress(queue.Empty):
                return self._to_seal.get(timeout=max(self._later[0][0] - time.monotonic(), 0))
            run_logged(heapq.heappop(self._later)[2])
        return self._to_seal.get()

    def _run_booker(self) -> None:
        while (handed_over := self._next_to_book()) is not None:
            source_id, work = handed_over
            finished = run_logged(work)
            if finished is not None:
                self._finished += [finished, *self._salvaged()]
            if len(self._finished) >= MOST_A_TRANSACTION:
                self._book_finished()
            self.backlog.done(source_id)
        self._book_finished()

    def _next_to_book(self) -> tuple[str, Callable[[], FinishedSegment | None]] | None:
        if self._finished:
            try:
                return self._to_book.get(timeout=self._gathers_s)
            except queue.Empty:
                self._book_finished()
        return self._to_book.get()

    def _salvaged(self) -> list[FinishedSegment]:
        unsalvaged, self.unsalvaged = self.unsalvaged, []
        return [kept for segment in unsalvaged if (kept := run_logged(segment.salvage)) is not None]

    def _book_finished(self) -> None:
        finished, self._finished = self._finished, []
        if finished:
            run_logged(partial(self._books.segments, finished))

"""Sink that turns fragments into sealed, durable, booked segments, for every stream.

Two threads do what must not stall a recorder: one seals and writes, one makes durable and books. Queued work is
bounded for each source (`rejent.recording.backlog`); a store that cannot keep up ends the segment with a cause;
written data stays.
"""

import queue
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import NoReturn

import structlog

from rejent.formats.fragment_index import Fragment, FragmentPlace
from rejent.kernel.errors import RejentError
from rejent.recording.backlog import MOST_BYTES, MOST_JOBS, Backlog, run_logged
from rejent.recording.contract import (
    BookingPort,
    Cause,
    FinishedSegment,
    GeneralCause,
    SegmentEnding,
    SegmentOpening,
    SourceStatus,
)
from rejent.recording.errors import StorageError, StorageSlowError
from rejent.vault.age import Recipient
from rejent.vault.age.payload import CHUNK, SEALED_CHUNK
from rejent.vault.age.seal_writer import SealWriter
from rejent.vault.errors import StorageError as StoreError
from rejent.vault.errors import StorageFullError
from rejent.vault.store.object_store import ObjectStore, ObjectWriter
from rejent.vault.unfinished import recover_unfinished

log = structlog.get_logger(__name__)

FRAGMENT_WEIGHT = 2048
"""Memory of a waiting fragment besides its content, in bytes."""
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
        self.durable: Callable[[FinishedSegment], None] = lambda _: None
        """Is given each durable segment before it is booked, in the booking thread."""
        self.hindrance: Cause = GeneralCause.NONE
        """The cause why no segment may begin now, as who watches the store has said last."""
        self._finished: list[FinishedSegment] = []
        self.unsalvaged: list[SealedSegment] = []
        """Segments whose writing and salvage both failed; tried again when the store works."""
        self._to_seal: queue.SimpleQueue[tuple[str, Callable[[], None]] | None] = queue.SimpleQueue()
        self._to_book: queue.SimpleQueue[tuple[str, Callable[[], FinishedSegment | None]] | None] = (
            queue.SimpleQueue()
        )
        self._sealer = threading.Thread(target=self._run_sealer, name="sealing", daemon=True)
        self._booker = threading.Thread(target=self._run_booker, name="booking", daemon=True)
        self._sealer.start()
        self._booker.start()

    def open_segment(self, opening: SegmentOpening) -> "SealedSegment":
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
        while (handed_over := self._to_seal.get()) is not None:
            source_id, work = handed_over
            run_logged(work)
            self.backlog.done(source_id)

    def _run_booker(self) -> None:
        while (handed_over := self._next_to_book()) is not None:
            source_id, work = handed_over
            finished = run_logged(work)
            if finished is not None:
                run_logged(partial(self.durable, finished))
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


@dataclass(slots=True)
class SealedSegment:
    """One segment on its way into the store; see `rejent.recording.contract.SegmentWriter`."""

    sink: SealingSink
    opening: SegmentOpening
    recipient: Recipient
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    _accepted: int = 0
    """Ticks of the fragments that were taken."""
    _writer: ObjectWriter | None = None
    _seal: SealWriter | None = None
    _places: list[FragmentPlace] = field(default_factory=list)
    _head: int = 0
    """Bytes of the object before its first chunk."""
    _size: int = 0
    """Bytes of content given to the seal."""
    _companion: int = 0
    """Bytes of content that the companion on disk completes."""
    _unsealed_since: float = 0.0
    _failure: StorageError | None = None

    @property
    def object_name(self) -> str:
        """Return source, civil date, start in UTC and identifier, from which a lost object can be attributed."""
        begun = self.opening.start.strftime("%H%M%S%f")
        return f"{self.opening.source_id}/{self.opening.day.isoformat()}/{begun}-{self.id.hex}.age"

    def append(self, fragment: Fragment) -> None:
        """Append the next fragment. Raises StorageError: the segment cannot go on. What the store took before is kept."""
        if self._failure is not None:
            self._give_up(self._failure)
        size = fragment.size
        if not self.sink.backlog.reserve(self.opening.source_id, size + FRAGMENT_WEIGHT):
            self._do(self._end_early)
            slow = StorageSlowError()
            slow.kept = self._accepted
            raise slow
        self._accepted = fragment.time + fragment.duration
        self._do(partial(self._append, fragment, size))

    def close(self, ending: SegmentEnding) -> None:
        """End the segment, durable and booked in the background. Raises StorageError: an earlier fragment was not written."""
        if self._failure is not None:
            self._give_up(self._failure)
        self._do(partial(self._finish, ending))

    def discard(self) -> None:
        """Nothing of it is to be kept."""
        self._do(self._abort)

    def _give_up(self, failure: StorageError) -> NoReturn:
        failure.kept = _ticks(self._whole(self._on_disk()))
        self._do(self._keep_unfinished)
        raise failure

    def _do(self, work: Callable[[], None]) -> None:
        self.sink.submit(self.opening.source_id, work)

    # In the sealing thread

    def begin(self) -> None:
        """Create the object and seal what precedes the first fragment."""
        try:
            self._writer = self.sink.store.create(self.object_name)
            self._seal = SealWriter(self._writer.write, [self.recipient])
            self._head = self._seal.size
            self._seal.write(self.opening.init)
            self._size = len(self.opening.init)
        except RejentError as error:
            self._failed(error)

    def _append(self, fragment: Fragment, size: int) -> None:
        try:
            if self._writer is not None and self._seal is not None and self._failure is None:
                self._write(self._writer, self._seal, fragment, size)
        except RejentError as error:
            self._failed(error)
        finally:
            self.sink.backlog.release(self.opening.source_id, size + FRAGMENT_WEIGHT)

    def _write(self, writer: ObjectWriter, seal: SealWriter, fragment: Fragment, size: int) -> None:
        chunks = seal.chunks
        seal.write_all(fragment.parts)
        self._places.append(
            FragmentPlace(fragment.time, fragment.duration, fragment.units, fragment.key, self._size, size)
        )
        self._size += size
        lasts = fragment.duration / self.opening.tick_rate
        if seal.chunks != chunks:
            unsalvaged = seal.content_size - seal.chunks * CHUNK
            self._unsealed_since = lasts * min(unsalvaged / size, 1.0)
        else:
            self._unsealed_since += lasts
        if self._unsealed_since >= self.sink.tail_after_s:
            self._unsealed_since = 0.0
            writer.write_companion(seal.companion())
            self._companion = self._size

    def _finish(self, ending: SegmentEnding) -> None:
        writer, seal = self._writer, self._seal
        if writer is None or seal is None:
            return
        if not self._places:
            writer.abort()
            return
        if self._failure is None:
            try:
                seal.finish()
            except RejentError as error:
                self._failed(error)
        if self._failure is None:
            self.sink.book(self.opening.source_id, partial(self._commit, writer, seal, ending))
        else:
            self._keep_unfinished()

    def _abort(self) -> None:
        if self._writer is not None:
            self._writer.abort()
            self._writer = self._seal = None

    def _end_early(self) -> None:
        self._finish(self._ending(self._places))

    def _keep_unfinished(self) -> None:
        if self._writer is not None:
            self._writer.leave()
            self.sink.book(self.opening.source_id, self.salvage)

    def _failed(self, error: RejentError) -> None:
        cause = (
            GeneralCause.STORAGE_FULL if isinstance(error, StorageFullError) else GeneralCause.STORAGE_FAILED
        )
        self._failure = StorageError(cause, error.template, advice=error.advice, **error.facts)
        log.error("storage.failed", source=self.opening.source_id, code=error.code)

    # In the booking thread

    def _commit(
        self, writer: ObjectWriter, seal: SealWriter, ending: SegmentEnding
    ) -> FinishedSegment | None:
        try:
            writer.commit()
        except StoreError as error:
            self._failed(error)
            writer.leave()
            return self.salvage()
        return self._booked(ending, seal.size, seal.sha256, seal.head_sha256)

    def salvage(self) -> FinishedSegment | None:
        """Publish the whole chunks of an unfinished object, for a keeper to complete. Raises StorageError: to be tried again."""
        try:
            kept = recover_unfinished(self.sink.store, self.object_name, self._are_fragments)
        except StoreError:
            self.sink.unsalvaged.append(self)
            raise
        if kept is None:
            return None
        self._places = self._whole(self._kept_bytes(kept.chunks, kept.tail))
        self._size = kept.chunks * CHUNK
        return self._booked(
            self._ending(self._places), kept.size, kept.sha256, kept.head_sha256, recovered=True
        )

    # What is kept

    def _on_disk(self) -> int:
        return (self._seal.size - self._head) // SEALED_CHUNK * CHUNK if self._seal is not None else 0

    def _kept_bytes(self, chunks: int, tail: bool) -> int:
        return max(chunks * CHUNK, self._companion if tail else 0)

    def _are_fragments(self, chunks: int, tail: bool) -> bool:
        return bool(self._whole(self._kept_bytes(chunks, tail)))

    def _whole(self, size: int) -> list[FragmentPlace]:
        return [place for place in self._places if place.offset + place.length <= size]

    def _ending(self, places: list[FragmentPlace]) -> SegmentEnding:
        start, ticks = self.opening.start, _ticks(places)
        end = start + max(timedelta(seconds=ticks / self.opening.tick_rate), timedelta(milliseconds=1))
        return SegmentEnding(start, end, sum(place.units for place in places))

    def _booked(
        self, ending: SegmentEnding, size: int, sha256: bytes, head: bytes, *, recovered: bool = False
    ) -> FinishedSegment:
        return FinishedSegment(
            opening=self.opening,
            ending=ending,
            object_name=self.object_name,
            recipient=self.recipient.text,
            size=size,
            sha256=sha256.hex(),
            head=head.hex(),
            fragments=tuple(self._places),
            recovered=recovered,
        )


def _ticks(places: Sequence[FragmentPlace]) -> int:
    return places[-1].time + places[-1].duration if places else 0

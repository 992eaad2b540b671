"""One segment on its way into the store; what its methods do not wait for is done in the threads of its sink."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, NoReturn

import structlog

from rejent.formats.content_tree import ContentRoot, ContentTree
from rejent.formats.fragment_index import Fragment, FragmentPlace
from rejent.kernel.errors import RejentError
from rejent.recording.backlog import run_logged
from rejent.recording.contract import (
    Cause,
    FinishedSegment,
    GeneralCause,
    SegmentEnding,
    SegmentOpening,
    Settled,
)
from rejent.recording.errors import StorageError, StorageSlowError
from rejent.vault.age import Recipient
from rejent.vault.age.payload import CHUNK, SEALED_CHUNK
from rejent.vault.age.seal_writer import SealWriter
from rejent.vault.errors import StorageError as StoreError
from rejent.vault.errors import StorageFullError
from rejent.vault.store.object_store import ObjectWriter
from rejent.vault.unfinished import recover_unfinished

if TYPE_CHECKING:
    from rejent.recording.sink import SealingSink

log = structlog.get_logger(__name__)

FRAGMENT_WEIGHT = 2048
"""Memory of a waiting fragment besides its content, in bytes."""


LEAVES_TOGETHER = 4
"""Fragments that a killed recorder may leave whole and unbound: their leaves are written together."""


@dataclass(slots=True)
class SealedSegment:
    """One segment on its way into the store; see `rejent.recording.contract.SegmentWriter`."""

    sink: "SealingSink"
    opening: SegmentOpening
    recipient: Recipient
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    _accepted: int = 0
    """Ticks of the fragments that were taken."""
    _writer: ObjectWriter | None = None
    _seal: SealWriter | None = None
    _tree: ContentTree | None = None
    _leaves_kept: int = 0
    """Leaves that are beside the object, of fragments that a killed recorder would leave whole."""
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

    def secure(self) -> None:
        """Let a killed recorder lose nothing of what was appended; in the background."""
        self._do(self._secure)

    def close(self, ending: SegmentEnding, settled: Settled = lambda _: None) -> None:
        """End the segment, durable and booked in the background; see `rejent.recording.contract.SegmentWriter`."""
        if self._failure is not None:
            self._give_up(self._failure)
        self._do(partial(self._finish, ending, settled))

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
            self._tree = ContentTree(self._seal.content_secret)
            self._seal.write(self._tree.frame(self.opening.init))
            self._size = len(self.opening.init)
        except RejentError as error:
            self._failed(error)

    def _append(self, fragment: Fragment, size: int) -> None:
        try:
            if self._writer and self._seal and self._tree and self._failure is None:
                self._write(self._writer, self._seal, self._tree, fragment, size)
                self._keep_leaves(self._writer, self._tree)
        except RejentError as error:
            self._failed(error)
        finally:
            self.sink.backlog.release(self.opening.source_id, size + FRAGMENT_WEIGHT)

    def _write(
        self, writer: ObjectWriter, seal: SealWriter, tree: ContentTree, fragment: Fragment, size: int
    ) -> None:
        chunks = seal.chunks
        seal.write_all(tree.fragment(fragment.parts, fragment.framed))
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
            self._write_companion(writer, seal)

    def _keep_leaves(self, writer: ObjectWriter, tree: ContentTree) -> None:
        kept, safe = self._leaves_kept, max(self._on_disk(), self._companion)
        while kept < len(self._places) and self._places[kept].offset + self._places[kept].length <= safe:
            kept += 1
        if kept - self._leaves_kept >= LEAVES_TOGETHER:
            writer.write_leaves(b"".join(tree.leaves[self._leaves_kept : kept]))
            self._leaves_kept = kept

    def _secure(self) -> None:
        if not (self._writer and self._seal and self._tree) or self._failure is not None:
            return
        if self._companion < self._size:
            try:
                self._write_companion(self._writer, self._seal)
                self._keep_leaves(self._writer, self._tree)
            except RejentError as error:
                self._failed(error)

    def _write_companion(self, writer: ObjectWriter, seal: SealWriter) -> None:
        self._unsealed_since = 0.0
        writer.write_companion(seal.companion())
        self._companion = self._size

    def _finish(self, ending: SegmentEnding, settled: Settled = lambda _: None) -> None:
        writer, seal = self._writer, self._seal
        if writer is None or seal is None:
            settled(self._cause)
            return
        if not self._places:
            writer.abort()
            settled(self._cause)
            return
        if self._failure is None:
            try:
                seal.finish()
            except RejentError as error:
                self._failed(error)
        if self._failure is None:
            self.sink.book(self.opening.source_id, partial(self._settle, writer, seal, ending, settled))
        else:
            self._keep_unfinished()
            settled(self._cause)

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

    @property
    def _cause(self) -> Cause:
        """Return why it was not kept whole."""
        return GeneralCause.STORAGE_FAILED if self._failure is None else self._failure.cause

    # In the booking thread

    def _settle(
        self, writer: ObjectWriter, seal: SealWriter, ending: SegmentEnding, settled: Settled
    ) -> FinishedSegment | None:
        finished = None
        try:
            finished = self._commit(writer, seal, ending)
        finally:
            whole = finished is not None and not finished.recovered
            run_logged(partial(settled, GeneralCause.NONE if whole else self._cause))
        return finished

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
        start, rate = self.opening.start, self.opening.tick_rate
        lasts = max((place.time + place.duration for place in places), default=0)
        end = start + max(timedelta(seconds=lasts / rate), timedelta(milliseconds=1))
        early = timedelta(seconds=min((place.time for place in places), default=0) / rate)
        return SegmentEnding(min(start, start + early), end, sum(place.units for place in places))

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
            fragments=_counted_from(ending.start, self.opening, self._places),
            content=self._bound(recovered=recovered),
            recovered=recovered,
        )

    def _bound(self, *, recovered: bool) -> ContentRoot | None:
        if self._tree is None:
            return None
        return self._tree.begun(len(self._places)) if recovered else self._tree.whole()


def _counted_from(
    start: datetime, opening: SegmentOpening, places: list[FragmentPlace]
) -> tuple[FragmentPlace, ...]:
    """Return places by ticks from ``start``: what came late may lie before what the segment began with."""
    if start >= opening.start:
        return tuple(places)
    earlier = round((opening.start - start).total_seconds() * opening.tick_rate)
    return tuple(replace(place, time=place.time + earlier) for place in places)


def _ticks(places: Sequence[FragmentPlace]) -> int:
    return places[-1].time + places[-1].duration if places else 0

"""Messages on their way into the store: those that wait together become one object, and share its fsync.

One batch is under way at a time; what comes meanwhile is the next, so that objects are the fewer the more is received.
No message of a batch is acknowledged before its object is durable; one that failed is refused, and the mail server tries
again.
"""

import asyncio
import uuid
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from rejent.kernel.clock import civil_date
from rejent.recording.contract import FinishedSegment, SegmentEnding, SegmentOpening
from rejent.recording.errors import StorageError
from rejent.recording.sink import SealingSink
from rejent.streams.mail.messages.framing import (
    MEDIA_TYPE,
    TICKS,
    LongFrame,
    MessageFrame,
    fragments,
    instant,
)

MOST_IN_BATCH = 64
MOST_BYTES_IN_BATCH = 16 << 20
LONGEST_BATCH = timedelta(seconds=30)
"""Between the first message of a batch and the last: a store that stood still left older ones waiting."""


@dataclass(slots=True)
class _Batch:
    taken: "list[_Waiting]"
    run: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True, slots=True)
class _Waiting:
    frame: MessageFrame | LongFrame
    outcome: "asyncio.Future[bool]"


class Batches:
    """The batches of one journal; used in the event loop's thread alone."""

    def __init__(self, source_id: str, sink: SealingSink) -> None:
        self._source_id, self._sink = source_id, sink
        self._waiting: deque[_Waiting] = deque()
        self._under_way: _Batch | None = None
        self._past: datetime | None = None
        """The end of the last segment, before which none may begin."""
        self._loop = asyncio.get_running_loop()

    async def keep(self, frame: MessageFrame | LongFrame) -> bool:
        """Store a message; return True once it is durable, False where it is not kept."""
        outcome: asyncio.Future[bool] = self._loop.create_future()
        self._waiting.append(_Waiting(frame, outcome))
        self._go_on()
        return await outcome

    def durable(self, segment: FinishedSegment) -> None:
        """Settle the batch whose object is durable; in the event loop's thread. One cut short is durable in part, and counts as not kept."""
        batch = self._under_way
        if batch is not None and (segment.opening.run, segment.ending.units) == (batch.run, len(batch.taken)):
            self._settle(batch, kept=not segment.recovered)

    def _go_on(self) -> None:
        while self._waiting and self._under_way is None:
            self._begin(self._next_batch())

    def _next_batch(self) -> _Batch:
        """Take messages of one civil date, as they came."""
        batch, size = _Batch([]), 0
        while self._waiting and len(batch.taken) < MOST_IN_BATCH:
            first = self._waiting[0].frame
            size += first.size
            if batch.taken and (
                size > MOST_BYTES_IN_BATCH
                or first.facts.at >= batch.taken[0].frame.facts.at + LONGEST_BATCH
                or civil_date(first.facts.at) != civil_date(batch.taken[0].frame.facts.at)
            ):
                break
            batch.taken.append(self._waiting.popleft())
        return batch

    def _begin(self, batch: _Batch) -> None:
        self._under_way = batch
        try:
            self._hand_over(batch)
        except StorageError:
            self._end(batch.run)
            return
        self._sink.submit(
            self._source_id, partial(self._sink.book, self._source_id, partial(self._done_with, batch.run))
        )

    def _done_with(self, run: str) -> None:
        """Pass on that the sink has made a batch durable or failed; from its thread, perhaps after the loop has ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._end, run)

    def _hand_over(self, batch: _Batch) -> None:
        """Hand a batch to the sink as one segment. Raises StorageError: it takes nothing now."""
        frames = [each.frame for each in batch.taken]
        start = frames[0].facts.at
        if self._past is not None and civil_date(self._past) == civil_date(start):
            start = max(start, self._past)
        opening = SegmentOpening(self._source_id, civil_date(start), start, b"", MEDIA_TYPE, TICKS, batch.run)
        writer = self._sink.open_segment(opening)
        end = 0
        try:
            for fragment in fragments(frames, start):
                writer.append(fragment)
                end = fragment.time + fragment.duration
            self._past = instant(start, end)
            writer.close(SegmentEnding(start, self._past, len(frames)))
        except StorageError:
            writer.discard()
            raise

    def _end(self, run: str) -> None:
        """Refuse what is not durable though the sink is done with it."""
        batch = self._under_way
        if batch is not None and batch.run == run:
            self._settle(batch, kept=False)

    def _settle(self, batch: _Batch, *, kept: bool) -> None:
        self._under_way = None
        for each in batch.taken:
            if not each.outcome.done():
                each.outcome.set_result(kept)
        self._go_on()

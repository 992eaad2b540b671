"""Records on their way into the sink: gathered by bytes and wall time, each under the key of its own day (docs/design/0029).

What is taken is sealed beside its object within `GATHERS_S`, so that ``kill -9`` loses less than a second of it, however much or little comes.
Who delivered it is told once it is durable; until then it is to be kept where it came from, and told again.
"""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

import structlog

from rejent.formats.record_index import Coverage
from rejent.formats.records import LASTS, TICKS, Record, instant, packet
from rejent.kernel.clock import civil_date
from rejent.recording.backlog import run_logged
from rejent.recording.contract import (
    Cause,
    GeneralCause,
    RecordSink,
    SegmentEnding,
    SegmentOpening,
    SegmentWriter,
    Settled,
)
from rejent.recording.errors import StorageError

log = structlog.get_logger(__name__)

GATHERS_S = 0.25
"""Seconds that records wait for others of their packet, and a packet for its companion."""
MOST_IN_PACKET = 4096
MOST_BYTES_IN_PACKET = 1 << 16


@dataclass(frozen=True, slots=True)
class RecordForm:
    """How a stream's records are gathered.

    Attributes:
        apart: each is a packet of its own, that is read without the others.
        lasts_s: seconds after which a batch becomes an object; nothing is durable before. Without any, it becomes one as soon as
            the one before it is durable: a kill may cost all of it, of which nobody was told.
        spans: between the first and any other instant of a batch.
        most, most_bytes: of a batch.
    """

    media_type: str
    apart: bool = False
    lasts_s: float = 60.0
    spans: timedelta = timedelta(hours=25)
    most: int = 100_000
    most_bytes: int = 16 << 20


@dataclass(slots=True)
class Taken:
    """What became of a delivery: how many records are kept, how many were told before, how many are of a day that is over."""

    kept: int = 0
    doubled: int = 0
    refused: Counter[date] = field(default_factory=Counter)


@dataclass(slots=True, eq=False)
class _Delivery:
    """Who waits until all of a delivery was taken, and for the batches that hold it."""

    settled: Settled
    left: int = 1
    cause: Cause = GeneralCause.NONE


@dataclass(slots=True, eq=False)
class RecordBatch:
    """Records of one civil day that become one object."""

    form: RecordForm
    day: date
    first: datetime
    begin: Callable[[], SegmentWriter]
    coverage: Coverage = field(default_factory=Coverage)
    deliveries: list[_Delivery] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)
    secured: bool = True
    _writer: SegmentWriter | None = None
    _earliest: datetime | None = None
    _latest: datetime | None = None
    _count: int = 0
    _bytes: int = 0
    _waiting: list[Record] = field(default_factory=list)
    _waiting_bytes: int = 0

    @property
    def is_full(self) -> bool:
        """Return whether it takes no more."""
        return self._count >= self.form.most or self._bytes >= self.form.most_bytes

    @property
    def is_due(self) -> bool:
        """Return whether it is to become an object."""
        return time.monotonic() >= self.begun + self.form.lasts_s

    def takes(self, record: Record) -> bool:
        """Return whether a record may be one of it."""
        return not self.is_full and abs(record.at - self.first) < self.form.spans

    def await_for(self, delivery: _Delivery) -> None:
        """Tell a delivery what becomes of it."""
        if not self.deliveries or self.deliveries[-1] is not delivery:
            self.deliveries.append(delivery)
            delivery.left += 1

    def add(self, record: Record) -> None:
        """Add a record. Raises StorageError."""
        self._earliest = min(self._earliest or record.at, record.at)
        self._latest = max(self._latest or record.at, record.at)
        self._count, self._bytes = self._count + 1, self._bytes + record.size
        self.coverage.add(record.origin, record.sequence)
        self._waiting.append(record)
        self._waiting_bytes += record.size
        if self.form.lasts_s and (
            len(self._waiting) >= MOST_IN_PACKET or self._waiting_bytes >= MOST_BYTES_IN_PACKET
        ):
            self.hand_over()

    def hand_over(self) -> None:
        """Hand what waits to the sink, together or apart. Raises StorageError."""
        waiting = sorted(self._waiting, key=lambda each: each.at)
        self._waiting, self._waiting_bytes = [], 0
        for records in [[each] for each in waiting] if self.form.apart else [waiting] * bool(waiting):
            self.open().append(packet(records, self.first))

    def open(self) -> SegmentWriter:
        """Return the segment that it becomes. Raises StorageError."""
        self._writer = self._writer or self.begin()
        return self._writer

    def secure(self) -> None:
        """Let ``kill -9`` lose nothing of it. Raises StorageError."""
        self.hand_over()
        self.open().secure()
        self.secured = True

    def close(self, settled: Settled) -> None:
        """Make an object of it. Raises StorageError."""
        self.hand_over()
        start, end = self._earliest or self.first, instant(self._latest or self.first, LASTS)
        self.open().close(SegmentEnding(start, end, self._count, coverage=self.coverage), settled)


class Records:
    """The records of one source; used from any thread.

    ``now`` is the instant that is recorded in; ``known`` what was kept of the source before; ``call`` runs what follows once a batch is durable, such as telling those who delivered.
    """

    def __init__(
        self,
        source_id: str,
        sink: RecordSink,
        form: RecordForm,
        now: Callable[[], datetime],
        *,
        known: Coverage | None = None,
        call: Callable[[Callable[[], None]], None] = lambda work: work(),
    ) -> None:
        self._source_id, self._sink, self._form, self._now = source_id, sink, form, now
        self._known, self._call = known or Coverage(), call
        self._lock = threading.RLock()
        self._open: dict[date, RecordBatch] = {}
        self._under_way: set[RecordBatch] = set()
        self._closed: set[date] = set()
        """Days of which a refusal was logged."""

    def take(self, records: Iterable[Record], settled: Settled = lambda _: None) -> Taken:
        """Take a delivery, in any order and of any days; a day before today that has no key, because it is over, is refused.

        ``settled`` is told once what it brought is durable, also what was told before and is under way, or why some is not.
        Raises StorageError: nothing more is taken now, and all of it is to be delivered again; ``settled`` is told nothing.
        """
        taken, delivery = Taken(), _Delivery(settled)
        with self._lock:
            try:
                for record in records:
                    self._take(record, taken, delivery)
            except StorageError:
                delivery.settled = lambda _: None
                raise
            finally:
                self._go_on()
        self._arrive([delivery], GeneralCause.NONE)
        return taken

    def close(self) -> None:
        """Make objects of all that was taken; in the background."""
        with self._lock:
            for batch in list(self._open.values()):
                self._end(batch)

    def _take(self, record: Record, taken: Taken, delivery: _Delivery) -> None:
        if self._known.has(record.origin, record.sequence):
            taken.doubled += 1
            for batch in (*self._open.values(), *self._under_way):
                batch.await_for(delivery)
            return
        day = civil_date(record.at)
        try:
            batch = self._batch_for(day, record)
        except StorageError as error:
            if error.cause is not GeneralCause.NO_DAY_KEY or day >= civil_date(self._now()):
                raise
            taken.refused[day] += 1
            self._log_refused(day)
            return
        batch.await_for(delivery)
        self._known.add(record.origin, record.sequence)
        try:
            batch.add(record)
        except StorageError as error:
            self._settle(batch, error.cause)
            raise
        taken.kept += 1
        if batch.secured and self._form.lasts_s:
            batch.secured = False
            self._sink.later(GATHERS_S, partial(self._secure, batch))

    def _batch_for(self, day: date, record: Record) -> RecordBatch:
        batch = self._open.get(day)
        if batch is not None and not batch.takes(record):
            self._end(batch)
            batch = None
        return batch or self._begin(day, record.at)

    def _begin(self, day: date, first: datetime) -> RecordBatch:
        opening = SegmentOpening(
            self._source_id, day, first, b"", self._form.media_type, TICKS, uuid.uuid4().hex
        )
        batch = RecordBatch(self._form, day, first, partial(self._sink.open_segment, opening))
        if self._form.lasts_s or day < civil_date(self._now()):
            batch.open()
        if self._form.lasts_s:
            self._sink.later(self._form.lasts_s, self._go_on)
        self._open[day] = batch
        return batch

    def _log_refused(self, day: date) -> None:
        if day not in self._closed:
            self._closed.add(day)
            log.warning("records.day-over", source=self._source_id, day=day.isoformat())

    def _secure(self, batch: RecordBatch) -> None:
        with self._lock:
            if self._open.get(batch.day) is batch:
                try:
                    batch.secure()
                except StorageError as error:
                    self._settle(batch, error.cause)

    def _go_on(self) -> None:
        with self._lock:
            for batch in list(self._open.values()):
                if batch.is_full or (batch.is_due and not self._under_way):
                    self._end(batch)

    def _end(self, batch: RecordBatch) -> None:
        del self._open[batch.day]
        self._under_way.add(batch)
        try:
            batch.close(partial(self._end_known, batch))
        except StorageError as error:
            self._settle(batch, error.cause)

    def _end_known(self, batch: RecordBatch, cause: Cause) -> None:
        """Pass on, from a thread of the sink, what became of a batch."""
        self._call(partial(self._settle, batch, cause))

    def _settle(self, batch: RecordBatch, cause: Cause) -> None:
        """Tell those who wait for a batch, which is durable or has failed; what failed may be delivered again."""
        with self._lock:
            self._under_way.discard(batch)
            if self._open.get(batch.day) is batch:
                del self._open[batch.day]
            if cause:
                self._known.drop(batch.coverage)
            deliveries, batch.deliveries = batch.deliveries, []
            self._go_on()
        self._arrive(deliveries, cause)

    def _arrive(self, deliveries: Iterable[_Delivery], cause: Cause) -> None:
        """Count what became of one thing that each of these waits for, and tell those that wait for nothing else."""
        done = []
        with self._lock:
            for each in deliveries:
                each.left, each.cause = each.left - 1, each.cause or cause
                if not each.left:
                    done.append(each)
        for each in done:
            run_logged(partial(each.settled, each.cause))

"""Recorder of notes: hands each to the sink when it is written, or when a device that was away tells of it."""

import threading
from collections.abc import Callable, Iterable

from rejent.formats.record_index import Coverage
from rejent.formats.records import Record
from rejent.kernel.clock import Clock
from rejent.recording.contract import Cause, GeneralCause, RecordSink, SourceStatus, State
from rejent.recording.errors import StorageError
from rejent.recording.records import RecordForm, Records, Taken

FORM = RecordForm("text/plain")


class NoteRecorder:
    """Records what is written into any number of notebooks; see `rejent.recording.contract.Recorder`."""

    def __init__(self, sink: RecordSink, clock: Clock, form: RecordForm = FORM) -> None:
        self._sink, self._clock, self._form = sink, clock, form
        self._lock, self._stopped = threading.RLock(), threading.Event()
        self._books: dict[str, Records] = {}
        self._told: dict[str, SourceStatus] = {}

    def add(self, source_id: str, known: Coverage | None = None) -> None:
        """Take notes of a source from now on; ``known`` is what was kept of it before."""
        with self._lock:
            self._books[source_id] = Records(source_id, self._sink, self._form, self._clock.now, known=known)
            self._tell(source_id, GeneralCause.NONE)

    def write(self, source_id: str, text: str) -> None:
        """Record a note of now; one that is not kept begins a gap, which ends with the next that is. Raises StorageError."""
        self.deliver(source_id, [Record(self._clock.now(), (text.encode(),))])

    def deliver(
        self, source_id: str, notes: Iterable[Record], settled: Callable[[Cause], object] = lambda _: None
    ) -> Taken:
        """Record notes that a device tells of. Raises StorageError."""

        def done(cause: Cause) -> None:
            self._tell(source_id, cause)
            settled(cause)

        with self._lock:
            try:
                return self._books[source_id].take(notes, done)
            except StorageError as error:
                self._tell(source_id, error.cause)
                raise

    def remove(self, source_id: str) -> None:
        """End a source."""
        with self._lock:
            self._books.pop(source_id).close()
            self._told.pop(source_id, None)

    def statuses(self) -> list[SourceStatus]:
        """Return the status of every source."""
        with self._lock:
            return list(self._told.values())

    def confirm_clock(self) -> None:
        """Do nothing: a note has the time of the clock at which it is written."""

    def run(self) -> None:
        """Wait until `stop`, then end every source."""
        self._stopped.wait()
        for source_id in list(self._books):
            self.remove(source_id)

    def stop(self) -> None:
        """Let `run` return."""
        self._stopped.set()

    def _tell(self, source_id: str, cause: Cause) -> None:
        with self._lock:
            before, at = self._told.get(source_id), self._clock.now()
            if source_id not in self._books or (before is not None and before.cause is cause):
                return
            if before is not None and before.cause:
                self._sink.gap(source_id, before.since, at, before.cause)
            if cause:
                self._sink.gap(source_id, at, None, cause)
            state = State.STOPPED if cause else State.RECORDING
            self._told[source_id] = SourceStatus(source_id, state, cause, at)
            self._sink.status(self._told[source_id])

"""Receiver of notes: what a device wrote offline is recorded under the days on which it was written."""

import json
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rejent.catalog import queries
from rejent.catalog.views import RecorderSource
from rejent.devices.errors import BatchDelayedError, BatchRefusedError
from rejent.devices.views import Batch
from rejent.formats.records import Origin, Record
from rejent.kernel.clock import Clock
from rejent.recording.contract import Cause, RecordSink, SourceStatus
from rejent.recording.errors import StorageError
from rejent.recording.known_records import known_coverage
from rejent.recording.records import RecordForm
from rejent.recording.stream_parts import ReceiverKind
from tests.streams.notes.recorder import NoteRecorder

FORM = RecordForm("text/plain", lasts_s=0)
"""A device waits for its receipt."""
LOOKS_BACK = timedelta(days=31)


@dataclass(slots=True)
class NoteReceiver:
    """See `rejent.recording.stream_parts.Receiver`. A notebook is written by the device that bears its name."""

    sink: RecordSink
    clock: Clock
    _recorder: NoteRecorder = field(init=False)
    _writers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._recorder = NoteRecorder(self.sink, self.clock, FORM)

    def take(self, batch: Batch) -> None:
        """Record the notes of a batch, and wait until they are durable."""
        if self._writers.get(batch.source_id) != batch.device.name:
            raise BatchRefusedError("The notebook is another's.")
        done, causes = threading.Event(), list[Cause]()

        def settled(cause: Cause) -> None:
            causes.append(cause)
            done.set()

        try:
            self._recorder.deliver(batch.source_id, _records(batch), settled)
        except StorageError as error:
            raise BatchDelayedError(str(error)) from None
        except (ValueError, KeyError, TypeError):
            raise BatchRefusedError("A line is no note.") from None
        done.wait()
        if causes[0]:
            raise BatchDelayedError(causes[0].value)

    def look(self) -> None:
        """Take notes of each notebook from now on, beside what is kept of it."""
        for source in _sources():
            if source.id not in self._writers:
                now = self.clock.now()
                self._recorder.add(source.id, known_coverage(source.id, now - LOOKS_BACK, now))
                self._writers[source.id] = source.address.rpartition("/")[2]

    def statuses(self) -> list[SourceStatus]:
        """Return that each notebook is written to."""
        return self._recorder.statuses()


def _records(batch: Batch) -> list[Record]:
    said = [json.loads(line) for line in batch.content.splitlines()]
    return [
        Record(
            datetime.fromisoformat(one["at"]),
            (one["text"].encode(),),
            Origin(batch.device.name, one["boot"]),
            one["number"],
        )
        for one in said
    ]


def _sources() -> list[RecorderSource]:
    return queries.recorder_sources(stream="notes")


RECEIVER = ReceiverKind(sources=_sources, make=NoteReceiver)

"""Receive a journal within this process: for the past of a demo office, whose clock is not the machine's."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.conf import settings

from rejent.catalog import queries
from rejent.catalog.services import open_gap
from rejent.kernel.clock import Clock
from rejent.office.regulation.vocabulary import StreamName
from rejent.recording.catalogue_books import CatalogueBooks
from rejent.recording.contract import GeneralCause, SourceStatus
from rejent.recording.day_keys import DayKeys
from rejent.recording.sink import SealingSink
from rejent.recording.steady_time import SteadyTime
from rejent.streams.mail.receiving.orders import JournalOrder
from rejent.streams.mail.receiving.process import DayCounts
from rejent.streams.mail.receiving.recorder import MailRecorder
from rejent.streams.mail.records.role_keys import role_recipients
from rejent.vault.store.object_store import ObjectStore


@contextmanager
def receiving(source_id: str, clock: Clock) -> Iterator[tuple[MailRecorder, int]]:
    """Receive a journal until left; gives the recorder and the port of this machine at which it listens."""
    (source,) = (each for each in queries.recorder_sources(stream=StreamName.MAIL) if each.id == source_id)
    keys, books = DayKeys(clock.now), CatalogueBooks(clock)
    keys.look_ahead([source_id])
    sink, counts = _HeardSink(settings.VAULT.store, keys, books), DayCounts(books)
    recorder = MailRecorder(sink, clock, SteadyTime(clock), counts.add, role_recipients())
    order = replace(JournalOrder.of(source), host="127.0.0.1", port=0)
    recorder.add(order, queries.heard_until(source_id, clock), GeneralCause.RECORDER_STOPPED)
    thread = threading.Thread(target=recorder.run)
    thread.start()
    try:
        sink.heard.wait()
        yield recorder, recorder.listening_at(source_id)
    finally:
        books.report(recorder.statuses(), {source_id: source})
        recorder.stop()
        thread.join()
        sink.close()
        counts.write()
        open_gap(source_id, clock.now(), GeneralCause.RECORDER_STOPPED.value, clock=clock)


class _HeardSink(SealingSink):
    """A sink that notes that the recorder has reported a status."""

    def __init__(self, store: ObjectStore, keys: DayKeys, books: CatalogueBooks) -> None:
        super().__init__(store, keys, books)
        self.heard = threading.Event()

    def status(self, status: SourceStatus) -> None:
        """Book a source's status, and note that there was one."""
        super().status(status)
        self.heard.set()

"""The past of the demo's line: short calls of simulated parties, recorded, sealed and booked by the recorder's own code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from uuid import uuid4

from django.conf import settings

from rejent.catalog import queries
from rejent.formats.matroska.manifest import nanoseconds
from rejent.formats.rtp.account import SECOND
from rejent.formats.rtp.codecs import STATIC
from rejent.kernel.clock import OFFICE_ZONE, ManualClock, civil_date, local_midnight
from rejent.recording.contract import GeneralCause, SourceStatus, State
from rejent.retention import services as retention
from rejent.streams.calls.catalog.views import BegunCall
from rejent.streams.calls.practice.session import CALLERS, FRAME, FRAME_S, speech_packet
from rejent.streams.calls.practice.voice import RATE, conversation
from rejent.streams.calls.recorder.call_books import CallBooks
from rejent.streams.calls.recorder.call_recording import CallRecording
from rejent.streams.calls.recorder.line import calls_sink
from rejent.vault.age import Recipient

DAYS = range(8, -1, -1)
WHO_ASKS = "600000000"
AT = ((time(8, 4), WHO_ASKS), (time(10, 21), CALLERS[0]), (time(13, 46), CALLERS[1]))
_LASTS_S = 20
_PCMA = 8


def conversations(number: int) -> list[tuple[bytes, bytes]]:
    """Return what the parties say in so many different calls."""
    return [conversation(_LASTS_S, seed) for seed in range(1, number + 1)]


@dataclass(frozen=True, slots=True)
class PastLine:
    """The line of the demo in the past: both legs of the calls of a day, and a clock that stands where the past has come to."""

    source_id: str
    called: str
    spoken: Sequence[tuple[bytes, bytes]] = field(repr=False)
    clock: ManualClock

    def record(self, day: date, until: datetime, calls: int) -> Iterator[datetime]:
        """Record the first calls of a date, so many of them, as far as they end before ``until``.

        Yields the end of each before it is recorded.
        """
        books = CallBooks(self.clock)
        sink = calls_sink(settings.VAULT.store, _recipient, books)
        for (at, caller), legs in zip(AT[:calls], self.spoken, strict=False):
            start = datetime.combine(day, at, OFFICE_ZONE)
            end = start + timedelta(seconds=len(legs[0]) / RATE)
            if end >= until:
                break
            yield end
            call = BegunCall(uuid4().hex, self.source_id, day, start, "incoming", caller, self.called)
            books.call_begun(call)
            self._speak(
                CallRecording(
                    self.source_id, sink, call.id, [{_PCMA: STATIC[_PCMA]}] * 2, start=nanoseconds(start)
                ),
                legs,
                start,
            )
            sink.settle()
            books.call_ended(call.id, end, "bye")
        sink.close()

    def listened(self) -> None:
        """Report that the line is recorded, up to now."""
        status = SourceStatus(self.source_id, State.RECORDING, GeneralCause.NONE, self.clock.now())
        CallBooks(self.clock).status(status)

    @staticmethod
    def _speak(recording: CallRecording, legs: tuple[bytes, bytes], start: datetime) -> None:
        recording.name_parties({0: "caller"})
        begin, frame = nanoseconds(start), round(FRAME_S * SECOND)
        for number in range(len(legs[0]) // FRAME):
            for leg, (source, spoken) in enumerate(zip(count(1), legs, strict=False)):
                recording.take(leg, speech_packet(spoken, number, source), begin + number * frame)
            recording.tick(begin + number * frame)
        recording.finish(begin + len(legs[0]) // FRAME * frame)


def record_past(line: PastLine, until: datetime, calls: int) -> Iterator[datetime]:
    """Record the calls of the days before ``until``, and keep each day's recordings as its night does.

    Yields each instant at which it goes on.
    """
    for back in DAYS:
        day = civil_date(until) - timedelta(days=back)
        yield local_midnight(day)
        if back < DAYS[0]:
            line.listened()
        retention.keep_once(settings.KEEPING())
        yield from line.record(day, until, calls)
    yield until
    line.listened()


def _recipient(source_id: str, day: date) -> Recipient | None:
    found = queries.recipient(source_id, day)
    return Recipient.parse(found) if found else None

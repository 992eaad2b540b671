"""Calls recorded into a sink that keeps what it is given, and read back."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rejent.formats.fragment_index import Fragment
from rejent.formats.matroska.container import TICK
from rejent.formats.matroska.reader import CallReader
from rejent.formats.matroska.rows import Packet
from rejent.formats.rtp.codecs import EVENT, STATIC, Codec
from rejent.recording.contract import Cause, GeneralCause, SegmentEnding, SegmentOpening, SourceStatus
from rejent.recording.errors import StorageError
from rejent.streams.calls.recorder.call_recording import CallRecording
from tests.unit.streams_calls.rtp_legs import FRAME, START, speech

CALL = "0123456789abcdef0123456789abcdef"
G711 = {8: STATIC[8], 101: Codec(EVENT)}


class KeptObject:
    """One object as the sink was given it."""

    def __init__(self, sink: "KeepingSink", opening: SegmentOpening) -> None:
        self.opening = opening
        self.fragments: list[Fragment] = []
        self.ending: SegmentEnding | None = None
        self._sink = sink

    @property
    def content(self) -> bytes:
        """Everything in it."""
        return self.opening.init + b"".join(b"".join(fragment.parts) for fragment in self.fragments)

    @property
    def reader(self) -> CallReader:
        """It, opened."""
        return CallReader(self.content)

    def append(self, fragment: Fragment) -> None:
        """Take a fragment, unless the store is gone."""
        self._sink.check(self)
        self.fragments.append(fragment)

    def discard(self) -> None:
        """Keep nothing of it."""
        self._sink.objects.remove(self)

    def close(self, ending: SegmentEnding) -> None:
        """Take the end, unless the store is gone."""
        self._sink.check(self)
        self.ending = ending


class KeepingSink:
    """Keeps objects and gaps in memory; refuses while `gone`."""

    def __init__(self) -> None:
        self.objects: list[KeptObject] = []
        self.gaps: list[tuple[datetime, datetime | None, Cause]] = []
        self.gone = False

    def check(self, kept: KeptObject | None) -> None:
        """Refuse while the store is gone; what an object holds already is safe."""
        if self.gone:
            error = StorageError(GeneralCause.STORAGE_FAILED, "The store is gone.")
            error.kept = sum(fragment.duration for fragment in kept.fragments) if kept else 0
            raise error

    def open_segment(self, opening: SegmentOpening) -> KeptObject:
        """Begin an object."""
        self.check(None)
        self.objects.append(KeptObject(self, opening))
        return self.objects[-1]

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:
        """Keep a gap."""
        assert source_id == "line"
        self.gaps.append((start, end, cause))

    def status(self, status: SourceStatus) -> None:
        """A call says nothing of its line's state."""
        raise AssertionError(status)

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """A call reads no clock."""
        raise AssertionError(seconds, noticed)


def recording(
    sink: KeepingSink, legs: Sequence[dict[int, Codec]] = (G711, G711), start: int = START
) -> CallRecording:
    """A call of two legs of A-law."""
    return CallRecording("line", sink, CALL, legs, start=start)


def two_legs(seconds: float, start: int = START) -> list[Packet]:
    """Both parties' packets, by arrival."""
    count = int(seconds * 50)
    legs = [
        Packet(leg, at + leg * 7_000_001, content)
        for leg in (0, 1)
        for content, at in speech(count, start=start, ssrc=0xA0 + leg, first=65_000 + 300 * leg)
    ]
    return sorted(legs, key=lambda packet: packet.arrival)


def feed(call: CallRecording, packets: Iterable[Packet]) -> None:
    """Hand a call its packets, telling it the time after each."""
    for packet in packets:
        call.take(packet.leg, packet.datagram, packet.arrival)
        call.tick(packet.arrival)


def whole_call(seconds: float = 5.0) -> tuple[KeepingSink, list[Packet]]:
    """A call recorded from beginning to end, and what was sent."""
    sink, sent = KeepingSink(), two_legs(seconds)
    call = recording(sink)
    feed(call, sent)
    call.finish(sent[-1].arrival + FRAME)
    return sink, sent


def lasts(kept: KeptObject) -> int:
    """Nanoseconds that the fragments of an object cover."""
    return sum(fragment.duration for fragment in kept.fragments) * TICK

"""A camera whose clock leaps with each picture is recorded, and delays no other."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from rejent.formats.mp4.parameters import nal_units
from rejent.formats.mp4.reader import recover
from rejent.formats.source import BytesSource
from rejent.kernel.clock import SystemClock
from rejent.recording.backlog import MOST_JOBS
from rejent.recording.contract import Cause, FinishedSegment, GeneralCause, SourceStatus, State
from rejent.recording.sink import SealingSink
from rejent.streams.cameras.network.rtsp.address import Camera
from rejent.streams.cameras.recorder import segmenter
from rejent.streams.cameras.recorder.engine import CameraRecorder
from rejent.streams.cameras.recorder.open_segment import MOST_A_MINUTE
from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from rejent.streams.cameras.simulated.clip import Coding
from rejent.vault.age import Identity, SealedReader
from rejent.vault.store.disk import DiskStore
from tests.cameras.farm import clip, served
from tests.cameras.faults import CameraBehaviour
from tests.unit.formats.written import heads
from tests.waiting import CEILING_S

FLOOD = 2000
"""Pictures sent at once, each a hundred seconds after the one before by the camera's clock."""


class ToldGap(NamedTuple):
    """A gap as it was entered."""

    source_id: str
    start: datetime
    end: datetime | None
    cause: Cause


class Bookings:
    """Books that keep what is entered, and how much waited of the flooding camera when they were called."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.segments_booked: list[FinishedSegment] = []
        self.gaps: list[ToldGap] = []
        self.statuses: list[SourceStatus] = []
        self.waiting: Callable[[], int] = lambda: 0
        self.most_waiting = 0

    def segments(self, finished: Sequence[FinishedSegment]) -> None:
        """Keep segments."""
        self._note(lambda: self.segments_booked.extend(finished))

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:
        """Keep a gap."""
        self._note(lambda: self.gaps.append(ToldGap(source_id, start, end, cause)))

    def status(self, status: SourceStatus) -> None:
        """Keep a state."""
        self._note(lambda: self.statuses.append(status))

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """Steps are of no interest."""

    def of(self, source_id: str) -> list[FinishedSegment]:
        """The segments of one source."""
        return [segment for segment in self.segments_booked if segment.opening.source_id == source_id]

    def begun(self, source_id: str) -> list[Cause]:
        """The causes of the gaps of one source, in order."""
        return [gap.cause for gap in self.gaps if gap.source_id == source_id and gap.end is None]

    def wait_for(self, condition: Callable[[], bool], seconds: float = CEILING_S) -> None:
        """Return as soon as the condition holds."""
        with self.changed:
            assert self.changed.wait_for(condition, seconds), "what the test waits for did not come about"

    def _note(self, entry: Callable[[], None]) -> None:
        with self.changed:
            self.most_waiting = max(self.most_waiting, self.waiting())
            entry()
            self.changed.notify_all()


@contextmanager
def sealing(sink: SealingSink, *cameras: Camera) -> Iterator[CameraRecorder]:
    """Record cameras into a sink, and wait at the end until all is booked."""
    recorder = CameraRecorder(sink, SystemClock())
    for camera in cameras:
        recorder.add(camera)
    thread = threading.Thread(target=recorder.run)
    thread.start()
    try:
        yield recorder
    finally:
        recorder.stop()
        thread.join()
        sink.close()


def pictures(store: DiskStore, identity: Identity, segment: FinishedSegment) -> list[tuple[bytes, ...]]:
    """The units of every picture that a booked segment holds."""
    with store.open(segment.object_name) as sealed:
        reader = SealedReader(sealed, [identity])
        movie = reader.read(0, reader.size)
    found = []
    for place, head in heads(BytesSource(movie), recover(BytesSource(movie)).index):
        position = place.offset + head.length
        for size in head.run.sizes:
            found.append(tuple(bytes(unit) for unit in nal_units(movie[position : position + size])))
            position += size
    return found


def test_a_camera_whose_clock_leaps_with_each_picture_is_recorded_and_delays_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of the flood is kept in a few segments and little of it waits; it stays connected, and the other is whole."""
    monkeypatch.setattr(segmenter, "LONGEST", 1.0)
    jumps = dict.fromkeys(range(1, FLOOD), 90_000 * 100)
    flood = SimulatedCamera(
        clip(Coding(width=160, height=120, group=1)), CameraBehaviour(bursts=FLOOD, timestamp_jumps=jumps)
    )
    honest = SimulatedCamera(clip(Coding(group=5)))
    identity, store, bookings = Identity.generate(), DiskStore(tmp_path), Bookings()
    sink = SealingSink(store, lambda _source, _day: identity.recipient, bookings)
    bookings.waiting = lambda: sink.backlog.jobs("flood")
    with (
        served({"flood": flood, "honest": honest}) as farm,
        sealing(sink, farm.camera("honest"), farm.camera("flood")) as recorder,
    ):
        bookings.wait_for(lambda: sum(each.ending.units for each in bookings.of("flood")) >= FLOOD)
        bookings.wait_for(lambda: len(bookings.of("honest")) >= 3)
        states = {status.source_id: (status.state, status.cause) for status in recorder.statuses()}
    assert states == {
        "flood": (State.RECORDING, GeneralCause.NONE),
        "honest": (State.RECORDING, GeneralCause.NONE),
    }
    assert flood.connections == 1
    assert 1 <= len(bookings.of("flood")) <= MOST_A_MINUTE
    assert bookings.most_waiting <= MOST_JOBS
    whole = bookings.of("honest")
    assert {earlier.ending.end - later.opening.start for earlier, later in pairwise(whole)} == {timedelta()}
    kept = [picture for segment in whole for picture in pictures(store, identity, segment)]
    sent = [picture.units for picture in honest.sent]
    assert kept in [sent[at : at + len(kept)] for at in range(len(sent))]
    assert sum(segment.ending.missed.retimed for segment in bookings.of("flood")) >= FLOOD - 1
    for source in ("flood", "honest"):
        assert bookings.begun(source) == [GeneralCause.STARTING, GeneralCause.RECORDER_STOPPED]

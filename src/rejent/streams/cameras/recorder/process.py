"""A recorder of cameras as a process: cameras from the catalogue, sealed with public halves and booked."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.conf import settings

from rejent.catalog import queries
from rejent.catalog.views import RecorderSource
from rejent.kernel.clock import Clock
from rejent.kernel.errors import RejentError
from rejent.recording.catalogue_books import CatalogueBooks
from rejent.recording.contract import SourceStatus, State
from rejent.recording.day_keys import DayKeys
from rejent.recording.errors import SourceError
from rejent.recording.main_loop import Reading, Supervision, own_volume, startable, storage_cause
from rejent.recording.recovery import left_behind
from rejent.recording.sink import SealingSink
from rejent.recording.steady_time import SteadyTime
from rejent.retention.clock import is_accepted, off_since_boot
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.network.onvif.device import Device, read_device_address
from rejent.streams.cameras.network.rtsp.address import Camera, Login, Transport, Trust, parse_address
from rejent.streams.cameras.recorder.engine import CameraRecorder
from rejent.streams.cameras.recorder.live.publisher import LivePublisher

log = structlog.get_logger(__name__)

VIDEO = "video"


def record_cameras(slot: str) -> int:
    """Record the cameras of one slot until stopped; returns the exit status."""
    clock: Clock = settings.CLOCK
    off_by = off_since_boot(clock)
    camera_clocks, steady = CameraClocks(clock), SteadyTime(clock, off_by)
    books, keys = CatalogueBooks(clock, camera_clocks.measured), DayKeys(steady.now)
    sink = SealingSink(settings.VAULT.store, keys, books)
    publisher = LivePublisher(settings.INSTALLATION.runtime / f"live-{slot}.sock", clock)
    recorder = CameraRecorder(sink, clock, publisher, off_by)
    roster = Roster(recorder, sink, keys, books, int(slot), clock, steady, settings.VAULT.credentials.open)  # type: ignore[outside-number]  # of our parent

    def look() -> None:
        roster.look()
        for status in recorder.statuses():
            publisher.state(status)

    def report() -> None:
        statuses = recorder.statuses()
        books.report(statuses, roster.sources)
        camera_clocks.look(statuses, roster.hosts)

    with closing(publisher):
        return Supervision(
            recorder=recorder,
            sink=sink,
            books=books,
            left=left_behind(cameras_of(int(slot)), clock),  # type: ignore[outside-number]  # likewise
            clock=clock,
            steady=steady,
            name="recorder",
            look=look,
            report=report,
            is_accepted=is_accepted,
        ).run()


def cameras_of(slot: int) -> list[RecorderSource]:
    """Return what is recorded in one slot."""
    return queries.recorder_sources(slot, settings.CAMERAS_PER_RECORDER, stream=VIDEO)


@dataclass(slots=True)
class Roster:
    """Keeps the recorder's cameras those of the catalogue; segments begin only while the store is ours and has room."""

    recorder: CameraRecorder
    sink: SealingSink
    keys: DayKeys
    books: CatalogueBooks
    slot: int
    clock: Clock
    steady: SteadyTime
    login: Callable[[str, bytes], tuple[str, str]]
    sources: dict[str, RecorderSource] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)
    _volume: str = field(default_factory=own_volume)
    _reading: Reading = field(init=False)

    def __post_init__(self) -> None:
        self._reading = Reading(self.clock)

    def look(self) -> None:
        """Check the store, and learn what changed in the catalogue."""
        self.sink.hindrance = storage_cause(self.sink.store, self._volume)
        self._reading.look(self._read)

    def _read(self) -> None:
        cameras = cameras_of(self.slot)
        wanted = {each.id: each for each in startable(cameras, VIDEO, self.steady.now())} if cameras else {}
        self.keys.look_ahead(wanted)
        changed = [source for source in wanted.values() if self.sources.get(source.id) != source]
        covered = {source.id: queries.covered_until(source.id) for source in changed}
        for source_id in self.sources.keys() - wanted.keys():
            self.recorder.remove(source_id)
            self.hosts.pop(source_id, None)
        for source in changed:
            self._add(source, covered[source.id])
        self.sources = wanted

    def _add(self, source: RecorderSource, covered_until: datetime | None) -> None:
        try:
            address, login = parse_address(source.address)
            if source.credentials:
                login = Login(*self.login(source.id, source.credentials))
        except RejentError as error:
            log.error("source.unusable", source=source.id, code=error.code)  # noqa: TRY400 - the text may hold an address
            self.recorder.remove(source.id)
            unusable = SourceStatus(source.id, State.STOPPED, CameraCause.NOT_A_CAMERA, self.clock.now())
            self.books.status(unusable)
            return
        self.hosts[source.id] = address.host
        trust = Trust(source.traits.get("authority") or None, source.traits.get("fingerprint") or None)
        camera = Camera(source.id, address, login, Transport(source.traits["transport"]), trust)
        self.recorder.add(camera, covered_until=covered_until)


log = structlog.get_logger(__name__)

EVERY_S = 3600.0
TIMEOUT_S = 5.0


class CameraClocks:
    """Offsets of cameras' clocks against ours, in seconds, by source; positive when a camera is ahead.

    Cameras that send no RTCP sender reports are asked by ONVIF once an hour, without a login and at their own host, by a thread of its
    own, one after the other, so that no recorder ever waits for it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._requested_at: dict[str, float] = {}
        self._offsets: dict[str, float] = {}
        self._thread: threading.Thread | None = None

    def offset(self, source_id: str) -> float | None:
        """Return what was measured last, or None."""
        return self._offsets.get(source_id)

    def measured(self, status: SourceStatus) -> tuple[float | None, str]:
        """Return how far ahead a camera's clock is and how that is known: by its sender reports, or else by having asked."""
        if status.clock_offset is not None:
            return status.clock_offset, "rtcp"
        return self.offset(status.source_id), "onvif"

    def look(self, statuses: Sequence[SourceStatus], hosts: Mapping[str, str]) -> None:
        """Ask every camera whose hour has come, unless an earlier round still goes on."""
        if self._thread is not None and self._thread.is_alive():
            return
        now = self._clock.monotonic()
        due = {
            status.source_id: hosts[status.source_id]
            for status in statuses
            if status.state is State.RECORDING
            and status.clock_offset is None
            and hosts.get(status.source_id)
            and now - self._requested_at.get(status.source_id, -EVERY_S) >= EVERY_S
        }
        if due:
            self._requested_at.update(dict.fromkeys(due, now))
            self._thread = threading.Thread(target=self._ask, args=[due], name="camera-clocks", daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Wait until the round that goes on has ended."""
        if self._thread is not None:
            self._thread.join()

    def _ask(self, due: dict[str, str]) -> None:
        for source_id, host in due.items():
            try:
                self._offsets[source_id] = asyncio.run(self._measured(host))
            except SourceError as error:
                self._offsets.pop(source_id, None)
                log.info("camera-clock.unknown", source=source_id, code=error.code)

    async def _measured(self, host: str) -> float:
        address, _ = read_device_address(f"[{host}]" if host.count(":") > 1 else host)
        device = Device(address, clock=self._clock, timeout_s=TIMEOUT_S)
        return (await device.clock_reading()).offset.total_seconds()

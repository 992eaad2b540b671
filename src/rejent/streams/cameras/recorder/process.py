"""A recorder of cameras as a process: cameras from the catalogue, sealed with public halves and booked."""

from collections.abc import Callable
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
from rejent.recording.main_loop import Reading, Supervision, startable
from rejent.recording.recovery import left_behind
from rejent.recording.sink import SealingSink
from rejent.recording.steady_time import SteadyTime
from rejent.recording.storage import own_volume, storage_cause
from rejent.retention.clock import is_believed, off_since_boot
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.live.publisher import LivePublisher
from rejent.streams.cameras.recorder.camera_clocks import CameraClocks
from rejent.streams.cameras.recorder.engine import CameraRecorder
from rejent.streams.cameras.rtsp.address import Camera, Login, Transport, Trust, parse_address

log = structlog.get_logger(__name__)

VIDEO = "video"


def record_cameras(slot: str) -> int:
    """Record the cameras of one slot until told to stop; returns the exit status."""
    clock: Clock = settings.CLOCK
    off_by = off_since_boot(clock)
    camera_clocks, steady = CameraClocks(clock), SteadyTime(clock, off_by)
    books, keys = CatalogueBooks(clock, camera_clocks.measured), DayKeys(steady.now)
    sink = SealingSink(settings.VAULT.store, keys, books)
    publisher = LivePublisher(settings.INSTALLATION.runtime / f"live-{slot}.sock", clock)
    recorder = CameraRecorder(sink, clock, publisher, off_by)
    roster = Roster(recorder, sink, keys, books, int(slot), clock, steady, settings.VAULT.credentials.open)

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
            left=left_behind(cameras_of(int(slot)), clock),
            clock=clock,
            steady=steady,
            name="recorder",
            look=look,
            report=report,
            is_believed=is_believed,
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
        """Add what is new, change what changed, remove what is gone; nothing else is touched."""
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

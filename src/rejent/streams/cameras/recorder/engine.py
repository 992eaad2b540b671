"""The recorder of cameras: one thread, many cameras, each read five times a second.

No camera disturbs another: every error ends one connection, is reported as that source's cause, and is followed by
another attempt, later each time and at random offsets from the others.
"""

import math
import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from rejent.kernel.clock import Clock
from rejent.recording.contract import Cause, GeneralCause, SegmentSink, SourceStatus
from rejent.recording.steady_time import SteadyTime
from rejent.streams.cameras.network.rtsp.address import Camera, Offers
from rejent.streams.cameras.network.rtsp.connection import BUFFER, Resolver
from rejent.streams.cameras.recorder.camera_reader import CameraReader, PictureListener
from rejent.streams.cameras.recorder.open_segment import SegmentContext
from rejent.streams.cameras.recorder.segmenter import Segmenter

log = structlog.get_logger(__name__)

BATCH = 0.2
"""Seconds between two reads of a camera. Fewer, larger reads cost less; TCP buffers what arrives meanwhile."""
DATAGRAM_BATCH = 0.1
"""The same for cameras read over UDP, where the kernel buffers less."""
LIVE_BATCH = 0.04
"""The same for a camera that somebody watches live."""
CLOCK_CHECK = 1.0
"""Seconds between two checks for a step of the civil clock."""


class CameraRecorder:
    """Records any number of cameras into one sink; all but `run` is thread-safe. ``off_by``: the civil clock is ahead of believed time."""

    def __init__(
        self,
        sink: SegmentSink,
        clock: Clock,
        listener: PictureListener | None = None,
        off_by: timedelta = timedelta(),
    ) -> None:
        self._sink = sink
        self._clock = clock
        self._listener = listener
        self._steady = SteadyTime(clock, off_by)
        self._resolver = Resolver()
        self._selector = selectors.DefaultSelector()
        self._buffer = memoryview(bytearray(BUFFER))
        self._cameras: dict[str, CameraReader] = {}
        self._offers: dict[tuple[str, str], Offers] = {}
        """Login schemes of each source and host; kept while it is switched off, too."""
        self._registered: dict[int, CameraReader] = {}
        self._commands: deque[Callable[[], None]] = deque()
        self._stopping = threading.Event()
        self._clock_checked = self._due = clock.monotonic()
        self._live_due = self._datagrams_due = math.inf
        self._watched: list[CameraReader] = []
        self._waker, self._wake = socket.socketpair()
        self._wake.setblocking(False)
        self._waker.setblocking(False)
        self._selector.register(self._wake, selectors.EVENT_READ)

    def add(self, camera: Camera, covered_until: datetime | None = None) -> None:
        """Record one more camera, or a known one with another address; the time since ``covered_until`` is booked as a gap."""
        self._submit(lambda: self._add(camera, covered_until))

    def remove(self, source_id: str, cause: Cause = GeneralCause.SWITCHED_OFF) -> None:
        """End one source; its last segment is closed and booked, and an open gap stays open under `cause`."""
        self._submit(lambda: self._remove(source_id, cause))

    def confirm_clock(self) -> None:
        """Adopt the civil clock as it stands now, as a person confirmed; every camera continues in a new run."""
        self._submit(self._confirm_clock)

    def statuses(self) -> list[SourceStatus]:
        """Return the status of every source."""
        return [camera.segmenter.status for camera in list(self._cameras.values())]

    def stop(self) -> None:
        """Close every segment and return from `run`."""
        self._stopping.set()
        self._submit(lambda: None)

    def run(self) -> None:
        """Record until `stop`. The sink stays open; its owner waits for what it holds."""
        try:
            while not self._stopping.is_set():
                self._wait()
                now = self._clock.monotonic()
                self._check_clock(now)
                self._round(now)
        finally:
            for source_id in list(self._cameras):
                self._remove(source_id, GeneralCause.RECORDER_STOPPED)
            self._selector.close()
            self._resolver.close()
            self._wake.close()
            self._waker.close()

    # The recorder's own thread

    def _submit(self, command: Callable[[], None]) -> None:
        self._commands.append(command)
        with suppress(OSError):
            self._waker.send(b"!")

    def _wait(self) -> None:
        due = min(self._due, self._live_due, self._datagrams_due)
        for key, _events in self._selector.select(max(0.0, due - self._clock.monotonic())):
            if key.fileobj is self._wake:
                with suppress(OSError):
                    self._wake.recv(4096)
                while self._commands:
                    self._commands.popleft()()
            else:
                self._serve(key.data)

    def _round(self, now: float) -> None:
        if now >= self._due:
            self._due = max(self._due + BATCH, now)
            for camera in self._cameras.values():
                self._serve(camera)
        else:
            for camera in self._due_between_rounds(now):
                self._serve(camera)
        watched = self._listener.watched() if self._listener is not None else ()
        self._watched = [self._cameras[source_id] for source_id in watched if source_id in self._cameras]
        self._live_due = now + LIVE_BATCH if self._watched else math.inf

    def _due_between_rounds(self, now: float) -> list[CameraReader]:
        due = self._watched if now >= self._live_due else []
        if now >= self._datagrams_due:
            over_udp = [camera for camera in self._cameras.values() if camera.over_udp]
            self._datagrams_due = now + DATAGRAM_BATCH if over_udp else math.inf
            due = [*due, *over_udp]
        return due

    def _check_clock(self, now: float) -> None:
        if now - self._clock_checked < CLOCK_CHECK:
            return
        self._clock_checked = now
        if any(camera.over_udp for camera in self._cameras.values()):
            self._datagrams_due = min(self._datagrams_due, now)
        step = self._steady.new_step()
        if step is not None:
            log.warning("clock.stepped", seconds=round(step, 3))
            self._sink.clock_stepped(step, self._steady.now())

    def _serve(self, camera: CameraReader) -> None:
        before = camera.descriptor
        try:
            camera.serve(self._buffer, self._clock.monotonic())
        except Exception:
            log.exception("recorder.failed", source=camera.source_id)
            camera.give_up(GeneralCause.RECORDER_FAILED, self._clock.monotonic())
        self._register(camera, before)

    def _register(self, camera: CameraReader, before: int) -> None:
        """Wait for connections that are still being made; playing ones are read in rounds."""
        wanted = camera.descriptor
        if before != wanted and self._registered.pop(before, None) is not None:
            with suppress(KeyError, ValueError, OSError):
                self._selector.unregister(before)
        if wanted < 0:
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if camera.wants_to_write else 0)
        if wanted not in self._registered:
            self._selector.register(wanted, events, camera)
            self._registered[wanted] = camera
        elif self._selector.get_key(wanted).events != events:
            self._selector.modify(wanted, events, camera)

    def _add(self, camera: Camera, covered_until: datetime | None) -> None:
        place = (camera.source_id, camera.address.host.lower())
        camera = replace(camera, offers=self._offers.setdefault(place, camera.offers))
        known = self._cameras.get(camera.source_id)
        if known is not None:
            before = known.descriptor
            known.change(camera, self._clock.monotonic())
            self._register(known, before)
            return
        context = SegmentContext(camera.source_id, self._sink, self._steady)
        segmenter = Segmenter(context, covered_until)
        watch = CameraReader(
            camera, segmenter, self._resolver, self._clock, self._listener, throttle=context.throttle
        )
        self._cameras[camera.source_id] = watch
        self._serve(watch)

    def _remove(self, source_id: str, cause: Cause) -> None:
        camera = self._cameras.pop(source_id, None)
        if camera is not None:
            before = camera.descriptor
            camera.end(cause)
            self._register(camera, before)

    def _confirm_clock(self) -> None:
        for camera in self._cameras.values():
            camera.segmenter.interrupted(GeneralCause.CLOCK_SET)
        self._steady.confirm()
        for camera in self._cameras.values():
            camera.segmenter.clock_confirmed()

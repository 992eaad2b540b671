"""The recorder of cameras: one thread, many cameras, each read five times a second.

What one camera does never disturbs another: every error ends one connection, is told as that source's cause, and is
followed by another attempt, later each time and never at the same instant as all the others.
"""

import math
import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import structlog

from rejent.kernel.clock import Clock
from rejent.recording.contract import Cause, SegmentSink, SourceStatus
from rejent.recording.steady_time import SteadyTime
from rejent.streams.cameras.recorder.listening import PictureListener
from rejent.streams.cameras.recorder.open_segment import Bench
from rejent.streams.cameras.recorder.segmenter import Segmenter
from rejent.streams.cameras.recorder.watch import CameraWatch
from rejent.streams.cameras.rtsp.address import Camera, Offers
from rejent.streams.cameras.rtsp.connection import BUFFER
from rejent.streams.cameras.rtsp.resolver import Resolver

log = structlog.get_logger(__name__)

BATCH = 0.2
"""Seconds between two readings of a camera. Fewer, larger readings cost less; TCP holds what has arrived meanwhile."""
DATAGRAM_BATCH = 0.1
"""The same for cameras read over UDP, where the kernel holds less."""
LIVE_BATCH = 0.04
"""The same for a camera that somebody watches live."""
CLOCK_CHECK = 1.0
"""Seconds between two looks at whether the civil clock was stepped."""


class CameraRecorder:
    """Records any number of cameras into one sink; see `rejent.recording.contract.Recorder`.

    `add`, `remove`, `confirm_clock`, `statuses` and `stop` may be called from any thread; `run` is the recorder's own.
    """

    def __init__(self, sink: SegmentSink, clock: Clock, listener: PictureListener | None = None) -> None:
        self._sink = sink
        self._clock = clock
        self._listener = listener
        self._steady = SteadyTime(clock)
        self._resolver = Resolver()
        self._selector = selectors.DefaultSelector()
        self._buffer = memoryview(bytearray(BUFFER))
        self._cameras: dict[str, CameraWatch] = {}
        self._offers: dict[tuple[str, str], Offers] = {}
        """What each source offered at each host; kept while it is switched off, too."""
        self._registered: dict[int, CameraWatch] = {}
        self._orders: deque[Callable[[], None]] = deque()
        self._stopping = threading.Event()
        self._clock_checked = self._due = clock.monotonic()
        self._live_due = self._datagrams_due = math.inf
        self._watched: list[CameraWatch] = []
        self._waker, self._wake = socket.socketpair()
        self._wake.setblocking(False)
        self._waker.setblocking(False)
        self._selector.register(self._wake, selectors.EVENT_READ)

    def add(self, camera: Camera, covered_until: datetime | None = None) -> None:
        """Record one more camera, or the same one with another address or login.

        Args:
            camera: which one, where, and how to log in.
            covered_until: the end of its last booked segment, so that the time since is entered as a gap.
        """
        self._order(lambda: self._add(camera, covered_until))

    def remove(self, source_id: str, cause: Cause = Cause.SWITCHED_OFF) -> None:
        """End one source; its last segment is closed and booked, and an open gap stays open under `cause`."""
        self._order(lambda: self._remove(source_id, cause))

    def confirm_clock(self) -> None:
        """A person vouches for the civil clock as it stands now: every camera goes on in it, in a new run."""
        self._order(self._confirm_clock)

    def statuses(self) -> list[SourceStatus]:
        """Every source as it stands."""
        return [camera.segmenter.status for camera in list(self._cameras.values())]

    def stop(self) -> None:
        """Close every segment and return from `run`."""
        self._stopping.set()
        self._order(lambda: None)

    def run(self) -> None:
        """Record until `stop`. The sink is left open: what it still holds is its owner's to wait for."""
        try:
            while not self._stopping.is_set():
                self._wait()
                now = self._clock.monotonic()
                self._look_at_clock(now)
                self._round(now)
        finally:
            for source_id in list(self._cameras):
                self._remove(source_id, Cause.RECORDER_STOPPED)
            self._selector.close()
            self._resolver.close()
            self._wake.close()
            self._waker.close()

    # The recorder's own thread

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.append(order)
        with suppress(OSError):
            self._waker.send(b"!")

    def _wait(self) -> None:
        """Wait until the next round; connections on their way are served at once."""
        due = min(self._due, self._live_due, self._datagrams_due)
        for key, _events in self._selector.select(max(0.0, due - self._clock.monotonic())):
            if key.fileobj is self._wake:
                with suppress(OSError):
                    self._wake.recv(4096)
                while self._orders:
                    self._orders.popleft()()
            else:
                self._serve(key.data)

    def _round(self, now: float) -> None:
        """Read every camera whose turn it is."""
        if now >= self._due:
            self._due = max(self._due + BATCH, now)
            for camera in self._cameras.values():
                self._serve(camera)
        else:
            for camera in self._hurried(now):
                self._serve(camera)
        watched = self._listener.watched() if self._listener is not None else ()
        self._watched = [self._cameras[source_id] for source_id in watched if source_id in self._cameras]
        self._live_due = now + LIVE_BATCH if self._watched else math.inf

    def _hurried(self, now: float) -> list[CameraWatch]:
        """The cameras that are read between rounds."""
        hurried = self._watched if now >= self._live_due else []
        if now >= self._datagrams_due:
            over_udp = [camera for camera in self._cameras.values() if camera.over_udp]
            self._datagrams_due = now + DATAGRAM_BATCH if over_udp else math.inf
            hurried = [*hurried, *over_udp]
        return hurried

    def _look_at_clock(self, now: float) -> None:
        if now - self._clock_checked < CLOCK_CHECK:
            return
        self._clock_checked = now
        if any(camera.over_udp for camera in self._cameras.values()):
            self._datagrams_due = min(self._datagrams_due, now)
        step = self._steady.new_step()
        if step is not None:
            log.warning("clock.stepped", seconds=round(step, 3))
            self._sink.clock_stepped(step, self._steady.now())

    def _serve(self, camera: CameraWatch) -> None:
        before = camera.descriptor
        try:
            camera.serve(self._buffer, self._clock.monotonic())
        except Exception:
            log.exception("recorder.failed", source=camera.source_id)
            camera.give_up(Cause.RECORDER_FAILED, self._clock.monotonic())
        self._register(camera, before)

    def _register(self, camera: CameraWatch, before: int) -> None:
        """Wait for connections that are still being made; those that play are read in rounds."""
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
        bench = Bench(camera.source_id, self._sink, self._steady)
        segmenter = Segmenter(bench, covered_until)
        watch = CameraWatch(camera, segmenter, self._resolver, self._clock, self._listener, pace=bench.pace)
        self._cameras[camera.source_id] = watch
        self._serve(watch)

    def _remove(self, source_id: str, cause: Cause) -> None:
        camera = self._cameras.pop(source_id, None)
        if camera is not None:
            before = camera.descriptor
            camera.leave(cause, self._clock.monotonic())
            self._register(camera, before)

    def _confirm_clock(self) -> None:
        for camera in self._cameras.values():
            camera.segmenter.interrupted(Cause.CLOCK_SET)
        self._steady.confirm()

"""Capture one mirror port in a thread of its own and record the calls of its lines."""

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from rejent.formats.rtp.account import SECOND
from rejent.kernel.clock import Clock
from rejent.recording.contract import Cause, GeneralCause
from rejent.recording.errors import SourceError
from rejent.recording.steady_time import SteadyTime
from rejent.streams.calls.catalog.lines.addresses import MirrorLine
from rejent.streams.calls.catalog.lines.parts import LineCause
from rejent.streams.calls.network.rtp.incoming_stream import MAX_PACKETS_PER_SECOND
from rejent.streams.calls.receiving.mirror.capture import MirrorPort
from rejent.streams.calls.receiving.mirror.classifier import FrameClassifier
from rejent.streams.calls.receiving.mirror.observation import MirroredCalls
from rejent.streams.calls.recorder.line import CallBooks, Line, RefusedNumbers

log = structlog.get_logger(__name__)

CAPTURE = "mirror"
WAIT_MS = 60
TURN = SECOND * 3 // 20
LOOK_AT_CABLE = SECOND
TRY_AGAIN_S = 2.0
_OLDEST = 60 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MirrorRecorder:
    """Records from one interface; `add`, `remove` and `close` are thread-safe."""

    def __init__(
        self,
        interface: str,
        clock: Clock,
        books: CallBooks,
        refused_numbers: RefusedNumbers,
        off_by: timedelta = timedelta(),
    ) -> None:
        self.interface = interface
        self.steady = SteadyTime(clock, off_by)
        self._observation = MirroredCalls(books, refused_numbers)
        self._port: MirrorPort | None = None
        self._ports: frozenset[int] = frozenset()
        self._dissection = FrameClassifier(
            self._observation.routes, self._ports, self._observation.on_sip, self._observation.on_unread
        )
        self._requests: deque[Callable[[], None]] = deque()
        self._ending, self._wake = threading.Event(), threading.Event()
        self._offset = self._now = self._last = self._turned = self._counted = self._cable_at = 0
        self._hindrance: Cause = GeneralCause.NONE
        self._thread = threading.Thread(target=self._run, name=f"mirror-{interface}")
        self._thread.start()

    @property
    def calls(self) -> int:
        """Number of current calls."""
        return self._observation.calls

    @property
    def watching(self) -> bool:
        """True while the port is open."""
        return self._port is not None

    @property
    def dropped(self) -> int:
        """Frames dropped by the kernel since the port was opened."""
        return self._port.dropped if self._port is not None else 0

    def now(self) -> datetime:
        """Return the steady time."""
        return self.steady.now()

    def add(self, line: Line) -> None:
        """Record a further line."""
        self._ask(lambda: self._add(line))

    def remove(self, line: Line) -> None:
        """Begin no more calls of a line."""
        self._ask(lambda: self._remove(line))

    def confirm_clock(self) -> None:
        """Adopt the civil clock as confirmed by a person, once no call is in progress."""
        self._ask(self._confirm)

    def close(self) -> None:
        """End every call and stop."""
        self._ending.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                self._wake.clear()
                self._do_requests()
                if self._port is not None or self._opens():
                    self._look()
                    continue
                self._turn()
            except Exception:
                log.exception("mirror.failed", interface=self.interface)
                self._shut()
                self._hinder(GeneralCause.RECORDER_FAILED)
            self._wake.wait(TRY_AGAIN_S)
        self._observation.stop(self._instant())
        self._shut()

    def _look(self) -> None:
        port = self._port
        if port is None:
            return
        try:
            port.wait(WAIT_MS)
            if self._instant() - self._cable_at >= LOOK_AT_CABLE:
                self._cable_at = self._instant()
                self._hinder(GeneralCause.NONE if port.connected else LineCause.UNPLUGGED)
        except SourceError as error:
            self._lose(error)
            return
        self._now = self._instant()
        self._offset = self._now - time.clock_gettime_ns(time.CLOCK_REALTIME)
        port.read(self._take)
        self._turn()

    def _take(self, frame: bytes, stamped: int) -> None:
        at = stamped + self._offset
        if not -SECOND <= self._now - at <= _OLDEST:
            at = self._now
        self._last = max(self._last, at)
        try:
            self._dissection.take(frame, self._last)
        except Exception:
            log.exception("mirror.fault", interface=self.interface)

    def _turn(self) -> None:
        now = self._instant()
        if now - self._turned < TURN:
            return
        if self._port is not None:
            dropped = self._port.count()
            if dropped:
                log.warning("mirror.dropped", interface=self.interface, frames=dropped)
                self._observation.note_drop(self._counted or now - TURN, now)
            self._counted = now
        more = min(MAX_PACKETS_PER_SECOND * (now - self._turned) // SECOND, MAX_PACKETS_PER_SECOND)
        self._turned = now
        self._observation.tick(now, more)

    def _ask(self, work: Callable[[], None]) -> None:
        self._requests.append(work)
        self._wake.set()

    def _do_requests(self) -> None:
        while self._requests:
            self._requests.popleft()()

    def _add(self, line: Line) -> None:
        self._observation.add(line)
        if self._hindrance:
            line.hinder(CAPTURE, self._hindrance)
        elif self._port is not None:
            line.free(CAPTURE)
        wanted = frozenset(port for each in self._observation.lines for port in _sip_ports(each))
        if wanted != self._ports:
            self._ports = wanted
            self._dissection = FrameClassifier(
                self._observation.routes, wanted, self._observation.on_sip, self._observation.on_unread
            )
            self._shut()

    def _confirm(self) -> None:
        if not self._observation.calls:
            self.steady.confirm()
            self._last = self._turned = self._counted = self._cable_at = 0

    def _remove(self, line: Line) -> None:
        self._observation.remove(line)
        if not self._observation.lines and not self._observation.calls:
            self._ports = frozenset()
            self._shut()

    def _opens(self) -> bool:
        if not self._ports:
            return False
        try:
            self._port = MirrorPort(self.interface, self._ports)
        except SourceError as error:
            self._lose(error)
            return False
        log.info("calls.watching", interface=self.interface)
        self._counted = self._instant()
        self._hinder(GeneralCause.NONE)
        return True

    def _shut(self) -> None:
        if self._port is not None:
            self._port.close()
            self._port = None

    def _lose(self, error: SourceError) -> None:
        self._shut()
        if self._hindrance is not error.cause:
            log.error("calls.cannot-watch", code=error.code, said=str(error))
        self._hinder(error.cause)

    def _hinder(self, cause: Cause) -> None:
        self._hindrance = cause
        for line in self._observation.lines:
            if cause:
                line.hinder(CAPTURE, cause)
            else:
                line.free(CAPTURE)

    def _instant(self) -> int:
        return (self.steady.now() - _EPOCH) // timedelta(microseconds=1) * 1000


def _sip_ports(line: Line) -> tuple[int, ...]:
    address = line.order.address
    return address.sip_ports if isinstance(address, MirrorLine) else ()

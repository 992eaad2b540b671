"""Reading of one camera: connect, read, detect silence, wait, try again."""

import random
import resource
from collections import deque
from collections.abc import Collection
from typing import Protocol

import structlog

from rejent.formats.mp4.picture import AccessUnit, ParameterSets
from rejent.kernel.clock import Clock
from rejent.recording.contract import Cause, GeneralCause, State
from rejent.recording.errors import SourceError
from rejent.streams.cameras.errors import (
    CameraCause,
    NoVideoError,
    StalledError,
    UntrustedError,
)
from rejent.streams.cameras.network.libav.connection import LibavConnection
from rejent.streams.cameras.network.rtsp.address import Camera, Transport
from rejent.streams.cameras.network.rtsp.assembly import Discontinuity, StreamItem
from rejent.streams.cameras.network.rtsp.connection import Connection, Resolver
from rejent.streams.cameras.network.rtsp.session import RedirectedError, TransportRefusedError
from rejent.streams.cameras.recorder.open_segment import SegmentThrottle
from rejent.streams.cameras.recorder.segmenter import Segmenter

log = structlog.get_logger(__name__)

SILENT = 5.0
"""Seconds without a new picture after which a connection is given up, whatever TCP reports."""
NO_KEY_REPORTED = 2.0
"""Seconds of pictures without a usable key frame after which that is reported as the cause."""
NO_KEY_GIVEN_UP = 75.0
REQUEST_EVERY = 1.0
"""Seconds between requests for a key frame, sent when one is needed and the camera accepts them."""
MAX_REDIRECTS = 3
MOST_CONNECTIONS = 10
"""Connections to one camera within a minute, whatever it does."""
_FIRST_WAIT = 0.5
_LONGEST_WAIT: dict[Cause, float] = {
    CameraCause.REFUSED_PASSWORD: 300.0,
    CameraCause.WEAKER_LOGIN: 300.0,
    CameraCause.NOT_A_CAMERA: 60.0,
    CameraCause.REDIRECTED: 60.0,
    CameraCause.NO_VIDEO: 60.0,
    CameraCause.UNSUPPORTED_CODEC: 60.0,
    CameraCause.UNTRUSTED: 60.0,
}
_WAIT = 15.0
_PATIENT_FIRST: dict[Cause, float] = {CameraCause.REFUSED_PASSWORD: 30.0}
"""Cameras lock an account after a few wrong passwords."""
_OFFSET_READINGS = 8


class PictureListener(Protocol):
    """Shows pictures live. Called in the recorder's own thread: it must not block."""

    def watched(self) -> Collection[str]:
        """Return the sources somebody watches now; called a few times a second."""

    def pictures(self, source_id: str, parameters: ParameterSets, units: list[AccessUnit]) -> None:
        """Take whole pictures of one camera as they arrive, with the parameter sets in force."""


class CameraReader:
    """Reader of one camera in the recorder."""

    def __init__(
        self,
        camera: Camera,
        segmenter: Segmenter,
        resolver: Resolver,
        clock: Clock,
        listener: PictureListener | None,
        *,
        throttle: SegmentThrottle,
    ) -> None:
        self.segmenter = segmenter
        self._camera = camera
        self._target = camera
        self._throttle = throttle
        self._resolver = resolver
        self._clock = clock
        self._listener = listener
        self._connection: Connection | LibavConnection | None = None
        self._retry_at = 0.0
        self._failures = 0
        self._visited: list[str] = []
        """Addresses that redirects have led to since the last attempt at its own."""
        self._connections: deque[float] = deque(maxlen=MOST_CONNECTIONS)
        self._through_libav = False
        """The camera sends a codec that only libav reads."""
        self._looks = False
        """The next connection only sees which certificate the camera shows."""
        self._described = False
        self._playing_since = 0.0
        self._newest = -1
        self._newest_at = 0.0
        self._usual = 0.0
        self._requested_at = 0.0
        self._offsets: deque[float] = deque(maxlen=_OFFSET_READINGS)

    @property
    def source_id(self) -> str:
        """Return its opaque id."""
        return self._camera.source_id

    @property
    def descriptor(self) -> int:
        """Return the descriptor to wait for while connecting; -1 for none."""
        connection = self._connection
        if connection is None or (connection.playing and not connection.wants_to_write):
            return -1
        return connection.fileno()

    @property
    def over_udp(self) -> bool:
        """Return whether its packets arrive over UDP."""
        return self._connection is not None and self._target.transport is Transport.UDP

    @property
    def wants_to_write(self) -> bool:
        """Return whether data waits to be sent."""
        return self._connection is not None and self._connection.wants_to_write

    def serve(self, buffer: memoryview, now: float) -> None:
        """Do all that is possible without waiting."""
        self.segmenter.look(now)
        try:
            if self._connection is None:
                self._connect(now)
            if self._connection is not None:
                begun = _thread_cpu_s()
                self._take(self._connection.proceed(buffer, now), now)
                self._connection.adapt_read_size(_thread_cpu_s() - begun)
                self._connection.tick(now)
                self._check_health(self._connection, now)
        except RedirectedError as redirect:
            self._follow_redirect(redirect, now)
        except TransportRefusedError as error:
            self._switch_transport(error, now)
        except NoVideoError as error:
            self._through_libav = (
                error.cause is CameraCause.UNSUPPORTED_CODEC and not self._target.address.encrypted
            )
            self.give_up(error.cause, now)
        except UntrustedError as error:
            self._refuse(error, now)
        except SourceError as error:
            log.info("camera.failed", source=self.source_id, code=error.code, why=str(error))
            self.give_up(error.cause, now)

    def _refuse(self, error: UntrustedError, now: float) -> None:
        """Give a camera up whose certificate is not trusted, once it is known which one it shows."""
        if not error.shown and not self._looks:
            self._disconnect()
            self._looks, self._retry_at = True, now
            return
        self.segmenter.untrusted = error.shown
        log.warning("camera.untrusted", source=self.source_id, why=str(error), certificate=error.shown)
        self.give_up(error.cause, now)

    def give_up(self, cause: Cause, now: float) -> None:
        """End the connection with a cause, and schedule the next attempt."""
        self._disconnect()
        self._failures += 1
        first, longest = _PATIENT_FIRST.get(cause, _FIRST_WAIT), _LONGEST_WAIT.get(cause, _WAIT)
        wait = min(first * 2 ** min(self._failures - 1, 12), longest)
        wait *= random.uniform(0.75, 1.25)  # noqa: S311 - spreads attempts, guards nothing
        self._retry_at = now + wait
        self._target = self._camera
        self._visited.clear()
        self._looks = False
        self.segmenter.interrupted(cause)

    def change(self, camera: Camera, now: float) -> None:
        """Read it at another address, or with another login, from now on."""
        if camera == self._camera:
            return
        self._disconnect()
        self._camera = self._target = camera
        self._failures = 0
        self._visited.clear()
        self._connections.clear()
        self._throttle.reset()
        self._through_libav = self._looks = False
        self.segmenter.untrusted = ""
        self._retry_at = now
        self.segmenter.interrupted(GeneralCause.STARTING)

    def end(self, cause: Cause) -> None:
        """Stop recording it."""
        self._disconnect()
        self.segmenter.interrupted(cause, State.STOPPED)

    # Connecting

    def _connect(self, now: float) -> None:
        if now < self._retry_at:
            return
        if len(self._connections) == MOST_CONNECTIONS and now - self._connections[0] < 60:
            return
        address = self._target.address
        if address.needs_libav or self._through_libav:
            self._begin(LibavConnection(self._target, now))
            return
        place = self._resolver.resolve(address.host, address.port)
        if place is not None:
            self._begin(Connection(self._target, place, now, looks=self._looks))

    def _begin(self, connection: Connection | LibavConnection) -> None:
        self._described = False
        self._newest = -1
        self._offsets.clear()
        self._connections.append(connection.since)
        self._connection = connection

    def _follow_redirect(self, redirect: RedirectedError, now: float) -> None:
        self._visited.append(self._target.address.uri)
        if len(self._visited) > MAX_REDIRECTS or redirect.address.uri in self._visited:
            self.give_up(CameraCause.REDIRECTED, now)
            return
        self._disconnect()
        self._target = self._target.redirected_to(redirect.address)
        self._retry_at = now

    def _switch_transport(self, error: TransportRefusedError, now: float) -> None:
        if self._target.transport is Transport.UDP:
            self.give_up(error.cause, now)
            return
        self._disconnect()
        self._target = self._target.with_transport(Transport.UDP)
        self._retry_at = now

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self.segmenter.take(connection.remaining())
            connection.close()

    # Reading

    def _take(self, items: list[StreamItem], now: float) -> None:
        connection = self._connection
        if connection is None:
            return
        if not self._described:
            parameters = connection.parameters
            if parameters is None:
                return
            self._described = True
            self.segmenter.untrusted = ""
            self._playing_since = self._newest_at = now
            self.segmenter.connected(parameters)
        reports = connection.sender_report_times()
        if reports:
            self._take_sender_reports(reports, now)
        if not items:
            return
        self._notice_progress(items, now)
        self.segmenter.take(items)
        if now - self._requested_at >= REQUEST_EVERY and (
            self.segmenter.unusable or any(isinstance(item, Discontinuity) for item in items)
        ):
            self._requested_at = now
            connection.request_key_frame()
        if self._listener is not None:
            parameters = self.segmenter.parameters
            units = [item for item in items if isinstance(item, AccessUnit) and not item.damaged]
            if units and parameters is not None:
                self._listener.pictures(self.source_id, parameters, units)

    def _notice_progress(self, items: list[StreamItem], now: float) -> None:
        for item in reversed(items):
            if isinstance(item, AccessUnit):
                if item.time != self._newest:
                    self._newest = item.time
                    self._usual = max(now - self._newest_at, self._usual * 0.9)
                    self._newest_at = now
                return

    def _take_sender_reports(self, reports: list[tuple[float, float]], now: float) -> None:
        """Measure the offset of the camera's clock by the least delayed of the last sender reports."""
        civil = self._clock.now().timestamp()
        self._offsets.extend(wall - (civil - (now - arrival)) for wall, arrival in reports)
        self.segmenter.clock_offset = round(max(self._offsets), 3)

    def _check_health(self, connection: Connection | LibavConnection, now: float) -> None:
        """Detect failures that raise no error: StalledError without new pictures, SourceError without a key picture."""
        if not connection.playing:
            self._newest_at = self._playing_since = now
            return
        if now - self._newest_at > max(SILENT, 4 * self._usual):
            raise StalledError("Pictures stopped coming.")
        if not self.segmenter.unusable:
            if self._failures and self.segmenter.recording:
                self._failures = 0
            self._playing_since = now
            return
        without = now - self._playing_since
        if without > NO_KEY_GIVEN_UP:
            raise SourceError(CameraCause.NO_KEY_FRAME, "The camera sends no key frame.")
        if without > NO_KEY_REPORTED and self.segmenter.status.cause is not CameraCause.NO_KEY_FRAME:
            self.segmenter.interrupted(CameraCause.NO_KEY_FRAME)


def _thread_cpu_s() -> float:
    """Return the CPU seconds of this thread, which a busy machine does not inflate."""
    used = resource.getrusage(resource.RUSAGE_THREAD)
    return used.ru_utime + used.ru_stime

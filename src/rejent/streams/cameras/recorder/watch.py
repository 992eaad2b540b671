"""One camera, watched over: connect, read, notice when nothing comes, wait, try again."""

import random
import resource
from collections import deque

import structlog

from rejent.formats.mp4.picture import AccessUnit
from rejent.kernel.clock import Clock
from rejent.recording.contract import Cause, State
from rejent.recording.errors import SourceError
from rejent.streams.cameras.errors import NotACameraError, NoVideoError, ProtocolError, StalledError
from rejent.streams.cameras.foreign.connection import ForeignConnection
from rejent.streams.cameras.recorder.listening import PictureListener
from rejent.streams.cameras.recorder.pace import Pace
from rejent.streams.cameras.recorder.segmenter import Segmenter
from rejent.streams.cameras.rtp.assembly import Break, Yield
from rejent.streams.cameras.rtsp.address import Camera, Transport
from rejent.streams.cameras.rtsp.connection import Connection
from rejent.streams.cameras.rtsp.resolver import Resolver
from rejent.streams.cameras.rtsp.session import RedirectedError, TransportRefusedError

log = structlog.get_logger(__name__)

SILENT = 5.0
"""Seconds without a new picture after which a connection is given up, whatever TCP says."""
NO_KEY_TOLD = 15.0
"""Seconds of pictures without a usable key frame after which that is told as the cause."""
NO_KEY_GIVEN_UP = 75.0
ASK_EVERY = 1.0
"""Seconds between requests for a key frame, which go out when one is needed and the camera takes them."""
MAX_REDIRECTS = 3
_FIRST_WAIT = 0.5
_LONGEST_WAIT = {
    Cause.REFUSED_PASSWORD: 300.0,
    Cause.WEAKER_LOGIN: 300.0,
    Cause.NOT_A_CAMERA: 60.0,
    Cause.NO_VIDEO: 60.0,
    Cause.UNSUPPORTED_CODEC: 60.0,
    Cause.UNTRUSTED: 60.0,
}
_WAIT = 15.0
_PATIENT_FIRST = {Cause.REFUSED_PASSWORD: 30.0}
"""Cameras lock an account after a few wrong passwords."""
_OFFSET_READINGS = 8


class CameraWatch:
    """One camera of the recorder."""

    def __init__(
        self,
        camera: Camera,
        segmenter: Segmenter,
        resolver: Resolver,
        clock: Clock,
        listener: PictureListener | None,
        *,
        pace: Pace,
    ) -> None:
        self.segmenter = segmenter
        self._camera = camera
        self._aim = camera
        self._pace = pace
        self._resolver = resolver
        self._clock = clock
        self._listener = listener
        self._connection: Connection | ForeignConnection | None = None
        self._retry_at = 0.0
        self._failures = 0
        self._redirects = 0
        self._through_libav = False
        """The camera sends a form of video that only libav reads."""
        self._described = False
        self._playing_since = 0.0
        self._newest = -1
        self._newest_at = 0.0
        self._usual = 0.0
        self._asked_at = 0.0
        self._offsets: deque[float] = deque(maxlen=_OFFSET_READINGS)

    @property
    def source_id(self) -> str:
        """Its opaque id."""
        return self._camera.source_id

    @property
    def descriptor(self) -> int:
        """What to wait for while the connection is being made; -1 when there is nothing to wait for."""
        connection = self._connection
        if connection is None or (connection.playing and not connection.wants_to_write):
            return -1
        return connection.fileno()

    @property
    def over_udp(self) -> bool:
        """Whether its packets come as datagrams."""
        return self._connection is not None and self._aim.transport is Transport.UDP

    @property
    def wants_to_write(self) -> bool:
        """Whether to wait until something can be sent, too."""
        return self._connection is not None and self._connection.wants_to_write

    def serve(self, buffer: memoryview, now: float) -> None:
        """Do whatever is possible now."""
        try:
            if self._connection is None:
                self._try_again(now)
            if self._connection is not None:
                begun = _worked()
                self._take(self._connection.proceed(buffer, now), now)
                self._connection.took(_worked() - begun)
                self._connection.tick(now)
                self._look_after(self._connection, now)
        except RedirectedError as redirect:
            self._follow(redirect, now)
        except TransportRefusedError as error:
            self._other_transport(error, now)
        except NoVideoError as error:
            self._through_libav = error.cause is Cause.UNSUPPORTED_CODEC and not self._aim.address.encrypted
            self.give_up(error.cause, now)
        except SourceError as error:
            log.info("camera.failed", source=self.source_id, code=error.code, why=str(error))
            self.give_up(error.cause, now)

    def give_up(self, cause: Cause, now: float) -> None:
        """End the connection, say why, and try again later."""
        self._hang_up(now)
        self._failures += 1
        first, longest = _PATIENT_FIRST.get(cause, _FIRST_WAIT), _LONGEST_WAIT.get(cause, _WAIT)
        wait = min(first * 2 ** min(self._failures - 1, 12), longest)
        wait *= random.uniform(0.75, 1.25)  # noqa: S311 - spreads attempts, guards nothing
        self._retry_at = max(now + wait, self._pace.rests_until)
        self._aim, self._redirects = self._camera, 0
        self.segmenter.interrupted(cause)

    def change(self, camera: Camera, now: float) -> None:
        """Read it elsewhere, or with another login, from now on."""
        if camera == self._camera:
            return
        self._hang_up(now)
        self._camera = self._aim = camera
        self._failures = 0
        self._pace.forgive()
        self._through_libav = False
        self._retry_at = now
        self.segmenter.interrupted(Cause.STARTING)

    def leave(self, cause: Cause, now: float) -> None:
        """Record it no more."""
        self._hang_up(now)
        self.segmenter.interrupted(cause, State.STOPPED)

    # Connecting

    def _try_again(self, now: float) -> None:
        if now < self._retry_at:
            return
        address = self._aim.address
        if address.foreign or self._through_libav:
            self._begin(ForeignConnection(self._aim, now))
            return
        place = self._resolver.place(address.host, address.port)
        if place is not None:
            self._begin(Connection(self._aim, place, now))

    def _begin(self, connection: Connection | ForeignConnection) -> None:
        self._described = False
        self._newest = -1
        self._offsets.clear()
        self._connection = connection

    def _follow(self, redirect: RedirectedError, now: float) -> None:
        self._redirects += 1
        if self._redirects > MAX_REDIRECTS:
            self.give_up(NotACameraError("").cause, now)
            return
        self._hang_up(now)
        self._aim = self._aim.moved_to(redirect.address)
        self._retry_at = now

    def _other_transport(self, error: TransportRefusedError, now: float) -> None:
        if self._aim.transport is Transport.UDP:
            self.give_up(error.cause, now)
            return
        self._hang_up(now)
        self._aim = self._aim.over(Transport.UDP)
        self._retry_at = now

    def _hang_up(self, now: float) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self.segmenter.take(connection.remaining(now))
            connection.close()

    # Reading

    def _take(self, items: list[Yield], now: float) -> None:
        connection = self._connection
        if connection is None:
            return
        if not self._described:
            parameters = connection.parameters
            if parameters is None:
                return
            self._described = True
            self._playing_since = self._newest_at = now
            self.segmenter.connected(parameters)
        reports = connection.wall_reports()
        if reports:
            self._read_wall_clock(reports, now)
        if not items:
            return
        self._notice_progress(items, now)
        self.segmenter.take(items)
        if now - self._asked_at >= ASK_EVERY and (
            self.segmenter.unusable or any(isinstance(item, Break) for item in items)
        ):
            self._asked_at = now
            connection.ask_for_key_frame()
        if self._listener is not None:
            parameters = self.segmenter.parameters
            units = [item for item in items if isinstance(item, AccessUnit) and not item.damaged]
            if units and parameters is not None:
                self._listener.pictures(self.source_id, parameters, units)

    def _notice_progress(self, items: list[Yield], now: float) -> None:
        """Pictures whose time has moved on are what counts as alive."""
        for item in reversed(items):
            if isinstance(item, AccessUnit):
                if item.time != self._newest:
                    self._newest = item.time
                    self._usual = max(now - self._newest_at, self._usual * 0.9)
                    self._newest_at = now
                return

    def _read_wall_clock(self, reports: list[tuple[float, float]], now: float) -> None:
        """The least delayed of the last reports tells best how far the camera's clock is off."""
        civil = self._clock.now().timestamp()
        self._offsets.extend(wall - (civil - (now - arrival)) for wall, arrival in reports)
        self.segmenter.clock_offset = round(max(self._offsets), 3)

    def _look_after(self, connection: Connection | ForeignConnection, now: float) -> None:
        """Notice what no error tells.

        Raises:
            StalledError: no new pictures come.
            ProtocolError: its recording breaks off too often.
        """
        if self._pace.rests(now):
            raise ProtocolError("The camera breaks off again and again.")
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
            raise SourceError(Cause.NO_KEY_FRAME, "The camera sends no key frame.")
        if without > NO_KEY_TOLD and self.segmenter.status.cause is not Cause.NO_KEY_FRAME:
            self.segmenter.interrupted(Cause.NO_KEY_FRAME)


def _worked() -> float:
    """Seconds this thread has worked: a busy machine makes nobody slow by that."""
    used = resource.getrusage(resource.RUSAGE_THREAD)
    return used.ru_utime + used.ru_stime

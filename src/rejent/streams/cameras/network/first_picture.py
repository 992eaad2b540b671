"""The first key picture of one camera, read once and within limits, by what recorders read cameras with."""

import select
from contextlib import closing

from rejent.formats.mp4.parameters import updated_parameters
from rejent.formats.mp4.picture import AccessUnit, ParameterSets
from rejent.kernel.clock import Clock
from rejent.recording.errors import SourceError
from rejent.streams.cameras.errors import (
    CameraCause,
    NotACameraError,
    NoVideoError,
    StalledError,
    UnreachableError,
)
from rejent.streams.cameras.network.libav.connection import LibavConnection
from rejent.streams.cameras.network.rtsp.address import Camera
from rejent.streams.cameras.network.rtsp.connection import BUFFER, Connection, look_up
from rejent.streams.cameras.network.rtsp.session import RedirectedError

WITHIN_S = 15.0
"""Seconds from the first packet sent: cameras send a key picture every 1 to 10 s."""
_LOOK_MS = 100
"""Milliseconds between two looks at what needs no arrival: time limits, datagrams, what TLS holds back."""


def read_first_picture(camera: Camera, clock: Clock) -> tuple[ParameterSets, bytes]:
    """Return the parameter sets and the data of the first whole key picture that a camera sends; it is left at once.

    No redirect is followed. Raises SourceError with its cause: there is none within `WITHIN_S`, or it cannot be read.
    """
    until = clock.monotonic() + WITHIN_S
    try:
        with closing(_connect(camera, clock)) as connection:
            return _wait_for_key(connection, clock, until)
    except RedirectedError as redirect:
        raise NotACameraError("The camera redirects to another address.") from redirect
    except NoVideoError as error:
        if error.cause is not CameraCause.UNSUPPORTED_CODEC or camera.address.encrypted:
            raise
    with closing(LibavConnection(camera, clock.monotonic())) as connection:
        return _wait_for_key(connection, clock, until)


def _connect(camera: Camera, clock: Clock) -> Connection | LibavConnection:
    if camera.address.needs_libav:
        return LibavConnection(camera, clock.monotonic())
    try:
        place = look_up(camera.address.host, camera.address.port)[0]
    except (OSError, UnicodeError, IndexError) as error:
        raise UnreachableError("The name of the camera leads to no address.") from error
    return Connection(camera, place, clock.monotonic())


def _wait_for_key(
    connection: Connection | LibavConnection, clock: Clock, until: float
) -> tuple[ParameterSets, bytes]:
    buffer, asked = memoryview(bytearray(BUFFER)), False
    while (now := clock.monotonic()) < until:
        found = connection.proceed(buffer, now)
        if (parameters := connection.parameters) is not None:
            for unit in found:
                if isinstance(unit, AccessUnit) and unit.key and not unit.damaged:
                    return updated_parameters(parameters, unit.data) or parameters, unit.data
        connection.tick(now)
        if connection.playing and not asked:
            asked = True
            connection.request_key_frame()
        _wait(connection)
    if connection.playing:
        raise SourceError(CameraCause.NO_KEY_FRAME, "The camera sends no key frame.")
    raise StalledError("The camera does not answer in time.")


def _wait(connection: Connection | LibavConnection) -> None:
    """Wait until something arrives or can be sent, `_LOOK_MS` at most."""
    waiting = select.poll()
    waiting.register(
        connection.fileno(), select.POLLIN | (select.POLLOUT if connection.wants_to_write else 0)
    )
    waiting.poll(_LOOK_MS)

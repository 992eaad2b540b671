"""Sockets of one camera: connecting, TLS, reading, writing, without blocking.

A camera is read in batches: the engine calls a few times a second, and whatever has arrived is read into one buffer
that all cameras share. The incomplete rest of a batch, usually less than a packet, is kept here.
"""

import ipaddress
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from enum import Enum, auto

from rejent.formats.mp4.picture import ParameterSets
from rejent.streams.cameras.errors import ClosedByCameraError, StalledError, UnreachableError
from rejent.streams.cameras.network.rtsp.address import Camera, Transport, fingerprint
from rejent.streams.cameras.network.rtsp.assembly import StreamItem
from rejent.streams.cameras.network.rtsp.camera_stream import CameraStream
from rejent.streams.cameras.network.rtsp.datagrams import DatagramPair

CONNECT_WITHIN = 8.0
"""Seconds for the connection and the TLS handshake."""
READ_AT_ONCE = 256 * 1024
"""Bytes read from a camera before the next has its turn."""
BUFFER = 1024 * 1024
"""Bytes of the receive buffer: the rest kept, and one batch."""
MOST_A_TURN = 1024 * 1024
FIRST_A_TURN = 64 * 1024
LEAST_A_TURN = 4 * 1024
"""Bytes read from a camera in one turn: few at first, more where they cost little time, fewer where they cost much."""
SLOW_TURN = 0.1
"""Seconds of work of the shared thread that a turn may cost; usually a few milliseconds."""

SocketAddress = tuple[socket.AddressFamily, tuple[str | int, ...]]


class Phase(Enum):
    """Progress of a connection."""

    CONNECTING = auto()
    TLS_HANDSHAKE = auto()
    ESTABLISHED = auto()


class Connection:
    """One attempt to read a camera at a resolved address; UnreachableError where the system refuses to try.

    One that ``looks`` only sees which certificate is shown, says nothing, and ends with UntrustedError.
    """

    def __init__(self, camera: Camera, address: SocketAddress, now: float, *, looks: bool = False) -> None:
        self.camera = camera
        self._looks = looks
        self.phase = Phase.CONNECTING
        self.stream: CameraStream | None = None
        self.since = now
        self.wants_to_write = True
        self._unsent = b""
        self._rest = b""
        self._allowance = FIRST_A_TURN
        self._spent = False
        self._datagrams: DatagramPair | None = None
        family, where = address
        try:
            self._socket: socket.socket = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:
            raise _unreachable(error) from error
        self._socket.setblocking(False)
        with suppress(OSError):
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        try:
            if camera.transport is Transport.UDP:
                self._datagrams = DatagramPair(family, str(where[0]))
            self._socket.connect(where)
        except BlockingIOError:
            pass
        except OSError as error:
            self.close()
            raise _unreachable(error) from error

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return self._socket.fileno()

    @property
    def playing(self) -> bool:
        """Return whether the camera has accepted PLAY; from then on it is read in batches."""
        return self.stream is not None and self.stream.session.playing

    @property
    def parameters(self) -> ParameterSets | None:
        """Return the parameter sets of the description; None before it came."""
        track = self.stream.session.track if self.stream is not None else None
        return track.parameter_sets if track is not None else None

    def proceed(self, buffer: memoryview, now: float) -> list[StreamItem]:
        """Do all that is possible without waiting; return pictures and discontinuities. SourceError: the connection is over."""
        if self.phase is Phase.CONNECTING:
            self._finish_connecting(now)
        if self.phase is Phase.TLS_HANDSHAKE:
            self._handshake(now)
        if self.phase is not Phase.ESTABLISHED or self.stream is None:
            return []
        if self._datagrams is not None:
            self._datagrams.read(self.stream, buffer, now)
        self._read(self.stream, buffer, now)
        self._write()
        return self.stream.pictures()

    def adapt_read_size(self, seconds: float) -> None:
        """Adapt the bytes read a turn to the seconds of work the last one cost, so that no camera delays the others."""
        if seconds > SLOW_TURN:
            self._allowance = max(self._allowance // 4, LEAST_A_TURN)
        elif self._spent:
            self._allowance = min(self._allowance * 2, MOST_A_TURN)

    def tick(self, now: float) -> None:
        """Do what is due without data having arrived; SourceError where a time limit passed."""
        if self.phase is not Phase.ESTABLISHED:
            if now - self.since >= CONNECT_WITHIN:
                raise UnreachableError(
                    "The camera does not answer within {seconds} s.", seconds=int(CONNECT_WITHIN)
                )
        elif self.stream is not None:
            self._rest = self.stream.tick(self._rest, now)
            self._write()

    def sender_report_times(self) -> list[tuple[float, float]]:
        """Return the camera's wall clock and the monotonic reading at arrival of each sender report since the last call."""
        if self.stream is None or not self.stream.sender_report_times:
            return []
        reports, self.stream.sender_report_times = self.stream.sender_report_times, []
        return reports

    def request_key_frame(self) -> None:
        """Request a key frame, if the camera supports that."""
        if self.stream is not None:
            self.stream.request_key_frame()
            self._write()

    def remaining(self) -> list[StreamItem]:
        """Return what is complete when nothing more will come."""
        if self.stream is None or self.stream.reception is None:
            return []
        self.stream.reception.assembly.flush()
        return self.stream.pictures()

    def close(self) -> None:
        """Send TEARDOWN if that needs no waiting, and close the sockets."""
        if self.stream is not None:
            self.stream.session.tear_down()
            with suppress(OSError, ClosedByCameraError):
                self._write()
        if self._datagrams is not None:
            self._datagrams.close()
        self._socket.close()

    # Connecting

    def _finish_connecting(self, now: float) -> None:
        error = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise _unreachable(OSError(error, ""))
        try:
            self._socket.getpeername()
        except OSError:
            return
        if self.camera.address.encrypted:
            trust = self.camera.trust.with_certificate() if self._looks else self.camera.trust
            self._socket = trust.context().wrap_socket(
                self._socket, server_hostname=self.camera.address.host, do_handshake_on_connect=False
            )
            self.phase = Phase.TLS_HANDSHAKE
        else:
            self._start_session(now)

    def _handshake(self, now: float) -> None:
        encrypted = self._socket
        if not isinstance(encrypted, ssl.SSLSocket):
            return
        try:
            encrypted.do_handshake()
        except ssl.SSLWantReadError:
            self.wants_to_write = False
            return
        except ssl.SSLWantWriteError:
            self.wants_to_write = True
            return
        except ssl.SSLCertVerificationError as error:
            raise self.camera.trust.refusal() from error
        except OSError as error:
            raise UnreachableError("The camera does not speak TLS.") from error
        certificate = encrypted.getpeercert(binary_form=True)
        if self._looks or self.camera.trust.rejects(certificate):
            raise self.camera.trust.refusal(fingerprint(certificate))
        self._start_session(now)

    def _start_session(self, now: float) -> None:
        ports = self._datagrams.ports if self._datagrams is not None else None
        self.stream = CameraStream(self.camera, now, ports)
        self.phase = Phase.ESTABLISHED
        self._write()

    # Reading and writing

    def _read(self, stream: CameraStream, buffer: memoryview, now: float) -> None:
        plain = not isinstance(self._socket, ssl.SSLSocket)
        for size, requested in self._arrivals(buffer):
            end = len(self._rest) + size
            used = stream.take(buffer, end, now)
            if used == end:
                if self._rest:
                    self._rest = b""
            else:
                self._rest = bytes(buffer[used:end])
            if self.playing and size < requested and plain:
                return

    def _arrivals(self, buffer: memoryview) -> Iterator[tuple[int, int]]:
        left = self._allowance
        self._spent = False
        while left > 0:
            kept, requested = len(self._rest), min(left, READ_AT_ONCE)
            if kept:
                buffer[:kept] = self._rest
            try:
                size = self._socket.recv_into(buffer[kept : kept + requested])
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError, InterruptedError):
                return
            except OSError as error:
                raise ClosedByCameraError("The camera broke the connection.") from error
            if not size:
                raise ClosedByCameraError("The camera closed the connection.")
            left -= size
            yield size, requested
        self._spent = True

    def _write(self) -> None:
        if self.stream is None:
            return
        if self._datagrams is not None:
            self._datagrams.send_control(self.stream.control_datagrams(), self.stream.session.server_ports)
        outgoing = self.stream.outgoing()
        if outgoing:
            self._unsent += outgoing
        if not self._unsent:
            self.wants_to_write = False
            return
        if len(self._unsent) > READ_AT_ONCE:
            raise StalledError("The camera takes nothing that is sent to it.")
        try:
            sent = self._socket.send(self._unsent)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            sent = 0
        except OSError as error:
            raise ClosedByCameraError("The camera broke the connection.") from error
        self._unsent = self._unsent[sent:]
        self.wants_to_write = bool(self._unsent)


def _unreachable(error: OSError) -> UnreachableError:
    return UnreachableError("No connection to the camera comes about.", number=error.errno or 0)


class Resolver:
    """Resolves names in a thread pool; numeric addresses need no lookup."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="resolver")
        self._lookups: dict[tuple[str, int], Future[list[SocketAddress]]] = {}

    def resolve(self, host: str, port: int) -> SocketAddress | None:
        """Return the address to connect to, None while the lookup runs; UnreachableError where the name does not resolve."""
        try:
            number = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return self._looked_up(host, port)
        if number.version == 4:
            return socket.AF_INET, (host, port)
        return self._looked_up(host, port) if "%" in host else (socket.AF_INET6, (host, port, 0, 0))

    def close(self) -> None:
        """Stop the thread pool."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _looked_up(self, host: str, port: int) -> SocketAddress | None:
        lookup = self._lookups.get((host, port))
        if lookup is None:
            self._lookups[host, port] = self._pool.submit(look_up, host, port)
            return None
        if not lookup.done():
            return None
        del self._lookups[host, port]
        try:
            return lookup.result()[0]
        except (OSError, UnicodeError, IndexError) as error:
            raise UnreachableError("The name of the camera leads to no address.") from error


def look_up(host: str, port: int) -> list[SocketAddress]:
    """Return the addresses of a host, waiting for them; OSError or UnicodeError where there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, (str(where[0]), *where[1:])) for family, _, _, _, where in found]

"""Capture frames at a network interface with kernel timestamps and drop counts, without sending.

Uses PACKET_RX_RING in version 3 (packet(7), Documentation/networking/packet_mmap) with a kernel filter
(SO_ATTACH_FILTER).
"""

import errno
import fcntl
import mmap
import select
import socket
import struct
import sys
from collections.abc import Callable, Collection

from rejent.formats.rtp.account import SECOND
from rejent.recording.errors import SourceError
from rejent.streams.calls.catalog.lines.parts import LineCause
from rejent.streams.calls.network.rtp.datagrams import RETURN, Instruction, attach
from rejent.streams.calls.receiving.mirror.frames import IPV4, IPV6, TCP, UDP


class MirrorError(SourceError, code="capture.calls.mirror"):
    """A network interface cannot be captured."""

    def __init__(self, interface: str, why: str) -> None:
        super().__init__(
            LineCause.CANNOT_WATCH,
            "The mirror port at {interface} cannot be looked at ({why}).",
            advice="See that the interface is there, an Ethernet, and that no other program forbids it.",
            interface=interface,
            why=why,
        )


class MirrorForbiddenError(SourceError, code="capture.calls.mirror-forbidden"):
    """This process lacks the right to capture."""

    def __init__(self, interface: str) -> None:
        super().__init__(
            LineCause.CANNOT_WATCH,
            "The program may not look at the mirror port at {interface}.",
            advice="Give the service AmbientCapabilities=CAP_NET_RAW; the recorder of the mirror port alone keeps it.",
            interface=interface,
        )


class NoInterfaceError(SourceError, code="capture.calls.mirror-missing"):
    """There is no such network interface, or it is down."""

    def __init__(self, interface: str) -> None:
        super().__init__(
            LineCause.CANNOT_WATCH,
            "There is no network interface {interface} that is up.",
            advice="See `ip link`; plug in the cable of the mirror port and bring the interface up.",
            interface=interface,
        )


MIN_RTP_PORT = 1024
MAX_FRAME = 65_600
"""Bytes of a frame that pass; offloading joins packets to 64 KiB."""
_LOAD_BYTE, _LOAD_HALF, _LOAD_HALF_BEHIND, _SKIP_HEAD = 0x30, 0x28, 0x48, 0xB1
_EQUAL, _AT_LEAST, _ANY_BIT = 0x15, 0x35, 0x45


class _Program:
    def __init__(self) -> None:
        self._lines: list[tuple[int, str, str, int]] = []
        self._labels: dict[str, int] = {}

    def add(self, code: int, number: int, yes: str = "", no: str = "") -> None:
        """Append an instruction; a jump without label goes to the next one."""
        self._lines.append((code, yes, no, number))

    def label(self, name: str) -> None:
        """Define a label here."""
        self._labels[name] = len(self._lines)

    def finished(self) -> list[Instruction]:
        """Return the assembled program."""
        return [
            (code, self._jump(yes, place), self._jump(no, place), number)
            for place, (code, yes, no, number) in enumerate(self._lines)
        ]

    def _jump(self, label: str, place: int) -> int:
        return self._labels[label] - place - 1 if label else 0


def capture_program(sip_ports: Collection[int]) -> list[Instruction]:
    """Return the filter program for these SIP ports."""
    program = _Program()
    program.add(_LOAD_HALF, 12)
    for tag in (0x8100, 0x88A8, 0x9100):
        program.add(_EQUAL, tag, "take")
    program.add(_EQUAL, IPV6, "ipv6")
    program.add(_EQUAL, IPV4, "ipv4", "drop")
    program.label("ipv4")
    program.add(_LOAD_HALF, 20)
    program.add(_ANY_BIT, 0x3FFF, "take")
    program.add(_SKIP_HEAD, 14)
    program.add(_LOAD_BYTE, 23)
    program.add(_EQUAL, UDP, "udp4")
    program.add(_EQUAL, TCP, "", "drop")
    _ports(program, _LOAD_HALF_BEHIND, 14, sip_ports, speech=False)
    program.label("udp4")
    _ports(program, _LOAD_HALF_BEHIND, 14, sip_ports, speech=True)
    program.label("ipv6")
    program.add(_LOAD_BYTE, 20)
    program.add(_EQUAL, UDP, "udp6")
    for extension in (0, 43, 44, 51, 60):
        program.add(_EQUAL, extension, "take")
    program.add(_EQUAL, TCP, "", "drop")
    _ports(program, _LOAD_HALF, 54, sip_ports, speech=False)
    program.label("udp6")
    _ports(program, _LOAD_HALF, 54, sip_ports, speech=True)
    program.label("take")
    program.add(RETURN, MAX_FRAME)
    program.label("drop")
    program.add(RETURN, 0)
    return program.finished()


def _ports(program: _Program, load: int, at: int, sip_ports: Collection[int], *, speech: bool) -> None:
    for place in (at + 2, at):
        program.add(load, place)
        for port in sip_ports:
            program.add(_EQUAL, port, "take")
    if not speech:
        program.add(RETURN, 0)
        return
    program.add(_AT_LEAST, MIN_RTP_PORT, "", "drop")
    program.add(load, at + 2)
    program.add(_AT_LEAST, MIN_RTP_PORT, "take", "drop")


BLOCK = 1 << 20
BLOCKS = 32
"""Two seconds of 500 calls."""
MAX_BLOCKS_AT_ONCE = 4
RETIRE_MS = 60
"""Timeout after which the kernel retires a partly filled block."""
_SOL_PACKET = 263
_ADD_MEMBERSHIP, _RX_RING, _STATISTICS, _VERSION, _IGNORE_OUTGOING = 1, 5, 6, 10, 23
_PROMISCUOUS, _V3 = 1, 2
_ETH_P_ALL = 0x0003
_GET_FLAGS, _UP_AND_RUNNING = 0x8913, 0x41
_GET_HARDWARE, _ETHERNETS = 0x8927, (1, 772)
"""Ethernet and loopback (ARPHRD_ETHER, ARPHRD_LOOPBACK)."""
_OUTGOING = 4
_USER, _KERNEL = 1, bytes(4)
"""Status of a block ready to read, and of one returned."""
_BLOCK_HEAD = struct.Struct("@II IIII")
_FRAME_HEAD = struct.Struct("@IIIIIIHH")
_PKTTYPE_AT = 48 + 10


class MirrorPort:
    """Captures one interface in a ring of blocks; SourceError: it is missing or down, or capturing is not allowed."""

    def __init__(
        self, interface: str, sip_ports: Collection[int], *, blocks: int = BLOCKS, block: int = BLOCK
    ) -> None:
        self.interface, self.dropped, self.frames = interface, 0, 0
        self._block, self._blocks, self._next = block, blocks, 0
        self._socket = _opened(interface)
        try:
            self._prepare(interface, sip_ports)
        except OSError as error:
            self._socket.close()
            raise _to_source_error(interface, error) from None
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN | select.POLLERR)

    def close(self) -> None:
        """Stop capturing."""
        self._ring.close()
        self._socket.close()

    def wait(self, most_ms: int) -> None:
        """Wait until frames can be read, or for a timeout; SourceError where the interface went down or away."""
        for _, events in self._poll.poll(most_ms):
            if events & select.POLLERR:
                number = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if number:
                    raise _to_source_error(self.interface, OSError(number, "")) from None

    def read(self, take: Callable[[bytes, int], None], *, most: int = MAX_BLOCKS_AT_ONCE) -> int:
        """Pass on the frames of at most ``most`` ready blocks with kernel timestamps (ns since 1970); return the number of blocks."""
        unpack, ring = _FRAME_HEAD.unpack_from, self._ring
        for done in range(most):
            base = self._next * self._block
            _, _, status, count, first, length = _BLOCK_HEAD.unpack_from(ring, base)
            if not status & _USER:
                return done
            content = ring[base : base + length]
            ring[base + 8 : base + 12] = _KERNEL
            self._next = (self._next + 1) % self._blocks
            at = first
            for _ in range(count):
                following, seconds, rest, size, _, _, begin, _ = unpack(content, at)
                if content[at + _PKTTYPE_AT] != _OUTGOING:
                    take(content[at + begin : at + begin + size], seconds * SECOND + rest)
                at += following
        return most

    @property
    def connected(self) -> bool:
        """True while the interface is up and has a link."""
        try:
            flags = self._ioctl(_GET_FLAGS)
        except OSError:
            return False
        return flags & _UP_AND_RUNNING == _UP_AND_RUNNING

    def count(self) -> int:
        """Return the frames dropped since the last call."""
        answer = self._socket.getsockopt(_SOL_PACKET, _STATISTICS, 12)
        frames, dropped, _ = struct.unpack("@III", answer)
        self.frames += frames
        self.dropped += dropped
        return int(dropped)

    def _ioctl(self, question: int) -> int:
        answer = fcntl.ioctl(self._socket, question, struct.pack("@16s24x", self.interface.encode()))
        return int.from_bytes(answer[16:18], sys.byteorder)

    def _prepare(self, interface: str, sip_ports: Collection[int]) -> None:
        number = socket.if_nametoindex(interface)
        if self._ioctl(_GET_HARDWARE) not in _ETHERNETS:
            raise OSError(errno.EPROTONOSUPPORT, interface)
        attach(self._socket, capture_program(sip_ports))
        self._socket.setsockopt(_SOL_PACKET, _VERSION, _V3)
        frame = 1 << 11
        request = struct.pack(
            "@7I", self._block, self._blocks, frame, self._block // frame * self._blocks, RETIRE_MS, 0, 0
        )
        self._socket.setsockopt(_SOL_PACKET, _RX_RING, request)
        self._ring = mmap.mmap(self._socket.fileno(), self._block * self._blocks)
        self._socket.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
        self._socket.bind((interface, _ETH_P_ALL))
        failed = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if failed:
            raise OSError(failed, interface)
        member = struct.pack("@iHH8s", number, _PROMISCUOUS, 0, b"")
        self._socket.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, member)


def _opened(interface: str) -> socket.socket:
    try:
        return socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    except OSError as error:
        raise _to_source_error(interface, error) from None


def _to_source_error(interface: str, error: OSError) -> SourceError:
    if error.errno in {errno.EPERM, errno.EACCES}:
        return MirrorForbiddenError(interface)
    if error.errno in {None, errno.ENODEV, errno.ENXIO, errno.ENETDOWN}:
        return NoInterfaceError(interface)
    return MirrorError(interface, errno.errorcode.get(error.errno or 0, "failed").lower())

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
from rejent.streams.calls.network.rtp.bpf import attach
from rejent.streams.calls.receiving.mirror.capture_filter import capture_program
from rejent.streams.calls.receiving.mirror.errors import MirrorError, MirrorForbiddenError, NoInterfaceError

BLOCK = 1 << 20
"""Bytes per block of the ring."""
BLOCKS = 32
"""Two seconds of 500 calls."""
MAX_BLOCKS_AT_ONCE = 4
"""Blocks read at once, so that deadlines of calls are met in between."""
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
"""sll_pkttype of frames this machine sends."""
_USER, _KERNEL = 1, bytes(4)
"""Status of a block ready to read, and of one returned."""
_BLOCK_HEAD = struct.Struct("@II IIII")
_FRAME_HEAD = struct.Struct("@IIIIIIHH")
_PKTTYPE_AT = 48 + 10
"""Offset of sll_pkttype in a frame's header."""


class MirrorPort:
    """Captures one interface in a ring of ``blocks`` of ``block`` bytes; ``dropped`` counts frames the kernel dropped.

    SourceError: there is no such interface, it is down, or capturing is not allowed.
    """

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
        """Return the first two bytes of a netdevice(7) request."""
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

"""A mirror port: every frame that arrives at a network interface, with the kernel's time, and how many found no room.

A ring that the kernel fills and we empty (packet(7), PACKET_RX_RING in its third form: Documentation/networking/packet_mmap),
in front of it a filter in the kernel (bpf(4), SO_ATTACH_FILTER) that lets through what may be SIP or speech. Nothing is ever sent.
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
from rejent.streams.calls.mirror.errors import MirrorError, MirrorForbiddenError, NoInterfaceError
from rejent.streams.calls.mirror.filter import speech_or_sip
from rejent.streams.calls.rtp.bpf import attach

BLOCK = 1 << 20
"""Bytes of a block, which the kernel hands over as a whole."""
BLOCKS = 32
"""Two seconds of 500 calls."""
MOST_BLOCKS = 4
"""That are read at once, so that what is due for calls is done in between."""
RETIRE_MS = 60
"""After so long the kernel hands a block over though it is not full."""
_SOL_PACKET = 263
_ADD_MEMBERSHIP, _RX_RING, _STATISTICS, _VERSION, _IGNORE_OUTGOING = 1, 5, 6, 10, 23
_PROMISCUOUS, _V3 = 1, 2
_ETH_P_ALL = 0x0003
_GET_FLAGS, _UP_AND_RUNNING = 0x8913, 0x41
_GET_HARDWARE, _ETHERNETS = 0x8927, (1, 772)
"""Ethernet, and this machine's own loop, which frames alike (ARPHRD_ETHER, ARPHRD_LOOPBACK)."""
_OUTGOING = 4
"""sll_pkttype of what this machine sends itself."""
_USER, _KERNEL = 1, bytes(4)
"""Status of a block that is ours to read, and of one that was given back."""
_BLOCK_HEAD = struct.Struct("@II IIII")
_FRAME_HEAD = struct.Struct("@IIIIIIHH")
_PKTTYPE_AT = 48 + 10
"""Where the kind of packet stands: behind the head of the frame, in its sockaddr_ll."""


class MirrorPort:
    """Listens at one interface.

    Args:
        interface: its name.
        sip_ports: at which devices speak SIP.
        blocks: of the ring.

    Attributes:
        dropped: frames that the kernel had no room for, up to now.

    Raises:
        SourceError: there is no such interface, it is down, or this process may not look at it.
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
            raise _told(interface, error) from None
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN | select.POLLERR)

    def close(self) -> None:
        """Listen no more."""
        self._ring.close()
        self._socket.close()

    def wait(self, most_ms: int) -> None:
        """Wait until frames can be read, at most so long.

        Raises:
            SourceError: the interface went down or away.
        """
        for _, events in self._poll.poll(most_ms):
            if events & select.POLLERR:
                number = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if number:
                    raise _told(self.interface, OSError(number, "")) from None

    def read(self, take: Callable[[bytes, int], None], *, most: int = MOST_BLOCKS) -> int:
        """Hand over the frames of blocks that are ready, each with the kernel's stamp in ns since 1970; how many blocks those were.

        Args:
            take: takes one frame.
            most: blocks at once.
        """
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
        """Whether the interface has its cable."""
        try:
            flags = self._asked(_GET_FLAGS)
        except OSError:
            return False
        return flags & _UP_AND_RUNNING == _UP_AND_RUNNING

    def count(self) -> int:
        """Frames for which the kernel had no room since this was asked last."""
        told = self._socket.getsockopt(_SOL_PACKET, _STATISTICS, 12)
        frames, dropped, _ = struct.unpack("@III", told)
        self.frames += frames
        self.dropped += dropped
        return int(dropped)

    def _asked(self, question: int) -> int:
        """What the kernel answers about the interface in the first two bytes (netdevice(7))."""
        told = fcntl.ioctl(self._socket, question, struct.pack("@16s24x", self.interface.encode()))
        return int.from_bytes(told[16:18], sys.byteorder)

    def _prepare(self, interface: str, sip_ports: Collection[int]) -> None:
        number = socket.if_nametoindex(interface)
        if self._asked(_GET_HARDWARE) not in _ETHERNETS:
            raise OSError(errno.EPROTONOSUPPORT, interface)
        attach(self._socket, speech_or_sip(sip_ports))
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
        raise _told(interface, error) from None


def _told(interface: str, error: OSError) -> SourceError:
    if error.errno in {errno.EPERM, errno.EACCES}:
        return MirrorForbiddenError(interface)
    if error.errno in {None, errno.ENODEV, errno.ENXIO, errno.ENETDOWN}:
        return NoInterfaceError(interface)
    return MirrorError(interface, errno.errorcode.get(error.errno or 0, "failed").lower())

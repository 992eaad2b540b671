"""Receive many datagrams by one recvmmsg(2), each with its kernel timestamp.

`socket.recvmsg` costs several times the kernel's work, a hundred times a second per call. The buffers are allocated
once and reused.
"""

import ctypes
import socket
import struct
from collections.abc import Iterator, Sequence
from errno import EAGAIN
from typing import Final, TypeAlias

from rejent.formats.rtp.account import SECOND
from rejent.streams.calls.network.rtp.source_lock import Address

Instruction: TypeAlias = "tuple[int, int, int, int]"
"""Code, jumps if true and if false, operand (struct sock_filter)."""
RETURN = 0x06
DROP_ALL: Sequence[Instruction] = ((RETURN, 0, 0, 0),)
_SO_ATTACH_FILTER, _SO_DETACH_FILTER = 26, 27
"""Linux's numbers (asm-generic/socket.h), missing in Python."""


def attach(listening: socket.socket, program: Sequence[Instruction]) -> None:
    """Attach a program to a socket; OSError where the kernel rejects it."""
    code = b"".join(struct.pack("@HBBI", *each) for each in program)
    kept = ctypes.create_string_buffer(code)
    listening.setsockopt(
        socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HxxxxxxP", len(program), ctypes.addressof(kept))
    )


def detach(listening: socket.socket) -> None:
    """Remove the program."""
    listening.setsockopt(socket.SOL_SOCKET, _SO_DETACH_FILTER, 0)


SO_TIMESTAMPNS, SO_RXQ_OVFL = 35, 40
"""Linux's numbers (asm-generic/socket.h), missing in Python."""
MAX_DATAGRAM: Final = 8192
"""Bytes; longer datagrams are no speech."""
BATCH: Final = 32
_NAME, _CONTROL = 28, 64


class _Piece(ctypes.Structure):
    """struct iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Head(ctypes.Structure):
    """struct msghdr."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("pieces", ctypes.c_void_p),
        ("piece_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    """struct mmsghdr."""

    _fields_ = (("head", _Head), ("length", ctypes.c_uint))


_SIZE: Final = ctypes.sizeof(_Message)
_RESULT = struct.Struct(
    f"@{_Head.control_length.offset}xNi{_Message.length.offset - _Head.flags.offset - 4}xI"
)
_BESIDE = struct.Struct("@Nii")
_STAMP = struct.Struct("@qq")
_STAMPED = struct.Struct("@Niiqq")
_STAMP_ALONE: Final = (
    socket.CMSG_SPACE(_STAMP.size),
    socket.CMSG_LEN(_STAMP.size),
    int(socket.SOL_SOCKET),
    SO_TIMESTAMPNS,
)
"""Ancillary data of a datagram before which none was dropped."""
_CUT: Final = int(socket.MSG_TRUNC)
_WAITS_FOR_NONE: Final = int(socket.MSG_DONTWAIT)
_COUNT = struct.Struct("@I")
_FAMILY = struct.Struct("@H")
_PORT = struct.Struct("!H")

Datagram = tuple[bytes, int, Address, int, bool]
"""Content; kernel timestamp in ns; sender; datagrams dropped by the kernel so far; truncated at `MAX_DATAGRAM`.

The timestamp is -1 if absent, the number of those dropped -1 if not stated.
"""


class DatagramReader:
    """Buffers for `BATCH` datagrams; used by one thread."""

    def __init__(self) -> None:
        self._receive = ctypes.CDLL(None, use_errno=True).recvmmsg
        self._receive.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p)
        self._receive.restype = ctypes.c_int
        self._contents, self._names, self._controls = (
            bytearray(BATCH * size) for size in (MAX_DATAGRAM, _NAME, _CONTROL)
        )
        self._view = memoryview(self._contents)
        contents, names, controls = map(_address, (self._contents, self._names, self._controls))
        self._pieces = (_Piece * BATCH)(
            *(_Piece(contents + MAX_DATAGRAM * place, MAX_DATAGRAM) for place in range(BATCH))
        )
        pieces = ctypes.addressof(self._pieces)
        self._fresh = bytes(
            (_Message * BATCH)(
                *(
                    _Message(
                        _Head(
                            name=names + _NAME * place,
                            name_length=_NAME,
                            pieces=pieces + ctypes.sizeof(_Piece) * place,
                            piece_count=1,
                            control=controls + _CONTROL * place,
                            control_length=_CONTROL,
                        )
                    )
                    for place in range(BATCH)
                )
            )
        )
        self._messages = bytearray(self._fresh)
        self._at = _address(self._messages)
        self._sender: tuple[bytes, Address] = (b"", ("", 0))

    def arrived(self, number: int, most: int) -> Iterator[Datagram]:
        """Yield the datagrams waiting at the socket of this file descriptor, ``most`` of them, without blocking."""
        while most > 0:
            wanted = min(most, BATCH)
            found = self._receive(number, self._at, wanted, _WAITS_FOR_NONE, None)
            if found < 0:
                if ctypes.get_errno() == EAGAIN:
                    return
                most -= 1  # a pending error of an earlier send is reported once
                continue
            try:
                yield from map(self._datagram, range(found))
            finally:
                self._messages[: _SIZE * found] = self._fresh[: _SIZE * found]
            if found < wanted:
                return
            most -= found

    def _datagram(self, place: int) -> Datagram:
        beside, flags, length = _RESULT.unpack_from(self._messages, _SIZE * place)
        begin, at = MAX_DATAGRAM * place, _CONTROL * place
        size, level, kind, seconds, rest = _STAMPED.unpack_from(self._controls, at)
        if (beside, size, level, kind) == _STAMP_ALONE:
            taken, dropped = seconds * SECOND + rest, -1
        else:
            taken, dropped = self._beside(at, at + beside)
        name = self._names[_NAME * place : _NAME * place + _NAME]
        if name != self._sender[0]:
            self._sender = bytes(name), _read_address(name)
        return (
            self._view[begin : begin + length].tobytes(),
            taken,
            self._sender[1],
            dropped,
            flags & _CUT != 0,
        )

    def _beside(self, at: int, end: int) -> tuple[int, int]:
        taken = dropped = -1
        while at + _BESIDE.size <= end:
            size, level, kind = _BESIDE.unpack_from(self._controls, at)
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                seconds, rest = _STAMP.unpack_from(self._controls, at + _BESIDE.size)
                taken = seconds * SECOND + rest
            elif level == socket.SOL_SOCKET and kind == SO_RXQ_OVFL:
                (dropped,) = _COUNT.unpack_from(self._controls, at + _BESIDE.size)
            at += socket.CMSG_SPACE(size - _BESIDE.size)
        return taken, dropped


def _read_address(name: bytearray) -> Address:
    (family,) = _FAMILY.unpack_from(name)
    (port,) = _PORT.unpack_from(name, 2)
    place = name[4:8] if family == socket.AF_INET else name[8:24]
    return socket.inet_ntop(family, place), port


def _address(room: bytearray) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(room))

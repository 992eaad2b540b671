"""Classic packet filter programs on sockets (bpf(4); SO_ATTACH_FILTER of socket(7))."""

import ctypes
import socket
import struct
from collections.abc import Sequence
from typing import TypeAlias

Instruction: TypeAlias = "tuple[int, int, int, int]"
"""Code, jumps if true and if false, operand (struct sock_filter)."""
RETURN = 0x06
DROP_ALL: Sequence[Instruction] = ((RETURN, 0, 0, 0),)
"""Drops everything."""
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

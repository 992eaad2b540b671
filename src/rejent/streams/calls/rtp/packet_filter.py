"""What the kernel hands to a socket: programs of its packet filter (bpf(4), classic form; SO_ATTACH_FILTER of socket(7))."""

import ctypes
import socket
import struct
from collections.abc import Sequence
from typing import TypeAlias

Instruction: TypeAlias = "tuple[int, int, int, int]"
"""Code, jumps where it is true and where not, and a number (struct sock_filter)."""
RETURN = 0x06
NOTHING: Sequence[Instruction] = ((RETURN, 0, 0, 0),)
"""Lets nothing through."""
_SO_ATTACH_FILTER, _SO_DETACH_FILTER = 26, 27
"""Linux's numbers (asm-generic/socket.h), which Python does not name."""


def attach(listening: socket.socket, program: Sequence[Instruction]) -> None:
    """Let only through what a program lets through.

    Raises:
        OSError: the kernel does not take it.
    """
    code = b"".join(struct.pack("@HBBI", *each) for each in program)
    kept = ctypes.create_string_buffer(code)
    listening.setsockopt(
        socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HxxxxxxP", len(program), ctypes.addressof(kept))
    )


def detach(listening: socket.socket) -> None:
    """Let everything through again."""
    listening.setsockopt(socket.SOL_SOCKET, _SO_DETACH_FILTER, 0)

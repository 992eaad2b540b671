"""CAP_NET_RAW of a process: giving it up (capabilities(7)).

A service with the capability to look at a network hands it to every process it starts; all but the one that needs it
give it up at once, for themselves and for whatever they start.
"""

import ctypes
import os
import struct
from typing import Final

_NET_RAW: Final = 13
_VERSION_3: Final = 0x20080522
_DROP_BOUNDING, _AMBIENT, _AMBIENT_LOWER = 24, 47, 3
_SETS = struct.Struct("@6I")
"""Effective, permitted and inheritable, the lower 32 capabilities and then the upper."""


def drop_net_raw() -> None:
    """Drop the capability for this thread and all it starts later. Raises `OSError` if the kernel refuses."""
    library = ctypes.CDLL(None, use_errno=True)
    rest = (ctypes.c_ulong(0), ctypes.c_ulong(0))
    library.prctl(_AMBIENT, ctypes.c_ulong(_AMBIENT_LOWER), ctypes.c_ulong(_NET_RAW), *rest)
    library.prctl(_DROP_BOUNDING, ctypes.c_ulong(_NET_RAW), ctypes.c_ulong(0), *rest)
    kept = [part & ~(1 << _NET_RAW) if place < 3 else part for place, part in enumerate(_sets())]
    if library.capset(ctypes.create_string_buffer(struct.pack("@Ii", _VERSION_3, 0)), _SETS.pack(*kept)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _sets() -> tuple[int, ...]:
    library = ctypes.CDLL(None, use_errno=True)
    sets = ctypes.create_string_buffer(_SETS.size)
    if library.capget(ctypes.create_string_buffer(struct.pack("@Ii", _VERSION_3, 0)), sets):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return _SETS.unpack(sets.raw)

"""The process that the program runs in: one of a name, without CAP_NET_RAW (capabilities(7)), its imports without garbage collection.

A service with the capability to look at a network hands it to every process it starts; all but the one that needs it give it up at
once, for themselves and for whatever they start.
"""

import ctypes
import fcntl
import gc
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rejent.kernel.numbers import read_number


@contextmanager
def after_predecessor(name: str, folder: Path) -> Iterator[None]:
    """Wait until the process of the same name that a killed supervisor left has finished; then keep others waiting.

    The lock's file says our number, and in a second line when we began: a number alone may be the predecessor's still.
    """
    with _lock_file(name or "none", folder).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n{_begun(os.getpid())}\n")
        lock.flush()
        yield


def _lock_file(name: str, folder: Path) -> Path:
    return folder / f"process-{name}.lock"


def is_running(name: str, folder: Path) -> bool:
    """Return whether a process of this name still runs here, left by a killed supervisor."""
    try:
        with _lock_file(name, folder).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def running_pid(name: str, folder: Path) -> int | None:
    """Return the number of the process of this name that runs here, or nothing; nothing also before it has said its number."""
    if not is_running(name, folder):
        return None
    number, _, begun = _lock_file(name, folder).read_text(encoding="ascii").strip().partition("\n")
    process = read_number(number, most=2**22)  # the most that Linux numbers (PID_MAX_LIMIT)
    return process if process and begun and _begun(process) == begun else None


def _begun(process: int) -> str:
    """Return a process's start in ticks since boot (proc_pid_stat(5), field 22); empty where unknown."""
    try:
        stated = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    state, *rest = stated.rpartition(")")[2].split()
    return "" if state in {"Z", "X"} else rest[18]


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


@contextmanager
def loading() -> Iterator[None]:
    """Disable garbage collection in this block and exempt what it made from later searches (`gc.freeze`)."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()

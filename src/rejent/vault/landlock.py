"""Confinement of recorders by Landlock (Linux 5.13 and later, ``landlock(7)``), so that they cannot open the keys.

Landlock takes from a process and its children every right to files that was not listed. Nothing can be taken out of an
allowed folder again, so a folder that contains the keys is never allowed itself, only its other content; folders a
recorder writes to must exist before it is confined.
"""

import ctypes
import errno
import os
import platform
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rejent.vault.store.posix import FOLDER_MODE
from rejent.vault.store.spool import OWNER, spool_folder

_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_MACHINES: Final = {"x86_64", "aarch64", "riscv64"}
"""Machines whose kernels number these calls so; all that Debian 12 and later run on here."""
_VERSION: Final = 1
_LINKING: Final = 2
"""Version of Landlock from which a file can be linked into another folder (Linux 5.19)."""
_TRUNCATING: Final = 3
"""From which it covers truncate(2) (Linux 6.2)."""
_PATH_BENEATH: Final = 1
_NO_NEW_PRIVILEGES: Final = 38
_DROP_FROM_BOUND: Final = 24
_CAPABILITIES_VERSION: Final = 0x20080522
_SPYING: Final = (2, 19, 21, 38)
"""Capabilities of root past Landlock: DAC_READ_SEARCH opens files by handle; SYS_PTRACE, SYS_ADMIN and PERFMON read what ``/proc`` has of others."""

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_FIRST_RIGHTS: Final = (1 << 13) - 1
"""Rights of the first version: the four above, removing, and making files of each kind."""
_MAKE_DEVICES: Final = 1 << 6 | 1 << 11
"""Making character and block devices, which no recorder needs."""
_MAKE_FOLDER, _MAKE_FILE = 1 << 7, 1 << 8
_REFER, _TRUNCATE, _DEVICE = 1 << 13, 1 << 14, 1 << 15
_READ: Final = _EXECUTE | _READ_FILE | _READ_FOLDER
_OF_FILES: Final = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _DEVICE
"""Rights that may be given to a file; the others only to a folder."""


DEVICES: Final = tuple(Path("/dev", name) for name in ("null", "zero", "full", "random", "urandom", "shm"))
"""Devices a program needs of ``/dev``; disks are none of them."""


@dataclass(frozen=True, slots=True)
class Confinement:
    """The result of confining a process: whether it is ``effective``, and the ``reason`` why not, or not wholly."""

    effective: bool
    reason: str = ""


def confine(
    read: Iterable[Path], write: Iterable[Path], never: Path, *, link_into: Iterable[Path] = ()
) -> Confinement:
    """Forbid this thread and all it starts every file but those to ``read`` and ``write``; cannot be undone.

    The folder ``never`` stays out of reach even within a listed one. Into ``link_into`` files are linked from elsewhere, and folders
    made, but nothing there is changed, renamed, replaced or removed: a link that would give more rights to a file than it has is
    refused, too. Before Linux 5.19 nothing can be linked from elsewhere, so that all there may be changed. The environment and memory of other processes are out of reach: by Landlock, and of root by the capabilities that it
    gives up. Call it before other threads start; missing paths are ignored, open files stay open.
    """
    version, left = _version(), describe_kernel_limits()
    if version < 1:
        return Confinement(effective=False, reason=left)
    handled = _FIRST_RIGHTS | (_REFER if version >= _LINKING else 0) | (_TRUNCATE if version >= 3 else 0)
    handled |= _DEVICE if version >= 5 else 0
    attributes = ctypes.c_uint64(handled)
    try:
        ruleset = _call(_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(8), ctypes.c_uint32(0))
    except OSError as error:
        return Confinement(effective=False, reason=f"Landlock refuses: {error.strerror}.")
    try:
        changing = handled & ~_MAKE_DEVICES
        linking = _READ | _MAKE_FILE | _MAKE_FOLDER | _REFER if version >= _LINKING else changing
        for paths, rights in ((read, _READ), (write, changing), (link_into, linking)):
            for path in paths:
                for part in _beside(path.resolve(), never.resolve()):
                    _allow(ruleset, part, rights)
        _drop_capabilities()
        _forbid_new_privileges()
        _call(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    except OSError as error:
        return Confinement(effective=False, reason=f"Landlock refuses: {error.strerror}.")
    finally:
        os.close(ruleset)
    return Confinement(effective=True, reason=left)


def describe_kernel_limits() -> str:
    """Return in a sentence what this kernel cannot keep a recorder from; empty where it confines it wholly."""
    version = _version()
    if version < 1:
        return (
            "This kernel does not confine recorders: it has no Landlock (Linux 5.13), or it is switched off."
        )
    if version < _LINKING:
        return "This kernel lets a recorder change stored files, and cut every file of the program to nothing, keys included: its Landlock is one before Linux 5.19."
    if version < _TRUNCATING:
        return "This kernel lets a recorder cut every file of the program to nothing, keys included: its Landlock is one before Linux 6.2."
    return ""


def confine_recorder(
    directory: Path,
    owner: str = OWNER,
    *,
    reads_files: bool = False,
    removes_objects: bool = False,
    read: Iterable[str] = (),
    change: Iterable[str] = (),
) -> Confinement:
    """Leave a recorder the program, the system, and of its installation's folder what it writes; nothing in ``keys``.

    What has its name in the store, and what other processes write there, it reads alone, unless it ``removes_objects``: it writes in
    the spool of ``owner``, its process. Secrets must have been read before, and every folder
    of ``directory`` must exist. ``read`` and ``change`` are further folders; ``reads_files`` lets it read files anywhere outside
    ``directory``, for sources that are files.
    """
    vault = directory / "vault"
    spool = spool_folder(vault, owner)
    if vault.is_dir():
        for folder in (spool.parent, spool):
            folder.mkdir(FOLDER_MODE, exist_ok=True)
    written = [directory / "catalog", vault if removes_objects else spool, directory / "run"]
    outside = _beside(Path("/"), directory.resolve()) if reads_files else ()
    readable = [*program_paths(), *outside, *map(Path, read)]
    return confine(
        readable, [*written, *DEVICES, *map(Path, change)], never=directory / "keys", link_into=[vault]
    )


def confine_reader(*files: Path) -> Confinement:
    """Leave a parser of strangers' input the program and these files to read, nothing to change; more calls take more away."""
    return confine([*program_paths(), *DEVICES, *files], [], never=Path("/nowhere"))


def program_paths() -> list[Path]:
    """Return the paths any Python program reads: the system, the interpreter, its packages and its own processes' state."""
    system = [
        Path(place)
        for place in ("/usr", "/bin", "/lib", "/lib64", "/etc", "/proc", "/sys", "/run/systemd/resolve")
    ]
    return [*system, Path(sys.prefix), Path(sys.base_prefix), *(Path(place) for place in sys.path if place)]


def is_read_by_programs(file: Path) -> bool:
    """Return whether a file lies where any confined process reads, as far as its owner's rights let it."""
    resolved = file.resolve()
    return any(resolved.is_relative_to(path.resolve()) for path in program_paths())


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def _beside(path: Path, never: Path) -> Iterator[Path]:
    """Yield the path, or, where the forbidden folder lies in it, everything in it but that folder."""
    if path != never and path not in never.parents:
        yield path
    elif path != never and path.is_dir():
        for child in path.iterdir():
            if not child.is_symlink():
                yield from _beside(child, never)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        number = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(number).st_mode):
            rights &= _OF_FILES
        rule = _PathBeneath(rights, number)
        _call(
            _ADD_RULE,
            ctypes.c_int(ruleset),
            ctypes.c_int(_PATH_BENEATH),
            ctypes.byref(rule),
            ctypes.c_uint32(0),
        )
    finally:
        os.close(number)


def _version() -> int:
    if platform.system() != "Linux" or platform.machine() not in _MACHINES:
        return 0
    try:
        return _call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    except OSError as error:
        if error.errno in {errno.ENOSYS, errno.EOPNOTSUPP}:
            return 0
        raise


def _forbid_new_privileges() -> None:
    _check(_library().prctl(_NO_NEW_PRIVILEGES, *(ctypes.c_ulong(value) for value in (1, 0, 0, 0))))


class _CapabilitySets(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def _drop_capabilities() -> None:
    """Give up, for good and for all that is started, the capabilities that see past Landlock; an ordinary user has none of them (``capabilities(7)``)."""
    library, head = _library(), (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
    held = (_CapabilitySets * 2)()
    _check(library.capget(head, held))
    if not any(held[number // 32].permitted >> number % 32 & 1 for number in _SPYING):
        return
    for number in _SPYING:
        _check(library.prctl(_DROP_FROM_BOUND, *(ctypes.c_ulong(value) for value in (number, 0, 0, 0))))
        sets, kept = held[number // 32], ~(1 << number % 32)
        sets.effective, sets.permitted, sets.inheritable = (
            sets.effective & kept,
            sets.permitted & kept,
            sets.inheritable & kept,
        )
    _check(library.capset(head, held))


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _call(number: int, *arguments: object) -> int:
    return _check(_library().syscall(ctypes.c_long(number), *arguments))

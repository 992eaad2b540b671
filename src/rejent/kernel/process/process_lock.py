"""One process of a name at a time, and which one it is."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
    return int(number) if begun and _begun(int(number)) == begun else None


def _begun(process: int) -> str:
    """Return a process's start in ticks since boot (proc_pid_stat(5), field 22); empty where unknown."""
    try:
        told = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    state, *rest = told.rpartition(")")[2].split()
    return "" if state in {"Z", "X"} else rest[18]

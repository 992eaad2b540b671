"""Work that waits for the store, counted for each source, so that none can use up what all share."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import structlog

from rejent.kernel.errors import RejentError

log = structlog.get_logger(__name__)

MOST_BYTES = 128 * 1024 * 1024
"""Bytes of fragments that may wait for the store, all sources together."""
MOST_JOBS = 256
"""Jobs of one source that may wait before it gets no more: two minutes of a camera's fragments."""


class Backlog:
    """Bytes and jobs that wait, at most ``most_bytes`` of all sources and ``most_jobs`` of one (more for one with many writers).

    A source may add while it holds no more than is still free: one alone gets half, and however many take all they can, as
    much as each holds stays free for the next.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, most_jobs: int = MOST_JOBS) -> None:
        self._most_jobs = most_jobs
        self._lock = threading.Lock()
        self._free = most_bytes
        self._bytes: Counter[str] = Counter()
        self._jobs: Counter[str] = Counter()

    def jobs(self, source_id: str) -> int:
        """Count the unfinished jobs of a source."""
        return self._jobs[source_id]

    def is_full(self, source_id: str) -> bool:
        """Return whether a source has so many jobs that it may begin nothing new."""
        return self._jobs[source_id] >= self._most_jobs

    def reserve(self, source_id: str, size: int) -> bool:
        """Count ``size`` more bytes of a source; return False, counting nothing, if there is no room."""
        with self._lock:
            if self.is_full(source_id) or self._bytes[source_id] + size > self._free - size:
                return False
            self._bytes[source_id] += size
            self._free -= size
            return True

    def release(self, source_id: str, size: int) -> None:
        """Remove bytes that wait no longer."""
        with self._lock:
            self._bytes[source_id] -= size
            self._free += size

    def begin(self, source_id: str) -> None:
        """Count one more job."""
        with self._lock:
            self._jobs[source_id] += 1

    def done(self, source_id: str) -> None:
        """Remove one job."""
        with self._lock:
            self._jobs[source_id] -= 1


_Result = TypeVar("_Result")


def run_logged(work: Callable[[], _Result]) -> _Result | None:
    """Run a job and log what it raises, which must not end the thread that all sources share; then return `None`."""
    try:
        return work()
    except RejentError as error:
        log.exception("sealing.failed", code=error.code)
    except Exception:
        log.exception("sealing.failed")
    return None

"""What waits for the store, counted for each source, so that none can take what all of them share."""

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
"""Pieces of work of one source that may wait before it is given no more: two minutes of a camera's fragments."""


class Waiting:
    """Bytes and pieces of work that wait.

    A source is given room as long as it holds no more than is still free. One alone gets half, and however many ask for
    all they can get, as much as each of them holds stays free for the next.

    Args:
        most_bytes: that may wait, all sources together.
        most_jobs: pieces of work of one source that may wait; more for a source that has many writers at once.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, most_jobs: int = MOST_JOBS) -> None:
        self._most_jobs = most_jobs
        self._lock = threading.Lock()
        self._free = most_bytes
        self._bytes: Counter[str] = Counter()
        self._jobs: Counter[str] = Counter()

    def jobs(self, source_id: str) -> int:
        """Pieces of work of a source that are not done."""
        return self._jobs[source_id]

    def crowded(self, source_id: str) -> bool:
        """Whether so much of a source waits that it may begin nothing new."""
        return self._jobs[source_id] >= self._most_jobs

    def reserve(self, source_id: str, size: int) -> bool:
        """Whether ``size`` more bytes of a source may wait; counts them if so."""
        with self._lock:
            if self.crowded(source_id) or self._bytes[source_id] + size > self._free - size:
                return False
            self._bytes[source_id] += size
            self._free -= size
            return True

    def release(self, source_id: str, size: int) -> None:
        """Bytes that wait no longer."""
        with self._lock:
            self._bytes[source_id] -= size
            self._free += size

    def begin(self, source_id: str) -> None:
        """One more piece of work waits."""
        with self._lock:
            self._jobs[source_id] += 1

    def done(self, source_id: str) -> None:
        """One piece of work waits no longer."""
        with self._lock:
            self._jobs[source_id] -= 1


_Result = TypeVar("_Result")


def attempted(work: Callable[[], _Result]) -> _Result | None:
    """The result of one piece of work; whatever it raises must not end the thread that all sources share."""
    try:
        return work()
    except RejentError as error:
        log.exception("sealing.failed", code=error.code)
    except Exception:
        log.exception("sealing.failed")
    return None

"""The sink that calls are recorded into: what fills a chunk slowly is made safe twice a second, and a line may have many calls."""

from collections.abc import Callable
from datetime import date

from rejent.recording.contract import BookingPort
from rejent.recording.sink import SealingSink
from rejent.vault.age import Recipient
from rejent.vault.store.object_store import ObjectStore

TAIL_AFTER_S = 0.25
"""Seconds of a call that a chunk may hold before its companion is written: less than a fragment, so that each is safe at once."""
MOST_JOBS = 20_000
"""Fragments of one line that may wait: ten seconds of a thousand calls."""


def calls_sink(
    store: ObjectStore, recipient_for: Callable[[str, date], Recipient | None], books: BookingPort
) -> SealingSink:
    """A sink for calls; its arguments are those of `SealingSink`."""
    return SealingSink(store, recipient_for, books, tail_after_s=TAIL_AFTER_S, most_jobs=MOST_JOBS)

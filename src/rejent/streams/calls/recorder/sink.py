"""The sealing sink for calls: chunks fill slowly, and a line may have many calls."""

from collections.abc import Callable
from datetime import date

from rejent.recording.contract import BookingPort
from rejent.recording.sink import SealingSink
from rejent.vault.age import Recipient
from rejent.vault.store.object_store import ObjectStore

TAIL_AFTER_S = 0.25
"""Seconds of a call in an unfinished chunk before its companion is written: less than a fragment."""
MAX_JOBS = 20_000
"""Queued fragments per line: ten seconds of a thousand calls."""


def calls_sink(
    store: ObjectStore, recipient_for: Callable[[str, date], Recipient | None], books: BookingPort
) -> SealingSink:
    """Return a sink for calls; arguments as for `SealingSink`."""
    return SealingSink(store, recipient_for, books, tail_after_s=TAIL_AFTER_S, most_jobs=MAX_JOBS)

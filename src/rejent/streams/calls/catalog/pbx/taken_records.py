"""What the ledger says of the call records that were taken in at once, and of each file: enough to notice that one was changed.

Each record's commitment stands in its row, with its salt; the act holds a digest of them all. Salt and told facts go together;
what stays of the commitment then is 32 bytes that nothing can be learnt by.
"""

import json
from collections.abc import Iterable
from datetime import UTC
from hashlib import sha256

from rejent.streams.calls.catalog.numbers.commitments import commitment
from rejent.streams.calls.catalog.pbx.models import CallRecord, PbxFile

_TOLD = (
    "mark",
    "record_id",
    "linked_id",
    "stated",
    "assumed",
    "direction",
    "caller",
    "called",
    "outcome",
    "file",
    "raw",
)


def record_commitment(row: CallRecord) -> str:
    """What is entered of all that a record tells, hexadecimal; nothing where its salt is none of ours."""
    start = row.start.astimezone(UTC).isoformat() if row.start else None
    seconds = float(row.seconds) if row.seconds is not None else None
    told = [row.day.isoformat(), start, seconds, *(getattr(row, name) for name in _TOLD)]
    return commitment(row.salt, json.dumps(told))


def file_commitment(row: PbxFile) -> str:
    """The same of a file of an exchange: what it is known by, its civil date, name, length and content."""
    return commitment(row.salt, json.dumps([row.mark, row.day.isoformat(), row.name, row.bytes, row.digest]))


def digest_of_taken(commitments: Iterable[str]) -> str:
    """The digest that the act holds of the records it tells of, in whatever order they come."""
    return sha256("\n".join(sorted(commitments)).encode()).hexdigest()

"""Notes' part of ``fsck``: an index counts as many notes as were booked."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rejent.catalog import queries as catalog
from rejent.formats.record_index import RecordIndex
from rejent.kernel.findings import Finding

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def _miscounted(at: datetime) -> Iterator[Finding]:
    for source in catalog.sources("notes", removed=True):
        for segment in catalog.segments(source.id, _BEGINNING, at):
            if RecordIndex.decode(segment.index).units != segment.units:
                template = "The index of segment {segment} counts other notes than were booked."
                yield Finding("catalog", "notes.miscounted", template, {"segment": segment.id})


CHECKS = {"notes.unreadable": _miscounted}

"""What was kept of a source of records, as its recorder reads it when it starts, so that what is told again is kept once."""

from datetime import datetime

from rejent.catalog import queries
from rejent.formats.record_index import Coverage, RecordIndex


def known_coverage(source_id: str, since: datetime, until: datetime) -> Coverage:
    """Return which sequences of which devices lie in the objects of an interval; what a killed recorder left counts once it is mended."""
    found = Coverage()
    for segment in queries.segments(source_id, since, until):
        if segment.index:
            found.join(RecordIndex.decode(segment.index).coverage)
    return found

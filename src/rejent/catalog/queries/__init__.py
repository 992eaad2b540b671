"""Everything the catalogue answers."""

from rejent.catalog.queries.calls import call, calls_on, find_calls, segments_of
from rejent.catalog.queries.changes import version
from rejent.catalog.queries.keeping import kept_days, keys_in_use, objects_under
from rejent.catalog.queries.keys import missing_day_keys, recipient
from rejent.catalog.queries.lines import UnendedCall, unended_calls
from rejent.catalog.queries.recordings import (
    covered_until,
    cut_short,
    day_summary,
    gaps,
    living_days,
    month_summary,
    segment,
    segments,
    stored_objects,
    totals,
)
from rejent.catalog.queries.sources import (
    heard_until,
    recorder_slots,
    recorder_sources,
    source,
    source_by_name,
    sources,
    stream_of,
    streams,
)
from rejent.catalog.queries.storage import storage_forecast
from rejent.catalog.queries.volumes import known_volume

__all__ = [
    "UnendedCall",
    "call",
    "calls_on",
    "covered_until",
    "cut_short",
    "day_summary",
    "find_calls",
    "gaps",
    "heard_until",
    "kept_days",
    "keys_in_use",
    "known_volume",
    "living_days",
    "missing_day_keys",
    "month_summary",
    "objects_under",
    "recipient",
    "recorder_slots",
    "recorder_sources",
    "segment",
    "segments",
    "segments_of",
    "source",
    "source_by_name",
    "sources",
    "storage_forecast",
    "stored_objects",
    "stream_of",
    "streams",
    "totals",
    "unended_calls",
    "version",
]

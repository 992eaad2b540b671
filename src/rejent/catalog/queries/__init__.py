"""Everything the catalogue answers."""

from rejent.catalog.queries.changes import version
from rejent.catalog.queries.items import (
    is_withdrawn,
    names_reaching,
    objects_of_item,
    objects_reaching,
    unaccounted,
    verified_run,
    withdrawn_digests,
)
from rejent.catalog.queries.key_use import kept_days, keys_in_use, objects_under
from rejent.catalog.queries.keys import day_keys_from, missing_day_keys, recipient, stored_day_keys_from
from rejent.catalog.queries.recordings import (
    covered_until,
    cut_short,
    gaps,
    living_days,
    longest_of,
    month_summary,
    segment,
    segments,
    stored_objects,
    totals,
    verified_segment,
)
from rejent.catalog.queries.sources import (
    OF_SOURCES,
    heard_until,
    recorder_slots,
    recorder_sources,
    source,
    source_by_name,
    sources,
    stream_of,
    streams,
    verified_stream_of,
)
from rejent.catalog.queries.storage import storage_forecast
from rejent.catalog.queries.volumes import demand_there, known_volume, volume_if_known

__all__ = [
    "OF_SOURCES",
    "covered_until",
    "cut_short",
    "day_keys_from",
    "demand_there",
    "gaps",
    "heard_until",
    "is_withdrawn",
    "kept_days",
    "keys_in_use",
    "known_volume",
    "living_days",
    "longest_of",
    "missing_day_keys",
    "month_summary",
    "names_reaching",
    "objects_of_item",
    "objects_reaching",
    "objects_under",
    "recipient",
    "recorder_slots",
    "recorder_sources",
    "segment",
    "segments",
    "source",
    "source_by_name",
    "sources",
    "storage_forecast",
    "stored_day_keys_from",
    "stored_objects",
    "stream_of",
    "streams",
    "totals",
    "unaccounted",
    "verified_run",
    "verified_segment",
    "verified_stream_of",
    "version",
    "volume_if_known",
    "withdrawn_digests",
]

"""Everything the catalogue answers."""

from rejent.catalog.queries.calls import (
    call,
    calls_known,
    calls_on,
    find_calls,
    last_call,
    refused_calls,
    segments_of,
    was_refused,
)
from rejent.catalog.queries.changes import version
from rejent.catalog.queries.keeping import kept_days, keys_in_use, objects_under
from rejent.catalog.queries.keys import missing_day_keys, recipient
from rejent.catalog.queries.lines import UnendedCall, unended_calls
from rejent.catalog.queries.notices import (
    announced,
    announcement_at,
    announcement_version,
    announcements,
    announcers,
    calls_to_search,
    notices,
    unannounced,
)
from rejent.catalog.queries.recordings import (
    covered_until,
    cut_short,
    day_summary,
    gaps,
    living_days,
    longest_of,
    month_summary,
    segment,
    segments,
    stored_objects,
    totals,
)
from rejent.catalog.queries.refusals import RefusalView, refusals, refused_numbers
from rejent.catalog.queries.sources import (
    drill_lines,
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
from rejent.catalog.queries.sworn import objects_of_call, sworn_interval, sworn_run
from rejent.catalog.queries.volumes import known_volume

__all__ = [
    "RefusalView",
    "UnendedCall",
    "announced",
    "announcement_at",
    "announcement_version",
    "announcements",
    "announcers",
    "call",
    "calls_known",
    "calls_on",
    "calls_to_search",
    "covered_until",
    "cut_short",
    "day_summary",
    "drill_lines",
    "find_calls",
    "gaps",
    "heard_until",
    "kept_days",
    "keys_in_use",
    "known_volume",
    "last_call",
    "living_days",
    "longest_of",
    "missing_day_keys",
    "month_summary",
    "notices",
    "objects_of_call",
    "objects_under",
    "recipient",
    "recorder_slots",
    "recorder_sources",
    "refusals",
    "refused_calls",
    "refused_numbers",
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
    "sworn_interval",
    "sworn_run",
    "totals",
    "unannounced",
    "unended_calls",
    "version",
    "was_refused",
]

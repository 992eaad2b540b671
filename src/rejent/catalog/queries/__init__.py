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
from rejent.catalog.queries.keys import day_keys_from, missing_day_keys, recipient
from rejent.catalog.queries.lines import UnendedCall, keeps_undecided, unended_calls
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
from rejent.catalog.queries.sources import (heard_until, recorder_slots, recorder_sources, source, source_by_name, sources, stream_of, streams)
from rejent.streams.calls.catalog.queries.lines import (drill_lines)
from rejent.catalog.queries.storage import storage_forecast
from rejent.catalog.queries.sworn import may_be_entered, objects_of_call, sworn_interval, sworn_run
from rejent.catalog.queries.volumes import demand_there, known_volume, volume_if_known

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
    "day_keys_from",
    "day_summary",
    "demand_there",
    "drill_lines",
    "find_calls",
    "gaps",
    "heard_until",
    "keeps_undecided",
    "kept_days",
    "keys_in_use",
    "known_volume",
    "last_call",
    "living_days",
    "longest_of",
    "may_be_entered",
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
    "volume_if_known",
    "was_refused",
]

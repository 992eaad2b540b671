"""Everything the catalogue answers."""

from rejent.catalog.queries.items import (
    is_withdrawn,
    names_reaching,
    objects_of_item,
    objects_reaching,
    unaccounted,
    verified_run,
    withdrawn_digests,
)
from rejent.catalog.queries.keys import (
    day_keys_from,
    kept_days,
    keys_in_use,
    missing_day_keys,
    objects_under,
    recipient,
    stored_day_keys_from,
)
from rejent.catalog.queries.names import is_neutral_name, suggest_neutral_name
from rejent.catalog.queries.recordings import (
    covered_until,
    cut_short,
    destroyed_seconds,
    gaps,
    living_days,
    longest_of,
    month_summary,
    recorded_days,
    segment,
    segments,
    stored_objects,
    totals,
    verified_segment,
    verified_segments,
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
    unmarked_sources,
    verified_stream_of,
    version,
)
from rejent.catalog.queries.storage import require_there, storage_forecast, volume_if_known

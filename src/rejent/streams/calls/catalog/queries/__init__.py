"""Every query of lines and calls."""

from rejent.streams.calls.catalog.queries.calls import (
    call,
    calls_known,
    calls_of,
    calls_on,
    find_calls,
    is_as_entered,
    last_call,
    may_be_entered,
    misdescribed,
    object_number,
    refused_calls,
    segments_of,
    verified_call,
    was_refused,
)
from rejent.streams.calls.catalog.queries.lines import (
    RefusalView,
    drill_lines,
    keeps_undecided,
    refusals,
    refused_numbers,
    unended_calls,
)
from rejent.streams.calls.catalog.queries.notices import (
    announced,
    announcement_at,
    announcement_version,
    announcements,
    announcers,
    calls_to_search,
    notices,
    unannounced,
    unannounced_calls,
)

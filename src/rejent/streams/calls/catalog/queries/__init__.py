"""Everything the catalogue answers of lines and calls."""

from rejent.streams.calls.catalog.queries.calls import (
    call,
    calls_known,
    calls_on,
    find_calls,
    last_call,
    refused_calls,
    segments_of,
    was_refused,
)
from rejent.streams.calls.catalog.queries.lines import (
    UnendedCall,
    drill_lines,
    keeps_undecided,
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
)
from rejent.streams.calls.catalog.queries.refusals import RefusalView, refusals, refused_numbers
from rejent.streams.calls.catalog.queries.sworn import (
    may_be_entered,
    sworn_interval,
)

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
    "drill_lines",
    "find_calls",
    "keeps_undecided",
    "last_call",
    "may_be_entered",
    "notices",
    "refusals",
    "refused_calls",
    "refused_numbers",
    "segments_of",
    "sworn_interval",
    "unannounced",
    "unended_calls",
    "was_refused",
]

"""Every query of lines and calls."""

from rejent.streams.calls.catalog.queries.calls import (
    call,
    calls_known,
    calls_on,
    find_calls,
    is_as_entered,
    last_call,
    may_be_entered,
    misdescribed,
    refused_calls,
    segments_of,
    verified_call,
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
    "is_as_entered",
    "keeps_undecided",
    "last_call",
    "may_be_entered",
    "misdescribed",
    "notices",
    "refusals",
    "refused_calls",
    "refused_numbers",
    "segments_of",
    "unannounced",
    "unended_calls",
    "verified_call",
    "was_refused",
]

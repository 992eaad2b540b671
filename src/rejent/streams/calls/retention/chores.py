"""Chores of the keepers for calls, done each round."""

from rejent.content.opening import open_for_keeper
from rejent.retention.stream_parts import Chore, When
from rejent.streams.calls.catalog.services.completeness import compare_hour
from rejent.streams.calls.player.announcements import find_announcements
from rejent.streams.calls.retention.abandoned import end_abandoned_calls
from rejent.streams.calls.retention.records_past_term import forget_ended_records, records_against_terms
from rejent.streams.calls.retention.withdrawal import withdraw_refused

CHORES = (
    Chore("completeness", When.BEFORE, lambda keeping, _: compare_hour(clock=keeping.clock)),
    Chore("call records", When.BEFORE, lambda keeping, _: forget_ended_records(clock=keeping.clock)),
    Chore("calls", When.MENDED, lambda keeping, _: end_abandoned_calls(clock=keeping.clock)),
    Chore("refusals", When.UNDER_HOLDS, withdraw_refused),
    Chore(
        "announcements",
        When.AFTER,
        lambda keeping, _: find_announcements(open_for_keeper(), clock=keeping.clock),
    ),
)
TERM_CHECKS = {"call-records": lambda keeping: records_against_terms(keeping.clock)}

"""Everything that changes what the catalogue holds of lines and calls."""

from rejent.streams.calls.catalog.services.announcements import set_announcement, set_announcer
from rejent.streams.calls.catalog.services.calls import (
    STOPPED,
    begin_call,
    decide_withdrawal,
    end_call,
    end_overlong,
    forget_destroyed_calls,
    leave_out_call,
    name_parties,
    reach_to,
    refuse_call,
    why_stopped,
    withdraw_call,
)
from rejent.streams.calls.catalog.services.lines import add_line, change_line
from rejent.streams.calls.catalog.services.notices import (
    confirm_read,
    match_heard,
    note_heard,
    note_read,
    note_searched,
    record_notices,
)
from rejent.streams.calls.catalog.services.refusals import allow_number, refuse_number
from rejent.streams.calls.catalog.views import BegunCall

"""Everything that changes the catalogue."""

from rejent.catalog.services.announcements import set_announcement, set_announcer
from rejent.catalog.services.calls import (
    STOPPED,
    begin_call,
    end_call,
    end_overlong,
    forget_destroyed_calls,
    leave_out_call,
    reach_to,
    refuse_call,
    why_stopped,
    withdraw_call,
)
from rejent.catalog.services.gaps import close_gap, open_gap
from rejent.catalog.services.lines import add_line, change_line
from rejent.catalog.services.mending import mark_held, note_mended
from rejent.catalog.services.notices import (
    confirm_read,
    match_heard,
    note_heard,
    note_read,
    note_sought,
    record_notices,
)
from rejent.catalog.services.readings import read_storage, report_health
from rejent.catalog.services.refusals import allow_number, refuse_number
from rejent.catalog.services.segments import book_segments, mark_destroyed, note_resealed
from rejent.catalog.services.sources import (
    add_source,
    change_source,
    forget_day_key,
    remove_source,
    replace_day_key,
    store_day_keys,
    switch_source,
)
from rejent.catalog.services.sweep import sweep_gaps
from rejent.catalog.services.volumes import accept_restored, adopt_volume, open_volume
from rejent.catalog.views import (FinishedSegment, HealthReport)
from rejent.streams.calls.catalog.views import (BegunCall)

__all__ = [
    "STOPPED",
    "BegunCall",
    "FinishedSegment",
    "HealthReport",
    "accept_restored",
    "add_line",
    "add_source",
    "adopt_volume",
    "allow_number",
    "begin_call",
    "book_segments",
    "change_line",
    "change_source",
    "close_gap",
    "confirm_read",
    "end_call",
    "end_overlong",
    "forget_day_key",
    "forget_destroyed_calls",
    "leave_out_call",
    "mark_destroyed",
    "mark_held",
    "match_heard",
    "note_heard",
    "note_mended",
    "note_read",
    "note_resealed",
    "note_sought",
    "open_gap",
    "open_volume",
    "reach_to",
    "read_storage",
    "record_notices",
    "refuse_call",
    "refuse_number",
    "remove_source",
    "replace_day_key",
    "report_health",
    "set_announcement",
    "set_announcer",
    "store_day_keys",
    "sweep_gaps",
    "switch_source",
    "why_stopped",
    "withdraw_call",
]

"""Everything that changes the catalogue."""

from rejent.catalog.services.gaps import book_past_gap, close_gap, open_gap
from rejent.catalog.services.mending import mark_held, note_mended
from rejent.catalog.services.segments import book_segments, mark_destroyed, note_resealed
from rejent.catalog.services.sources import (
    add_source,
    change_source,
    forget_day_key,
    remove_source,
    rename_source,
    replace_day_key,
    store_day_keys,
    switch_source,
)
from rejent.catalog.services.storage import (
    accept_restored,
    adopt_volume,
    open_volume,
    read_storage,
    report_health,
)
from rejent.catalog.services.sweep import sweep_gaps
from rejent.catalog.views import FinishedSegment, HealthReport

"""An office with a minute of one call."""

from datetime import UTC, date, datetime
from pathlib import Path

from rejent.kernel.clock import local_midnight
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from tests.unit.retention.office import MINUTE, RecordingOffice

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
"""When the call began."""
CALL = "ab" * 16
PAST_TERM = local_midnight(date(2026, 4, 2))


def office_of_one_call(folder: Path, *, ended: bool = False) -> RecordingOffice:
    """The office; its call is under way unless it ended after its minute."""
    office = RecordingOffice.open(folder, NOON, "walbrzych-mops")
    stated = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 10 555",))
    line = call_services.add_line(name="Line", stated=stated, clock=office.clock, actor="")
    office.sources["line"] = line
    begun = call_services.BegunCall(
        CALL, line, NOON.date(), NOON, "incoming", "105550123", "105550100", "siprec"
    )
    call_services.begin_call(begun, clock=office.clock)
    office.record(line, NOON, b"spoken", run=CALL)
    if ended:
        call_services.end_call(CALL, NOON + MINUTE, "bye", clock=office.clock)
    return office

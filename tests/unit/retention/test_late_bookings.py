"""What is booked of a date whose destruction is done, late from a spool."""

from datetime import UTC, date, datetime, timedelta

from rejent.catalog import services
from rejent.kernel.clock import local_midnight
from rejent.retention.checks import findings
from rejent.retention.models import Destruction
from rejent.retention.services import keep_once
from tests.unit.retention.office import MINUTE, RecordingOffice

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
END = local_midnight(date(2026, 4, 1))


def test_what_is_booked_after_its_destruction_is_counted_beside_it(elblag: RecordingOffice) -> None:
    """The ledger tells of both parts, and the database holds the sum: nothing is found wrong."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"seen")
    late = elblag.record(camera, NOON + 5 * MINUTE, b"late", book=False)
    elblag.go_to(END)
    assert keep_once(elblag.keeping).destroyed_segments == 1
    services.book_segments([late], elblag.clock)
    elblag.clock.advance(timedelta(hours=1))
    assert keep_once(elblag.keeping).destroyed_segments == 1
    assert Destruction.objects.get().segments == 2
    assert list(findings(elblag.keeping)) == []

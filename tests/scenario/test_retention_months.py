"""Weeks of simulated recording across both nights on which the clocks change, for both kinds of period."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from rejent.catalog.views import FinishedSegment
from rejent.kernel.clock import local_midnight
from rejent.retention import checks, services
from rejent.retention.holds.placing import HoldView
from rejent.vault.age.recipients import Identity
from rejent.vault.errors import KeyDestroyedError, ObjectMissingError
from tests.unit.retention.office import MINUTE, RecordingOffice

DAY = timedelta(days=1)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def recorded(office: RecordingOffice, camera: str, night: date) -> Iterator[FinishedSegment]:
    """Minutes around a night on which the clocks change: before it, in its odd hours, up to and from midnight."""
    midnight, following = local_midnight(night), local_midnight(night + DAY)
    starts = [midnight - DAY + timedelta(hours=12), midnight - MINUTE, midnight]
    starts += [midnight + timedelta(minutes=30 + 60 * hour) for hour in range(4)]
    starts += [following - MINUTE, following, following + timedelta(hours=12)]
    for start in starts:
        if start > office.clock.now():
            office.go_to(start)
        yield office.record(camera, start, b"marker-in-clear")


def opens(office: RecordingOffice, segment: FinishedSegment) -> bool:
    """Whether the object that was recorded can still be opened with what the office has."""
    try:
        return b"marker-in-clear@00" in office.content(segment)
    except (KeyDestroyedError, ObjectMissingError):
        return False


def placed_hold(office: RecordingOffice, camera: str, start: datetime, end: datetime) -> HoldView:
    """A hold of what a camera recorded between two instants."""
    return services.place_hold(
        source_id=camera, start=start, end=end, case="OR.1431.1.2026", basis="proceedings", review_on=date(2027, 1, 31),
        clock=office.clock, ledger=None, actor="cli",
    )  # fmt: skip


def written_in_every_way(identity: Identity) -> list[bytes]:
    """How a private key may lie in bytes."""
    text = identity.text.encode()
    raw = identity.private
    return [raw, text, text.lower(), raw.hex().encode(), b64encode(raw)]


def database() -> bytes:
    """Every page of the database."""
    connection.ensure_connection()
    return bytes(connection.connection.serialize())


@pytest.mark.parametrize("night", [SPRING, AUTUMN])
@pytest.mark.parametrize(("regulation", "days_open"), [("elblag", 31), ("pleszew", 30)])
def test_every_minute_lives_to_its_end_and_not_an_instant_longer(
    db: None,  # noqa: ARG001 - asked for its effect
    tmp_path: Path,
    night: date,
    regulation: str,
    days_open: int,
) -> None:
    """A fixed 30 days last 31 midnights, a maximum 30, whatever the clocks do; one held minute outlives all, alone.

    At the end neither the picture nor the private key of its day is found in any byte that is left.
    """
    office = RecordingOffice.open(tmp_path, local_midnight(night - 2 * DAY).replace(tzinfo=UTC), regulation)
    camera = office.add_camera("Hall")
    segments = list(recorded(office, camera, night))
    held = segments[4]
    placed_hold(office, camera, held.start, held.end)
    needles = written_in_every_way(office.keys.identity(camera, held.day))
    day = night + 2 * DAY
    while day <= night + 33 * DAY:
        office.go_to(max(local_midnight(day) - timedelta(microseconds=1), office.clock.now()))
        assert services.keep_once(office.keeping).failed == []
        for segment in segments:
            assert opens(office, segment) is (
                local_midnight(segment.day + (days_open) * DAY) > office.clock.now()
            ), segment
        office.go_to(local_midnight(day))
        assert services.keep_once(office.keeping).failed == []
        for segment in segments:
            assert opens(office, segment) is (segment.day + days_open * DAY > day), segment
        day += DAY
    (survivor,) = office.living(camera, segments[0].start, segments[-1].end)
    assert b"marker-in-clear@59" in office.content(survivor)
    assert survivor.interval == held.interval
    assert list(checks.findings(office.keeping)) == []
    found = [*office.all_bytes(), (Path("database"), database())]
    for needle in [b"marker-in-clear", *needles]:
        assert [path for path, content in found if needle in content] == []


def test_nothing_is_left_of_a_source_once_everything_has_ended(
    db: None,  # noqa: ARG001 - asked for its effect
    tmp_path: Path,
) -> None:
    """When the hold ends as well, the vault holds no object and the key store no key of the past."""
    start = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
    office = RecordingOffice.open(tmp_path, start, "elblag")
    camera = office.add_camera("Hall")
    office.record(camera, start, b"marker-in-clear")
    hold = placed_hold(office, camera, start + timedelta(seconds=10), start + timedelta(seconds=20))
    office.go_to(local_midnight(date(2026, 4, 1)))
    services.keep_once(office.keeping)
    assert len(office.living(camera, start, start + MINUTE)) == 1
    services.end_hold(hold.number, reason="concluded", clock=office.clock, ledger=None, actor="cli")
    services.keep_once(office.keeping)
    assert list(office.store.objects()) == []
    assert all(record.day is not None and record.day >= date(2026, 4, 1) for record in office.keys.alive())
    assert list(checks.findings(office.keeping)) == []

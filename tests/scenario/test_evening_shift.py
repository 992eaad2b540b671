"""One evening in an office, from the first authorisation to the last minute that a hold keeps."""

from collections.abc import Iterator
from datetime import UTC, date, timedelta
from pathlib import Path

import pytest

from rejent.access import checks as access_checks
from rejent.access import queries as access
from rejent.access import services as access_services
from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import Rule
from rejent.access.views import ViewingView
from rejent.catalog import checks as catalog_checks
from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.kernel.clock import local_midnight
from rejent.kernel.findings import Finding
from rejent.office import checks as office_checks
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.retention import checks as retention_checks
from rejent.retention import services as retention
from tests.people import add_person
from tests.unit.retention.office import MINUTE, RecordingOffice

EVENING = date(2026, 10, 24)
"""The evening before the night on which the clocks are put back."""
MIDNIGHT = local_midnight(EVENING + timedelta(days=1))
START = MIDNIGHT - 20 * MINUTE


@pytest.fixture
def office(db: None, tmp_path: Path) -> RecordingOffice:  # noqa: ARG001 - asked for its effect
    """An office that keeps its recordings for thirty days, camera places secret, twenty minutes before midnight."""
    return RecordingOffice.open(tmp_path, START.astimezone(UTC), "elblag")


def add(office: RecordingOffice, username: str, *roles: str) -> PersonView:
    """A person of the office."""
    return add_person(
        f"Person {username}",
        post="",
        roles=roles,
        username=username,
        password="a long and quiet river",
        clock=office.clock,
        actor="cli",
    )


def authorise(
    office: RecordingOffice, person: PersonView, head: PersonView, act: str, until: date | None
) -> str:
    """The head of the office issues an authorisation; its number."""
    return access_services.issue_authorisation(
        person_id=person.id,
        acts=[act],
        stream="video",
        source_ids=None,
        valid_from=date(2026, 10, 1),
        valid_until=until,
        clock=office.clock,
        actor=str(head.id),
    ).number


def record_the_night(office: RecordingOffice, camera: str) -> None:
    """Ten minutes, a crash of five that leaves half a minute to recover, ten minutes over midnight."""
    for minute in range(10):
        office.go_to(START + (minute + 1) * MINUTE)
        office.record(camera, START + minute * MINUTE, b"marker")
    office.go_to(START + 15 * MINUTE)
    catalog_services.sweep_gaps(office.clock)
    office.record(camera, START + 10 * MINUTE, b"marker", seconds=30)
    for minute in range(15, 25):
        office.go_to(START + (minute + 1) * MINUTE)
        office.record(camera, START + minute * MINUTE, b"marker")
    catalog_services.sweep_gaps(office.clock)


def findings(office: RecordingOffice) -> Iterator[Finding]:
    """What fsck says of everything but the ledger."""
    yield from office_checks.findings(office.clock)
    yield from catalog_checks.findings(office.store, office.clock, deep=True)
    yield from access_checks.findings(office.clock)
    yield from retention_checks.findings(office.keeping)


def seen_minute(office: RecordingOffice, viewing: ViewingView, person: PersonView, minute: int) -> bytes:
    """What a page does for one minute: ask for leave, note it, open it."""
    start = START + minute * MINUTE
    access.open_viewing_for(viewing.id, person, "session", clock=office.clock)
    access_services.note_seen(viewing.id, start, start + MINUTE, "clip", clock=office.clock)
    (segment,) = catalog.segments(viewing.source_id, start, start + MINUTE)
    return office.content(segment)


def opened(office: RecordingOffice, viewer: PersonView, camera: str, case: str) -> ViewingView:
    """A viewing of the whole evening."""
    return access_services.open_viewing(
        person=viewer,
        source_id=camera,
        start=START,
        end=START + 25 * MINUTE,
        purpose=next(iter(access.purposes("video", clock=office.clock))),
        case=case,
        session="session",
        clock=office.clock,
        acknowledged=True,
    )


def test_an_evening_is_accounted_for_to_the_second(office: RecordingOffice) -> None:
    """Twenty minutes and a half recorded, four and a half missing with their cause, over midnight, and nothing else."""
    camera = office.add_camera("Front door")
    record_the_night(office, camera)
    (gap,) = catalog.gaps(camera, START, office.clock.now(), clock=office.clock)
    assert (gap.start, gap.end, gap.cause) == (
        START + 10.5 * MINUTE,
        START + 15 * MINUTE,
        "recorder-stopped",
    )
    assert catalog.totals(camera, clock=office.clock)[:2] == (20.5 * 60, 4.5 * 60)
    days = catalog.month_summary(camera, EVENING, EVENING + timedelta(days=1), clock=office.clock)
    assert [(day.recorded_s, day.gap_s) for day in days] == [(15.5 * 60, 4.5 * 60), (5 * 60, 0)]
    assert list(findings(office)) == []


def test_a_right_that_ends_at_midnight_ends_the_open_viewing(office: RecordingOffice) -> None:
    """The viewer sees the minute before midnight; a second later the next piece is refused, and the register tells."""
    camera = office.add_camera("Front door")
    head, viewer, guard = (
        add(office, "head", "head"),
        add(office, "viewer", "viewer"),
        add(office, "guard", "guard"),
    )
    authorise(office, viewer, head, "recordings", EVENING)
    authorise(office, guard, head, "live", None)
    watch = access_services.watch_live(guard, [camera], "wall", clock=office.clock)
    for minute in range(20):
        office.go_to(START + (minute + 1) * MINUTE - timedelta(seconds=1))
        office.record(camera, START + minute * MINUTE, b"marker", seconds=59)
    with pytest.raises(AccessRefusedError):
        opened(office, guard, camera, "OR.5.2026")
    viewing = opened(office, viewer, camera, "OR.5.2026")
    assert b"marker@58" in seen_minute(office, viewing, viewer, 19)
    office.go_to(MIDNIGHT)
    with pytest.raises(AccessRefusedError) as refused:
        seen_minute(office, viewing, viewer, 18)
    assert refused.value.decision.rule is Rule.EXPIRED
    assert access_services.close_ended_viewings(clock=office.clock) == 1
    access_services.stop_live(watch, clock=office.clock)
    closed = registers.acts(names=["viewing.closed"]).acts[0].facts
    assert closed is not None
    assert closed["seen"] == [[(MIDNIGHT - MINUTE).isoformat(), MIDNIGHT.isoformat()]]
    assert [entry.act for entry in registers.acts(subject=f"source:{camera}", limit=3).acts] == [
        "viewing.closed",
        "viewing.opened",
        "access.refused",
    ]


def test_a_held_minute_is_all_that_is_left_and_still_needs_a_right(office: RecordingOffice) -> None:
    """After the term only the hold's minute opens, for who is authorised then; everything agrees with everything."""
    camera = office.add_camera("Front door")
    head, viewer = add(office, "head", "head"), add(office, "viewer", "viewer")
    record_the_night(office, camera)
    retention.place_hold(
        source_id=camera,
        start=START + 3 * MINUTE,
        end=START + 4 * MINUTE,
        case="OR.5.2026",
        basis="art. 22² § 4 Kodeksu pracy",
        review_on=date(2027, 1, 20),
        clock=office.clock,
        ledger=None,
        actor=str(head.id),
    )
    office.go_to(local_midnight(date(2026, 11, 26)))
    assert retention.keep_once(office.keeping).failed == []
    with pytest.raises(AccessRefusedError):
        opened(office, viewer, camera, "OR.5.2026")
    authorise(office, viewer, head, "recordings", None)
    viewing = opened(office, viewer, camera, "OR.5.2026")
    assert b"marker@00" in seen_minute(office, viewing, viewer, 3)
    assert len(catalog.segments(camera, START, START + 25 * MINUTE)) == 1
    catalog_services.sweep_gaps(office.clock)
    assert list(findings(office)) == []

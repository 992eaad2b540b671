"""Placing and ending holds, also in the very moment of a destruction."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from rejent.kernel.clock import local_midnight
from rejent.registers import queries as registers
from rejent.retention import destruction, queries, services
from rejent.retention.errors import AlreadyDestroyedError, HoldEndedError, HoldRefusedError, NoSuchHoldError
from tests.unit.retention.office import MINUTE, RecordingOffice

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
END = local_midnight(date(2026, 4, 1))


@pytest.fixture
def place(elblag: RecordingOffice) -> Callable[..., services.HoldView]:
    """Places a hold on the first minute, or as told otherwise."""

    def placed(source: str, **changed: Any) -> services.HoldView:
        given: dict[str, Any] = {
            "source_id": source,
            "start": NOON,
            "end": NOON + MINUTE,
            "case": "OR.1431.1.2026",
            "basis": "proceedings",
            "review_on": date(2026, 12, 31),
        }
        return services.place_hold(**(given | changed), clock=elblag.clock, actor="cli")

    return placed


@pytest.mark.parametrize(
    "changed",
    [
        {"end": NOON},
        {"case": "  "},
        {"case": "OR.1\u202e7"},
        {"basis": ""},
        {"review_on": date(2026, 2, 28)},
    ],
)
def test_a_hold_without_time_case_basis_or_review_is_refused(
    elblag: RecordingOffice, place: Callable[..., services.HoldView], changed: dict[str, Any]
) -> None:
    """What makes a hold a hold must be there; a refused one takes no number."""
    camera = elblag.add_camera("Hall")
    with pytest.raises(HoldRefusedError):
        place(camera, **changed)
    assert place(camera).number == "Z-2026-1"


def test_holds_are_numbered_and_entered(
    elblag: RecordingOffice, place: Callable[..., services.HoldView]
) -> None:
    """Each hold has the next number of its year, and an act that tells what it covers and why."""
    camera = elblag.add_camera("Hall")
    assert [place(camera).number, place(camera).number] == ["Z-2026-1", "Z-2026-2"]
    newest = registers.acts(names=["hold.placed"]).acts[0]
    assert newest.facts is not None
    assert newest.facts["start"] == NOON.isoformat()
    assert (newest.facts["case"], newest.actor) == ("OR.1431.1.2026", "cli")


def test_a_hold_ends_once_and_with_a_reason(
    elblag: RecordingOffice, place: Callable[..., services.HoldView]
) -> None:
    """Ending needs a reason, is entered, and cannot be repeated; an unknown number is refused."""
    number = place(elblag.add_camera("Hall")).number
    with pytest.raises(HoldRefusedError):
        services.end_hold(number, reason=" ", clock=elblag.clock, actor="cli")
    ended = services.end_hold(number, reason="concluded", clock=elblag.clock, actor="cli")
    assert ended.ended_at == elblag.clock.now()
    assert (queries.holds(), [row.number for row in queries.holds(active=False)]) == ([], [number])
    with pytest.raises(HoldEndedError):
        services.end_hold(number, reason="again", clock=elblag.clock, actor="cli")
    with pytest.raises(NoSuchHoldError):
        services.end_hold("Z-2026-99", reason="none", clock=elblag.clock, actor="cli")


def test_a_hold_keeps_what_is_recorded_after_it_was_placed(
    elblag: RecordingOffice, place: Callable[..., services.HoldView]
) -> None:
    """A hold may reach into the future."""
    camera = elblag.add_camera("Hall")
    place(camera, start=NOON, end=NOON + timedelta(days=2))
    later = NOON + timedelta(days=1)
    elblag.record(camera, later, b"later")
    elblag.go_to(local_midnight(date(2026, 4, 2)))
    assert services.keep_once(elblag.keeping).failed == []
    (row,) = elblag.living(camera, later, later + MINUTE)
    assert b"later@00" in elblag.content(row)


def test_a_hold_in_the_moment_before_the_point_of_no_return_wins(
    elblag: RecordingOffice, place: Callable[..., services.HoldView], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hold placed after the destruction was decided and looked for holds still keeps its minute."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"held")
    elblag.go_to(END)
    look = destruction.sources_held

    def then_hold() -> set[str]:
        found = look()
        if not queries.holds():
            place(camera)
        return found

    monkeypatch.setattr(destruction, "sources_held", then_hold)
    done = services.keep_once(elblag.keeping)
    assert (done.failed, done.survivors, done.destroyed_segments) == ([], 1, 0)
    (row,) = elblag.living(camera, NOON, NOON + MINUTE)
    assert b"held@59" in elblag.content(row)
    assert queries.destructions()[0].stage == "done"


def test_a_hold_in_the_moment_after_the_point_of_no_return_is_refused(
    elblag: RecordingOffice, place: Callable[..., services.HoldView], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the key's death is entered, a hold comes too late and says so, although the key may still be there."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"gone")
    elblag.go_to(END)
    destroy = destruction._destroy_keys
    refused = []

    def first_hold(*given: Any) -> None:
        with pytest.raises(AlreadyDestroyedError) as caught:
            place(camera)
        refused.append(caught.value)
        destroy(*given)

    monkeypatch.setattr(destruction, "_destroy_keys", first_hold)
    assert services.keep_once(elblag.keeping).destroyed_segments == 1
    assert len(refused) == 1
    assert queries.holds(active=False) == []


def test_holds_over_an_interval(elblag: RecordingOffice, place: Callable[..., services.HoldView]) -> None:
    """Only holds in force that share an instant with the interval are over it."""
    camera, other = elblag.add_camera("Hall"), elblag.add_camera("Stairs")
    first = place(camera)
    place(other)
    place(camera, start=NOON + 2 * MINUTE, end=NOON + 3 * MINUTE)
    over = queries.holds_over(camera, NOON, NOON + 2 * MINUTE)
    assert [row.number for row in over] == [first.number]
    assert queries.hold(first.number).interval == first.interval
    with pytest.raises(NoSuchHoldError):
        queries.hold("Z-2026-99")

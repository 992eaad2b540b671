"""Placing and ending holds, also in the very moment of a destruction."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from rejent.kernel.clock import local_midnight
from rejent.ledger.location import LedgerLocation
from rejent.registers import queries as registers
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.services import erase
from rejent.retention import checks, queries, services
from rejent.retention.destruction import destroying as destruction
from rejent.retention.errors import AlreadyDestroyedError, HoldEndedError, HoldRefusedError, NoSuchHoldError
from rejent.retention.holds.standing import standing_holds
from rejent.retention.models import Destruction, Hold
from rejent.vault.errors import ObjectMissingError
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
        return services.place_hold(**(given | changed), clock=elblag.clock, ledger=None, actor="cli")

    return placed


@pytest.mark.parametrize(
    "changed",
    [
        {"end": NOON},
        {"case": "  "},
        {"case": "OR.1\u202e7"},
        {"basis": ""},
        {"basis": "or.1431.1.2026 "},
        {"review_on": date(2026, 2, 28)},
        {"review_on": date(2027, 3, 3)},
        {"end": local_midnight(date(2027, 1, 2))},
        {"case": "OR." + "1" * 118},
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
        services.end_hold(number, reason=" ", clock=elblag.clock, ledger=None, actor="cli")
    ended = services.end_hold(number, reason="concluded", clock=elblag.clock, ledger=None, actor="cli")
    assert ended.ended_at == elblag.clock.now()
    assert (queries.holds(), [row.number for row in queries.holds(active=False)]) == ([], [number])
    with pytest.raises(HoldEndedError):
        services.end_hold(number, reason="again", clock=elblag.clock, ledger=None, actor="cli")
    with pytest.raises(NoSuchHoldError):
        services.end_hold("Z-2026-99", reason="none", clock=elblag.clock, ledger=None, actor="cli")


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


def test_a_hold_is_reviewed_within_a_year_and_no_later(
    elblag: RecordingOffice, place: Callable[..., services.HoldView]
) -> None:
    """The last day of 366 is taken; the refusal of the next one names the rule and who can change it."""
    camera = elblag.add_camera("Hall")
    assert place(camera, review_on=date(2027, 3, 2)).review_on == date(2027, 3, 2)
    with pytest.raises(HoldRefusedError, match="366 days") as refused:
        place(camera, review_on=date(2027, 3, 3))
    assert "extension.review_days" in refused.value.advice


def test_a_review_is_entered_and_sets_the_next(
    elblag: RecordingOffice, place: Callable[..., services.HoldView]
) -> None:
    """A hold that goes on has a later review and an act with the reason; the checks agree with it."""
    number = place(elblag.add_camera("Hall"), review_on=date(2026, 3, 10)).number
    given: dict[str, Any] = {"clock": elblag.clock, "ledger": None, "actor": "cli"}
    reviewed = services.review_hold(number, review_on=date(2026, 6, 1), reason="under way", **given)
    assert reviewed.review_on == queries.hold(number).review_on == date(2026, 6, 1)
    facts = registers.acts(names=["hold.reviewed"]).acts[0].facts
    assert facts is not None
    assert (facts["reason"], facts["review_on"]) == ("under way", "2026-06-01")
    assert list(guarded_rows("retention")) == []
    for wrong in ({"reason": " "}, {"review_on": date(2026, 2, 28)}, {"review_on": date(2028, 1, 1)}):
        with pytest.raises(HoldRefusedError):
            services.review_hold(number, **({"review_on": date(2026, 6, 2), "reason": "x"} | wrong), **given)
    services.end_hold(number, reason="concluded", **given)
    with pytest.raises(HoldEndedError):
        services.review_hold(number, review_on=date(2026, 6, 2), reason="x", **given)


def test_what_is_done_to_a_hold_is_signed_at_once(elblag: RecordingOffice, tmp_path: Path) -> None:
    """The published checkpoint covers the hold, its review and its end before anybody else comes round."""
    camera = elblag.add_camera("Hall")
    ledger = LedgerLocation(folder=tmp_path / "ledger", key=tmp_path / "key", origin="rejent/test")
    given: dict[str, Any] = {"clock": elblag.clock, "ledger": ledger, "actor": "cli"}

    def published() -> int:
        return int((ledger.log.checkpoint() or "\n0").splitlines()[1])

    number = services.place_hold(
        source_id=camera, start=NOON, end=NOON + MINUTE, case="OR.1", basis="x", review_on=date(2026, 5, 1), **given
    ).number  # fmt: skip
    assert published() == registers.tree_head().size
    services.review_hold(number, review_on=date(2026, 5, 2), reason="under way", **given)
    assert published() == registers.tree_head().size
    services.end_hold(number, reason="concluded", **given)
    assert published() == registers.tree_head().size


def test_a_hold_stands_where_the_head_cannot_be_signed(elblag: RecordingOffice, tmp_path: Path) -> None:
    """A disk that takes no checkpoint undoes no hold; the answer says that it was not signed."""
    camera = elblag.add_camera("Hall")
    (tmp_path / "ledger").write_text("no folder")
    ledger = LedgerLocation(folder=tmp_path / "ledger", key=tmp_path / "key", origin="rejent/test")
    placed = services.place_hold(
        source_id=camera, start=NOON, end=NOON + MINUTE, case="OR.1", basis="x", review_on=date(2026, 5, 1),
        clock=elblag.clock, ledger=ledger, actor="cli",
    )  # fmt: skip
    assert not placed.signed
    assert [hold.number for hold in queries.holds()] == [placed.number]


def forged(number: str) -> None:
    """A row that says its hold has ended, which no act bears out."""
    ended = NOON + timedelta(hours=1)
    Hold.objects.filter(number=number).update(ended_at=ended, ended_by="cli", end_reason="concluded")


@pytest.mark.parametrize(
    "tamper",
    [
        forged,
        lambda number: Hold.objects.filter(number=number).delete(),
        lambda number: Hold.objects.filter(number=number).update(end=NOON + timedelta(seconds=1)),
    ],
    ids=["ended", "deleted", "narrowed"],
)
def test_only_the_ledger_ends_a_hold(
    elblag: RecordingOffice, place: Callable[..., services.HoldView], tamper: Callable[[str], object]
) -> None:
    """Destruction keeps what the acts hold, whatever was done to the row behind the program's back."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"held")
    tamper(place(camera).number)
    found = {finding.code for finding in guarded_rows("retention")}
    assert found <= {"retention.differs-from-ledger", "retention.row-missing"}
    assert found
    elblag.go_to(END + MINUTE)
    done = services.keep_once(elblag.keeping)
    assert (done.failed, done.survivors, done.destroyed_segments) == ([], 1, 0)
    (row,) = elblag.living(camera, NOON, NOON + MINUTE)
    assert b"held@59" in elblag.content(row)
    elblag.go_to(END + timedelta(days=2))
    assert services.keep_once(elblag.keeping).destroyed_segments == 0


def test_a_forged_end_is_not_told_as_one(
    elblag: RecordingOffice, place: Callable[..., services.HoldView]
) -> None:
    """A hold whose row alone says it ended is listed as standing, and can be ended once the row is as it was entered."""
    number = place(elblag.add_camera("Hall")).number
    forged(number)
    assert [(hold.number, hold.ended_at, hold.end_reason) for hold in queries.holds()] == [(number, None, "")]
    assert queries.hold(number).ended_at is None
    with pytest.raises(LedgerMismatchError):
        services.end_hold(number, reason="concluded", clock=elblag.clock, ledger=None, actor="cli")
    Hold.objects.update(ended_at=None, ended_by="", end_reason="")
    services.end_hold(number, reason="concluded", clock=elblag.clock, ledger=None, actor="cli")
    assert queries.holds() == []


def test_a_planted_hold_keeps_nothing_and_is_found(
    elblag: RecordingOffice, place: Callable[..., services.HoldView]
) -> None:
    """Nor does one put back to what it was before a review; the one that was entered stands as it was entered."""
    camera = elblag.add_camera("Hall")
    number = place(camera).number
    before = Hold.objects.get()
    later = before.review_on + timedelta(days=30)
    services.review_hold(
        number, review_on=later, reason="goes on", clock=elblag.clock, ledger=None, actor="cli"
    )
    other = Hold.objects.get()
    other.pk, other.number = None, "Z-2026-9"
    other.save(force_insert=True)
    assert [hold.number for hold in standing_holds()] == [number]
    assert [finding.code for finding in guarded_rows("retention")] == ["retention.not-in-ledger"]
    other.delete()
    Hold.objects.update(review_on=before.review_on)
    assert [finding.code for finding in guarded_rows("retention")] == ["retention.differs-from-ledger"]


def test_an_end_whose_record_was_erased_is_still_an_end(
    elblag: RecordingOffice, place: Callable[..., services.HoldView]
) -> None:
    """Erasing the reason of an end brings no hold back."""
    number = place(elblag.add_camera("Hall")).number
    services.end_hold(number, reason="concluded", clock=elblag.clock, ledger=None, actor="cli")
    index = registers.acts(names=["hold.ended"]).acts[0].index
    with transaction.atomic():
        erase(index, actor="cli", reason="GDPR", at=elblag.clock.now())
    assert queries.holds() == []


@pytest.mark.parametrize("moved", [timedelta(seconds=4), timedelta(days=9000)])
def test_what_an_ended_hold_kept_goes_whatever_the_clock_says_of_its_end(
    elblag: RecordingOffice, place: Callable[..., services.HoldView], moved: timedelta
) -> None:
    """An end that a clock set back dates before the decision, or a decision of years ahead, keeps nothing for ever."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    number = place(camera).number
    elblag.go_to(END)
    assert services.keep_once(elblag.keeping).survivors == 1
    services.end_hold(number, reason="over", clock=elblag.clock, ledger=None, actor="cli")
    ended = Hold.objects.get().ended_at
    assert ended is not None
    Destruction.objects.update(decided_at=ended + moved)
    elblag.go_to(END + timedelta(hours=2))
    services.keep_once(elblag.keeping)
    with pytest.raises(ObjectMissingError):
        elblag.store.open(kept.object_name)


def test_what_no_hold_keeps_any_more_is_found(
    elblag: RecordingOffice, place: Callable[..., services.HoldView], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the keepers do not end it within an hour of the last hold, fsck says so."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"held")
    number = place(camera).number
    elblag.go_to(END)
    assert services.keep_once(elblag.keeping).survivors == 1
    services.end_hold(number, reason="over", clock=elblag.clock, ledger=None, actor="cli")
    with monkeypatch.context() as patched:
        patched.setattr("rejent.retention.destruction.due._let_go", lambda _: False)
        for later, found in ((timedelta(minutes=50), False), (timedelta(hours=2), True)):
            elblag.go_to(END + later)
            services.keep_once(elblag.keeping)
            codes = {each.code for each in checks.findings(elblag.keeping)}
            assert ("retention.held-no-more" in codes) == found
    services.keep_once(elblag.keeping)
    assert "retention.held-no-more" not in {each.code for each in checks.findings(elblag.keeping)}

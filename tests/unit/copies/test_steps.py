"""Which step of a copy is next, whose it is, and what can be taken back, from what rows and ledger say alone."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from rejent.cases.copies.steps import (
    GIVER,
    MAKER,
    Course,
    Happened,
    Standing,
    StepName,
    find_steps,
    next_step,
)
from rejent.cases.copies.views import (
    CopyView,
    HandOverState,
    HandOverView,
    Medium,
    Signing,
    State,
    WritingView,
)
from rejent.evidence.sealing import Taken
from rejent.kernel.intervals import Interval

NOON = datetime(2026, 3, 1, 11, tzinfo=UTC)
DISC = WritingView(1, 7, Medium.DVD, "SN 7", "", "sejf", NOON, "asi")
PACKAGE = Taken(7, NOON, "asi", "W-2026-1", "", encrypted=False)
DONE = Happened(NOON, "asi")
MADE: dict[str, Any] = {
    "source_label": "Hol", "source_kind": "video", "item": "", "interval": Interval(NOON, NOON.replace(hour=12)), "version": 1,
    "details": {}, "begun_at": NOON, "made_at": NOON, "made_by": "asi", "recorded_on": date(2026, 3, 1), "due_on": date(2026, 6, 1),
    "finding": True, "capped": False, "missing": (), "renewals": (), "parts": (), "digest": "", "made_entry": 3, "commission": "",
    "destroyed_at": None,
}  # fmt: skip
COPY = CopyView(UUID(int=1), "K-2026-1", "W-2026-1", State.KEPT, "hol", **MADE)
DRAFT = HandOverView(
    "P-2026-1", "K-2026-1", "W-2026-1", "Jan", "", "Policja", ("protocol",), HandOverState.PREPARED, NOON, "clerk", ""
)  # fmt: skip
SIGNED = replace(
    DRAFT, state=HandOverState.SIGNED, signed_on=date(2026, 3, 1), signing=Signing.PAPER, signed_at=NOON, signed_by="clerk"
)  # fmt: skip
HANDED = replace(SIGNED, state=HandOverState.HANDED, handed_at=NOON, handed_by="clerk")
ASKED = Course(COPY, asked_for=True)
PACKED = replace(ASKED, packages=(PACKAGE,))
WRITTEN = replace(PACKED, copy=replace(COPY, writings=(DISC,)))
LABELLED = replace(WRITTEN, label=DONE)
PREPARED = replace(LABELLED, hand_over=DRAFT)
PRINTED = replace(PREPARED, paper=DONE)
BY_BOTH = replace(PRINTED, hand_over=SIGNED)
OVER = replace(BY_BOTH, hand_over=HANDED)


@pytest.mark.parametrize(
    ("course", "maker", "giver"),
    [
        (Course(COPY), None, None),
        (ASKED, StepName.PACKED, None),
        (PACKED, StepName.WRITTEN, None),
        (WRITTEN, StepName.LABELLED, StepName.PREPARED),
        (LABELLED, None, StepName.PREPARED),
        (PREPARED, None, StepName.PREPARED),
        (PRINTED, None, StepName.SIGNED),
        (BY_BOTH, None, StepName.HANDED),
        (OVER, None, StepName.KEPT),
        (replace(OVER, kept=DONE), None, None),
        (replace(ASKED, leaves=False), None, None),
        (replace(OVER, copy=replace(OVER.copy, state=State.DESTROYED)), None, None),
        (replace(WRITTEN, copy=replace(COPY, writings=(replace(DISC, withdrawn_at=NOON),))), StepName.WRITTEN, None),
    ],
)  # fmt: skip
def test_each_step_waits_for_the_one_before_it(
    course: Course, maker: StepName | None, giver: StepName | None
) -> None:
    """The maker packs, writes and labels what somebody asked for; the giver prepares, enters signatures and hand-over, keeps the paper."""
    steps = find_steps(course)
    found = [next_step(steps, duty) for duty in (MAKER, GIVER)]
    assert [step.name if step else None for step in found] == [maker, giver]


def test_handed_over_is_said_of_nothing_that_was_not() -> None:
    """Neither a draft nor a signed paper is a hand-over, and a copy that waits in the vault asks nobody for a carrier."""
    for course in (PREPARED, PRINTED, BY_BOTH):
        standings = {step.name: step.standing for step in find_steps(course)}
        assert standings[StepName.HANDED] is not Standing.DONE
    waiting = {step.name: step.standing for step in find_steps(Course(COPY))}
    assert (waiting[StepName.PACKED], waiting[StepName.WRITTEN]) == (Standing.OPEN, Standing.LATER)


@pytest.mark.parametrize(
    ("course", "revocable"),
    [
        (LABELLED, {StepName.WRITTEN}),
        (PRINTED, {StepName.WRITTEN, StepName.PREPARED}),
        (BY_BOTH, {StepName.PREPARED, StepName.SIGNED}),
        (OVER, set()),
        (replace(LABELLED, copy=replace(LABELLED.copy, state=State.DYING)), set()),
    ],
)
def test_what_can_be_taken_back(course: Course, revocable: set[StepName]) -> None:
    """The carrier until the paper is signed, draft and signatures until the hand-over; nothing of a copy that is being destroyed."""
    assert {step.name for step in find_steps(course) if step.revocable} == revocable

"""The steps of a copy from its making until its signed paper is kept: which are done, which is next, whose it is, what can be taken back. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rejent.cases.copies.views import CopyView, HandOverState, HandOverView, State
from rejent.evidence.sealing import Taken


class StepName(StrEnum):
    """A step, in the order in which they happen."""

    MADE = "made"
    PACKED = "packed"
    WRITTEN = "written"
    LABELLED = "labelled"
    """Its label left for printing."""
    PREPARED = "prepared"
    """The paper of its hand-over has a number and left for printing, or stands on the screen."""
    SIGNED = "signed"
    HANDED = "handed"
    KEPT = "kept"
    """The signed paper, or the evidence of the delivery, is kept with the hand-over."""


class Standing(StrEnum):
    """The standing of a step."""

    DONE = "done"
    READY = "ready"
    """Whoever carries it can take it now."""
    OPEN = "open"
    """It can be taken, and nothing asks for it yet."""
    LATER = "later"
    NEVER = "never"
    """The copy is destroyed, or about to be, or is one that does not leave the office."""


MAKER, GIVER = "make-copy", "hand-over-copy"
"""Acts of administration: whoever carries one takes the step."""
DUTIES = {
    StepName.MADE: MAKER,
    StepName.PACKED: MAKER,
    StepName.WRITTEN: MAKER,
    StepName.LABELLED: MAKER,
    StepName.PREPARED: GIVER,
    StepName.SIGNED: GIVER,
    StepName.HANDED: GIVER,
    StepName.KEPT: GIVER,
}
FINAL_WITH = {
    StepName.WRITTEN: StepName.SIGNED,
    StepName.PREPARED: StepName.HANDED,
    StepName.SIGNED: StepName.HANDED,
}
"""What can be taken back, and the step after which it cannot; all others are final at once."""


@dataclass(frozen=True, slots=True)
class Happened:
    """When something was entered, and by whom."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Course:
    """What the rows and the ledger say of a copy.

    ``label`` and ``paper`` are when label and paper of the hand-over last left for printing, ``kept`` when a signed paper was attached
    after the signatures; ``asked_for``: it may be handed over under an application that was consented to; ``leaves`` is false of a copy
    for a recorded person, who gets one that is derived from it.
    """

    copy: CopyView
    packages: Sequence[Taken] = ()
    label: Happened | None = None
    hand_over: HandOverView | None = None
    paper: Happened | None = None
    kept: Happened | None = None
    asked_for: bool = False
    leaves: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """A step: what it stands at, which act of administration carries it, when it was entered and by whom, and whether it can be taken back now."""

    name: StepName
    standing: Standing
    duty: str
    done: Happened | None = None
    revocable: bool = False


def find_steps(course: Course) -> tuple[Step, ...]:
    """Return the steps of a copy in their order."""
    done = _find_done(course)
    over = not course.leaves or course.copy.state in {State.DYING, State.DESTROYED, State.ABANDONED}
    return tuple(
        Step(
            name,
            _judge_standing(name, course, done, over=over),
            DUTIES[name],
            done.get(name),
            _is_revocable(name, done) and not over,
        )
        for name in StepName
    )


def next_step(steps: Sequence[Step], *duties: str) -> Step | None:
    """Return the first step that can be taken now by whoever carries one of these acts; None where it is another's, or none is left."""
    return next((each for each in steps if each.standing is Standing.READY and each.duty in duties), None)


def _find_done(course: Course) -> dict[StepName, Happened]:
    return {name: happened for name, happened in _find_happenings(course) if happened is not None}


def _find_happenings(course: Course) -> Iterator[tuple[StepName, Happened | None]]:
    copy, handed = course.copy, course.hand_over
    yield StepName.MADE, Happened(copy.made_at, copy.made_by) if copy.made_at else None
    yield (
        StepName.PACKED,
        Happened(course.packages[-1].at, course.packages[-1].by) if course.packages else None,
    )
    yield StepName.WRITTEN, Happened(copy.carriers[-1].at, copy.carriers[-1].by) if copy.carriers else None
    yield StepName.LABELLED, course.label
    if handed is None:
        return
    signed = Happened(handed.signed_at, handed.signed_by) if handed.signed_at else None
    yield StepName.PREPARED, course.paper or (Happened(handed.at, handed.by) if signed else None)
    yield StepName.SIGNED, signed
    yield StepName.HANDED, Happened(handed.handed_at, handed.handed_by) if handed.handed_at else None
    yield StepName.KEPT, course.kept if signed else None


def _judge_standing(
    name: StepName, course: Course, done: dict[StepName, Happened], *, over: bool
) -> Standing:
    if name in done:
        return Standing.DONE
    if over:
        return Standing.NEVER
    if not _is_ready(name, course, done):
        return Standing.LATER
    return Standing.READY if _is_due(name, course, done) else Standing.OPEN


def _is_due(name: StepName, course: Course, done: dict[StepName, Happened]) -> bool:
    """Return whether something asks for a step that can be taken: a copy may wait in the vault alone until a body applies."""
    if name is StepName.PACKED:
        return course.asked_for or course.hand_over is not None
    return name is not StepName.LABELLED or (StepName.WRITTEN in done and StepName.HANDED not in done)


def _is_ready(name: StepName, course: Course, done: dict[StepName, Happened]) -> bool:
    handed = course.hand_over
    state = handed.state if handed else None
    return {
        StepName.MADE: False,
        StepName.PACKED: StepName.MADE in done,
        StepName.WRITTEN: StepName.PACKED in done,
        StepName.LABELLED: StepName.MADE in done,
        StepName.PREPARED: StepName.WRITTEN in done and (handed is not None or course.asked_for),
        StepName.SIGNED: state is HandOverState.PREPARED,
        StepName.HANDED: state is HandOverState.SIGNED,
        StepName.KEPT: state in {HandOverState.SIGNED, HandOverState.HANDED},
    }[name]


def _is_revocable(name: StepName, done: dict[StepName, Happened]) -> bool:
    last = FINAL_WITH.get(name)
    return last is not None and name in done and last not in done

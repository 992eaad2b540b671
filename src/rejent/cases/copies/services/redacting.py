"""Say what is hidden of a copy, and begin the copy that is derived from it; `making` finishes that one like every other."""

from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from rejent.access.errors import AccessRefusedError
from rejent.cases import queries as cases
from rejent.cases.copies import permission, rules
from rejent.cases.copies.acts import COPY_BEGUN, COPY_PLANNED
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError
from rejent.cases.copies.models import Copy
from rejent.cases.copies.queries import LIVING, copy_view
from rejent.cases.copies.redaction import (
    Effect,
    Plan,
    axis_length,
    kept_plan,
    plan_digest,
    read_plan,
)
from rejent.cases.copies.services.handing import lock_copy
from rejent.cases.copies.services.making import require_end
from rejent.cases.copies.stream_parts import COPIES, Redacting, axis_of
from rejent.cases.copies.views import CopyView
from rejent.kernel.clock import Clock, FrozenClock, civil_date
from rejent.office.views import PersonView
from rejent.registers.services import enter
from rejent.retention.rounds.round import Keeping


def save_plan(number: str, given: Any, *, person: PersonView, clock: Clock) -> CopyView:
    """Set what is to be hidden in the next copy derived from one; the same again enters nothing.

    ``given`` is as `rejent.cases.copies.redaction.kept_plan` writes it. Raises NoSuchCopyError: there is none; AccessRefusedError: it is
    not this person's to make, or somebody recorded had it restricted; CopyStateError: the copy is destroyed, or past its last day;
    CopyRefusedError: it cannot be redacted, or the plan is none for it.
    """
    clock = FrozenClock(clock)
    with transaction.atomic():
        row = _locked(number, person, clock)
        view = copy_view(row)
        length = axis_length(axis_of(view))
        plan = read_plan(given, length, redacting_of(view).effects)
        kept = kept_plan(plan)
        if kept != row.plan:
            row.plan = kept
            record = {"number": number, **_plan_facts(plan)}
            subject, actor, now = f"copy:{row.pk.hex}", str(person.id), clock.now()
            enter(COPY_PLANNED, actor=actor, subject=subject, record=record, at=now, row=row)
            row.save()
    return copy_view(row)


def _plan_facts(plan: Plan) -> dict[str, object]:
    return {"plan": plan_digest(kept_plan(plan)), "regions": len(plan.regions), "times": len(plan.spans)}


def begin_derived(number: str, *, unchanged: bool = False, person: PersonView, keeping: Keeping) -> UUID:
    """Begin a copy derived from one by its plan, which a keeper finishes if nobody else does; return its id.

    ``unchanged`` says that nothing is to be hidden, of a plan that hides nothing. Raises NoSuchCopyError, AccessRefusedError: as
    `save_plan`; CopyStateError: the copy is destroyed or past its last day, or one is being derived from it; CopyRefusedError: there is no
    plan, or it hides nothing and nobody said that this is meant; LedgerMismatchError: a row is not as it was entered.
    """
    clock = FrozenClock(keeping.clock)
    with transaction.atomic():
        origin = _locked(number, person, clock)
        view = copy_view(origin)
        plan = plan_of(view)
        if plan is None or (plan.is_empty and not unchanged):
            raise CopyRefusedError(
                "The plan hides nothing.",
                part="unchanged",
                advice="Draw what is to be hidden, or confirm that the copy shows nobody else.",
            )
        if Copy.objects.filter(origin=origin, state="making").exists():
            raise CopyStateError("A copy is being derived from {number} now.", number=number)
        row = _row(origin, person, clock)
        require_end(row, cases.case(row.case_id), clock)
        row.save(force_insert=True)
        record = {
            "case": row.case_id,
            "source": row.source_id,
            "start": row.start.isoformat(),
            "end": row.end.isoformat(),
            "origin": number,
            **_plan_facts(plan),
        }
        subject, actor = f"copy:{row.pk.hex}", row.begun_by
        enter(COPY_BEGUN, actor=actor, subject=subject, record=record, at=row.begun_at, row=row)
    return row.pk


def _row(origin: Copy, person: PersonView, clock: Clock) -> Copy:
    case = cases.case(origin.case_id)
    return Copy(
        id=uuid4(),
        case_id=origin.case_id,
        source_id=origin.source_id,
        item=origin.item,
        start=origin.start,
        end=origin.end,
        version=origin.version,
        origin=origin,
        plan=origin.plan,
        details=origin.details,
        stated=origin.due_on,
        begun_at=clock.now(),
        begun_by=str(person.id),
        finding=rules.is_found_evidence(case),
    )


def redacting_of(view: CopyView) -> Redacting:
    """Return how a copy's stream hides parts of it. Raises CopyRefusedError: it cannot."""
    found = COPIES.of(view.source_kind).redacting
    if found is None:
        raise CopyRefusedError("Nothing can be hidden in recordings of this kind.")
    return found


def plan_of(view: CopyView) -> Plan | None:
    """Return the plan of a copy; None where nobody made one."""
    if view.plan is None:
        return None
    length = axis_length(axis_of(view))
    return read_plan(view.plan, length, frozenset(Effect))


def _locked(number: str, person: PersonView, clock: Clock) -> Copy:
    row = lock_copy(number)
    require_derivable(copy_view(row), person, clock)
    return row


def require_derivable(view: CopyView, person: PersonView, clock: Clock) -> None:
    """See that a person may derive a copy from one.

    Raises AccessRefusedError: it is not theirs to make, or somebody recorded had the recording restricted; CopyStateError: it is destroyed,
    or past its last day; CopyRefusedError: it was derived itself.
    """
    refused = permission.making_refusal(person, view.source_id, clock=clock) or permission.restricting(
        cases.case(view.case), view.source_id, view.interval, view.item
    )
    if refused is not None:
        raise AccessRefusedError(refused)
    today = civil_date(clock.now())
    if view.state.value not in LIVING or view.due_on is None or view.due_on < today:
        raise CopyStateError("Copy {number} is not opened any more: its life has ended.", number=view.number)
    if view.origin:
        raise CopyRefusedError(
            "Copy {number} was derived itself.", number=view.number, advice="Derive another from {origin}.", origin=view.origin
        )  # fmt: skip

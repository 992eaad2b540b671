"""Let a copy live longer by a further application."""

from django.db import transaction

from rejent.cases import queries as cases
from rejent.cases.copies import permission, rules
from rejent.cases.copies.acts import COPY_RENEWED
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError
from rejent.cases.copies.models import Copy
from rejent.cases.copies.queries import copy_view, in_commission
from rejent.cases.copies.services.handing import lock_copy
from rejent.cases.copies.stream_parts import COPIES
from rejent.cases.copies.views import CopyView, State
from rejent.cases.views import CaseView
from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock, FrozenClock
from rejent.kernel.intervals import Interval
from rejent.office.views import PersonView
from rejent.registers.services import enter


def renew_copy(number: str, case_number: str, *, person: PersonView, clock: Clock) -> CopyView:
    """Let a copy live longer by a further application, from its old end on (X22).

    Raises NoSuchCopyError, NoSuchCaseError: there is none; AccessRefusedError: it is not this person's to enter; CopyStateError: it is
    destroyed, or a commission is about to destroy it; CopyRefusedError: the regulation renews no copies, or the application is no further
    one, was not consented to, came after the copy's end, is about another time, or changes nothing; LedgerMismatchError: a row is not as it
    was entered.
    """
    clock = FrozenClock(clock)
    permission.require_duty(person, "renew-copy", clock)
    with transaction.atomic():
        row = lock_copy(number)
        case = cases.case(case_number)
        if row.state not in {State.KEPT, State.HANDED} or row.pk in in_commission():
            raise CopyStateError("Copy {number} is destroyed, or about to be.", number=number)
        stream = catalog.verified_stream_of(row.source_id)
        _require_further(row, case, stream)
        if row.due_on is None or row.recorded_on is None:
            raise AssertionError(row.pk)
        before, finding = row.due_on, row.finding or rules.is_found_evidence(case)
        copies, ceiling = permission.copies_of(stream, case.version), COPIES.of(stream).ceiling
        end, row.capped = rules.renewed(copies, before, row.recorded_on, ceiling=ceiling, finding=finding)
        if end is None or end <= before:
            raise CopyRefusedError(
                "The copy may not live longer: nothing says that it may be evidence.", part="case"
            )
        row.due_on, row.finding = end, finding
        now, actor = clock.now(), str(person.id)
        row.renewals = [
            *row.renewals,
            [case.number, before.isoformat(), end.isoformat(), now.isoformat(), actor],
        ]
        record = {
            "number": number,
            "case": case.number,
            "due_before": before.isoformat(),
            "due_on": end.isoformat(),
        }
        enter(COPY_RENEWED, actor=actor, subject=f"copy:{row.pk.hex}", record=record, at=now, row=row)
        row.save()
    return copy_view(row)


def _require_further(row: Copy, case: CaseView, stream: str) -> None:
    if not permission.copies_of(stream, case.version).renewable:
        raise CopyRefusedError("The regulation does not let copies live longer.", part="case")
    used = {row.case_id, *(kept[0] for kept in row.renewals)}
    asked = case.application.interval
    same = (
        case.application.stream == stream
        and asked is not None
        and asked.overlaps(Interval(row.start, row.end))
    )
    if case.number in used or case.state not in rules.GRANTED or not same:
        raise CopyRefusedError(
            "Only a further application about this recording, consented to, lets its copy live longer.",
            part="case",
        )
    if row.due_on is not None and case.filed_on > row.due_on:
        raise CopyRefusedError(
            "Application {case} came after the end of the copy's life.", part="case", case=case.number
        )

"""Let a copy live longer by a further application."""

from collections.abc import Collection
from datetime import date

from django.db import transaction

from rejent.cases import queries as cases
from rejent.cases.copies import permission, rules
from rejent.cases.copies.acts import COPY_RENEWED
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError
from rejent.cases.copies.models import Copy
from rejent.cases.copies.queries import LIVING, copy_view, in_commission
from rejent.cases.copies.services.handing import lock_copy
from rejent.cases.copies.stream_parts import COPIES
from rejent.cases.copies.views import CopyView, State
from rejent.cases.views import CaseView
from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock, FrozenClock
from rejent.kernel.intervals import Interval
from rejent.office.views import PersonView
from rejent.registers.guard.rows import matching
from rejent.registers.services import enter
from rejent.retention.terms.rules import StandingHold


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
        before, end, row.capped = _find_renewed_end(row, case, stream)
        row.due_on, row.finding = end, row.finding or rules.is_found_evidence(case)
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


def find_renewable(case: CaseView) -> list[CopyView]:
    """Return the living copies that a case lets live longer, of what is held for it, the first to end first; none that counts it already."""
    holds = permission.held_for(case) if case.state in rules.GRANTED else []
    busy = in_commission() if holds else set()
    return [copy_view(row) for row in _living_of(holds) if row.pk not in busy and _is_renewable(row, case)]


def find_renewed(case: CaseView) -> list[CopyView]:
    """Return the copies that a case let live longer, destroyed or not, the oldest first."""
    asked = case.application.interval
    if asked is None:
        return []
    rows = Copy.objects.filter(start__lt=asked.end, end__gt=asked.start).exclude(renewals=[])
    return [
        copy_view(row)
        for row in matching(rows.order_by("begun_at", "pk"))
        if case.number in {kept[0] for kept in row.renewals}
    ]


def is_in_renewed(case: CaseView) -> bool:
    """Return whether all that may be copied under a case lies in copies that it let live longer."""
    holds = permission.copyable(case)
    rows = [row for row in _living_of(holds) if case.number in {kept[0] for kept in row.renewals}]
    return bool(holds) and all(any(_holds_all(row, hold) for row in rows) for hold in holds)


def _living_of(holds: Collection[StandingHold]) -> list[Copy]:
    """Return the living copies of these sources that hold something of what is held, the first to end first."""
    if not holds:
        return []
    rows = Copy.objects.filter(source__in={hold.source_id for hold in holds}, state__in=LIVING)
    return [
        row
        for row in matching(rows.order_by("due_on", "number"))
        if any(_is_of(row, hold) and hold.interval.overlaps(Interval(row.start, row.end)) for hold in holds)
    ]


def _is_of(row: Copy, hold: StandingHold) -> bool:
    return row.source_id == hold.source_id and hold.item in {"", row.item}


def _holds_all(row: Copy, hold: StandingHold) -> bool:
    """Return whether a copy holds all that a hold keeps; the hold of an item reaches a moment further than the item itself."""
    ended = COPIES.of(catalog.verified_stream_of(row.source_id)).ended(hold.item) if hold.item else None
    end = min(hold.interval.end, ended or hold.interval.end)
    return _is_of(row, hold) and row.start <= hold.interval.start and end <= row.end


def _is_renewable(row: Copy, case: CaseView) -> bool:
    stream = catalog.verified_stream_of(row.source_id)
    try:
        _require_further(row, case, stream)
        _find_renewed_end(row, case, stream)
    except CopyRefusedError:
        return False
    return True


def _find_renewed_end(row: Copy, case: CaseView, stream: str) -> tuple[date, date, bool]:
    """Return the old and the new last day, and whether the statute's cap cut it short. Raises CopyRefusedError: the new is no later."""
    if row.due_on is None or row.recorded_on is None:
        raise AssertionError(row.pk)
    finding = row.finding or rules.is_found_evidence(case)
    copies, ceiling = permission.copies_of(stream, case.version), COPIES.of(stream).ceiling
    end, capped = rules.renewed(copies, row.due_on, row.recorded_on, ceiling=ceiling, finding=finding)
    if end is None or end <= row.due_on:
        raise CopyRefusedError(
            "The copy may not live longer: nothing says that it may be evidence.", part="case"
        )
    return row.due_on, end, capped


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

"""Correct an application that waits, and enter that its applicant took it back; neither lets go of what is held."""

from collections.abc import Mapping
from datetime import date
from secrets import token_hex

from django.db import transaction

from rejent.cases import kinds, rules
from rejent.cases.acts import CASE_CORRECTED, CASE_PROLONGED, CASE_WITHDRAWN
from rejent.cases.errors import ApplicationRefusedError
from rejent.cases.models import Case, CaseCorrection, commitment
from rejent.cases.queries import case_view, demands_of
from rejent.cases.services.deciding import locked_case, require_deciding, require_waiting, tidy_text
from rejent.cases.services.entering import (
    LONGEST_LINE,
    applicant_row,
    candidate_key,
    candidates,
    erasure_key,
    hold_found,
    require_right,
    state_application,
    tidy,
    tidy_line,
)
from rejent.cases.stream_parts import Candidate
from rejent.cases.views import Application, CaseView
from rejent.catalog.services.gaps import locked_source
from rejent.kernel.clock import Clock, FrozenClock, civil_date
from rejent.ledger.location import LedgerLocation
from rejent.office.people import standing
from rejent.office.views import PersonView
from rejent.registers.guard.model import GuardedModel
from rejent.registers.services import enter
from rejent.retention import queries as holds
from rejent.retention import services as retention


def correct_case(
    number: str,
    application: Application,
    *,
    reason: str,
    clock: Clock,
    ledger: LedgerLocation | None,
    actor: str,
) -> CaseView:
    """Correct what an application says; what stood there before stays beside it, and what it is about now is held besides.

    Nothing that was held is let go: the decision says what stays. What it asks no more to be erased is dropped at once.

    ``application`` is of the same kind and stream. Raises NoSuchCaseError: there is none of that number; CaseDecidedError: it was decided
    before; ApplicationRefusedError: as when it is entered; or nothing differs, or there is no reason.
    """
    clock = FrozenClock(clock)
    reason = tidy_line("reason", reason, longest=LONGEST_LINE)
    require_right(application)
    before = _waiting(number)
    if (application.kind, application.stream) != (before.application.kind, before.application.stream):
        raise ApplicationRefusedError("A correction changes neither kind nor monitoring.", part="kind")
    demands = demands_of(before)
    application = tidy(application, demands)
    changed = _require_changed(before, application)
    found = candidates(application, clock, actor)
    with transaction.atomic():
        for source_id in sorted({each.source_id for each in found}):
            locked_source(source_id)
        row = locked_case(number)
        require_waiting(case_view(row))
        if row.corrections != before.corrections:
            raise ApplicationRefusedError(
                "Somebody corrected it a moment ago.", advice="Read the case again."
            )
        row.right, row.identity = application.right, application.identity
        _drop_unasked(row, found, clock, actor)
        fresh = found if kinds.rules_of_right(row.right).erases else _not_held(row, found)
        hold_found(row, fresh, demands.clause, clock, actor)
        _keep_former(row, {"reason": reason, "before": dict(changed)}, clock, actor)
        _state_anew(row, application, clock, actor)
    retention.sign_at_once(ledger, clock)
    return case_view(row)


def withdraw_case(
    number: str, withdrawn_on: date, *, clock: Clock, ledger: LedgerLocation | None, actor: str
) -> CaseView:
    """Enter that the applicant took an application back; whoever decides says what becomes of what is held.

    Raises NoSuchCaseError: there is none of that number; CaseDecidedError: it was decided before; ApplicationRefusedError: it was withdrawn
    before, or the day lies before the receipt or in the future.
    """
    clock = FrozenClock(clock)
    with transaction.atomic():
        row = locked_case(number)
        require_waiting(case_view(row))
        if row.withdrawn_on is not None:
            raise ApplicationRefusedError("It was withdrawn before.", part="withdrawn_on")
        if not row.received_on <= withdrawn_on <= civil_date(clock.now()):
            raise ApplicationRefusedError(
                "It was withdrawn between its receipt and today.",
                part="withdrawn_on",
                advice="Correct the day.",
            )
        row.withdrawn_on = withdrawn_on
        row.save(update_fields=["withdrawn_on"])
        record = {"number": number, "withdrawn_on": withdrawn_on.isoformat()}
        enter(CASE_WITHDRAWN, actor=actor, subject=f"case:{number}", record=record, at=clock.now(), row=row)
    retention.sign_at_once(ledger, clock)
    return case_view(row)


def _waiting(number: str) -> CaseView:
    with transaction.atomic():
        view = case_view(locked_case(number))
    require_waiting(view)
    return view


def _require_changed(before: CaseView, application: Application) -> Mapping[str, str]:
    """Return the former values that a correction replaces. Raises ApplicationRefusedError: its days are impossible, or nothing differs."""
    rules.require_days(
        application.received_on,
        application.posted_on,
        application.event_first,
        application.event_last,
        civil_date(before.entered_at),
    )
    changed = _changed(before.application, application)
    if not changed:
        raise ApplicationRefusedError("Nothing differs from what was entered.", advice="Correct a field.")
    return changed


def _changed(before: Application, after: Application) -> Mapping[str, str]:
    then, now = _values(before), _values(after)
    return {
        name: then.get(name, "")
        for name in sorted(then.keys() | now.keys())
        if then.get(name, "") != now.get(name, "")
    }


def _values(application: Application) -> dict[str, str]:
    applicant, interval = application.applicant, application.interval
    plain = {
        "applicant": applicant.name,
        "address": applicant.address,
        "contact": applicant.contact,
        "own": applicant.person,
        "channel": application.channel.value,
        "received_on": application.received_on.isoformat(),
        "posted_on": application.posted_on.isoformat() if application.posted_on else "",
        "event_first": application.event_first.isoformat() if application.event_first else "",
        "event_last": application.event_last.isoformat() if application.event_last else "",
        "start": interval.start.isoformat() if interval else "",
        "end": interval.end.isoformat() if interval else "",
        "sources": " ".join(sorted(application.source_ids)),
        "right": application.right,
        "identity": application.identity,
    }
    return plain | dict(application.details)


def _not_held(row: Case, found: list[Candidate]) -> list[Candidate]:
    held = [holds.hold(number) for number in row.holds]
    return [
        each
        for each in found
        if not any(
            hold.ended_at is None
            and hold.source_id == each.source_id
            and hold.item == each.item
            and hold.start <= each.interval.start
            and each.interval.end <= hold.end
            for hold in held
        )
    ]


def _drop_unasked(row: Case, found: list[Candidate], clock: Clock, actor: str) -> None:
    """Drop each erasure that the application, as it reads now, does not ask for."""
    asked = set(map(candidate_key, found)) if kinds.rules_of_right(row.right).erases else set()
    for each in holds.asked_erasures(row.number):
        if erasure_key(each) not in asked:
            retention.answer_erasure(each.number, granted=False, clock=clock, actor=actor)


def _recount(row: Case, application: Application, clock: Clock, actor: str) -> None:
    """Count the term of the answer anew from the day of receipt, and keep what is held until then."""
    prolonged = row.prolonged_at is not None
    answer = rules.answer_deadline(application.kind, application.received_on, prolonged=prolonged)
    if answer is None:
        return
    row.decide_by = max(answer.last_day, civil_date(clock.now()))
    for number in row.holds:
        retention.prolong_hold(number, review_on=row.decide_by, clock=clock, actor=actor)


def _keep_former(row: Case, former: dict[str, object], clock: Clock, actor: str) -> None:
    """Keep reason and former values of a correction, bound by its entry."""
    row.corrections += 1
    salt = token_hex(32)
    correction = CaseCorrection(
        number=f"{row.number}/{row.corrections}",
        case=row,
        place=row.corrections,
        at=clock.now(),
        by=actor,
        before=former,
        salt=salt,
        bound=commitment(salt, former),
    )
    correction.save(force_insert=True)
    _enter(row, correction, clock, actor)


def _state_anew(row: Case, application: Application, clock: Clock, actor: str) -> None:
    state_application(row, application, demands_of(case_view(row)))
    _recount(row, application, clock, actor)
    row.save()
    row.applicant.delete()
    row.applicant = applicant_row(row, application)
    row.applicant.save(force_insert=True)
    row.state_parts(applicant=row.applicant.bound())
    _enter(row, row, clock, actor)


def _enter(row: Case, changed: GuardedModel, clock: Clock, actor: str) -> None:
    record = {"number": row.number, "place": row.corrections, "late": row.late}
    subject = f"case:{row.number}"
    enter(CASE_CORRECTED, actor=actor, subject=subject, record=record, at=clock.now(), row=changed)


def prolong_case(
    number: str, *, reasons: str, person: PersonView, clock: Clock, ledger: LedgerLocation | None
) -> CaseView:
    """Put off the last day to decide; what is held for the case stays held until then.

    Raises NoSuchCaseError: there is none of that number; CaseDecidedError: it was decided before; AccessRefusedError: it is not this
    person's to decide; DecisionRefusedError: its kind has no such rule, it was put off before, the term is over, or there are no reasons.
    """
    clock = FrozenClock(clock)
    reasons, today = tidy_text("reasons", reasons), civil_date(clock.now())
    actor = str(person.id)
    with transaction.atomic():
        row = locked_case(number)
        view = case_view(row)
        require_deciding(view, person, clock=clock)
        require_waiting(view)
        kind, received = view.application.kind, view.application.received_on
        prolonged = view.prolonged is not None
        rules.require_prolongable(kind, row.decide_by, today, prolonged=prolonged, reasons=reasons)
        deadline = rules.answer_deadline(kind, received, prolonged=True)
        if deadline is None:
            raise ValueError(number)
        row.decide_by, row.holidays = deadline.last_day, deadline.holidays
        row.prolonged_at, row.prolonged_by, row.prolonged_reasons = clock.now(), actor, reasons
        row.save(update_fields=["decide_by", "holidays", "prolonged_at", "prolonged_by", "prolonged_reasons"])
        for hold in row.holds:
            retention.prolong_hold(hold, review_on=row.decide_by, clock=clock, actor=actor)
        record = {
            "number": number,
            "decide_by": row.decide_by.isoformat(),
            **standing.place_taken(actor, clock=clock),
        }
        enter(CASE_PROLONGED, actor=actor, subject=f"case:{number}", record=record, at=clock.now(), row=row)
    retention.sign_at_once(ledger, clock)
    return case_view(row)

"""Put off the answer to a recorded person: once, within the month, with reasons (GDPR art. 12(3))."""

from django.db import transaction

from rejent.access.errors import AccessRefusedError
from rejent.cases import rules
from rejent.cases.acts import CASE_PROLONGED
from rejent.cases.queries import case_view
from rejent.cases.services.deciding import deciding_refusal, demand_waiting, locked_case, tidy_text
from rejent.cases.views import CaseView
from rejent.kernel.clock import Clock, FrozenClock, civil_date
from rejent.ledger.location import LedgerLocation
from rejent.office.people import standing
from rejent.office.views import PersonView
from rejent.registers.services import enter
from rejent.retention import services as retention


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
        refused = deciding_refusal(view, person, clock=clock)
        if refused is not None:
            raise AccessRefusedError(refused)
        demand_waiting(view)
        kind, received = view.application.kind, view.application.received_on
        prolonged = view.prolonged is not None
        rules.demand_prolongable(kind, row.decide_by, today, prolonged=prolonged, reasons=reasons)
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

"""Erase what an applicant said, once the office's file plan lets it go; the case stays with its days, its holds and its decision."""

from django.db import transaction

from rejent.cases.acts import CASE_ERASED
from rejent.cases.attachments.services import doom_files
from rejent.cases.copies import queries as copies
from rejent.cases.copies.permission import held_for
from rejent.cases.copies.rules import is_derived_alone
from rejent.cases.errors import DecisionRefusedError
from rejent.cases.models import CaseApplicant, CaseCorrection
from rejent.cases.queries import case_view
from rejent.cases.services.deciding import locked_case, require_deciding, tidy_text
from rejent.cases.stream_parts import ends_of
from rejent.cases.views import CaseView, State
from rejent.kernel.clock import Clock, FrozenClock
from rejent.ledger.location import LedgerLocation
from rejent.office.people import standing
from rejent.office.views import PersonView
from rejent.registers.books.closing import forget_rows
from rejent.registers.services import enter
from rejent.retention import queries as holds
from rejent.retention import services as retention


def erase_applicant(
    number: str, *, grounds: str, person: PersonView, clock: Clock, ledger: LedgerLocation | None
) -> CaseView:
    """Erase name, address, texts, reasons, former values and attached files of a case that is over; their keys go with the keeper.

    Nothing of it can be tried against the ledger afterwards: salts go together with what they bound.

    ``grounds`` say which term ended, by which class of the office's file plan; the program knows no such term. Raises NoSuchCaseError:
    there is none of that number; AccessRefusedError: it is not this person's to decide; DecisionRefusedError: it waits, something is held
    for it, a copy of it lives, it was erased before, or there are no grounds; LedgerMismatchError: its row is not as it was entered.
    """
    clock = FrozenClock(clock)
    grounds, actor = tidy_text("grounds", grounds), str(person.id)
    with transaction.atomic():
        row = locked_case(number)
        view = case_view(row)
        require_deciding(view, person, clock=clock)
        _require_over(view, grounds)
        CaseApplicant.objects.filter(case=row).delete()
        CaseCorrection.objects.filter(case=row).update(before=None, salt="")
        row.state_parts(applicant=None)
        row.forget_applicant()
        for end in ends_of(row.stream):
            end.erased(number)
        forget_rows("applications", [number])
        handed = [each.number for each in copies.hand_overs_under(number)]
        forget_rows("disclosures", handed)
        said_of = [f"case:{number}"]
        if is_derived_alone(view):
            forget_rows(
                copies.BOOK + view.application.stream, [each.number for each in copies.of_case(number)]
            )
            said_of += [f"hand-over:{each}" for each in handed]
        row.erased_at, row.reasons, row.prolonged_reasons = clock.now(), "", ""
        row.save(update_fields=["erased_at", "reasons", "prolonged_reasons"])
        for about in said_of:
            doom_files(about, grounds, actor=actor, clock=clock)
        record = {"number": number, "grounds": grounds, **standing.place_taken(actor, clock=clock)}
        enter(CASE_ERASED, actor=actor, subject=f"case:{number}", record=record, at=clock.now(), row=row)
    retention.sign_at_once(ledger, clock)
    return case_view(row)


def _require_over(view: CaseView, grounds: str) -> None:
    if view.state is State.WAITING:
        raise DecisionRefusedError("The application waits for its decision.", advice="Decide on it first.")
    if view.erased_at is not None:
        raise DecisionRefusedError("What the applicant said was erased before.")
    if not grounds:
        raise DecisionRefusedError(
            "Say which term of the office's file plan ended.", part="grounds", advice="Enter class and day."
        )
    named = {hold.number for hold in holds.holds() if hold.case == view.number}
    for number in sorted(named | {hold.number for hold in held_for(view)}):
        raise DecisionRefusedError(
            "Hold {hold} stands for this application.",
            hold=number,
            advice="What is held is still needed, and so is who asked for it. End the hold first.",
        )
    for copy in copies.living_under(view.number):
        raise DecisionRefusedError(
            "Copy {copy} for this application is not destroyed.",
            copy=copy.number or copy.id,
            advice="Whoever asked for it is needed as long as it lives. Have it destroyed first.",
        )

"""Decide on an application: by the head, or by the deputy in the head's absence; never by the applicant."""

from collections.abc import Collection, Iterator
from uuid import UUID

from django.db import transaction

from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import Decision, Rule, may_administer
from rejent.cases import kinds, rules
from rejent.cases.acts import CASE_DECIDED
from rejent.cases.errors import CaseDecidedError, DecisionRefusedError, NoSuchCaseError
from rejent.cases.models import Case
from rejent.cases.queries import case_view, corrections_of, demands_of, is_namesake
from rejent.cases.services.entering import LONGEST_TEXT
from rejent.cases.stream_parts import ends_of
from rejent.cases.views import CaseView, Despite, State
from rejent.kernel.clock import Clock, FrozenClock, civil_date
from rejent.kernel.plain_text import is_plain
from rejent.ledger.location import LedgerLocation
from rejent.office.people import standing
from rejent.office.people.duplicate_persons import shared
from rejent.office.views import PersonView
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.guard.rows import first_verified
from rejent.registers.services import enter
from rejent.retention import queries as holds
from rejent.retention import services as retention

OWN_APPLICATION = Decision(
    False,
    Rule.OWN,
    "Nobody decides on an application of their own, or of an account that shares something with theirs.",
    advice="The deputy decides once an absence of the head is entered, where the regulation says so.",
)

UNKNOWN_APPLICANT = Decision(
    False,
    Rule.OWN,
    "What the application said before it was corrected cannot be read, and so it is not known whose it was.",
    advice="Run rejent fsck, and tell the data protection officer.",
)


def deciding_refusal(case: CaseView, person: PersonView, *, clock: Clock) -> Decision | None:
    """Return the rule that forbids a person to decide on a case now; None where nothing does.

    An application under one's own name is one's own, whatever whoever entered it said of the applicant, or corrected since.
    """
    roles = standing.current_roles(person.id, clock=clock) or frozenset()
    decision = may_administer(roles, "decide-case")
    if not decision.allowed:
        return decision
    try:
        applicants = list(_applicants(case))
    except LedgerMismatchError:
        return UNKNOWN_APPLICANT
    own = any(
        (account and shared(person.id, UUID(account))) or is_namesake(name, person.name)
        for name, account in applicants
    )
    return OWN_APPLICATION if own else None


def require_deciding(case: CaseView, person: PersonView, *, clock: Clock) -> None:
    """Raise AccessRefusedError where it is not this person's to decide on a case now."""
    if (refused := deciding_refusal(case, person, clock=clock)) is not None:
        raise AccessRefusedError(refused)


def _applicants(case: CaseView) -> Iterator[tuple[str, str]]:
    """Yield name and account of whoever applies, as the application says now, and as it said before each correction."""
    yield case.application.applicant.name, case.application.applicant.person
    for one in corrections_of(case.number) if case.corrections else ():
        before = one.before or {}
        yield before.get("applicant", ""), before.get("own", "")


def decide_case(
    number: str,
    outcome: State,
    *,
    reasons: str,
    basis: str,
    knowledge: bool | None,
    kept: Collection[str] = (),
    despite: str = "",
    person: PersonView,
    clock: Clock,
    ledger: LedgerLocation | None,
) -> CaseView:
    """Decide on an application, and confirm or lift its holds in the same transaction.

    ``kept`` are the holds that stay, of a consent in part; ``knowledge``: whether the office now knows that the recording may be evidence,
    which then stays held whatever the outcome (X17); ``despite``: the ground (`Despite`) on which what is held is used for the case
    although somebody recorded had it restricted. Raises NoSuchCaseError: there is none of that number; CaseDecidedError: it was decided
    before; AccessRefusedError: it is not this person's to decide; DecisionRefusedError: it lacks something, or the regulation leaves no
    such decision; LedgerMismatchError: its row, or that of a hold, is not as it was entered.
    """
    clock = FrozenClock(clock)
    reasons, basis = tidy_text("reasons", reasons), tidy_text("basis", basis)
    with transaction.atomic():
        row = locked_case(number)
        view = case_view(row)
        require_deciding(view, person, clock=clock)
        require_waiting(view)
        chosen = frozenset(kept) & {*view.holds, *(each.number for each in holds.asked_erasures(number))}
        rules.require_decision(
            deciding_of(view, outcome, reasons=reasons, basis=basis, knowledge=knowledge, kept=len(chosen))
        )
        row.reasons, row.basis, row.knowledge = reasons, basis, knowledge
        row.despite = _ground(despite, outcome)
        _decide(row, outcome, chosen, person, clock)
    retention.sign_at_once(ledger, clock)
    return case_view(row)


def _ground(despite: str, outcome: State) -> str:
    if despite and (despite not in set(Despite) or outcome not in {State.GRANTED, State.PARTLY}):
        raise DecisionRefusedError(
            "A ground to use what is restricted is stated with a consent alone.",
            part="despite",
            advice="Choose one of the four, or none.",
        )
    return despite


def deciding_of(
    view: CaseView, outcome: State, *, reasons: str, basis: str, knowledge: bool | None, kept: int
) -> rules.Deciding:
    """Return a decision on a case as it is about to be entered."""
    wanted, erased = view.application, holds.asked_erasures(view.number)
    return rules.Deciding(
        demands_of(view),
        wanted.kind,
        number=view.number,
        late=view.late,
        withdrawn=view.withdrawn_on is not None,
        right=wanted.right,
        identity=wanted.identity,
        holds=len(view.holds) + len(erased),
        erases=bool(erased),
        outcome=outcome,
        reasons=reasons,
        basis=basis,
        knowledge=knowledge,
        kept=kept,
    )


def _decide(row: Case, outcome: State, chosen: frozenset[str], person: PersonView, clock: Clock) -> None:
    actor = str(person.id)
    place = standing.place_taken(actor, clock=clock)
    row.state, row.decided_at, row.decided_by = outcome.value, clock.now(), actor
    row.in_place_of = str(place.get("in_place_of", ""))
    changed = ("state", "decided_at", "decided_by", "in_place_of", "reasons", "basis", "knowledge", "despite")
    row.save(update_fields=changed)
    stands = {
        number: rules.stands_after(outcome, number, chosen, knowledge=row.knowledge) for number in row.holds
    }
    restricted = rules.restricted_after(outcome, row.right)
    review_on = holds.usual_review(row.stream, civil_date(clock.now()))
    for number, stays in stands.items():
        if stays:
            retention.confirm_hold(
                number, review_on=review_on, clock=clock, actor=actor, restricted=restricted
            )
        else:
            retention.lift_hold(number, clock=clock, actor=actor)
    erased = _answer_erasures(row, outcome, chosen, actor, clock)
    record = {
        "number": row.number,
        "decision": outcome.value,
        "late": row.late,
        "knowledge": row.knowledge,
        "confirmed": [number for number, stays in stands.items() if stays],
        "lifted": [number for number, stays in stands.items() if not stays],
        **({"erased": erased} if erased else {}),
        **({"despite": row.despite} if row.despite else {}),
        **place,
    }
    if outcome in {State.REFUSED, State.WITHDRAWN}:
        for end in ends_of(row.stream):
            end.closed(row.number, clock, actor)
    enter(CASE_DECIDED, actor=actor, subject=f"case:{row.number}", record=record, at=clock.now(), row=row)


def _answer_erasures(
    row: Case, outcome: State, chosen: frozenset[str], actor: str, clock: Clock
) -> list[str]:
    """Grant or drop each erasure that is asked for, and return the numbers of those granted; a right that erases nothing grants none."""
    granted = []
    for each in holds.asked_erasures(row.number):
        given = kinds.rules_of_right(row.right).erases and rules.erased_after(outcome, each.number, chosen)
        retention.answer_erasure(each.number, granted=given, clock=clock, actor=actor)
        granted += [each.number] if given else []
    return granted


def require_waiting(view: CaseView) -> None:
    """Raise `CaseDecidedError` for a case that was decided."""
    if view.state is not State.WAITING:
        raise CaseDecidedError(
            "Application {number} has been decided, perhaps in another window.",
            number=view.number,
            advice="Read the decision; it cannot be changed.",
        )


def locked_case(number: str) -> Case:
    """Return the row of a case, locked and verified. Raises `NoSuchCaseError`: there is none of that number."""
    rows = Case.objects.select_for_update(of=("self",)).filter(number=number)
    return first_verified(rows, NoSuchCaseError("There is no application {number}.", number=number))


def tidy_text(part: str, given: str) -> str:
    """Return a text of a decision as it is kept; DecisionRefusedError for one that is too long or cannot be seen."""
    kept = given.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()
    if len(kept) > LONGEST_TEXT:
        raise DecisionRefusedError(
            "The text is longer than {longest} characters.", part=part, longest=LONGEST_TEXT
        )
    if not all(map(is_plain, kept.split("\n"))) or any("\ud800" <= sign <= "\udfff" for sign in kept):
        raise DecisionRefusedError(
            "The text may hold no invisible characters.", part=part, advice="Type it anew."
        )
    return kept

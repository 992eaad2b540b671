"""The decision on an application: the form with all that is needed, the page to check it, the act."""

from collections.abc import Iterator
from functools import partial

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from rejent.access.viewings.restriction import restriction
from rejent.cases import queries, rules, services
from rejent.cases.errors import DecisionRefusedError
from rejent.cases.kinds import KINDS, RIGHTS, Demands, rules_of_right
from rejent.cases.services.deciding import require_deciding
from rejent.cases.views import CaseView, Despite, Kind, State
from rejent.kernel.explanations import DeadlinePurpose, Explanation, explain_deadline
from rejent.kernel.terms import ActDeadline
from rejent.office.regulation.vocabulary import Right
from rejent.retention.queries import HoldView, asked_erasures
from rejent.web.cases.case_page import case_facts, hold_line, holds_of
from rejent.web.cases.changing import decided
from rejent.web.cases.erasures import kept_lines, office_lines
from rejent.web.cases.forms import DecisionForm
from rejent.web.cases.recorded import HELD, amount, extent_words
from rejent.web.cases.words import (
    CASE_STATES,
    DESPITE,
    counted_words,
    filing_words,
    is_for_proceedings,
    kind_title,
    nothing_held_words,
    refused_words,
)
from rejent.web.pages.plain_form import Check, form_page, submit
from rejent.web.requests.visitor import PersonRequest, in_person
from rejent.web.words.wording import day_digits


def case_decide(request: PersonRequest, number: str) -> HttpResponse:
    """Return the form, then the page to check it, then the act."""
    view = queries.case(number)
    if view.state is not State.WAITING:
        return decided(request, number)
    require_deciding(view, **in_person(request))
    form = _form(request, view)
    answer = submit(
        request,
        form,
        lambda _given: _decide(request, number, form),
        gettext("The decision is entered."),
        reverse("case", args=[number]),
        check=lambda _given: _check(view, form),
        refused=DecisionRefusedError,
        late=partial(decided, request, number),
    )
    return answer or _form_page(request, view, form)


def _form(request: PersonRequest, view: CaseView) -> DecisionForm:
    demands = queries.demands_of(view)
    held = [(hold.number, f"{hold.number}: {extent_words(hold)}") for hold in holds_of(view)]
    held += [(one.number, f"{one.number}: {extent_words(one)}") for one in asked_erasures(view.number)]
    possible = rules.possible(demands, late=view.late, withdrawn=view.withdrawn_on is not None)
    initial = {"basis": _basis(view, demands)}
    if len(possible) == 1:
        initial["outcome"] = possible[0].value
    recordings = KINDS[view.application.kind].recordings
    form = DecisionForm(
        request.POST or None,
        initial=initial,
        possible=possible,
        holds=held,
        evidence=recordings,
        restricted=_is_restricted(view),
    )
    if rules_of_right(view.application.right).erases and "kept" in form.fields:
        form.fields["kept"].label = gettext("What is erased")
        form.fields["kept"].help_text = gettext(
            "of a consent in part; the other recordings follow their term"
        )
    return form


def _is_restricted(view: CaseView) -> bool:
    return any(restriction(hold.source_id, hold.start, hold.end, hold.item) for hold in holds_of(view))


def _basis(view: CaseView, demands: Demands) -> str:
    """Return the legal basis that is offered: what the body named, the article of the right, the regulation, the statute."""
    wanted = view.application
    article = RIGHTS[Right(wanted.right)].article if wanted.right else ""
    statute = KINDS[wanted.kind].grounds
    named = wanted.details.get("legal-basis") or article
    return named or ", ".join(part for part in (demands.clause, statute) if part)


def _decide(request: PersonRequest, number: str, form: DecisionForm) -> None:
    given = form.cleaned_data
    services.decide_case(
        number,
        State(given["outcome"]),
        reasons=given["reasons"],
        basis=given["basis"],
        knowledge=form.answer(),
        kept=given.get("kept", ()),
        despite=given.get("despite", ""),
        ledger=settings.LEDGER,
        **in_person(request),
    )


def _form_page(request: PersonRequest, view: CaseView, form: DecisionForm) -> HttpResponse:
    demands, deadline = queries.demands_of(view), queries.deadline_of(view)
    context = {
        "view": view,
        "title": kind_title(view.application.kind),
        "facts": case_facts(view),
        "explanation": _explained(deadline, demands) if deadline else None,
        "filing": list(_filing(view, demands, deadline)),
        "held": [hold_line(hold) for hold in holds_of(view)],
        "wanted": list(office_lines(view)),
        "nothing_held": nothing_held_words(view),
    }
    return form_page(request, "cases/decision.html", form, **context)


def _filing(view: CaseView, demands: Demands, deadline: ActDeadline | None) -> Iterator[str]:
    if view.withdrawn_on is not None:
        yield gettext("The applicant withdrew it on %(day)s.") % {"day": day_digits(view.withdrawn_on)}
    answer = queries.answer_of(view)
    if deadline is not None or answer is None:
        yield from filing_words(deadline, demands, late=view.late, grounds=deadline is None)
        return
    yield gettext("The answer: %(counted)s") % {"counted": counted_words(answer)}
    yield gettext("Grounds: %(clause)s.") % {"clause": KINDS[view.application.kind].grounds}
    yield from refused_words(demands)


def _despite_words(despite: str) -> str:
    return str(DESPITE[Despite(despite)]) if despite else ""


def _explained(deadline: ActDeadline, demands: Demands) -> Explanation:
    return explain_deadline(
        deadline,
        DeadlinePurpose.FILE_APPLICATION,
        settings.CLOCK.now(),
        clause=demands.clause,
        posting_date_counts=demands.posting_date_counts,
    )


def _check(view: CaseView, form: DecisionForm) -> Check:
    """Return what will be entered, and what will happen to each hold. Raises DecisionRefusedError: it lacks something, or is not left."""
    given, answer = form.cleaned_data, form.answer()
    outcome, kept = State(given["outcome"]), frozenset(given.get("kept", ()))
    reasons, basis = given["reasons"].strip(), given["basis"].strip()
    rules.require_decision(
        services.deciding_of(
            view, outcome, reasons=reasons, basis=basis, knowledge=answer, kept=len(given.get("kept", ()))
        )
    )
    holds = holds_of(view)
    stay = [hold for hold in holds if rules.stands_after(outcome, hold.number, kept, knowledge=answer)]
    go = [hold for hold in holds if hold not in stay]
    asked = asked_erasures(view.number) if rules_of_right(view.application.right).erases else []
    erased = [one for one in asked if rules.erased_after(outcome, one.number, kept)]
    evidence = {True: gettext("yes"), False: gettext("no"), None: ""}[answer]
    facts = (
        (kind_title(view.application.kind), (f"{view.number}, {view.application.applicant.name}",)),
        (gettext("Decision"), (str(CASE_STATES[outcome][1]),)),
        (gettext("Legal basis"), (given["basis"],)),
        (gettext("Reasons"), (given["reasons"],)),
        (gettext("May be evidence"), (evidence,)),
        (gettext("Used although restricted"), (_despite_words(given.get("despite", "")),)),
        (_stays_words(view.application.kind), _hold_lines(stay)),
        (gettext("Lifted"), _hold_lines(go)),
        (gettext("Erased"), tuple(f"{one.number}: {extent_words(one)}" for one in erased)),
        (gettext("Kept by holds"), tuple(line for one in erased for line in kept_lines(one))),
    )
    lifted = ngettext(
        "This hold is lifted. What no other hold keeps and whose term has passed is then destroyed for good.",
        "These holds are lifted. What no other hold keeps and whose term has passed is then destroyed for good.",
        len(go),
    )
    return Check(
        title=gettext("Check before deciding"),
        facts=[(label, lines) for label, lines in facts if any(lines)],
        outcome=[
            *_nothing_recorded(holds),
            *([lifted] if go else []),
            *([_erased_words()] if erased else []),
            *_restricted(view, outcome),
            gettext("The decision cannot be changed."),
        ],
        confirm=gettext("Enter the decision"),
        icon="gavel",
        grave=bool(go or erased),
    )


def _nothing_recorded(holds: list[HoldView]) -> Iterator[str]:
    if holds and (there := amount(holds)).nothing:
        yield str(HELD[there])


def _erased_words() -> str:
    return gettext(
        "What no hold keeps is destroyed for good before its term, and nobody opens it from now on; what a hold keeps goes once that ends."
    )


def _stays_words(kind: Kind) -> str:
    if is_for_proceedings(kind):
        return gettext("Stays held until the proceedings are finally concluded")
    return gettext("Stays held until the hold is lifted")


def _restricted(view: CaseView, outcome: State) -> Iterator[str]:
    if rules.restricted_after(outcome, view.application.right):
        yield gettext(
            "Nobody opens what stays held until the hold ends; before that, the person is told (GDPR art. 18(3))."
        )


def _hold_lines(holds: list[HoldView]) -> tuple[str, ...]:
    return tuple(f"{hold.number}: {hold_line(hold)}" for hold in holds)

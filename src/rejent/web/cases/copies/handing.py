"""Handing a copy over: the form, the page to check it, the act, and its papers."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from rejent.cases import queries as cases
from rejent.cases.copies import permission, queries, rules, services
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError
from rejent.cases.copies.services.handing import handable_under, papers_of
from rejent.cases.copies.views import CopyView
from rejent.cases.copies.views import State as CopyState
from rejent.cases.views import CaseView
from rejent.office.regulation.vocabulary import HandoverDocument
from rejent.web.cases.copies.forms import HandOverForm
from rejent.web.cases.copies.identifiers import DOCUMENTS
from rejent.web.cases.copies.words import content_words, copy_facts
from rejent.web.pages.plain_form import Check, check_page, is_confirmed, is_to_change
from rejent.web.requests.visitor import PersonRequest
from rejent.web.words.wording import span_digits


def handable_cases(copy: CopyView) -> list[CaseView]:
    """Return the disclosures that a copy can be handed over under: its own, or later ones of the same recording."""
    own = cases.case(copy.case)
    found = [own] if handable_under(copy, own) else []
    others = cases.granted_disclosures(copy.source_kind, copy.interval)
    return [*found, *(each for each in others if each.number != own.number and handable_under(copy, each))]


def narrower_cases(copy: CopyView) -> list[CaseView]:
    """Return the disclosures that were consented to of a part of a copy alone: it is not handed over under these."""
    found = cases.granted_disclosures(copy.source_kind, copy.interval)
    return [each for each in found if not handable_under(copy, each) and _keeps_part(each, copy)]


def _keeps_part(case: CaseView, copy: CopyView) -> bool:
    return any(
        hold.source_id == copy.source_id
        and hold.item in {"", copy.item}
        and hold.interval.start < copy.interval.end
        and copy.interval.start < hold.interval.end
        for hold in permission.copyable(case)
    )


@require_http_methods(["GET", "POST"])
def copy_hand_over(request: PersonRequest, number: str) -> HttpResponse:
    """Return the form, then the page to check it, then the act."""
    view = queries.copy(number)
    if view.state is not CopyState.KEPT:
        messages.warning(request, gettext("The copy was handed over or destroyed before."))
        return redirect("copy", number)
    possible = handable_cases(view)
    if not possible:
        messages.warning(
            request,
            gettext("A copy is handed over only under a disclosure of this recording that was consented to."),
        )
        return redirect("copy", number)
    declares = any(HandoverDocument.PROTOCOL in papers_of(case) for case in possible)
    offered = [(case.number, f"{case.number}: {case.application.applicant.name}") for case in possible]
    first = possible[0] if len(possible) == 1 else None
    to_body = not rules.is_derived_alone(possible[0])
    whom = "body" if to_body else "recipient"
    initial = {"case": first.number, whom: first.application.applicant.name} if first else {}
    form = HandOverForm(
        request.POST or None, initial=initial, cases=offered, declares=declares, to_body=to_body
    )
    if request.method == "POST" and not is_to_change(request) and form.is_valid():
        if not is_confirmed(request):
            return check_page(request, _check(view, form))
        try:
            return _handed(request, view, form)
        except CopyRefusedError as error:
            form.refuse(error, error.part if error.part in form.fields else None)
        except CopyStateError as error:
            messages.error(request, error.sentence(gettext))
            return redirect("copy", number)
    context = {"copy": view, "form": form, "facts": copy_facts(view), "papers": _papers(possible[0])}
    status = 422 if form.errors and not is_to_change(request) else 200
    return render(request, "copies/copy_hand_over.html", context, status=status)


def _handed(request: PersonRequest, view: CopyView, form: HandOverForm) -> HttpResponse:
    given = form.cleaned_data
    handing = services.Handing(
        view.number,
        given["case"],
        recipient=given["recipient"],
        post=given.get("post", ""),
        body=given.get("body", ""),
        declared=bool(given.get("declared")),
        remarks=given["remarks"],
    )
    done = services.hand_over_copy(
        handing, person=request.person, clock=settings.CLOCK, ledger=settings.LEDGER
    )
    words = gettext("Hand-over %(number)s is entered. Print its paper and have it signed.")
    messages.success(request, words % {"number": done.number})
    return redirect("copy", view.number)


def _papers(case: CaseView) -> list[str]:
    return [str(DOCUMENTS.get(each, each)) for each in papers_of(case)]


def _check(view: CopyView, form: HandOverForm) -> Check:
    given = form.cleaned_data
    case = cases.case(given["case"])
    yes = gettext("yes") if given.get("declared") else ""
    facts = (
        (
            gettext("Copy"),
            (view.number, f"{view.source_label}, {span_digits(view.interval.start, view.interval.end)}"),
        ),
        (gettext("What is in it"), (content_words(view),)),
        (gettext("Application"), (f"{case.number}, {case.application.applicant.name}",)),
        (gettext("Body"), (given.get("body", ""),)),
        (
            gettext("Who takes it"),
            tuple(part for part in (given["recipient"], given.get("post", "")) if part),
        ),
        (gettext("Declaration of use"), (yes,)),
        (gettext("Paper"), tuple(_papers(case))),
        (gettext("Remarks"), (given["remarks"],)),
    )
    return Check(
        title=gettext("Check before handing over"),
        facts=[(label, lines) for label, lines in facts if any(lines)],
        outcome=[
            gettext(
                "The hand-over is entered in the register of disclosed recordings. It cannot be taken back."
            ),
            gettext("Hand the carrier over once the paper is signed."),
        ],
        confirm=gettext("Enter the hand-over"),
        icon="signature",
    )

"""Handing a copy over: the form, the page to check it, the act, and its papers."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from rejent.cases import queries as cases
from rejent.cases.attachments.permission import HAND_OVER
from rejent.cases.attachments.services import Sent, Unsealed, attach_file
from rejent.cases.attachments.views import Role
from rejent.cases.copies import permission, queries, rules, services
from rejent.cases.copies.errors import CopyRefusedError
from rejent.cases.copies.services.handing import handable_under, papers_of
from rejent.cases.copies.views import CopyView, HandOverView
from rejent.cases.copies.views import State as CopyState
from rejent.cases.services import issue_paper
from rejent.cases.views import CaseView, PaperKind
from rejent.documents.papers import Book, Deed, FilledForm
from rejent.documents.rendering import render_pdf
from rejent.documents.strokes import drawing, read_strokes
from rejent.kernel.errors import InputRefusedError, NotFoundError
from rejent.office.regulation.vocabulary import HandoverDocument
from rejent.web.cases.attachments.pages import paper_response
from rejent.web.cases.copies.forms import HandOverForm
from rejent.web.cases.copies.identifiers import DOCUMENTS
from rejent.web.cases.copies.papers import hand_over_paper
from rejent.web.cases.copies.words import content_words, copy_facts
from rejent.web.pages.plain_form import Check, form_page, submit
from rejent.web.requests.visitor import PersonRequest, acting, in_person
from rejent.web.words.wording import moment_digits, span_digits


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
    words = gettext("Hand-over %(number)s is entered. Print its paper and have it signed.")
    page = reverse("copy", args=[number])
    answer = submit(
        request,
        form,
        lambda given: services.hand_over_copy(
            _handing(number, given), ledger=settings.LEDGER, **in_person(request)
        ),
        lambda done: words % {"number": done.number},
        page,
        check=lambda given: _check(view, given),
        refused=CopyRefusedError,
        late=page,
    )
    return answer or form_page(
        request,
        "copies/copy_hand_over.html",
        form,
        copy=view,
        facts=copy_facts(view),
        papers=_papers(possible[0]),
    )


def _handing(number: str, given: dict[str, Any]) -> services.Handing:
    return services.Handing(
        number,
        given["case"],
        recipient=given["recipient"],
        post=given.get("post", ""),
        body=given.get("body", ""),
        declared=bool(given.get("declared")),
        remarks=given["remarks"],
    )


def _papers(case: CaseView) -> list[str]:
    return [str(DOCUMENTS.get(each, each)) for each in papers_of(case)]


def _check(view: CopyView, given: dict[str, Any]) -> Check:
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


FIELDS = ("giver", "receiver")
"""Who signs, in the order of the lines on the paper."""


def hand_over_document(request: PersonRequest, number: str) -> HttpResponse:
    """Return the paper of a hand-over, to be printed and signed: protocol, receipt, or the register's page.

    It is entered before it leaves or is sealed.
    """
    view, handed = _handed(number)
    paper = hand_over_paper(view, handed)
    issue = partial(issue_paper, f"{HAND_OVER}:{handed.number}", PaperKind.HAND_OVER)
    name, content = issue(
        paper.letterhead.language, lambda _number, _at: render_pdf(paper), **acting(request)
    )
    unsealed = Unsealed(f"{HAND_OVER}:{handed.number}", name, paper.letterhead.title, content)
    return paper_response(request, unsealed, reverse("copy", args=[number]))


def hand_over_sign(request: PersonRequest, number: str) -> HttpResponse:
    """Let giver and receiver sign the paper on the screen; the signed one is kept as a file of the hand-over."""
    view, handed = _handed(number)
    paper = hand_over_paper(view, handed)
    if isinstance(paper, Book):
        raise NotFoundError("There is nothing at this address.")
    refused = ""
    if request.method == "POST":
        try:
            _keep_signed(request, paper, handed)
        except InputRefusedError as error:
            refused = error.sentence(gettext)
        else:
            messages.success(request, gettext("The paper is signed and kept."))
            return redirect("copy", number)
    context = {
        "copy": view,
        "title": paper.letterhead.title,
        "fields": list(zip(FIELDS, paper.signatures, strict=True)),
        "refused": refused,
    }
    return render(request, "copies/hand_over_sign.html", context, status=422 if refused else 200)


def _keep_signed(request: PersonRequest, paper: Deed | FilledForm, handed: HandOverView) -> None:
    drawn = tuple(read_strokes(request.POST.get(name, "")) for name in FIELDS)
    if not all(drawn):
        raise InputRefusedError("Both sign: who hands over and who takes.", advice="Sign in both fields.")
    drawings = tuple(map(drawing, drawn))

    def made(_number: str, at: datetime) -> bytes:
        signed = (gettext("Signed on the screen"), (moment_digits(at),))
        return render_pdf(replace(paper, facts=(*paper.facts, signed), drawn=drawings))

    about = f"{HAND_OVER}:{handed.number}"
    number, content = issue_paper(
        about, PaperKind.SIGNED_ON_SCREEN, paper.letterhead.language, made, **acting(request)
    )
    sent = Sent(about, Role.SIGNED, f"{paper.letterhead.title}.pdf", len(content), len(content), of=number)
    attach_file(sent, content, person=request.person, keeping=settings.KEEPING())


def _handed(number: str) -> tuple[CopyView, HandOverView]:
    handed = queries.hand_over(number)
    if handed is None:
        raise NotFoundError("There is nothing at this address.")
    return queries.copy(number), handed

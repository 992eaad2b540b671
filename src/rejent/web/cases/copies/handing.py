"""Handing a copy over step by step: prepared, signed, handed over or withdrawn, with the pages to check it, and its papers."""

from dataclasses import replace
from datetime import date, datetime
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
from rejent.cases.copies import queries, rules, services
from rejent.cases.copies.errors import CopyRefusedError
from rejent.cases.copies.services.handing import papers_of, require_written
from rejent.cases.copies.views import CopyView, HandOverState, HandOverView, Signing
from rejent.cases.copies.views import State as CopyState
from rejent.cases.services import issue_paper
from rejent.cases.views import CaseView, PaperKind
from rejent.documents.papers import Book, Deed, FilledForm
from rejent.documents.rendering import render_pdf
from rejent.documents.strokes import drawing, read_strokes
from rejent.kernel.clock import civil_date, clock_time
from rejent.kernel.errors import InputRefusedError, NotFoundError
from rejent.web.cases.attachments.pages import paper_response
from rejent.web.cases.copies.forms import HandedForm, HandOverForm, ReasonForm, SignedForm
from rejent.web.cases.copies.handable import handable_cases
from rejent.web.cases.copies.identifiers import DOCUMENTS
from rejent.web.cases.copies.papers import hand_over_paper
from rejent.web.cases.copies.steps import take_step
from rejent.web.cases.copies.words import carrier_words, content_words, copy_facts
from rejent.web.pages.plain_form import Check, PlainForm, form_page
from rejent.web.requests.visitor import PersonRequest, acting, in_person
from rejent.web.words.wording import day_digits, moment_digits, span_digits


def copy_hand_over(request: PersonRequest, number: str) -> HttpResponse:
    """Return the form that prepares a hand-over, then the page to check it, then the act; before it what is missing."""
    view = queries.copy(number)
    page = reverse("copy", args=[number])
    if view.state is not CopyState.KEPT or queries.hand_over(number) is not None:
        messages.warning(
            request, gettext("The copy is being handed over, or was handed over or destroyed before.")
        )
        return redirect(page)
    possible = handable_cases(view)
    lacking = _find_lacking(view, possible)
    if lacking or not possible:
        return render(request, "copies/copy_hand_over.html", {"copy": view, "lacking": lacking})
    offered = [(case.number, f"{case.number}: {case.application.applicant.name}") for case in possible]
    first = possible[0] if len(possible) == 1 else None
    to_body = not rules.is_derived_alone(possible[0])
    whom = "body" if to_body else "recipient"
    initial = {"case": first.number, whom: first.application.applicant.name} if first else {}
    form = HandOverForm(request.POST or None, initial=initial, cases=offered, to_body=to_body)
    words = gettext("Hand-over %(number)s is prepared. Print its paper: a draft until both have signed it.")
    answer = take_step(
        request,
        form,
        number,
        lambda given: services.prepare_hand_over(_handing(number, given), **in_person(request)),
        lambda done: words % {"number": done.number},
        check=lambda given: _check(view, given),
    )
    return answer or form_page(
        request,
        "copies/copy_hand_over.html",
        form,
        copy=view,
        facts=copy_facts(view),
        papers=_papers(possible[0]),
    )


def _find_lacking(view: CopyView, possible: list[CaseView]) -> list[str]:
    """Return what is missing before a hand-over can be prepared, and who does it."""
    found = []
    if not possible:
        found.append(
            gettext("A copy is handed over only under a disclosure of this recording that was consented to.")
        )
    try:
        require_written(view)
    except CopyRefusedError as error:
        found.append(error.sentence(gettext))
    if view.due_on is not None and view.due_on < civil_date(settings.CLOCK.now()):
        found.append(gettext("The life of the copy is over: it is to be destroyed."))
    return found


def _handing(number: str, given: dict[str, Any]) -> services.Handing:
    return services.Handing(
        number,
        given["case"],
        recipient=given["recipient"],
        post=given.get("post", ""),
        body=given.get("body", ""),
        remarks=given["remarks"],
    )


def _papers(case: CaseView) -> list[str]:
    return [str(DOCUMENTS.get(each, each)) for each in papers_of(case)]


def _check(view: CopyView, given: dict[str, Any]) -> Check:
    case = cases.case(given["case"])
    facts = (
        (
            gettext("Copy"),
            (view.number, f"{view.source_label}, {span_digits(view.interval.start, view.interval.end)}"),
        ),
        (gettext("What is in it"), (content_words(view),)),
        (gettext("Carrier"), tuple(carrier_words(one) for one in view.carriers)),
        (gettext("Application"), (f"{case.number}, {case.application.applicant.name}",)),
        (gettext("Body"), (given.get("body", ""),)),
        (
            gettext("Who takes it"),
            tuple(part for part in (given["recipient"], given.get("post", "")) if part),
        ),
        (gettext("Paper"), tuple(_papers(case))),
        (gettext("Remarks"), (given["remarks"],)),
    )
    return Check(
        title=gettext("Check before preparing the hand-over"),
        facts=[(label, lines) for label, lines in facts if any(lines)],
        outcome=[
            gettext(
                "The paper gets a number and is a draft until both have signed it. Nothing is handed over yet."
            ),
            gettext("It can be withdrawn until the copy is handed over; its number stays in the register."),
        ],
        confirm=gettext("Prepare the hand-over"),
        icon="file-text",
    )


def hand_over_signed(request: PersonRequest, number: str) -> HttpResponse:
    """Enter how and on which day the paper of a hand-over was signed."""
    view, handed = _handed(number)
    today = civil_date(settings.CLOCK.now())
    form = SignedForm(request.POST or None, initial={"signed_on": day_digits(today)})
    answer = take_step(
        request,
        form,
        number,
        lambda given: _enter_signing(request, handed, Signing(given["signing"]), given["signed_on"]),
        gettext("The signatures are entered. Hand the carrier over, then enter when."),
    )
    title, button = gettext("The paper was signed"), gettext("Enter")
    return answer or _step_page(request, form, view, handed, title=title, button=button)


def _enter_signing(request: PersonRequest, handed: HandOverView, signing: Signing, day: date) -> HandOverView:
    """Enter the signatures on a paper that exists, and names the carrier as it is entered now."""
    about = f"{HAND_OVER}:{handed.number}"
    printed = cases.newest_paper(about, PaperKind.HAND_OVER)
    if printed is None:
        raise CopyRefusedError(
            "The paper of this hand-over was not printed yet: nobody can have signed it.",
            part="signing",
            advice="Print it on the page of the copy first.",
        )
    view = queries.copy(handed.copy)
    changed = any(printed[0] < (each.withdrawn_at or each.at) for each in view.writings)
    if changed and not cases.is_newest_paper(
        about, PaperKind.HAND_OVER, render_pdf(hand_over_paper(view, handed))
    ):
        raise CopyRefusedError(
            "What was entered of the carrier changed after this paper was printed: it names another.",
            part="signing",
            advice="Print the paper again on the page of the copy, and have that signed.",
        )
    return services.sign_hand_over(handed.number, signing, day, **in_person(request))


def hand_over_done(request: PersonRequest, number: str) -> HttpResponse:
    """Enter when the carrier changed hands, after a page to check it."""
    view, handed = _handed(number)
    now = settings.CLOCK.now()
    initial = {"handed_on": day_digits(civil_date(now)), "handed_time": clock_time(now, seconds=False)}
    form = HandedForm(request.POST or None, initial=initial)
    answer = take_step(
        request,
        form,
        number,
        lambda given: services.hand_over_copy(
            handed.number, given["handed"], ledger=settings.LEDGER, **in_person(request)
        ),
        gettext("The hand-over is entered in the register of disclosed recordings. Attach the signed paper."),
        check=lambda given: _check_done(view, handed, given["handed"]),
    )
    lacking = [] if handed.state is not HandOverState.PREPARED else [
        gettext("The paper is not signed yet. Nothing counts as handed over before.")
    ]  # fmt: skip
    title, button = gettext("It was handed over"), gettext("Check before entering")
    return answer or _step_page(request, form, view, handed, title=title, button=button, lacking=lacking)


def _check_done(view: CopyView, handed: HandOverView, at: datetime) -> Check:
    taker = tuple(part for part in (handed.recipient, handed.post, handed.body) if part)
    return Check(
        title=gettext("Check before entering the hand-over"),
        facts=[
            (gettext("Copy"), (view.number,)),
            (gettext("Carrier"), tuple(carrier_words(one) for one in view.carriers)),
            (gettext("Who takes it"), taker),
            (gettext("Handed over"), (moment_digits(at),)),
        ],
        outcome=[
            gettext(
                "The hand-over is entered in the register of disclosed recordings. It cannot be taken back."
            )
        ],
        confirm=gettext("Enter the hand-over"),
        icon="circle-check",
    )


def hand_over_withdraw(request: PersonRequest, number: str) -> HttpResponse:
    """Withdraw a hand-over that is not done, with a reason."""
    view, handed = _handed(number)
    form = ReasonForm(request.POST or None)
    answer = take_step(
        request,
        form,
        number,
        lambda given: services.withdraw_hand_over(handed.number, given["reason"], **in_person(request)),
        gettext("The hand-over is withdrawn; nothing was handed over."),
    )
    title, button = gettext("Withdraw the hand-over"), gettext("Withdraw")
    return answer or _step_page(request, form, view, handed, title=title, button=button)


def _step_page(
    request: PersonRequest, form: PlainForm, view: CopyView, handed: HandOverView, **words: object
) -> HttpResponse:
    about = gettext("Hand-over %(number)s") % {"number": handed.number}
    return form_page(request, "copies/copy_step.html", form, copy=view, about=about, **words)


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
        except (InputRefusedError, CopyRefusedError) as error:
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
    if handed.state is HandOverState.PREPARED:
        today = civil_date(settings.CLOCK.now())
        services.sign_hand_over(handed.number, Signing.SCREEN, today, **in_person(request))

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

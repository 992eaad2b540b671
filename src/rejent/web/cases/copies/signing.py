"""Signing the paper of a hand-over on the screen, and what became of it: signed papers, drawn, scanned or signed elsewhere."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from rejent.cases.attachments.permission import HAND_OVER
from rejent.cases.attachments.services import Sent, Unsealed, attach_file
from rejent.cases.attachments.views import Role
from rejent.cases.copies import queries
from rejent.cases.copies.views import CopyView, HandOverView
from rejent.cases.services import issue_paper
from rejent.cases.views import PaperKind
from rejent.documents.papers import Deed
from rejent.documents.rendering import render_pdf
from rejent.documents.strokes import drawing, read_strokes
from rejent.kernel.errors import InputRefusedError, NotFoundError
from rejent.web.cases.attachments.sealing import paper_response
from rejent.web.cases.copies.papers import hand_over_paper
from rejent.web.requests.visitor import PersonRequest, acting
from rejent.web.words.wording import moment_digits

FIELDS = ("giver", "receiver")
"""Who signs, in the order of the lines on the paper."""


@require_POST
def hand_over_document(request: PersonRequest, number: str) -> HttpResponse:
    """Return the paper of a hand-over, to be printed and signed: protocol, receipt, or the register's page; entered before it leaves or is sealed."""
    view, handed = _handed(number)
    paper = hand_over_paper(view, handed)
    issue = partial(issue_paper, f"{HAND_OVER}:{handed.number}", PaperKind.HAND_OVER)
    name, content = issue(
        paper.letterhead.language, lambda _number, _at: render_pdf(paper), **acting(request)
    )
    unsealed = Unsealed(f"{HAND_OVER}:{handed.number}", name, paper.letterhead.title, content)
    return paper_response(request, unsealed, reverse("copy", args=[number]))


@require_http_methods(["GET", "POST"])
def hand_over_sign(request: PersonRequest, number: str) -> HttpResponse:
    """Let giver and receiver sign the paper on the screen; the signed one is kept as a file of the hand-over."""
    view, handed = _handed(number)
    paper = hand_over_paper(view, handed)
    if not isinstance(paper, Deed):
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


def _keep_signed(request: PersonRequest, paper: Deed, handed: HandOverView) -> None:
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

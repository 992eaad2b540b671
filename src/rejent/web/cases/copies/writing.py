"""What a package was written to, as whoever wrote it enters it, and that such an entry counts no more; the label for the carrier."""

from functools import partial

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext

from rejent.access.errors import AccessRefusedError
from rejent.cases.copies import permission, queries, services
from rejent.cases.copies.views import CopyView, Medium
from rejent.cases.services import issue_paper
from rejent.cases.views import PaperKind
from rejent.documents.rendering import render_pdf
from rejent.evidence.sealing import find_taken
from rejent.kernel.errors import NotFoundError
from rejent.web.cases.copies.forms import ReasonForm, WrittenForm
from rejent.web.cases.copies.labels import LABEL_SIZES, label_paper
from rejent.web.cases.copies.steps import take_step
from rejent.web.cases.copies.words import carrier_words, package_words
from rejent.web.pages.plain_form import form_page
from rejent.web.registers.exports import pdf_response
from rejent.web.requests.visitor import PersonRequest, acting, in_person
from rejent.web.words.wording import moment_digits


def copy_written(request: PersonRequest, number: str) -> HttpResponse:
    """Enter to which carrier a package of a copy was written; before one was taken, say that this is missing."""
    view = _view(request, number)
    packages = [
        (each.entry, f"{moment_digits(each.at)}: {package_words(each)}") for each in find_taken(number)[::-1]
    ]
    place = permission.copies_of(view.source_kind, view.version).kept_in
    initial = {"package": packages[0][0]} if packages else {}
    form = WrittenForm(request.POST or None, initial=initial, packages=packages, place=place)
    answer = packages and take_step(
        request,
        form,
        number,
        lambda given: services.enter_writing(
            services.Written(
                number,
                int(given["package"]),
                Medium(given["medium"]),
                given["sign"],
                given["bag"],
                given["place"],
            ),
            **in_person(request),
        ),
        gettext("The carrier is entered."),
    )
    lacking = [] if packages else [
        gettext("No package of this copy was taken yet. Take it on the page of the copy and write it to the carrier first.")
    ]  # fmt: skip
    return answer or form_page(
        request,
        "copies/copy_step.html",
        form,
        copy=view,
        title=gettext("The package was written to a carrier"),
        button=gettext("Enter"),
        lacking=lacking,
    )


def copy_unwritten(request: PersonRequest, number: str, key: int) -> HttpResponse:
    """Take back that a package was written to a carrier, with a reason."""
    view = _view(request, number)
    found = next((each for each in view.carriers if each.key == key), None)
    if found is None:
        raise NotFoundError("There is nothing at this address.")
    form = ReasonForm(request.POST or None)
    answer = take_step(
        request,
        form,
        number,
        lambda given: services.withdraw_writing(number, key, given["reason"], **in_person(request)),
        gettext("The entry is taken back; it stays on the page."),
    )
    return answer or form_page(
        request,
        "copies/copy_step.html",
        form,
        copy=view,
        title=gettext("Take back what was entered of the carrier"),
        about=carrier_words(found),
        button=gettext("Take back"),
    )


def _view(request: PersonRequest, number: str) -> CopyView:
    """Return a copy to whoever may make copies of its source. Raises AccessRefusedError: it is not this person's."""
    view = queries.copy(number)
    refused = permission.making_refusal(request.person, view.source_id, clock=settings.CLOCK)
    if refused is not None:
        raise AccessRefusedError(refused)
    return view


def copy_label(request: PersonRequest, number: str, size: str) -> HttpResponse:
    """Return the label of a copy, in one of its sizes; that it leaves for printing is entered."""
    if size not in LABEL_SIZES:
        raise NotFoundError("There is nothing at this address.")
    paper = label_paper(queries.copy(number), size)
    issue = partial(issue_paper, f"copy:{number}", PaperKind.LABEL, paper.letterhead.language)
    _name, content = issue(lambda _number, _at: render_pdf(paper), **acting(request))
    return pdf_response(content, paper.letterhead.title)

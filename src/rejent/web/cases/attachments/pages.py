"""Attaching a file, whole or piece by piece, and opening one inert."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.cases.attachments import queries, services
from rejent.cases.attachments.errors import FileRefusedError, no_such_file
from rejent.cases.attachments.permission import CASE, COMMISSION, HAND_OVER, STATEMENT, require_removing
from rejent.cases.attachments.rules import LONGEST_REASON, PIECE, download_name
from rejent.cases.attachments.services import Unsealed, seal_paper
from rejent.cases.attachments.views import FileView, Role
from rejent.cases.copies.queries import copy_of
from rejent.documents.errors import DocumentError
from rejent.formats.file_types import BY_MEDIA_TYPE
from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError
from rejent.kernel.numbers import read_number
from rejent.ledger.errors import TimestampUnavailableError
from rejent.notices.plates.services import PLATE
from rejent.office.installation import Seal
from rejent.registers.exporting import download
from rejent.vault.errors import StorageFullError
from rejent.web.cases.attachments.words import ROLES
from rejent.web.pages.plain_form import Check, PlainForm, form_page, submit, text
from rejent.web.registers.exports import pdf_response
from rejent.web.requests.visitor import PersonRequest, in_person

INERT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; sandbox; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""Nothing in a file runs, loads, sends or frames anything; styles are those of the browser's own viewer."""


class RemoveForm(PlainForm):
    """Why a file is removed."""

    reason = text(
        _("Reason"),
        _("Say why the file is removed."),
        hint=_(
            "for example: belongs to another application; it stays in the register of actions, so name nobody"
        ),
        max_length=LONGEST_REASON,
    )


_PAGES = {CASE: "case", COMMISSION: "commission", "copy": "copy", STATEMENT: "statement", PLATE: "plate"}


def file_attach(request: PersonRequest) -> HttpResponse:
    """Attach a file that a form sent as a whole, without any script."""
    given = request.FILES.get("file")
    sent = _sent(request, given)
    if not isinstance(given, UploadedFile):
        messages.error(request, gettext("Choose a file."))
        return redirect(page_of(sent.about))
    try:
        services.attach_file(sent, given.read(), person=request.person, keeping=settings.KEEPING())
    except (InputRefusedError, ConflictError, StorageFullError) as error:
        messages.error(request, error.sentence(gettext))
    else:
        messages.success(request, gettext("The file is attached."))
    return redirect(page_of(sent.about))


def file_begin(request: PersonRequest) -> HttpResponse:
    """Begin a file that a script sends piece by piece."""
    begun = services.begin_file(_sent(request, None), person=request.person, keeping=settings.KEEPING())
    return JsonResponse(
        {
            "piece": PIECE,
            "pieces": reverse("file-piece", args=[begun.id, 0]),
            "finish": reverse("file-finish", args=[begun.id]),
        }
    )


def file_piece(request: PersonRequest, key: UUID, place: int) -> HttpResponse:
    """Take a piece, or with place 0 only say how many there are."""
    have = services.take_piece(key, place, request.body, person=request.person, keeping=settings.KEEPING())
    return JsonResponse({"have": have})


def file_finish(request: PersonRequest, key: UUID) -> HttpResponse:
    """Judge and seal a file that came whole."""
    kept = services.finish_file(key, person=request.person, keeping=settings.KEEPING())
    messages.success(request, gettext("The file is attached."))
    return JsonResponse({"page": page_of(kept.about)})


def file_open(request: PersonRequest, key: UUID) -> HttpResponseBase:
    """Return a file, shown by the browser where nothing in it can run, else to be saved."""
    view = services.note_opened(key, person=request.person, clock=settings.CLOCK)
    kind = BY_MEDIA_TYPE.get(view.media_type)
    content = queries.open_file(view)
    media_type = view.media_type if kind else "application/octet-stream"
    answer = download(request, queries.pieces_of(content), "", media_type)
    inline = kind is not None and kind.shown
    answer["Content-Disposition"] = (
        content_disposition_header(not inline, download_name(view.name, kind)) or "attachment"
    )
    answer["Content-Length"] = str(content.size)
    answer["Content-Security-Policy"] = INERT_POLICY
    return answer


def file_remove(request: PersonRequest, key: UUID) -> HttpResponse:
    """Ask why a file is removed, show what will be destroyed, and destroy it."""
    view = queries.attached_file(key)
    require_removing(view, person=request.person, clock=settings.CLOCK)
    page, form = page_of(view.about), RemoveForm(request.POST or None)
    answer = submit(
        request,
        form,
        lambda given: _remove(request, key, given["reason"]),
        gettext("The file is removed."),
        page,
        field="reason",
        check=lambda given: _removal(view, given["reason"]),
        refused=FileRefusedError,
    )
    context = {"file": view, "back": page, "number": view.about.partition(":")[2]}
    return answer or form_page(request, "attachments/remove.html", form, **context)


def _remove(request: PersonRequest, key: UUID, reason: str) -> None:
    services.remove_file(key, reason, ledger=settings.LEDGER, **in_person(request))
    services.keep_files(settings.KEEPING())


def _removal(view: FileView, reason: str) -> Check:
    return Check(
        title=gettext("Check before removing"),
        facts=[
            (gettext("File"), (view.name or gettext("file without a name"), str(ROLES[view.role]))),
            (gettext("Attached to"), (view.about.partition(":")[2],)),
            (gettext("Reason"), (reason,)),
        ],
        outcome=[
            gettext("The file, its name and its key are destroyed for good."),
            gettext("That it was removed, by whom and why stays on the page and in the register of actions."),
        ],
        confirm=gettext("Remove"),
        icon="shredder",
        grave=True,
    )


def _sent(request: PersonRequest, given: object) -> services.Sent:
    fields = request.POST
    role = fields.get("role", "")
    size = (
        given.size or 0
        if isinstance(given, UploadedFile)
        else read_number(fields.get("size", ""), most=2**50) or 0
    )
    name = given.name or "" if isinstance(given, UploadedFile) else fields.get("name", "")
    if role not in set(Role):
        raise no_such_file()
    return services.Sent(
        about=fields.get("about", ""),
        role=Role(role),
        name=name,
        size=size,
        largest=settings.INSTALLATION.largest_attachment,
        of=fields.get("of", "") if role == Role.PHOTO else "",
    )


def page_of(about: str) -> str:
    """Return the address of the page of what a file belongs to."""
    kind, _, number = about.partition(":")
    if kind == HAND_OVER:
        number, kind = copy_of(number), "copy"
    if kind not in _PAGES:
        raise no_such_file()
    return reverse(_PAGES[kind], args=[number])


def is_sealing() -> bool:
    """Return whether the office has a seal."""
    return office_seal() is not None


def paper_response(request: PersonRequest, paper: Unsealed, page: str) -> HttpResponse:
    """Return a paper as a file; where the seal was asked for, keep it sealed and lead back to its page."""
    if "seal" not in request.POST:
        return pdf_response(paper.content, paper.name)
    seal = office_seal()
    if seal is None:
        raise NotFoundError("There is nothing at this address.")
    directory = settings.INSTALLATION.directory
    try:
        seal_paper(paper, seal, directory, person=request.person, keeping=settings.KEEPING())
    except (
        ConflictError,
        DocumentError,
        InputRefusedError,
        StorageFullError,
        TimestampUnavailableError,
    ) as error:
        messages.error(request, error.sentence(gettext))
    else:
        messages.success(request, gettext("The paper is sealed; it is kept as a signed paper."))
    return redirect(page)


def office_seal() -> Seal | None:
    """Return the office's seal; None where it has none."""
    seal: Seal | None = settings.INSTALLATION.seal
    return seal if seal is not None and seal.file else None

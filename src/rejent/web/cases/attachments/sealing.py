"""Papers that leave the program: as a file, or kept with the office's electronic seal."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from rejent.cases.attachments.services import Unsealed, seal_paper
from rejent.documents.errors import DocumentError
from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError
from rejent.ledger.errors import TimestampUnavailableError
from rejent.office.installation import Seal
from rejent.vault.errors import StorageFullError
from rejent.web.registers.exports import pdf_response
from rejent.web.requests.visitor import PersonRequest


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

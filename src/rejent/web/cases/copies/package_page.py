"""The evidence package of a copy as a file for the carrier: as it is, or encrypted with a code that its receiver gets on a slip."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from django.conf import settings
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext

from rejent.cases.copies import queries
from rejent.cases.copies.opening import parts_opener
from rejent.cases.copies.stream_parts import COPIES, shown_of
from rejent.cases.copies.views import CopyView
from rejent.documents.papers import Form
from rejent.documents.rendering import render_pdf
from rejent.evidence.contents import LazySource
from rejent.evidence.sealing import export_signer, note_export, note_taken, seal_in_ledger
from rejent.evidence.targets import PassingTarget
from rejent.evidence.writing import write_package
from rejent.formats.mp4.export_format import ExportFacts, ExportSigner
from rejent.kernel.clock import Clock
from rejent.kernel.errors import NotFoundError
from rejent.office import queries as office
from rejent.office.views import PersonView
from rejent.registers.exporting import download
from rejent.vault.age import Passphrase, SealWriter
from rejent.web.cases.attachments.pages import office_seal
from rejent.web.cases.copies.handable import handable_cases
from rejent.web.cases.copies.packing import package_contents, require_leaving
from rejent.web.registers.exports import pdf_response
from rejent.web.registers.letterheads import letterhead
from rejent.web.requests.visitor import PersonRequest

_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Small letters and digits without those that are taken for another."""
_CODE = re.compile(rf"[{_SIGNS}]{{5}}(-[{_SIGNS}]{{5}}){{3}}")


def copy_package(request: PersonRequest, number: str) -> StreamingHttpResponse:
    """Return the package of a copy as a ZIP file; its list of contents, and for whom it leaves, are entered before the first byte does."""
    view = queries.copy(number)
    case = _read_recipient(request, view)
    target = pack(view, request.person, settings.CLOCK)
    note_taken(number, case, clock=settings.CLOCK, actor=str(request.person.id))
    answer = download(request, target.pieces(), f"{number}.zip", "application/zip")
    answer["Content-Length"] = str(target.size)
    return answer


def copy_code(request: PersonRequest, number: str) -> HttpResponseBase:
    """Show a new code; posted with it, return its slip, or the package encrypted with it (age v1). It is kept nowhere.

    Raises NotFoundError: what is posted is no code of this page's.
    """
    view = queries.copy(number)
    if request.method == "GET":
        context = {
            "copy": view,
            "code": _new_code(),
            "whom": whom_options(view),
            "chosen": request.GET.get("case", ""),
        }
        answer = render(request, "copies/copy_code.html", context)
        answer["Cache-Control"] = "no-store"
        return answer
    code = request.POST.get("code", "")
    if not _CODE.fullmatch(code):
        raise NotFoundError("There is nothing at this address.")
    if "slip" in request.POST:
        return pdf_response(render_pdf(code_slip(view, code)), gettext("Code of %(copy)s") % {"copy": number})
    case = _read_recipient(request, view)
    target = pack(view, request.person, settings.CLOCK)
    note_taken(number, case, code, clock=settings.CLOCK, actor=str(request.person.id))
    return download(request, _encrypted(target.pieces(), code), f"{number}.zip.age", "application/age")


def copy_export(request: PersonRequest, number: str) -> StreamingHttpResponse:
    """Return the recordings of a copy as files for other systems, in a ZIP file; signed where the office has a seal that can.

    Raises NotFoundError: its kind of monitoring has no such format.
    """
    view, clock = queries.copy(number), settings.CLOCK
    form = COPIES.of(view.source_kind).exporting
    if form is None:
        raise NotFoundError("There is nothing at this address.")
    require_leaving(view)
    case = _read_recipient(request, view)
    opened = parts_opener(number, person=request.person, clock=clock)
    signer, target = _signer(), _target()
    facts = ExportFacts(
        office.verified_version(view.version).name,
        str(request.person.id),
        clock.now(),
        view.source_label,
        view.interval.start,
    )
    try:
        for part in view.parts:
            content = LazySource(partial(opened, part), part.bytes)
            target.begin(f"{number}-{part.place:03}.{form.ending}")
            for piece in form.made(content, replace(facts, start=shown_of(view, part).start), signer):
                target.write(piece)
            target.end()
        target.finish()
        note_export(number, case, form.name, len(view.parts), clock=clock, actor=str(request.person.id))
    except BaseException:
        target.discard()
        raise
    return download(request, target.pieces(), f"{number}-{form.ending}.zip", "application/zip")


def _signer() -> ExportSigner | None:
    """Return what signs with the office's seal; None where it has none, or its key is not of the kind that the format demands."""
    seal = office_seal()
    if seal is None:
        return None
    return export_signer(*seal.read_key(settings.INSTALLATION.directory), settings.CLOCK.now())


def code_slip(copy: CopyView, code: str) -> Form:
    """Return the slip that the receiver of a copy gets apart from its carrier."""
    return Form(
        letterhead=letterhead(
            gettext("Code of copy %(number)s") % {"number": copy.number},
            made_at=settings.CLOCK.now(),
            entry=None,
            office=office.verified_version(copy.version).name,
        ),
        opening=gettext("The code opens the encrypted package on the carrier:"),
        facts=(
            (gettext("Copy"), (copy.number,)),
            (gettext("Code"), (code,)),
            (gettext("File"), (f"{copy.number}.zip.age",)),
        ),
        duties_title=gettext("How to open it"),
        duties=(
            gettext("Copy the file from the carrier to a computer with the free program age."),
            gettext("In the folder of the file run: %(command)s")
            % {"command": f"age -d -o {copy.number}.zip {copy.number}.zip.age"},
            gettext("Type the code with its dashes when you are asked for the passphrase."),
        ),
        undertaking=gettext(
            "Keep this slip apart from the carrier. The office keeps no second one: without the code nobody opens the package."
        ),
        signatures=(),
    )


def _new_code() -> str:
    """Return twenty signs in four groups: 99 bits."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(5)) for _ in range(4))


def whom_options(view: CopyView) -> list[tuple[str, str]]:
    """Return for whom a package may leave: the applications that a copy can be handed over under, and the office's own carrier."""
    own = ("", gettext("the office's own carrier, which waits in the office"))
    return [
        *(
            (each.number, gettext("application %(case)s") % {"case": each.number})
            for each in handable_cases(view)
        ),
        own,
    ]


def _read_recipient(request: PersonRequest, view: CopyView) -> str:
    """Return for which application a package leaves. Raises NotFoundError: none was offered so."""
    case = request.POST.get("case", "")
    if case not in {value for value, _words in whom_options(view)}:
        raise NotFoundError("There is nothing at this address.")
    return case


def pack(view: CopyView, person: PersonView, clock: Clock) -> PassingTarget:
    """Write the package of a copy.

    Until it has left it lies encrypted, under a key that is nowhere, in a file without a name beside the program's locks.
    """
    contents = package_contents(view, person=person, clock=clock)
    target = _target()
    actor = str(person.id)
    seal = seal_in_ledger(settings.LEDGER, view.number, contents.acts, clock=clock, actor=actor)
    write_package(contents, target, seal)
    return target


def _target() -> PassingTarget:
    folder = settings.INSTALLATION.runtime
    folder.mkdir(mode=0o700, exist_ok=True)
    return PassingTarget(folder)


def _encrypted(pieces: Iterator[bytes], code: str) -> Iterator[bytes]:
    held = list[bytes]()
    writer = SealWriter(lambda sealed: held.append(bytes(sealed)), [Passphrase(code)])
    for piece in pieces:
        writer.write(piece)
        if held:
            yield b"".join(held)
            held.clear()
    writer.finish()
    yield b"".join(held)

"""The evidence package of a copy as a file for the carrier."""

from django.conf import settings
from django.http import StreamingHttpResponse
from django.views.decorators.http import require_POST

from rejent.cases.copies import queries
from rejent.evidence.sealing import seal_in_ledger
from rejent.evidence.targets import PassingTarget
from rejent.evidence.writing import write_package
from rejent.registers.export.delivery import download
from rejent.web.cases.copies.packing import package_contents
from rejent.web.requests.visitor import PersonRequest


@require_POST
def copy_package(request: PersonRequest, number: str) -> StreamingHttpResponse:
    """Return the package of a copy as a ZIP file; its list of contents is entered before the first byte leaves.

    Until it has left it lies encrypted, under a key that is nowhere, in a file without a name beside the program's locks.
    """
    view, clock = queries.copy(number), settings.CLOCK
    contents = package_contents(view, person=request.person, clock=clock)
    folder = settings.INSTALLATION.runtime
    folder.mkdir(mode=0o700, exist_ok=True)
    target = PassingTarget(folder)
    actor = str(request.person.id)
    write_package(
        contents, target, seal_in_ledger(settings.LEDGER, number, contents.acts, clock=clock, actor=actor)
    )
    answer = download(request, target.pieces(), f"{number}.zip", "application/zip")
    answer["Content-Length"] = str(target.size)
    return answer

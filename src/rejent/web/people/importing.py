"""Importing people: the file or the directory, a page to check what changes, and the first passwords, shown once."""

from base64 import b64decode, b64encode
from binascii import Error
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from rejent.kernel.errors import RejentError
from rejent.office import services
from rejent.office.people.importing.lines import LARGEST_FILE, ImportLine, ImportRefusedError, Lines, read_csv
from rejent.office.services.importing import Imported
from rejent.office.sign_in.clients import open_directory
from rejent.office.sign_in.configured import LDAP
from rejent.web.pages.plain_form import is_confirmed
from rejent.web.requests.visitor import PersonRequest, acting
from rejent.web.signing_in.ways import asking
from rejent.web.words.wording import sentence_words

FIELDS = {
    "name": _("name and surname"),
    "post": _("post"),
    "engagement": _("ground of work"),
    "email": _("e-mail"),
    "extension": _("own telephone number"),
    "roles": _("roles"),
}
"""Details of a person that an import changes."""


@never_cache
def people_import(request: PersonRequest) -> HttpResponse:
    """Take a list of people, show what it changes, and apply it whole once that is confirmed."""
    context: dict[str, Any] = {"directory": settings.INSTALLATION.ldap is not None}
    if request.method != "POST":
        return render(request, "people/import.html", context)
    directory, whole = "directory" in request.POST, "whole" in request.POST
    try:
        content = b"" if directory else _content(request)
        lines = _of_directory() if directory else read_csv(content)
        if is_confirmed(request):
            seen = request.POST.get("seen", "")
            done = services.apply_import(
                lines, seen=seen, whole=whole, directory=directory, **acting(request)
            )
            return render(request, "people/imported.html", {"done": done, "passwords": _passwords(done)})
        plan = services.import_plan(lines, whole=whole, directory=directory, **acting(request))
    except RejentError as error:
        if error.rule:
            raise
        return render(
            request, "people/import.html", {**context, "refused": error.sentence(gettext)}, status=422
        )
    context |= {
        "plan": plan,
        "seen": plan.digest(),
        "content": b64encode(content).decode(),
        "from_directory": directory,
        "whole": whole,
        "bad": [(one, sentence_words(one.wrong), sentence_words(one.remedy)) for one in plan.bad],
        "changed": [(one, ", ".join(str(FIELDS[name]) for name in one.fields)) for one in plan.changed],
    }
    return render(
        request, "people/import_check.html", context, status=422 if plan.bad and not directory else 200
    )


def _content(request: PersonRequest) -> bytes:
    """Return the file that was sent, or that the page to check sends a second time."""
    given = request.FILES.get("file")
    if isinstance(given, UploadedFile):
        return bytes(given.read(LARGEST_FILE + 1))
    try:
        return b64decode(request.POST.get("content", ""), validate=True)
    except (Error, ValueError):
        raise ImportRefusedError("Choose a file.") from None


def _of_directory() -> Lines:
    directory = open_directory(settings.INSTALLATION)
    if directory is None:
        raise ImportRefusedError("No directory is configured.")
    with asking(LDAP):
        return services.of_directory(directory.everybody())


def _passwords(done: Imported) -> list[tuple[ImportLine, str]]:
    return [
        (line, done.passwords[line.username]) for line in done.plan.added if line.username in done.passwords
    ]

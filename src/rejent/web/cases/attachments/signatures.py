"""What the electronic signatures of an attached PDF show: what was checked, and nothing else."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.cases.attachments import queries, services
from rejent.cases.attachments.errors import no_such_file
from rejent.content.signatures import Coverage, Signature, check_signatures
from rejent.formats.file_types import BY_MEDIA_TYPE, PDF
from rejent.kernel.errors import ConflictError, InputRefusedError
from rejent.web.cases.attachments.pages import page_of
from rejent.web.requests.visitor import PersonRequest
from rejent.web.words.wording import moment_digits

COVERAGE: Mapping[Coverage, str | Promise] = {
    Coverage.FILE: _("the whole file"),
    Coverage.REVISION: _(
        "the file as it was when it was signed; what was added afterwards is not covered by it"
    ),
    Coverage.BEGINNING: _("the beginning of the file alone; what follows is not covered by it"),
    Coverage.UNCLEAR: _("an unclear part of the file: it shows nothing about the rest"),
}


def file_signatures(request: PersonRequest, key: UUID) -> HttpResponse:
    """Check the signatures of an attached PDF and show what was found; entered as opened before it is read."""
    if BY_MEDIA_TYPE.get(queries.attached_file(key).media_type) is not PDF:
        raise no_such_file()
    view = services.note_opened(key, person=request.person, clock=settings.CLOCK)
    office, at = settings.INSTALLATION, settings.CLOCK.now()
    context = {"file": view, "page": page_of(view.about), "at": at, "refused": "", "found": []}
    try:
        roots = office.seal.read_roots(office.directory) if office.seal else b""
        signatures = check_signatures(queries.open_file(view), roots, at)
    except (ConflictError, InputRefusedError) as error:
        context["refused"] = error.sentence(gettext)
    else:
        context["found"] = [
            (_title(place, one), list(_facts(one))) for place, one in enumerate(signatures.checked, 1)
        ]
        context["unchecked"] = signatures.count - len(signatures.checked)
    return render(request, "attachments/signatures.html", context)


def _title(place: int, one: Signature) -> str:
    words = gettext("Time stamp %(n)s") if one.stamp_alone else gettext("Signature %(n)s")
    return words % {"n": place}


def _facts(one: Signature) -> Iterator[tuple[str, str]]:
    if one.intact is None:
        yield (
            gettext("Result"),
            gettext("It could not be checked: it does not follow the rules that the program knows."),
        )
        return
    yield gettext("Result"), _result(one)
    yield gettext("Covers"), str(COVERAGE[one.coverage])
    yield gettext("Certificate of"), one.subject
    yield gettext("Issuer of the certificate"), one.issuer
    if one.stated_at is not None:
        words = gettext("%(moment)s, as the signer states")
        yield gettext("Signed"), words % {"moment": moment_digits(one.stated_at)}
    if one.stamped_at is not None:
        yield gettext("Time stamp"), _stamp(one) % {"moment": moment_digits(one.stamped_at)}
    yield gettext("Trust"), _trust(one)


def _result(one: Signature) -> str:
    if one.intact:
        return gettext(
            "Intact: what it covers is unchanged, and it was made with the key of this certificate."
        )
    return gettext("Broken: what it covers was changed, or it was not made with the key of this certificate.")


def _stamp(one: Signature) -> str:
    if one.stamp_intact:
        return gettext("%(moment)s, as the authority that stamped it states; the stamp is intact")
    return gettext("%(moment)s stands in a stamp that is broken")


def _trust(one: Signature) -> str:
    if one.trusted is None:
        return gettext("not checked: the office has named no trusted roots")
    if one.trusted:
        return gettext(
            "The certificate leads to a root that the office trusts, and was valid when this was checked. Whether it was revoked was not checked."
        )
    return gettext(
        "The certificate could not be traced to a root that the office trusts, or is not valid now."
    )

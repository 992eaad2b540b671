"""The office's own text of its regulation: taken in, compared with the parameters, handed out."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.kernel.clock import civil_date
from rejent.kernel.errors import NotFoundError
from rejent.notices.regulation_text import (
    LARGEST,
    LONGEST_DECREE,
    LONGEST_REMARK,
    OwnText,
    content_of,
    enter_own_text,
    own_text_of,
    own_texts,
)
from rejent.office import queries
from rejent.office.regulation.loading import check
from rejent.web.pages.plain_form import DayField, PlainForm, area, form_page, one_of, submit, text
from rejent.web.regulation.finding_words import word_findings
from rejent.web.requests.visitor import PersonRequest, acting
from rejent.web.words.wording import day_digits


class OwnTextForm(PlainForm):
    """The file, what adopted it, and that it was compared; not the day where ``adopted`` says it already."""

    version = one_of(
        _("Version of the parameters that it was compared with"), _("Choose the version that you compared.")
    )
    file = forms.FileField(
        label=_("The text of the regulation"),
        required=False,
        allow_empty_file=True,
        help_text=_("PDF or plain text, at most 2 MB"),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.txt,application/pdf,text/plain"}),
    )
    decree = text(
        _("Adopted by"),
        _("Enter the act that adopted it, with its number."),
        hint=_("for example: Zarządzenie nr 12/2026 Wójta Gminy"),
        max_length=LONGEST_DECREE,
    )
    adopted_on = DayField(_("Adopted on"), _("Enter the day it was adopted."))
    remark = area(
        _("What the comparison found"),
        hint=_(
            "where the text says other than the parameters; stays in the office, empty where nothing differs"
        ),
        max_length=LONGEST_REMARK,
    )
    compared = forms.BooleanField(
        label=_("I compared the text with the parameters"),
        error_messages={
            "required": _("Whoever enters the text compares it with the parameters first, and says so.")
        },
    )

    def __init__(
        self, *args: Any, newest: OwnText | None, adopted: date | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        today = civil_date(settings.CLOCK.now())
        words = gettext("version %(n)s, in force from %(day)s")
        versions = queries.every_version()
        begun = [each.version for each in versions if each.in_force_from <= today][:1]
        offered = [each for each in versions if each.in_force_from > today or each.version in begun]
        self.offer(
            "version",
            [
                (each.version, words % {"n": each.version, "day": day_digits(each.in_force_from)})
                for each in offered
            ],
        )
        self.adopted = adopted
        if adopted is not None:
            del self.fields["adopted_on"]
        if newest is not None:
            self.fields["file"].help_text = gettext(
                "PDF or plain text, at most 2 MB; without a file it is the text that was entered last"
            )

    def clean_file(self) -> bytes:
        """Return the content; nothing where no file was chosen."""
        given = self.cleaned_data["file"]
        return bytes(given.read(LARGEST + 1)) if isinstance(given, UploadedFile) else b""

    def enter(self, **acting: Any) -> OwnText:
        """Enter what a valid form says."""
        given = {"adopted_on": self.adopted, **self.cleaned_data}
        return enter_own_text(given.pop("file"), **{**given, "version": int(given["version"])}, **acting)


def first_facts(newest: OwnText | None) -> dict[str, Any]:
    """Return what the form begins with: the version in force, the day it states, and the act that the newest text names."""
    today = civil_date(settings.CLOCK.now())
    begun = [each.version for each in queries.every_version() if each.in_force_from <= today]
    facts: dict[str, Any] = {"version": begun[0]} if begun else {}
    if begun and (stated := queries.verified_version(begun[0]).adopted):
        facts["adopted_on"] = day_digits(stated)
    if newest is not None:
        facts |= {"decree": newest.decree, "adopted_on": day_digits(newest.adopted_on)}
    return facts


def regulation_text(request: PersonRequest) -> HttpResponse:
    """Enter the office's own text as that of a version, beside what the statute finds in its parameters."""
    if not queries.every_version():
        return redirect("regulation")
    newest = own_texts()[-1] if own_texts() else None
    form = OwnTextForm(
        request.POST or None, request.FILES or None, newest=newest, initial=first_facts(newest)
    )
    answer = submit(
        request,
        form,
        lambda _given: form.enter(**acting(request)),
        lambda entered: gettext("The text is entered as that of version %(n)s.") % {"n": entered.version},
        "regulation",
    )
    findings = word_findings(check(queries.every_version()[0].text))
    return answer or form_page(request, "regulation/text.html", form, findings=findings, newest=newest)


def regulation_text_file(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the route asks for it
    """Hand out the office's own text of the version in force."""
    version = queries.version_in_force(civil_date(settings.CLOCK.now()))
    own = own_text_of(version.version)
    if own is None:
        raise NotFoundError("There is nothing at this address.")
    return HttpResponse(
        content_of(own),
        content_type=own.media_type if own.is_pdf else "text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{own.file}"'},
    )

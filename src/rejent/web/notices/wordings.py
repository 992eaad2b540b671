"""An office's own wording of the passages of its documents."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.kernel.clock import civil_date
from rejent.kernel.errors import NotFoundError
from rejent.notices.documents.truth import Passage, Truth
from rejent.notices.errors import WordingRefusedError
from rejent.notices.queries import truth_of
from rejent.notices.wording import changed, enter_wording, passages_of, require_sound, wordings
from rejent.web.notices.documents import language_of
from rejent.web.notices.lacking import lacking_lines
from rejent.web.pages.plain_form import Check, DayField, PlainForm, form_page, submit
from rejent.web.requests.visitor import PersonRequest, acting
from rejent.web.words.acts import Names
from rejent.web.words.identifiers import in_words
from rejent.web.words.when import WithoutYear
from rejent.web.words.wording import day_digits


class WordingForm(PlainForm):
    """The office's own words of a passage, and from when they stand."""

    text = forms.CharField(
        label=_("The office's wording"),
        required=False,
        help_text=_("leave empty to go back to the program's wording"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    in_force_from = DayField(_("In force from"), _("Enter the first day."), meant=WithoutYear.NEAREST)

    def __init__(self, *args: Any, passage: Passage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.passage = passage

    def clean_text(self) -> str:
        """Return the text. Raises ValidationError: its placeholders are not those of the passage."""
        text = str(self.cleaned_data["text"]).strip()
        try:
            if text:
                require_sound(self.passage, text)
        except WordingRefusedError as error:
            raise ValidationError(error.sentence(gettext)) from None
        return text


def notice_wordings(request: PersonRequest, stream: str, language: str) -> HttpResponse:
    """List the passages of a stream's documents as they read, and every wording that was entered."""
    truth = truth_of(stream, language_of(language, strict=True), clock=settings.CLOCK)
    names = Names()
    context = {
        "stream": stream,
        "monitoring": in_words("stream", stream) or stream,
        "language": truth.language,
        "passages": _passages(truth),
        "entered": [
            (each, names.person(each.entered_by))
            for each in reversed(wordings())
            if (each.stream, each.language) == (stream, truth.language)
        ],
    }
    return render(request, "notices/wordings.html", context)


def _passages(truth: Truth) -> list[tuple[Passage, str, bool]]:
    """Return each passage with the words that stand now, in the language of the documents, and whether they are the office's own."""
    with translation.override(truth.language):
        found = passages_of(truth)
        return [
            (each, truth.wordings.get(name) or str(each.wording), name in truth.wordings)
            for name, each in sorted(found.items())
        ]


def notice_wording(request: PersonRequest, stream: str, language: str, passage: str) -> HttpResponse:
    """Enter the office's own wording of a passage, after a look at what it changes."""
    truth, each, now, own = find_passage(stream, language, passage)
    form = WordingForm(
        request.POST or None,
        passage=each,
        initial={"text": now if own else "", "in_force_from": day_digits(civil_date(settings.CLOCK.now()))},
    )
    answer = submit_wording(request, form, truth, reverse("notice-wordings", args=[stream, truth.language]))
    context = {
        "passage": each,
        "stands": now,
        "own": own,
        "asked": not own and any(line.address == request.path for line in lacking_lines()),
        "stream": stream,
        "language": truth.language,
        "placeholders": sorted(each.placeholders),
    }
    return answer or form_page(request, "notices/wording.html", form, **context)


def find_passage(stream: str, language: str, passage: str) -> tuple[Truth, Passage, str, bool]:
    """Return what is true of a stream, a passage of its documents, the words that stand, and whether they are the office's own. Raises NotFoundError."""
    truth = truth_of(stream, language_of(language, strict=True), clock=settings.CLOCK)
    found = next((row for row in _passages(truth) if row[0].name == passage), None)
    if found is None:
        raise NotFoundError("There is no passage {passage}.", passage=passage)
    each, now, own = found
    with translation.override(truth.language):
        return truth, Passage(each.name, each.title, str(each.wording)), now, own


def submit_wording(request: PersonRequest, form: WordingForm, truth: Truth, page: str) -> HttpResponse | None:
    """Enter a wording after a look at what it changes, and go on to a page; None where the form is to be shown."""
    each = form.passage
    return submit(
        request,
        form,
        lambda given: enter_wording(
            truth, each.name, given["text"], in_force_from=given["in_force_from"], **acting(request)
        ),
        lambda number: gettext("Wording %(number)s is entered.") % {"number": number},
        page,
        check=lambda given: _check(truth, each, given),
    )


def _check(truth: Truth, each: Passage, given: dict[str, Any]) -> Check:
    changes = changed(truth, each.name, given["text"])
    facts = [
        (gettext("Passage"), (str(each.title),)),
        (gettext("In force from"), (day_digits(given["in_force_from"]),)),
        *changes.items(),
    ]
    nothing = () if changes else (gettext("No document changes by it now."),)
    return Check(
        title=gettext("This is how the documents will read"),
        facts=facts,
        outcome=(
            *nothing,
            gettext(
                "What was handed out or put up before stays as it was: plates and publications then differ, and are to be replaced."
            ),
        ),
        confirm=gettext("Enter the wording"),
        icon="circle-check",
    )

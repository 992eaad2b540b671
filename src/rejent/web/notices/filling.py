"""The list of what is missing as rows with their fields: what is one text, one choice or one day is entered where it stands.

Each row is checked and entered as the page is that its button would lead to. What is one value of the regulation stands in one row,
so that it becomes one version.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.kernel.clock import civil_date
from rejent.notices.documents import asks
from rejent.notices.documents.words import BASES
from rejent.office.regulation.bounded_toml import read_toml
from rejent.office.regulation.vocabulary import LegalBasis
from rejent.office.regulation.writing import set_value, value_at, write_regulation
from rejent.office.setting_up.draft import office_in, with_office
from rejent.web.notices.lacking import OFFICE_FIELDS, LackingLine, passage_of
from rejent.web.notices.wordings import WordingForm, find_passage
from rejent.web.pages.plain_form import DayField, PlainForm, one_of
from rejent.web.regulation.office import OfficeForm
from rejent.web.requests.visitor import PersonRequest, may
from rejent.web.words.wording import day_digits


@dataclass(frozen=True, slots=True)
class MissingRow:
    """Things that are entered together: what they are, whether this person enters them, the form with where it is sent (none where a page has it), and its title where the fields name the things."""

    lines: Sequence[LackingLine]
    mine: bool
    form: PlainForm | None = None
    address: str = ""
    title: str = ""


class FactsForm(PlainForm):
    """What the regulation lacks and is one value each: facts of the office, and the bases of purposes."""

    def __init__(self, *args: Any, lines: Sequence[LackingLine], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="id_facts_%s", **kwargs)
        self._paths: dict[str, tuple[str, str]] = {}
        for line in lines:
            ask, stream = line.lacking.ask, line.lacking.stream
            if ask.key == asks.BASIS:
                name = f"basis-{stream}-{ask.of}"
                self.fields[name] = one_of(line.words, "", BASES.items(), required=False)
                self._paths[name] = (stream, ask.of)
            else:
                name = ask.key
                self.fields[name] = deepcopy(OfficeForm.base_fields[name])
                self.fields[name].required = False
            self.fields[name].label, self.fields[name].help_text = line.words, line.about

    def clean(self) -> dict[str, Any]:
        """Return the values. Raises ValidationError: nothing is filled in."""
        given = super().clean() or {}
        if not any(given.values()):
            self.add_error(next(iter(self.fields)), ValidationError(gettext("Fill in one field at least.")))
        return given

    def say(self, name: str) -> str:
        """Return what was filled into a field, as people read it."""
        given = self.cleaned_data[name]
        return str(BASES[LegalBasis(given)]) if name in self._paths else str(given)

    def written_into(self, text: str) -> str:
        """Return a regulation with what a valid form states."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        text = with_office(text, {**office_in(text), **given})
        document = read_toml(text)
        for name, (stream, purpose_id) in self._paths.items():
            for purpose in value_at(document, ("streams", stream, "purposes")) or []:
                if purpose.get("id") == purpose_id and name in given:
                    set_value(purpose, ["basis"], given[name])
        return write_regulation(document)


class ListedWordingForm(WordingForm):
    """The office's own words of a passage, from today on."""

    text = forms.CharField(
        label=_("The text"),
        error_messages={"required": _("Enter the text.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["in_force_from"].widget = forms.HiddenInput()


class RouteForm(PlainForm):
    """Since when the office can be reached without being recorded."""

    on = DayField(_("On"), _("Enter the day."))


def missing_rows(
    request: PersonRequest, lines: Sequence[LackingLine], refused: PlainForm | None = None
) -> Iterator[MissingRow]:
    """Yield the rows, one form for all that is one value of the regulation; a refused form stands in the place of its own."""
    facts = [line for line in lines if _is_fact(line)]
    for line in lines:
        mine = may(request, line.act)
        if line in facts and mine:
            if line is facts[0]:
                form, title = FactsForm(lines=facts), gettext("In the regulation, as one new version")
                yield _put(refused, MissingRow(facts, mine, form, reverse("missing-facts"), title))
        elif mine and line.lacking.ask.key in _IN_PLACE:
            yield _put(refused, MissingRow([line], mine, *_IN_PLACE[line.lacking.ask.key](line)))
        else:
            yield MissingRow([line], mine)


def _put(refused: PlainForm | None, row: MissingRow) -> MissingRow:
    alike = refused is not None and row.form is not None and refused.auto_id == row.form.auto_id
    return replace(row, form=refused) if alike else row


def find_facts(lines: Sequence[LackingLine]) -> list[LackingLine]:
    """Return what is one value of the regulation."""
    return [line for line in lines if _is_fact(line)]


def _is_fact(line: LackingLine) -> bool:
    ask = line.lacking.ask
    return ask.key in OFFICE_FIELDS or (ask.key == asks.BASIS and bool(ask.of))


def wording_form(stream: str, language: str, passage: str, given: Any = None) -> ListedWordingForm:
    """Return the form of a passage's words in the list. Raises NotFoundError."""
    _, each, now, _ = find_passage(stream, language, passage)
    form = ListedWordingForm(
        given,
        passage=each,
        auto_id=f"id_{slugify(f'{stream}-{language}-{passage}')}_%s",
        initial={"in_force_from": day_digits(_today())},
    )
    proposal = gettext("The program's proposal, said nowhere until the office enters it: %(text)s")
    beside = gettext("In Polish: %(text)s") if language == "en" else proposal
    form.fields["text"].help_text = beside % {"text": now}
    return form


def route_form(stream: str, given: Any = None) -> RouteForm:
    """Return the form of the day since which a way without recording is there."""
    form = RouteForm(given, auto_id=f"id_route-{stream}_%s")
    form.fields["on"].label = gettext("There since")
    return form


def _word(line: LackingLine) -> tuple[PlainForm, str]:
    named = (line.lacking.stream, line.lacking.language, passage_of(line.lacking))
    return wording_form(*named), reverse("missing-wording", args=named)


def _route(line: LackingLine) -> tuple[PlainForm, str]:
    stream = line.lacking.stream
    return route_form(stream), reverse("missing-route", args=[stream])


_IN_PLACE: Mapping[str, Any] = {
    asks.TRANSFERS: _word,
    asks.PURPOSE_IN_ENGLISH: _word,
    asks.ANNOUNCEMENT_IN_ENGLISH: _word,
    asks.ROUTE: _route,
}
"""What is one text or one day, by what it is, besides the values of the regulation."""


def _today() -> date:
    return civil_date(settings.CLOCK.now())

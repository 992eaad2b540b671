"""The application on paper: on the annex's form where the regulation gives one, else in words of our own."""

from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext

from rejent.cases import queries
from rejent.cases.views import CaseView, Kind, State
from rejent.documents.papers import FilledForm, Letter, Letterhead, Passage
from rejent.kernel.telephone import group_numbers
from rejent.office import queries as office
from rejent.office.regulation.forms import Form, FormLine, FormPaper
from rejent.office.regulation.vocabulary import ApplicationField
from rejent.web.cases.case_page import entry_of, hours_words
from rejent.web.cases.words import (
    CASE_STATES,
    CHANNELS,
    OPENINGS,
    detail_words,
    field_label,
    fields_of_form,
    kind_title,
    right_words,
)
from rejent.web.registers.filled_forms import Filling, fill, form_of, in_its_language, says
from rejent.web.registers.letterheads import letterhead
from rejent.web.words.stream_parts import WORDS
from rejent.web.words.wording import day_digits

Fact = tuple[str, tuple[str, ...]]
_BLANK = ("",)
_LONG = (ApplicationField.DESCRIPTION, ApplicationField.PURPOSE)
"""Texts that stand in parts of their own."""
_FORMS = {Kind.PRESERVATION: FormPaper.PRESERVATION, Kind.DISCLOSURE: FormPaper.DISCLOSURE}
"""The kinds of applications that annexes give forms of."""


def application_paper(view: CaseView) -> Letter | FilledForm:
    """Return the application in the reader's language; a form of the regulation's annex in the annex's own."""
    form = application_form(view.version, view.application.stream, view.application.kind)
    if form is None:
        return _application(view)
    with in_its_language():
        return _application_form(view, form)


def application_form(version: int, stream: str, kind: Kind) -> Form | None:
    """Return the annex's form of applications of a kind; None where the regulation gives none."""
    paper = _FORMS.get(kind)
    return form_of(version, stream, paper) if paper else None


def _application_form(view: CaseView, form: Form) -> FilledForm:
    """Return the application on the annex's form; what it states beyond the form's fields stands apart from it."""
    wanted = view.application
    told = {name: _write(name, text) for name, text in wanted.details.items()}
    day = told.get(ApplicationField.LETTER_DAY, "")
    both = [told.get(each.value, "") for each in _LONG]
    values = {
        "place-and-day": (f"{'.' * 30}, {day}" if day else "",),
        "day": (day,),
        "applicant": addressee(view),
        "contact": (group_numbers(wanted.applicant.contact),),
        "event-day": (_days(view),),
        "event-time": (hours_words(wanted),),
        "description-and-purpose": tuple(line for text in both for line in lines_of(text) if line),
        "decision": (_consent(view),),
        **{name: lines_of(text) for name, text in told.items()},
    }
    stands = {*_LONG} if says(form, "description-and-purpose") else set()
    if says(form, "day") or says(form, "place-and-day"):
        stands.add(ApplicationField.LETTER_DAY)
    beyond = (
        (field_label(name), lines_of(text))
        for name, text in told.items()
        if not says(form, name) and name not in stands
    )
    facts = (
        (gettext("Case"), (view.number,)),
        (gettext("Application"), _filing_part(view).text),
        *beyond,
    )
    if not says(form, "applicant-signature"):
        # What is filed in writing is signed (Civil Code art. 78 § 1), whether or not the form has a line for it.
        signed = FormLine(field="applicant-signature", name=gettext("date and signature of the applicant"))
        form = replace(form, lines=(*form.lines, signed))
    long = frozenset({"description-and-purpose", *_LONG})
    return fill(form, case_head(view, form.title), Filling(values, facts=facts, long=long))


def _application(view: CaseView) -> Letter:
    """Return the application with every field of the regulation's form; what is not known is left to be written by hand."""
    wanted = view.application
    applicant = wanted.applicant
    texts, day = wanted.details, wanted.letter_day
    fields = fields_of_form(queries.demands_of(view))
    short = [field for field in fields if field not in {*_LONG, ApplicationField.LETTER_DAY}]
    parts = [
        Passage(_title_field(field), paragraphs_of(texts.get(field.value, "")))
        for field in fields
        if field in _LONG
    ]
    signed = Passage(gettext("Signature"), (), gettext("date and signature of the applicant"))
    dated = gettext("place: %(dots)s day: %(day)s")
    return Letter(
        letterhead=case_head(view, f"{kind_title(wanted.kind)} {view.number}"),
        dated=dated % {"dots": "." * 30, "day": day_digits(day) if day else "." * 20},
        party=addressee(view),
        opening=str(OPENINGS[wanted.kind]),
        facts=(
            (gettext("Contact telephone"), (group_numbers(applicant.contact),)),
            (gettext("Monitoring"), (str(WORDS.of(wanted.stream).name),)),
            *_when(view),
            *(
                (field_label(field.value), lines_of(_write(field.value, texts.get(field.value, ""))))
                for field in short
            ),
        ),
        parts=(*parts, signed, *_decision_part(view), _filing_part(view)),
        signatures=(),
    )


def _title_field(field: ApplicationField) -> str:
    if field is ApplicationField.PURPOSE:
        return gettext("Purpose and justification")
    return field_label(field.value)


def _when(view: CaseView) -> Iterator[Fact]:
    wanted = view.application
    if wanted.right:
        yield gettext("Right"), (right_words(wanted.right),)
    if wanted.event_first is None or wanted.event_last is None:
        return
    yield gettext("Day"), (_days(view),)
    yield gettext("Time"), (hours_words(wanted),)


def _days(view: CaseView) -> str:
    wanted = view.application
    if wanted.event_first is None or wanted.event_last is None:
        return ""
    if wanted.event_last == wanted.event_first:
        return day_digits(wanted.event_first)
    return f"{day_digits(wanted.event_first)}–{day_digits(wanted.event_last)}"


def _decision_part(view: CaseView) -> Iterator[Passage]:
    """Yield the decision as a form of an entitled body has it below the application (S1, annex 3)."""
    if view.application.kind is not Kind.DISCLOSURE:
        return
    head = office.verified_version(view.version).head
    title = gettext("Decision: %(head)s") % {"head": head}
    yield Passage(title, (_consent(view),), gettext("date and signature: %(head)s") % {"head": head})


def _consent(view: CaseView) -> str:
    """Return what was decided, in the words of the form's choice; both while nothing is."""
    consents, refuses = gettext("I consent"), gettext("I do not consent")
    if view.decision is None:
        return f"{consents} / {refuses[0].lower()}{refuses[1:]}"
    decided = {
        State.GRANTED: consents,
        State.PARTLY: gettext("I consent in part"),
        State.REFUSED: refuses,
    }
    return decided.get(view.state, str(CASE_STATES[view.state][1]))


def _write(name: str, text: str) -> str:
    numbered = name.endswith("number") and name != ApplicationField.CASE_NUMBER
    return group_numbers(text) if numbered else detail_words(name, text)


def _filing_part(view: CaseView) -> Passage:
    wanted = view.application
    received = gettext("Received on %(day)s, %(channel)s; case %(number)s.")
    facts = {
        "day": day_digits(wanted.received_on),
        "channel": CHANNELS[wanted.channel],
        "number": view.number,
    }
    return Passage(gettext("Entered by the office"), (received % facts,))


def case_head(view: CaseView, title: str) -> Letterhead:
    """Return head and foot of a paper of a case."""
    return letterhead(
        title,
        made_at=view.entered_at,
        entry=entry_of(view),
        office=office.verified_version(view.version).name,
    )


def addressee(view: CaseView) -> tuple[str, ...]:
    """Return who applied, and the address."""
    applicant = view.application.applicant
    return tuple(line for line in (applicant.name, applicant.address) if line)


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines of a text; of an empty one a line to write on."""
    return tuple(line.strip() for line in text.split("\n") if line.strip()) or _BLANK


def paragraphs_of(text: str) -> tuple[str, ...]:
    """Return the lines of a running text; of an empty one three to write on."""
    return lines_of(text) if text.strip() else ("", "", "")

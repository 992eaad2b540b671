"""Forms of the regulation's annexes, filled: the annex's title, names and order, the program's facts apart from it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language, gettext

from rejent.documents.papers import FilledForm, FormPart, FormTable, Letterhead
from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.office.regulation.forms import TITLE, Form, FormLine, FormPaper, filled
from rejent.web.words.stream_parts import Fact

Values = Mapping[str, Sequence[str]]
"""The lines of each field; a field that is not there is left to be written by hand."""
_ROOM = 3
"""Lines to write on where a field of running text is empty."""
_SIGNED = "-signature"
_WIDER = {"telephone-number": 5, "digest": 5}
"""Columns that hold more than a day or a length."""


@dataclass(frozen=True, slots=True)
class Filling:
    """What fills a form.

    ``rows`` are those of its table, by column; ``facts`` what the program adds; ``long`` names fields of running text.
    """

    values: Values
    rows: Sequence[Mapping[str, str]] = ()
    facts: tuple[Fact, ...] = ()
    long: frozenset[str] = frozenset()


def form_of(version: int, stream: str, paper: FormPaper) -> Form | None:
    """Return the form that a version of the regulation gives for a paper of a stream, or None."""
    rules = office.verified_version(version).stream(stream)
    return rules.form(paper) if rules else None


def form_today(paper: FormPaper, stream: str = "") -> Form | None:
    """Return the form that the regulation in force gives for a register, of one stream or the first that has one.

    None where it gives none, and to readers of another language, who read the program's own names.
    """
    if not (get_language() or "").startswith("pl"):
        return None
    rules = office.verified_streams(civil_date(settings.CLOCK.now()))
    found = (rule.form(paper) for name, rule in rules.items() if stream in {"", name})
    return next((form for form in found if form), None)


def in_its_language() -> AbstractContextManager[None]:
    """Speak Polish, as the annexes do, whatever the reader's language."""
    return translation.override("pl")


def fill(form: Form, head: Letterhead, filling: Filling) -> FilledForm:
    """Return a form with its fields filled, its clause among the marks at the foot."""
    marks = (*head.marks, *((gettext("Form: %(clause)s") % {"clause": form.clause},) if form.clause else ()))
    parts = tuple(_with_signatures_beside(_parts(form, filling)))
    if all(each.part != "title" for each in parts):
        parts = (FormPart("title"), *parts)
    return FilledForm(
        letterhead=replace(head, marks=marks),
        parts=parts,
        facts_title=gettext("Added by the program"),
        facts=tuple((label, lines) for label, lines in filling.facts if any(lines)),
    )


def says(form: Form, field: str) -> bool:
    """Return whether a form has a field, on a line of its own or in a sentence."""
    name = f"{{{field.replace('-', '_')}}}"
    return any(line.field == field or name in line.text for line in form.lines)


def _parts(form: Form, filling: Filling) -> Iterator[FormPart]:
    in_sentences = {
        name.replace("-", "_"): ", ".join(filter(None, lines)) for name, lines in filling.values.items()
    }
    for line in form.lines:
        if line.field == TITLE:
            yield FormPart("title")
        elif line.heading:
            yield FormPart("heading", line.heading)
        elif not line.field:
            yield FormPart("sentence", filled(line, in_sentences))
        elif line.columns:
            yield FormPart("table", table=_table(line, filling.rows))
        elif line.field.endswith(_SIGNED):
            yield FormPart("signatures", lines=(line.name,))
        else:
            room = _ROOM if line.field in filling.long else 1
            lines = tuple(filling.values.get(line.field, ()))
            yield FormPart("field", line.name, lines if any(lines) else ("",) * room)


def _table(line: FormLine, rows: Sequence[Mapping[str, str]]) -> FormTable:
    return FormTable(
        titles=tuple(column.name for column in line.columns),
        shares=tuple(_WIDER.get(column.field, 2) for column in line.columns),
        rows=tuple(tuple(row.get(column.field, "") for column in line.columns) for row in rows),
    )


def _with_signatures_beside(parts: Iterator[FormPart]) -> Iterator[FormPart]:
    """Yield parts with signatures that follow each other put beside each other."""
    waiting: tuple[str, ...] = ()
    for part in parts:
        if part.part == "signatures":
            waiting += part.lines
            continue
        if waiting:
            yield FormPart("signatures", lines=waiting)
            waiting = ()
        yield part
    if waiting:
        yield FormPart("signatures", lines=waiting)

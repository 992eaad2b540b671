"""Forms of a regulation's annexes as data: title, fields in their order under their names, sentences; held against what each paper can say."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from rejent.kernel.sentences import Sentence
from rejent.office.regulation.vocabulary import CopyColumn, DisclosureColumn, ProtocolField

TITLE = "title"
"""The field at which the title stands; without it the title stands first."""


class FormPaper(StrEnum):
    """A paper that an office's annex may prescribe."""

    PRESERVATION = "preservation"
    DISCLOSURE = "disclosure"
    PLAYBACK = "playback"
    HAND_OVER = "hand-over"
    DISCLOSURES = "disclosures"
    COPIES = "copies"
    LABEL = "label"
    PLATE = "plate"
    CLAUSE = "clause"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column of a table in a form: what stands in it, and what the annex calls it."""

    field: str
    name: str


@dataclass(frozen=True, slots=True)
class FormLine:
    """A line of a form: a heading, a sentence with placeholders in braces, a field under the annex's name, or a field's table."""

    heading: str = ""
    text: str = ""
    field: str = ""
    name: str = ""
    columns: tuple[FormColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A form of an annex, for one paper or several; ``clause`` says which annex."""

    papers: tuple[FormPaper, ...]
    title: str
    lines: tuple[FormLine, ...]
    clause: str = ""

    @property
    def named(self) -> dict[str, str]:
        """Return what the annex calls each field, in its order."""
        return {line.field: line.name for line in self.lines if line.field}


@dataclass(frozen=True, slots=True)
class Content:
    """What the program can say on a paper.

    Args:
        fields: may stand on lines of their own; those of one word or line in sentences too, spelt with ``_`` for ``-``.
        values: stand in sentences alone.
        needed: what no form may leave out, as a field or in a sentence.
        columns: of the field that is a table.
        worded: of a notice: the value that a field's own sentence must hold, so that it says what the law demands.
    """

    fields: frozenset[str]
    values: frozenset[str] = frozenset()
    needed: tuple[str, ...] = ()
    columns: frozenset[str] = frozenset()
    worded: frozenset[str] = frozenset()


_APPLICATION = frozenset(
    {
        "place-and-day", "day", "applicant", "contact", "event-day", "event-time", "place", "telephone-number",
        "caller-number", "called-number", "description", "purpose", "description-and-purpose", "legal-basis",
        "case-number", "applicant-signature", "decision", "decision-signature",
    }
)  # fmt: skip
_PLAYBACK = frozenset(
    {
        "viewing-day", "viewers", "recording-day", "recording-time", "source", "viewers-signature", "position",
        "position-signature", *ProtocolField,
    }
)  # fmt: skip
_HAND_OVER = frozenset(
    {
        "day", "head", "controller", "receiving-party", "application-day", "application", "recordings", "copy", "carrier",
        "issuer-signature", "receiver-signature",
    }
)  # fmt: skip
SAID_BY = {
    "controller": "controller",
    "officer": "contact",
    "purposes": "purposes",
    "areas": "areas",
    "retention": "period",
    "recipients": "recipients",
    "rights": "rights",
}
"""The value without which a field of a notice says nothing."""
_NOTICE_VALUES = frozenset(
    {
        "controller", "address", "email", "telephone", "contact", "contact_telephone", "purposes", "bases", "areas",
        "period", "until", "reasons", "recipients", "rights", "title", "day",
    }
)  # fmt: skip
_CLAUSE = frozenset(
    {
        *SAID_BY, "recorded", "transfers", "withdrawal", "complaint", "provision", "automation", "preservation", "opening",
    }
) - {"areas"}  # fmt: skip
CONTENTS: dict[FormPaper, Content] = {
    FormPaper.PRESERVATION: Content(_APPLICATION, needed=("applicant", "event-day")),
    FormPaper.DISCLOSURE: Content(_APPLICATION, needed=("applicant", "event-day")),
    FormPaper.PLAYBACK: Content(_PLAYBACK, needed=("viewers", "viewers-signature")),
    FormPaper.HAND_OVER: Content(
        _HAND_OVER,
        needed=("receiving-party", "recordings", "issuer-signature", "receiver-signature"),
        columns=frozenset({"day", "telephone-number", "source", "time", "length", "digest"}),
    ),
    FormPaper.DISCLOSURES: Content(frozenset(DisclosureColumn), needed=("number",)),
    FormPaper.COPIES: Content(frozenset(CopyColumn), needed=("number",)),
    FormPaper.LABEL: Content(frozenset(CopyColumn), needed=("number",)),
    FormPaper.PLATE: Content(
        frozenset({*SAID_BY, "complaint", "assurances", "opening"}),
        _NOTICE_VALUES,
        needed=("controller", "officer", "purposes", "areas", "retention", "rights"),
        worded=frozenset(SAID_BY),
    ),
    FormPaper.CLAUSE: Content(_CLAUSE, _NOTICE_VALUES, worded=frozenset(SAID_BY)),
    FormPaper.STATEMENT: Content(
        frozenset({"person", "post", "office"}),
        frozenset({"monitoring", "title", "day", "purposes"}),
        needed=("person", "purposes"),
    ),
}
_TABLES = frozenset({"recordings"})
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def placeholders_of(line: FormLine) -> frozenset[str]:
    """Return the names that stand in braces in a line's sentence."""
    return frozenset(_PLACEHOLDER.findall(line.text))


def filled(line: FormLine, values: dict[str, str]) -> str:
    """Return a line's sentence with its values; a value that is not known is a row of dots to write on."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1]) or "." * 20, line.text)


def faults_of(form: Form) -> Iterator[tuple[tuple[str | int, ...], Sentence]]:
    """Yield what keeps a form from being printed: where in it, and why; what it lacks only once its lines are right."""
    for paper in form.papers:
        content = CONTENTS[paper]
        wrong = [
            (("lines", place, *key), sentence)
            for place, line in enumerate(form.lines)
            for key, sentence in _find_line_faults(line, content)
        ]
        yield from wrong
        if wrong:
            continue
        said = {line.field for line in form.lines} | {
            name for line in form.lines for name in placeholders_of(line)
        }
        for each in content.needed:
            if not {each, each.replace("-", "_")} & said:
                template = "The form {paper} lacks the field {field}."
                yield ("lines",), Sentence(template, {"paper": paper.value, "field": each})


def _find_line_faults(line: FormLine, content: Content) -> Iterator[tuple[tuple[str | int, ...], Sentence]]:
    if not (line.heading or line.text or line.field):
        yield (), Sentence("A line of a form has a heading, a text or a field.")
    if line.field and line.field not in content.fields | {TITLE}:
        template = "This paper has no field {given}; it has: {known}."
        yield ("field",), Sentence(template, {"given": line.field, "known": _list_names(content.fields)})
    known = content.values | {each.replace("-", "_") for each in content.fields - _TABLES}
    for each in sorted(placeholders_of(line) - known):
        template = "This paper has no placeholder {given}; it has: {known}."
        yield ("text",), Sentence(template, {"given": each, "known": _list_names(known)})
    if set(_PLACEHOLDER.sub("", line.text)) & {"{", "}"}:
        yield ("text",), Sentence("A brace in the text belongs to no placeholder.")
    for place, column in enumerate(line.columns):
        if column.field not in content.columns:
            template = "This table has no column {given}; it has: {known}."
            facts = {"given": column.field, "known": _list_names(content.columns)}
            yield ("columns", place, "field"), Sentence(template, facts)
    if line.field in _TABLES and not line.columns:
        yield ("field",), Sentence("The list of recordings has no columns.")
    if line.text and line.field in content.worded and SAID_BY[line.field] not in placeholders_of(line):
        template = "The text of the field {field} lacks the placeholder {placeholder}."
        yield ("text",), Sentence(template, {"field": line.field, "placeholder": SAID_BY[line.field]})


def _list_names(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "–"

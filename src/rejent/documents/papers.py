"""What a document says, apart from how it looks: a form that is signed, a protocol in parts, or a book with columns.

All words come in the reader's language; nothing here or below it translates, reads rows or asks the clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from rejent.documents.glyphs import printable

Language = Literal["pl", "en"]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What every document bears, whatever it says.

    Attributes:
        language: the language of its words; screen readers are told.
        office: whose document it is, at its head.
        title: its name, with its number where it has one; also the title of the file.
        made_at: the instant that the file gives as its making; taken from what it tells of, so that the same facts
            always make the same bytes.
        marks: lines at the foot of each page, such as its entry in the ledger.
        page: words for the page's number, with ``{page}`` and ``{pages}``.
        warning: stands out at the head of a document that is not one to be used; may be empty.
    """

    language: Language
    office: str
    title: str
    made_at: datetime
    marks: tuple[str, ...]
    page: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A document of one page or a few that people sign.

    Attributes:
        opening: the sentence that the facts complete.
        facts: a label and the lines beside it.
        duties_title, duties: numbered sentences under a heading of their own.
        undertaking: what stands above the signatures.
        signatures: what is written under each line.
    """

    template: ClassVar[str] = "form"

    letterhead: Letterhead
    opening: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    duties_title: str
    duties: tuple[str, ...]
    undertaking: str
    signatures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a protocol.

    Attributes:
        title: its heading.
        text: its paragraphs.
        confirmed: who stated it and when; may be empty.
    """

    title: str
    text: tuple[str, ...]
    confirmed: str = ""


@dataclass(frozen=True, slots=True)
class Protocol:
    """A document that tells in parts what was seen and decided, and that people sign.

    Attributes:
        opening: the sentence that the facts complete.
        facts: a label and the lines beside it.
        parts: in their order.
        signatures: what is written under each line.
    """

    template: ClassVar[str] = "protocol"

    letterhead: Letterhead
    opening: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    parts: tuple[Part, ...]
    signatures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a book.

    Attributes:
        title: as the regulation calls it, where it does.
        share: its width beside the others'.
        printed: whether it stands on paper too; all stand in the table for spreadsheets.
    """

    title: str
    share: int
    printed: bool = True


@dataclass(frozen=True, slots=True)
class Book:
    """A register as its printed book, on paper laid across.

    Attributes:
        remarks: lines under the title: what the rows were chosen by, how many there are.
        rows: a cell a column, those that are not printed included.
        empty: what stands in the place of rows where there are none.
    """

    template: ClassVar[str] = "book"

    letterhead: Letterhead
    remarks: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[str]]
    empty: str


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A part of a report.

    Attributes:
        title: its heading.
        facts: a label and the sentence beside it.
        empty: what stands in the place of facts where there are none; may be empty.
        more: that not all are told; may be empty.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    empty: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A document that tells in sections what was; nobody signs it.

    Attributes:
        remarks: sentences under the title.
        sections: in their order.
    """

    template: ClassVar[str] = "report"

    letterhead: Letterhead
    remarks: tuple[str, ...]
    sections: tuple[ReportSection, ...]


Paper = Form | Protocol | Book | Report


def template_data(paper: Paper) -> Mapping[str, Any]:
    """What the templates read, as JSON takes it; every text as the fonts can show it."""
    letterhead = paper.letterhead
    head = {
        "language": letterhead.language,
        "office": letterhead.office,
        "title": letterhead.title,
        "marks": letterhead.marks,
        "page": letterhead.page,
        "warning": letterhead.warning,
    }
    told: Any = {**head, **_told(paper)}
    shown: Mapping[str, Any] = _shown(told)
    return shown


def _told(paper: Paper) -> dict[str, Any]:
    match paper:
        case Form():
            return _form(paper)
        case Protocol():
            return _protocol(paper)
        case Book():
            return _book(paper)
        case Report():
            return _report(paper)


def _protocol(protocol: Protocol) -> dict[str, Any]:
    return {
        "opening": protocol.opening,
        "facts": protocol.facts,
        "parts": [
            {"title": part.title, "text": part.text, "confirmed": part.confirmed} for part in protocol.parts
        ],
        "signatures": protocol.signatures,
    }


def _report(report: Report) -> dict[str, Any]:
    sections = [
        {"title": one.title, "facts": one.facts, "empty": one.empty, "more": one.more}
        for one in report.sections
    ]
    return {"remarks": report.remarks, "sections": sections}


def _form(form: Form) -> dict[str, Any]:
    return {
        "opening": form.opening,
        "facts": form.facts,
        "duties_title": form.duties_title,
        "duties": form.duties,
        "undertaking": form.undertaking,
        "signatures": form.signatures,
    }


def _book(book: Book) -> dict[str, Any]:
    printed = [place for place, column in enumerate(book.columns) if column.printed]
    return {
        "remarks": book.remarks,
        "titles": [book.columns[place].title for place in printed],
        "shares": [book.columns[place].share for place in printed],
        "rows": [[row[place] for place in printed] for row in book.rows],
        "empty": book.empty,
    }


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {name: _shown(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shown(inner) for inner in value]
    return value

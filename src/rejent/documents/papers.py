"""Content of documents, apart from their look: a form that is signed, a protocol in parts, a letter, or a book with columns.

All words come in the reader's language; nothing here or below it translates, reads rows or asks the clock.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from rejent.documents.signs import printable

Language = Literal["pl", "en"]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Parts that every document has.

    ``title``: its name, with its number where it has one; also the title of the file; ``made_at``: the file's instant of making, taken from
    its content, so that the same facts make the same bytes; ``marks``: lines at the foot of each page, such as its entry in the ledger;
    ``page``: words for the page's number, with ``{page}`` and ``{pages}``; ``warning``: stands out at the head of a document that is not to
    be used; may be empty; ``draft``: the word across each page of what is not finished, ``lacking``: why it is not; both may be empty.
    """

    language: Language
    office: str
    title: str
    made_at: datetime
    marks: tuple[str, ...]
    page: str
    warning: str = ""
    draft: str = ""
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A document of one page or a few that people sign.

    ``opening`` is the sentence that the facts complete; ``undertaking`` stands above the lines to sign on, the text of ``signatures`` under
    each.
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
    """A part of a protocol: heading, paragraphs, and its author and instant where confirmed."""

    title: str
    text: tuple[str, ...]
    confirmed: str = ""


@dataclass(frozen=True, slots=True)
class Protocol:
    """A document in parts that people sign; opening, facts and signatures as in `Form`."""

    template: ClassVar[str] = "protocol"

    letterhead: Letterhead
    opening: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    parts: tuple[Part, ...]
    signatures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture under a list: its caption, what it shows for whoever hears the document, and a JPEG, as small as it is to be printed."""

    caption: str
    alternative: str
    picture: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Deed:
    """A document that lists things and that people sign; opening, facts and signatures as in `Form`.

    ``clauses`` are numbered sentences under the list, ``closing`` stands above the signatures; ``drawn`` are signatures as SVG, one a line,
    drawn on a screen.
    """

    template: ClassVar[str] = "deed"

    letterhead: Letterhead
    opening: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    titles: tuple[str, ...]
    shares: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    clauses: tuple[str, ...]
    closing: str
    signatures: tuple[str, ...]
    figures: tuple[Figure, ...] = ()
    drawn: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a letter: heading, paragraphs, and the words under a line to sign on; empty where nobody signs there."""

    title: str
    text: tuple[str, ...]
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """An application, or what the office writes to somebody.

    ``dated`` is place and day, ``party`` who writes, or to whom; an empty line of the facts is filled in by hand.
    """

    template: ClassVar[str] = "letter"

    letterhead: Letterhead
    dated: str
    party: tuple[str, ...]
    opening: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    parts: tuple[Passage, ...]
    signatures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormTable:
    """The table of a form: titles of its columns, their relative widths, its rows."""

    titles: tuple[str, ...]
    shares: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class FormPart:
    """A part of a form: one of a heading, a sentence, a field with its lines, a table, or the words under lines to sign on beside each other.

    An empty line is filled in by hand; ``title`` is where the form's title stands.
    """

    part: Literal["title", "heading", "sentence", "field", "table", "signatures"]
    words: str = ""
    lines: tuple[str, ...] = ()
    table: FormTable | None = None


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form of an annex, part by part in its order.

    ``facts`` are what the program adds under ``facts_title``, apart from the form; ``drawn`` as in `Deed`, in the order of the signatures.
    """

    template: ClassVar[str] = "filled"

    letterhead: Letterhead
    parts: tuple[FormPart, ...]
    facts_title: str = ""
    facts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    drawn: tuple[str, ...] = ()

    @property
    def signatures(self) -> tuple[str, ...]:
        """Return the words under every line to sign on."""
        return tuple(words for each in self.parts if each.part == "signatures" for words in each.lines)


@dataclass(frozen=True, slots=True)
class Label:
    """A label to be stuck on a carrier.

    ``size``: ``a7``, ``disc`` for a disc's face, or ``tape`` for tape of 62 mm; ``digits``: what is typed to check it, and what that is called; ``check``: where anybody holds the label against the
    office's books, and what that address is called; alone where there is none; ``code``: a QR code as SVG; ``code_words``: what the code
    holds, for whoever hears the document.
    """

    template: ClassVar[str] = "label"

    letterhead: Letterhead
    size: Literal["a7", "disc", "tape"]
    facts: tuple[tuple[str, str], ...]
    digits: tuple[str, str]
    code: str
    code_words: str
    check: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a book. ``share`` is its relative width; one that is not ``printed`` stands in the table for spreadsheets alone.

    On screen, what is not printed or not ``in_view`` is read in the details of a row.
    """

    title: str
    share: int
    printed: bool = True
    in_view: bool = True


@dataclass(frozen=True, slots=True)
class Book:
    """A register as its printed book, in landscape.

    ``rows`` have a cell a column, those that are not printed included; ``empty`` replaces them where there are none.
    """

    template: ClassVar[str] = "book"

    letterhead: Letterhead
    remarks: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[str]]
    empty: str


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A part of a report. ``empty`` replaces the facts where there are none; ``more`` notes that not all are listed."""

    title: str
    facts: tuple[tuple[str, str], ...]
    empty: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A document in sections that nobody signs; the remarks stand under its title."""

    template: ClassVar[str] = "report"

    letterhead: Letterhead
    remarks: tuple[str, ...]
    sections: tuple[ReportSection, ...]


@dataclass(frozen=True, slots=True)
class NoticePart:
    """A part of a notice: heading, paragraphs, a list, facts as in `Letter`, and what somebody must add by hand."""

    title: str
    text: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    facts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """A document that tells people of something in full.

    ``ask`` stands before each thing that somebody must add, with so much ``room`` in lines; ``closing`` above the signatures.
    """

    template: ClassVar[str] = "notice"

    letterhead: Letterhead
    opening: str
    sections: tuple[NoticePart, ...]
    ask: str
    room: int
    closing: str
    signatures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlateSheet:
    """A plate that is hung up at an entrance.

    ``pictogram`` is the name of the drawing; ``pictogram_words`` and ``code_words`` say what they show to whoever hears the document;
    ``code`` is empty where the full notice has no address.
    """

    template: ClassVar[str] = "plate"

    letterhead: Letterhead
    size: Literal["A3", "A4", "A5"]
    pictogram: str
    pictogram_words: str
    opening: str
    lines: tuple[tuple[str, tuple[str, ...]], ...]
    more_title: str
    more: tuple[str, ...]
    code: str
    code_words: str


Paper = Form | Protocol | Deed | FilledForm | Label | Letter | Book | Report | Notice | PlateSheet


def template_data(paper: Paper) -> Mapping[str, Any]:
    """Return the data of the templates, as JSON takes it; every text as the fonts can show it."""
    head = asdict(paper.letterhead)
    del head["made_at"]
    body = _book(paper) if isinstance(paper, Book) else asdict(paper)
    body.pop("letterhead", None)
    data: dict[str, Any] = _printable({**head, **body})
    if isinstance(paper, Deed):
        data["figures"] = [
            {"caption": texts["caption"], "alternative": texts["alternative"], "drawing": _drawn(figure)}
            for texts, figure in zip(data["figures"], paper.figures, strict=True)
        ]
    if isinstance(paper, Deed | FilledForm):
        data["drawn"] = paper.drawn
    return data


def _drawn(figure: Figure) -> str:
    """Return a picture as SVG, the one form in which templates take pictures as data."""
    width, height = _size_of(figure.picture)
    content = b64encode(figure.picture).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" href="data:image/jpeg;base64,{content}"/></svg>'
    )


def _size_of(jpeg: bytes) -> tuple[int, int]:
    """Return width and height of a JPEG by the head of its frame (ISO/IEC 10918-1 B.2.2)."""
    place = 2
    while not 0xC0 <= jpeg[place + 1] <= 0xC3:
        place += 2 + int.from_bytes(jpeg[place + 2 : place + 4], "big")
    return int.from_bytes(jpeg[place + 7 : place + 9], "big"), int.from_bytes(
        jpeg[place + 5 : place + 7], "big"
    )


def _book(book: Book) -> dict[str, Any]:
    printed = [place for place, column in enumerate(book.columns) if column.printed]
    return {
        "remarks": book.remarks,
        "titles": [book.columns[place].title for place in printed],
        "shares": [book.columns[place].share for place in printed],
        "rows": [[row[place] for place in printed] for row in book.rows],
        "empty": book.empty,
    }


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {name: _printable(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_printable(inner) for inner in value]
    return value

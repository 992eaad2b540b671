"""Tables as XLSX (ECMA-376): text alone, which no spreadsheet computes; the same rows give the same bytes.

It is written piece by piece into a ZIP archive, so that a hundred thousand rows never stand in memory, nor in a file besides.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_LONGEST = 32_767
"""Signs of a cell that spreadsheets take (ECMA-376 part 1, § 18.3.1.40)."""
_MOST_ROWS = 1_048_576
"""Rows of a sheet, its titles included."""
_REFUSED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Signs that XML 1.0 does not take."""
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = (
    f'{_HEAD}<styleSheet {_MAIN}><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    "<borders count='1'><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">'
    '<alignment vertical="top" wrapText="1"/></xf>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
"""Every cell is text (format 49); titles are bold."""


def workbook(
    title: str, titles: Sequence[str], widths: Sequence[int], pieces: Iterable[Iterable[Sequence[object]]]
) -> Iterator[bytes]:
    """Yield the file piece by piece, as the rows come; sheets follow one another where one is full."""
    sink = _Sink()
    names: list[str] = []
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        rows = (row for piece in pieces for row in piece)
        following: Sequence[object] | None = next(rows, None)
        while not names or following is not None:
            names.append(f"{_sheet_title(title)} {len(names) + 1}" if names else _sheet_title(title))
            with archive.open(_entry(f"xl/worksheets/sheet{len(names)}.xml"), "w", force_zip64=True) as sheet:
                sheet.write(_sheet_head(titles, widths).encode())
                place = 1
                while following is not None and place < _MOST_ROWS:
                    place += 1
                    sheet.write(_row(place, following).encode())
                    following = next(rows, None)
                    if sink.held:
                        yield sink.taken()
                sheet.write(_sheet_foot(len(titles), place).encode())
        for name, text in _parts(names):
            archive.writestr(_entry(name), text)
    yield sink.taken()


@dataclass(slots=True)
class _Sink:
    """What the archive has written and nobody has taken yet."""

    held: list[bytes] = field(default_factory=list)

    def write(self, written: bytes, /) -> int:
        self.held.append(bytes(written))
        return len(written)

    def flush(self) -> None:
        """Keep nothing back."""

    def close(self) -> None:
        """Leave what is held to be taken."""

    def taken(self) -> bytes:
        whole = b"".join(self.held)
        self.held.clear()
        return whole


def _entry(name: str) -> ZipInfo:
    """Return an entry that bears no time and no rights of a machine."""
    entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type, entry.external_attr, entry.create_system = ZIP_DEFLATED, 0o600 << 16, 3
    return entry


def _sheet_title(title: str) -> str:
    """Return a name that a sheet may bear: at most 31 signs, with room for its number, none of them forbidden."""
    return re.sub(r"[\[\]:*?/\\]", " ", _REFUSED.sub("", title))[:27].strip(" '") or "1"


def _sheet_head(titles: Sequence[str], widths: Sequence[int]) -> str:
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{max(8, width * 2)}" customWidth="1"/>'
        for place, width in enumerate(widths, 1)
    )
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    return (
        f'{_HEAD}<worksheet {_MAIN}><sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>{_row(1, titles, style=1)}"
    )


def _sheet_foot(columns: int, rows: int) -> str:
    return f'</sheetData><autoFilter ref="A1:{_column(columns)}{rows}"/></worksheet>'


def _row(place: int, cells: Sequence[object], *, style: int = 0) -> str:
    written = "".join(
        f'<c r="{_column(column)}{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{_text(str(cell))}</t></is></c>'
        for column, cell in enumerate(cells, 1)
    )
    return f'<row r="{place}">{written}</row>'


def _text(text: str) -> str:
    kept = _REFUSED.sub("\ufffd", text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")
    return kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _column(place: int) -> str:
    """Return the letters of a column, from 1: A to Z, AA and on."""
    letters = ""
    while place:
        place, left = divmod(place - 1, 26)
        letters = chr(ord("A") + left) + letters
    return letters


def _parts(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what binds the sheets into a workbook."""
    places = range(1, len(names) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{place}.xml" ContentType="{_TYPES}.worksheet+xml"/>'
        for place in places
    )
    types = (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>{overrides}</Types>'
    )
    yield "[Content_Types].xml", types
    yield "_rels/.rels", _relations([("rId1", "officeDocument", "xl/workbook.xml")])
    sheets = "".join(
        f'<sheet name="{_text(name).replace(chr(34), "&quot;")}" sheetId="{place}" r:id="rId{place}"/>'
        for place, name in enumerate(names, 1)
    )
    yield (
        "xl/workbook.xml",
        f'{_HEAD}<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
    )
    bound = [(f"rId{place}", "worksheet", f"worksheets/sheet{place}.xml") for place in places]
    yield "xl/_rels/workbook.xml.rels", _relations([*bound, (f"rId{len(names) + 1}", "styles", "styles.xml")])
    yield "xl/styles.xml", _STYLES


def _relations(bound: Iterable[tuple[str, str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for key, kind, target in bound
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


_MARK = "\ufeff"
"""Marks the file as UTF-8 for Excel."""
_FORMULA = frozenset("=+-@＝＋－＠")
"""A cell that begins with one of these is a formula to some spreadsheet, blanks before it or not (CWE-1236)."""
_HARMLESS = "'"
"""Makes text of a cell's content when it stands before it."""


def spreadsheet(titles: Sequence[str], pieces: Iterable[Iterable[Sequence[object]]]) -> Iterator[bytes]:
    """Yield the table piece by piece, as the rows come; RFC 4180 but for the semicolon."""
    yield (_MARK + _lines([titles])).encode()
    for rows in pieces:
        yield _lines(rows).encode()


def escape_formula(cell: object) -> str:
    """Return the cell as text that no spreadsheet computes; a number stays one."""
    text = str(cell)
    if isinstance(cell, int):
        return text
    risky = text[:1] in {"\t", "\r", "\n"} or text.lstrip()[:1] in _FORMULA
    return _HARMLESS + text if risky and text.lstrip() else text


def _lines(rows: Iterable[Sequence[object]]) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerows([escape_formula(cell) for cell in row] for row in rows)
    return written.getvalue()

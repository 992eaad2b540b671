"""Lines about people, read from CSV as spreadsheets write it in Poland; each that cannot be read is named with what to do."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from string import ascii_lowercase, digits
from unicodedata import normalize

from rejent.kernel.errors import InputRefusedError
from rejent.kernel.plain_text import is_of_one_script, is_plain
from rejent.kernel.sentences import Sentence
from rejent.office.models import Engagement, Role

LARGEST_FILE = 512 << 10
MOST_LINES = 3000
_LONGEST = 120
SIGNS = frozenset(f"{ascii_lowercase}ąćęłńóśźż{digits}@.+-_")
"""Characters of a user name: none of them looks like another one."""
_COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(("login", "nazwa użytkownika", "użytkownik", "username", "user name"), "username"),
    **dict.fromkeys(("imię i nazwisko", "nazwisko i imię", "osoba", "name"), "name"),
    **dict.fromkeys(("imię", "first name"), "first"),
    **dict.fromkeys(("nazwisko", "surname", "last name"), "last"),
    **dict.fromkeys(("stanowisko", "post"), "post"),
    **dict.fromkeys(("zatrudnienie", "podstawa zatrudnienia", "engagement"), "engagement"),
    **dict.fromkeys(("e-mail", "email", "poczta"), "email"),
    **dict.fromkeys(("telefon", "numer wewnętrzny", "wewnętrzny", "extension"), "extension"),
    **dict.fromkeys(("od", "zatrudnienie od", "pierwszy dzień", "from"), "joined"),
    **dict.fromkeys(("role", "rola", "roles"), "roles"),
}
_ENGAGEMENTS: Mapping[str, str] = {
    **{each.value: each.value for each in Engagement},
    **dict.fromkeys(("", "umowa o pracę", "etat"), "employment"),
    **dict.fromkeys(("wybór", "powołanie", "mianowanie"), "office"),
    **dict.fromkeys(("umowa zlecenia", "umowa zlecenie", "zlecenie", "umowa o dzieło", "dzieło"), "civil"),
    **dict.fromkeys(("staż", "praktyka", "stażysta", "praktykant"), "trainee"),
    **dict.fromkeys(("inna", "firma zewnętrzna"), "other"),
}
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[A-Za-z0-9.-]+")
_NUMBER = re.compile(r"\+?\d{2,15}")
_DAYS = ("%Y-%m-%d", "%d.%m.%Y")


class ImportRefusedError(InputRefusedError, code="office.import"):
    """A list of people that cannot be taken; nothing of it is applied."""


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One person of a file or directory.

    Attributes:
        given: the columns that the file has; what it has not stays as it is.
        roles: empty where the file says nothing of them.
    """

    number: int
    username: str
    name: str
    given: frozenset[str]
    post: str = ""
    engagement: str = Engagement.EMPLOYMENT.value
    email: str = ""
    extension: str = ""
    joined_on: date | None = None
    roles: frozenset[str] = frozenset()
    subject: str = ""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be taken: what is wrong, and what to do; ``subject``: the directory's identifier of its entry, where that is known."""

    number: int
    who: str
    wrong: Sentence
    remedy: Sentence
    subject: str = ""


@dataclass(slots=True)
class Lines:
    """What was read of a file."""

    good: list[ImportLine] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)


def read_csv(content: bytes) -> Lines:
    """Return the people of a file in UTF-8 or Windows-1250, with commas, semicolons or tabs. Raises ImportRefusedError."""
    if len(content) > LARGEST_FILE:
        raise ImportRefusedError("The file is larger than {kib} KiB.", kib=LARGEST_FILE >> 10)
    rows = _rows(_decoded(content))
    if not rows:
        raise ImportRefusedError("The file is empty.", advice="Export the list of people as CSV.")
    columns = [_COLUMNS.get(" ".join(title.split()).casefold(), "") for title in rows[0][1]]
    known = set(columns)
    if "username" not in known or not (known & {"name", "last"}):
        raise ImportRefusedError(
            "The first line must name the columns, at least login and imię i nazwisko.",
            advice="Known columns: login, imię i nazwisko, stanowisko, zatrudnienie, e-mail, telefon, od, role.",
        )
    if len(rows) > MOST_LINES + 1:
        raise ImportRefusedError("The file has more than {most} lines.", most=MOST_LINES)
    cells = (
        (number, dict(zip(columns, map(str.strip, row), strict=False)))
        for number, row in rows[1:]
        if any(cell.strip() for cell in row)
    )
    return checked((_line(number, row, known) for number, row in cells))


def checked(read: Iterable[ImportLine | BadLine]) -> Lines:
    """Return lines apart from those that cannot be taken.

    A user name that comes twice is bad from the second time on; of entries with one identifier none is taken, for nobody knows whose it is.
    """
    lines, seen, entries = Lines(), dict[str, int](), dict[str, ImportLine]()
    for each in read:
        wrong = each if isinstance(each, BadLine) else _wrong(each)
        if wrong is None and isinstance(each, ImportLine):
            first = seen.setdefault(each.username.casefold(), each.number)
            other = entries.setdefault(each.subject, each) if each.subject else each
            if first != each.number:
                wrong = _refuse_repeated(
                    each, Sentence("The user name stands in line {first}, too.", {"first": first})
                )
            elif other is not each:
                wrong = _refuse_repeated(each, _same_entry(other.number))
                if other in lines.good:
                    lines.good.remove(other)
                    lines.bad.append(_refuse_repeated(other, _same_entry(each.number)))
        if wrong is not None:
            lines.bad.append(wrong)
        elif isinstance(each, ImportLine):
            lines.good.append(each)
    return lines


def _same_entry(number: int) -> Sentence:
    return Sentence("The entry's identifier stands in line {first}, too.", {"first": number})


def _refuse_repeated(line: ImportLine, text: Sentence) -> BadLine:
    return BadLine(line.number, line.name, text, Sentence("Leave one line for each person."), line.subject)


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1250"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return normalize("NFC", text)
    raise ImportRefusedError("The file is no text.", advice="Export the list of people as CSV.")


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Return the rows, each with its number in the file; the sign between columns is the commonest in the first line."""
    first = text.partition("\n")[0]
    between = max(";\t,", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between)
    try:
        return [(reader.line_num, row) for row in reader if row]
    except csv.Error:
        raise ImportRefusedError(
            "Line {line} of the file cannot be read.", line=reader.line_num, advice="Export it as CSV anew."
        ) from None


def _line(number: int, row: Mapping[str, str], known: set[str]) -> ImportLine | BadLine:
    name = row.get("name") or " ".join(filter(None, (row.get("first"), row.get("last"))))
    who = name or row.get("username", "")
    engagement = _ENGAGEMENTS.get(row.get("engagement", "").casefold())
    if engagement is None:
        return BadLine(
            number,
            who,
            Sentence("The ground of work is not known: {given}.", {"given": row["engagement"]}),
            Sentence("Write one of: umowa o pracę, wybór, powołanie, umowa zlecenia, staż, inna."),
        )
    joined = row.get("joined", "")
    day = _day(joined)
    if joined and day is None:
        return BadLine(
            number,
            who,
            Sentence("The day cannot be read: {given}.", {"given": joined}),
            Sentence("Write it like this: 21.11.2026."),
        )
    return ImportLine(
        number=number,
        username=row.get("username", ""),
        name=" ".join(name.split()),
        given=frozenset(known),
        post=row.get("post", ""),
        engagement=engagement,
        email=row.get("email", ""),
        extension=re.sub(r"[\s()-]", "", row.get("extension", "")),
        joined_on=day,
        roles=frozenset(re.split(r"[\s,|]+", row["roles"])) if row.get("roles") else frozenset(),
    )


def _day(written: str) -> date | None:
    for form in _DAYS:
        try:
            return datetime.strptime(written, form).date()  # noqa: DTZ007 - a civil date
        except ValueError:
            continue
    return None


def _wrong(line: ImportLine) -> BadLine | None:
    found = next(_wrongs(line), None)
    return found and BadLine(line.number, line.name or line.username, *found, line.subject)


def _wrongs(line: ImportLine) -> Iterator[tuple[Sentence, Sentence]]:
    """Yield what is wrong with a line, each with its remedy."""
    if not line.username or not SIGNS.issuperset(line.username.casefold()) or len(line.username) > _LONGEST:
        yield (
            Sentence("The user name is missing, or has a sign that none may have."),
            Sentence("Use letters of the Polish alphabet, digits and @ . + - _ only."),
        )
    if not line.name or max(map(len, (line.name, line.post, line.email))) > _LONGEST:
        yield (
            Sentence("The name is missing, or a text is longer than {longest} signs.", {"longest": _LONGEST}),
            Sentence("Enter name and surname, and shorten what is too long."),
        )
    if not is_plain(line.name + line.post) or not is_of_one_script(f"{line.name} {line.post}"):
        yield (
            Sentence("The name or the post has invisible signs, or letters of different scripts."),
            Sentence("Type it anew."),
        )
    if line.email and not (line.email.isascii() and _ADDRESS.fullmatch(line.email)):
        yield Sentence("The e-mail address cannot be read."), Sentence("Write it as NAME@HOST.")
    if line.extension and not _NUMBER.fullmatch(line.extension):
        yield Sentence("The telephone number cannot be read."), Sentence("Write digits only.")
    unknown: Sequence[str] = sorted(line.roles - set(Role.values))
    if unknown:
        yield (
            Sentence("There is no role {role}.", {"role": unknown[0]}),
            Sentence("Known are: {known}.", {"known": " ".join(Role.values)}),
        )

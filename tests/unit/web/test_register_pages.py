"""The registers: what is shown and handed out of them, and a year that is closed."""

import csv
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from benchmarks.cases import fill
from rejent.cases import queries as cases
from rejent.cases import services as case_services
from rejent.cases.views import State
from rejent.kernel.clock import ManualClock
from rejent.office.views import PersonView
from rejent.registers import checks
from rejent.registers import queries as registers
from rejent.registers.books.closing import closed_content, closing
from rejent.registers.books.numbered_rows import PAGE, Wanted
from rejent.web.registers import exports
from rejent.web.registers.books.kinds import registers as every_register
from tests.guarded_rows import unguarded
from tests.printed import words_of
from tests.unit.web.conftest import Browser, text_of

CASES = 2 * PAGE + 30


@pytest.fixture
def booked(people: dict[str, PersonView]) -> None:  # noqa: ARG001 - an office with people
    """More applications of 2026 than two pages show, and some of the year before."""
    fill(7, year=2025)
    fill(CASES, year=2026)
    numbered(2025, 7)
    numbered(2026, CASES)


def numbered(year: int, last: int) -> None:
    """Say that so many numbers of applications were taken in a year."""
    with unguarded(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM registers_series WHERE name = 'cases' AND year = %s", [year])
        cursor.execute(
            "INSERT INTO registers_series (name, year, last) VALUES ('cases', %s, %s)", [year, last]
        )


def file_of(client: Client, address: str, *args: object, asked: str = "") -> bytes:
    """The file that a page hands out."""
    answer: Any = client.post(reverse(address, args=args) + asked)
    assert answer.status_code == 200, answer.content
    return b"".join(answer) if answer.streaming else answer.content


def table(content: bytes) -> list[list[str]]:
    """The rows of a CSV file."""
    return list(csv.reader(StringIO(content.decode("utf-8-sig")), delimiter=";"))


def sheet(content: bytes) -> list[list[str]]:
    """The rows of an XLSX file, none of them computed."""
    found = load_workbook(BytesIO(content)).active
    assert found is not None
    assert {cell.data_type for row in found.iter_rows() for cell in row} <= {"s", "inlineStr", "n"}
    return [["" if cell is None else str(cell) for cell in row] for row in found.iter_rows(values_only=True)]


@pytest.mark.usefixtures("booked")
def test_every_register_is_shown_and_leaves_as_files(browser: Browser) -> None:
    """Each opens on screen, and says the same on a table of either kind and on paper; each download is entered."""
    head = browser("head")
    listed = text_of(head.get(reverse("registers")))
    for book in every_register():
        assert str(book.title) in listed
        assert head.get(reverse("register", args=[book.name])).status_code == (302 if book.page else 200)
        if book.page:
            assert head.get(reverse("register", args=[book.name]) + "?year=2026&q=x").status_code == 302
            assert reverse("register-year", args=[book.name, 2026]) in text_of(head.get(reverse(book.page)))
            assert "zawierające" not in words_of(
                file_of(head, "register-export", book.name, "pdf", asked="?q=x")
            )
            continue
        for asked in ("?q=nieobecny&year=2026", "?sort=due_on&order=up&from=K-2026-9", "?year=x&after=%00"):
            assert head.get(reverse("register", args=[book.name]) + asked).status_code == 200
        rows = table(file_of(head, "register-export", book.name, "csv"))
        assert sheet(file_of(head, "register-export", book.name, "xlsx")) == rows
        assert file_of(head, "register-export", book.name, "pdf").startswith(b"%PDF")
    assert len(registers.acts(names=["registers.exported"], limit=100).acts) >= 24


def test_a_register_names_the_clause_of_the_own_regulation(browser: Browser) -> None:
    """Clauses of the version in force, no other office's; where none is entered, that is what the page says."""
    listed = text_of(browser("head").get(reverse("registers")))
    for told in ("regulamin, § 7 ust. 1–5, § 8", "regulamin, § 6 ust. 2"):
        assert told in listed
    assert "nie wpisano paragrafu" in listed.partition("Rejestr publikacji")[2].partition("</tr>")[0]
    for other in ("Wałbrzych", "Bolesławiec", "Miedziana"):
        assert other not in listed
    page = text_of(browser("head").get(reverse("register", args=["disclosures"])))
    assert "Podstawa: regulamin, § 6 ust. 1, § 7 ust. 3, załącznik 4." in page


@pytest.mark.usefixtures("booked")
@pytest.mark.parametrize("newest_first", [True, False])
def test_pages_follow_one_another_without_a_gap(newest_first: bool) -> None:
    """Page after page, every row comes once and in the order of the numbers; a year or a number narrows it."""
    wanted = Wanted(newest_first=newest_first)
    found, after = list[str](), ""
    while True:
        page = cases.REGISTER.page(wanted, after=after)
        found += [view.number for view in page.rows]
        if not (after := page.more):
            break
    numbers = [f"W-2025-{each}" for each in range(1, 8)] + [f"W-2026-{each}" for each in range(1, CASES + 1)]
    assert found == (numbers[::-1] if newest_first else numbers)
    assert cases.REGISTER.page(wanted, begin="W-2026-90").rows[0].number == "W-2026-90"
    of_year = [view.number for piece in cases.REGISTER.pieces(Wanted(year=2025)) for view in piece]
    assert of_year == numbers[6::-1]


@pytest.mark.usefixtures("booked")
def test_an_altered_row_is_neither_shown_nor_handed_out(browser: Browser) -> None:
    """Its number is named, nothing of it is told, and no file goes out as if it were true; a page without it is as ever."""
    with unguarded(), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_case SET basis = 'podrzucona' WHERE number = 'W-2026-200'")
    clerk = browser("clerk")
    page = text_of(clerk.get(reverse("register", args=["applications"])))
    assert "nie są takie, jak je wpisano" in page
    assert "W-2026-200" in page
    assert "podrzucona" not in page
    assert "W-2026-199" in page
    refused: Any = clerk.post(reverse("register-export", args=["applications", "csv"]))
    assert refused.status_code == 500
    assert len(table(file_of(clerk, "register-export", "applications", "csv", asked="?year=2025"))) == 8


def close(client: Client, register: str, year: int) -> Any:
    """Close a year, with the page to check it."""
    address = reverse("register-close", args=[register, year])
    assert "Zamknij rok" in text_of(client.get(address))
    return client.post(address, {"confirmed": "1"}, follow=True)


@pytest.mark.usefixtures("booked")
def test_a_closed_year_stays_as_it_was(
    browser: Browser, clock: ManualClock, people: dict[str, PersonView]
) -> None:
    """The head alone closes it, once and once it is over; what is decided later stands beside what was closed."""
    head, clerk = browser("head"), browser("clerk")
    clock.advance(datetime(2026, 12, 31, 22, 0, tzinfo=UTC) - clock.now())
    assert head.get(reverse("register-close", args=["applications", 2026])).status_code == 409
    clock.advance(datetime(2027, 1, 4, 9, 0, tzinfo=UTC) - clock.now())
    head, clerk = browser("head"), browser("clerk")
    assert clerk.get(reverse("register-close", args=["applications", 2026])).status_code == 403
    close(head, "applications", 2026)
    done = closing("applications", 2026)
    assert done is not None
    assert (done.count, done.first, done.last) == (CASES, "W-2026-1", f"W-2026-{CASES}")
    (act,) = registers.acts(names=["registers.closed"]).acts
    assert act.facts is not None
    assert (act.facts["csv"], act.facts["pdf"]) == (done.digests.csv, done.digests.pdf)
    before = {
        form: file_of(clerk, "register-closed", "applications", 2026, form) for form in ("csv", "pdf", "xlsx")
    }
    assert f"W-2026-{CASES}" in words_of(before["pdf"])
    decide(clock, people["head"], "W-2026-51")
    clock.advance(timedelta(days=40))
    clerk = browser("clerk")
    again = {form: file_of(clerk, "register-closed", "applications", 2026, form) for form in before}
    assert again == before
    compared = text_of(clerk.post(reverse("register-year", args=["applications", 2026])))
    assert compared.count("co do bitu") == 2
    assert "W-2026-51" in compared
    assert "odmowa" in compared.casefold()
    assert "W-2026-52" not in compared
    assert browser("head").get(reverse("register-close", args=["applications", 2026])).status_code == 409


def decide(clock: ManualClock, head: PersonView, number: str) -> None:
    """Refuse an application."""
    case_services.decide_case(
        number,
        State.REFUSED,
        reasons="Nie znaleziono.",
        basis="§ 6",
        knowledge=False,
        person=head,
        clock=clock,
        ledger=None,
    )


@pytest.mark.usefixtures("booked")
def test_what_is_erased_goes_from_a_closed_year_too(
    browser: Browser, clock: ManualClock, people: dict[str, PersonView]
) -> None:
    """The row alone goes; what is left is proved as before, and `fsck` finds nothing."""
    clock.advance(datetime(2027, 1, 4, 9, 0, tzinfo=UTC) - clock.now())
    close(browser("head"), "applications", 2026)
    name = "nr12'"
    assert name in str(closed_content("applications", 2026).rows)
    case_services.erase_applicant(
        "W-2026-12", grounds="B5, minęło", person=people["head"], clock=clock, ledger=None
    )
    content = closed_content("applications", 2026)
    assert content.erased == 1
    assert name not in str(content.rows)
    assert not list(checks._closed_years())
    compared = text_of(browser("clerk").post(reverse("register-year", args=["applications", 2026])))
    assert "usunięto 1 pozycję" in compared
    assert compared.count("bo usunięto pozycje") == 2
    assert "innym plikiem.</p>" not in compared


@pytest.mark.usefixtures("booked")
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE registers_closedyear SET content = (SELECT content FROM registers_closedyear WHERE year = 2025)",
        "UPDATE registers_closedyear SET content = x'00' WHERE year = 2026",
        "UPDATE registers_closedyear SET csv_sha256 = 'x' WHERE year = 2026",
        "DELETE FROM registers_closedyear WHERE year = 2026",
    ],
)
def test_whoever_alters_a_closed_year_is_found(browser: Browser, clock: ManualClock, change: str) -> None:
    """The database refuses it where it can, and `fsck` names what got past it."""
    clock.advance(datetime(2027, 1, 4, 9, 0, tzinfo=UTC) - clock.now())
    head = browser("head")
    close(head, "applications", 2025)
    close(head, "applications", 2026)
    with unguarded(), connection.cursor() as cursor:
        cursor.execute(change)
    assert {each.code for each in checks._closed_years()} & {
        "registers.closed-altered",
        "registers.differs-from-ledger",
        "registers.row-missing",
    }


@pytest.mark.usefixtures("booked")
def test_a_year_with_a_missing_number_is_not_closed(browser: Browser, clock: ManualClock) -> None:
    """A row that somebody took away is not closed over."""
    clock.advance(datetime(2027, 1, 4, 9, 0, tzinfo=UTC) - clock.now())
    numbered(2026, CASES + 1)
    answer = browser("head").get(reverse("register-close", args=["applications", 2026]))
    assert answer.status_code == 409
    assert "Brakuje numeru" in text_of(answer)


@pytest.mark.usefixtures("booked")
def test_a_year_without_its_last_row_is_not_closed(browser: Browser, clock: ManualClock) -> None:
    """Whoever takes the last row and its number out of the database is contradicted by the ledger's act."""
    clock.advance(datetime(2027, 1, 4, 9, 0, tzinfo=UTC) - clock.now())
    address = reverse("register-close", args=["applications", 2026])
    assert browser("head").get(address).status_code == 200
    numbered(2026, CASES - 1)
    with unguarded(), connection.cursor() as cursor:
        for table in ("cases_caseapplicant", "cases_case"):
            column = "case_id" if table != "cases_case" else "id"
            cursor.execute(
                f"DELETE FROM {table} WHERE {column} IN (SELECT id FROM cases_case WHERE number = %s)",  # noqa: S608
                [f"Z-2026-{CASES}"],
            )
    answer = browser("head").get(address)
    assert answer.status_code == 409
    assert "Brakuje numeru" in text_of(answer)


@pytest.mark.usefixtures("booked")
def test_a_long_register_is_printed_in_volumes(
    browser: Browser, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One archive, each volume with its rows; of a closed year the ledger holds its digest, and it is made anew bit by bit."""
    monkeypatch.setattr(exports, "ROWS_A_VOLUME", 3)
    clock.advance(datetime(2027, 1, 4, 9, 0, tzinfo=UTC) - clock.now())
    head = browser("head")
    printed = file_of(head, "register-export", "applications", "pdf", asked="?year=2025")
    assert len(ZipFile(BytesIO(printed)).namelist()) == 3
    close(head, "applications", 2025)
    archive = file_of(head, "register-closed", "applications", 2025, "pdf")
    done = closing("applications", 2025)
    assert done is not None
    assert sha256(archive).hexdigest() == done.digests.pdf
    papers = [words_of(ZipFile(BytesIO(archive)).read(name)) for name in ("01.pdf", "02.pdf", "03.pdf")]
    for place, first in enumerate((1, 4, 7)):
        assert f"Tom {place + 1} z 3: wiersze od {first}" in papers[place]
    assert ["W-2025-5" in paper for paper in papers] == [False, True, False]
    compared = text_of(head.post(reverse("register-year", args=["applications", 2025])))
    assert compared.count("co do bitu") == 2


@pytest.mark.usefixtures("booked")
def test_a_row_shows_its_decision_and_has_the_rest_in_its_details(browser: Browser) -> None:
    """Columns beyond those in view stand in no head of the table, and whole in what the row unfolds without script."""
    page = text_of(browser("head").get(reverse("register", args=["applications"])))
    head, rows = page.split("<thead>")[1].split("</thead>")
    assert "Decyzja</th>" in head
    assert "Sposób złożenia" not in head
    first = rows.split("</tr>")[0]
    assert '<details class="row-panel" name="row-panel">' in first
    assert "<dt>Sposób złożenia</dt>" in first

"""Registers as files and authorisations as papers: who gets them, what stands in them, and what is entered."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from django.urls import reverse

from rejent.access import services as authorising
from rejent.access.authorisation_queries import entries_of_authorisations
from rejent.catalog import services as catalog
from rejent.kernel.clock import ManualClock, civil_date
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries
from rejent.registers.queries import EnteredAct
from rejent.registers.signing import checkpoints
from rejent.web.registers import exports
from tests.people import add_person
from tests.printed import claims_of, opened, words_of
from tests.unit.web.conftest import ROLES, Browser, NoBox, body_of

OVERSEERS = {"head", "deputy", "iod", "secretary"}
CSV, PDF = "text/csv; charset=utf-8", "application/pdf"


def _table(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def _exports() -> list[EnteredAct]:
    return queries.acts(names=["registers.exported"]).acts


def _issued(people: dict[str, PersonView], clock: ManualClock, **changed: Any) -> str:
    """Another authorisation of the viewer; its number."""
    given: dict[str, Any] = {
        "person_id": people["viewer"].id,
        "acts": ["recordings"],
        "stream": "video",
        "source_ids": None,
        "valid_from": civil_date(clock.now()),
        "valid_until": None,
        "actor": str(people["head"].id),
    }
    return authorising.issue_authorisation(**{**given, **changed}, clock=clock).number


# --- The register of actions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("door", [("ledger-export", "csv"), ("register-export", "authorisations", "xlsx")])
def test_registers_leave_with_supervision_alone(role: str, door: tuple[str, ...], browser: Browser) -> None:
    """Who may see a register may take it, and that is entered; whoever else asks is refused, and nothing is."""
    response = browser(role).post(reverse(door[0], args=door[1:]))
    assert response.status_code == (200 if role in OVERSEERS else 403)
    assert len(_exports()) == (role in OVERSEERS)


def test_the_table_holds_what_the_filter_shows_and_every_row_its_place(
    browser: Browser, people: dict[str, PersonView], source: str
) -> None:
    """The same acts as the page, newest first, with names, indexes and commitments; the export itself is not among them."""
    client = browser("iod")
    response = client.post(reverse("ledger-export", args=["csv"]))
    rows = _table(body_of(response))
    assert response.headers["Content-Type"] == CSV
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="rejestr-dzialan-2026-11-21.csv"'
    )
    (export,) = _exports()
    assert [int(row["Wpis w dzienniku"]) for row in rows] == list(range(export.index - 1, -1, -1))
    assert export.actor == str(people["iod"].id)
    assert export.facts == {"register": "actions", "format": "csv", "count": len(rows), "machinery": False}
    by_index = {int(row["Wpis w dzienniku"]): row for row in rows}
    for entered in queries.acts(limit=100).acts[1:]:
        assert by_index[entered.index]["Zobowiązanie (SHA-256)"] == entered.leaf.hex()
    (issued, _) = [row for row in rows if row["Rodzaj czynności"] == "Nadanie upoważnienia"]
    assert (issued["Osoba"], issued["Numer dokumentu"]) == ("Osoba head", "U-2026-2")
    assert issued["Data i godzina"] == "21.11.2026 12:00:00"
    narrow = client.post(f"{reverse('ledger-export', args=['csv'])}?source={source}")
    assert len(_table(body_of(narrow))) == 1
    assert _exports()[0].facts == {
        "register": "actions", "format": "csv", "count": 1, "machinery": False, "source": source,
    }  # fmt: skip
    text = client.get(reverse("ledger"), {"kind": "registers.exported"}).content.decode()
    assert "Eksport rejestru: rejestr działań, plik CSV, liczba wierszy: 1" in text


def test_an_export_is_asked_for_by_a_button(browser: Browser) -> None:
    """The page carries the filter into every button; an address alone exports nothing, an unknown form is not there."""
    client = browser("iod")
    text = client.get(reverse("ledger"), {"kind": "authorisation.issued"}).content.decode()
    for form in ("csv", "pdf", "xlsx"):
        assert f'"{reverse("ledger-export", args=[form])}?kind=authorisation.issued"' in text
        assert client.get(reverse("ledger-export", args=[form])).status_code == 405
    assert "najwyżej 2" in text
    assert client.post(reverse("ledger-export", args=["ods"])).status_code == 404
    wrong = client.post(f"{reverse('ledger-export', args=['csv'])}?first=31.11.2026")
    assert (wrong.status_code, wrong.headers["Location"]) == (302, "/ledger?first=31.11.2026")
    assert _exports() == []


def test_names_that_look_like_formulas_or_markup_are_letters(browser: Browser, clock: ManualClock) -> None:
    """A camera called like a formula is text in the table and letters on paper."""
    name = '=HYPERLINK("https://a.example";"#read")'
    catalog.add_source(
        stream="video", name=name, address="rtsp://192.0.2.8/", building="Ratusz", place="hol", kind="hall",
        clock=clock, actor="", credentials_box=NoBox(),
    )  # fmt: skip
    client = browser("iod")
    (row, other) = [
        row for row in _table(body_of(client.post(reverse("ledger-export", args=["csv"]))))
        if row["Rodzaj czynności"] == "Dodanie źródła"
    ]  # fmt: skip
    assert row["Przedmiot"] == f"„{name}”"
    assert other["Przedmiot"] == "„Hol na parterze”"
    printed = words_of(body_of(client.post(reverse("ledger-export", args=["pdf"]))))
    assert '#read"' in printed


def test_the_printed_register_says_what_it_holds_and_where_it_is_entered(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """Title, filter, count, rows with their places; the file was made when the export was entered."""
    query = f"kind=authorisation.issued&person={people['head'].id}&first=1.11.2026"
    response = browser("secretary").post(f"{reverse('ledger-export', args=['pdf'])}?{query}")
    document = body_of(response)
    (export,) = _exports()
    assert response.headers["Content-Type"] == PDF
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="rejestr-dzialan-2026-11-21.pdf"'
    )
    assert claims_of(document) == {
        "archive": "2A", "accessible": "1", "title": "Rejestr działań", "made": "2026-11-21T11:00:00+00:00",
    }  # fmt: skip
    text = words_of(document)
    for words in (
        "Urząd Miasta i Gminy Pleszew", "Osoba: Osoba head", "Czynność: Nadanie upoważnienia", "Od: 01.11.2026",
        "Liczba wierszy: 2. Stan na 21.11.2026 12:00:00.", "U-2026-1", "U-2026-2",
        f"Wpis {export.index} w rejestrze działań", "strona 1 z 1", "Instalacja próbna",
    ):  # fmt: skip
        assert words in text, words
    assert clock.now() == export.at


def test_a_pdf_has_a_bound_and_says_what_to_do(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than a book holds are refused before anything is entered; the table takes them all."""
    monkeypatch.setattr(exports, "MOST_PRINTED", 3)
    client = browser("iod")
    refused = client.post(reverse("ledger-export", args=["pdf"]))
    assert refused.status_code == 400
    assert "najwyżej 3" in refused.content.decode()
    assert "CSV" in refused.content.decode()
    assert _exports() == []
    assert len(_table(body_of(client.post(reverse("ledger-export", args=["csv"]))))) > 3


def test_an_empty_selection_is_an_empty_file(browser: Browser) -> None:
    """Titles without rows as a table, a page that says so on paper."""
    client, query = browser("iod"), "?kind=hold.placed"
    table = body_of(client.post(f"{reverse('ledger-export', args=['csv'])}{query}"))
    assert table.decode("utf-8-sig").splitlines()[0].startswith("Wpis w dzienniku;")
    assert _table(table) == []
    printed = body_of(client.post(f"{reverse('ledger-export', args=['pdf'])}{query}"))
    assert "Na tej liście nie ma wpisów." in words_of(printed)


def test_rows_that_come_during_an_export_are_left_out(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was counted is what is handed out, in pieces, whatever is entered meanwhile and whatever clocks say."""
    monkeypatch.setattr("rejent.registers.exporting.ROWS_A_PIECE", 2)
    response = browser("iod").post(reverse("ledger-export", args=["csv"]))
    (export,) = _exports()
    clock.advance(timedelta(days=-1))
    number = _issued(people, clock, actor="cli")
    rows = _table(body_of(response))
    assert export.facts is not None
    assert len(rows) == export.facts["count"]
    assert number not in {row["Numer dokumentu"] for row in rows}
    assert len({row["Wpis w dzienniku"] for row in rows}) == len(rows)


def test_an_english_reader_gets_english_files(browser: Browser) -> None:
    """Titles, words and name follow the reader's language, though they are made after the page is answered."""
    client = browser("iod")
    client.cookies["django_language"] = "en"
    response = client.post(reverse("ledger-export", args=["csv"]))
    rows = _table(body_of(response))
    assert "register-of-actions-2026-11-21.csv" in response.headers["Content-Disposition"]
    assert {"Kind of act", "Person", "What was done"} <= set(rows[0])
    assert "Person entered" in {row["Kind of act"] for row in rows}


def test_the_server_sends_a_table_piece_by_piece(browser: Browser) -> None:
    """Behind the server that the program runs, rows are made while they are sent, in the reader's language."""
    client = AsyncClient(headers={"host": "localhost"})
    client.cookies = browser("iod").cookies

    async def received() -> list[bytes]:
        response = await client.post(reverse("ledger-export", args=["csv"]))
        return [piece async for piece in response.streaming_content]

    pieces = async_to_sync(received)()
    assert len(pieces) > 1
    assert "Nadanie upoważnienia" in {row["Rodzaj czynności"] for row in _table(b"".join(pieces))}


# --- The register of authorisations -------------------------------------------------------------------------------------


def test_the_register_of_authorisations_has_the_columns_the_regulations_ask_for(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock, source: str
) -> None:
    """Number, person, post, data set, scope, sources, from, to, by whom, when revoked, and the place in the ledger."""
    number = _issued(people, clock, source_ids=[source], valid_until=date(2026, 12, 31))
    authorising.revoke_authorisation(number, clock=clock, actor=str(people["iod"].id))
    client = browser("iod")
    rows = _table(body_of(client.post(reverse("register-export", args=["authorisations", "csv"]))))
    assert list(rows[0].values())[:-1] == [
        number, "Osoba viewer", "viewer", "kamery", "nagrania", "Hol na parterze", "21.11.2026", "31.12.2026",
        "Osoba head", "21.11.2026",
    ]  # fmt: skip
    entry = queries.act(int(rows[0]["Wpis w dzienniku"]))
    assert entry.facts is not None
    assert (entry.act, entry.facts["number"]) == ("authorisation.issued", number)
    assert [row["Numer"] for row in rows] == [number, "U-2026-2", "U-2026-1"]
    assert (rows[1]["Źródła"], rows[1]["Do"], rows[1]["Data cofnięcia"]) == ("wszystkie", "bezterminowo", "")
    (export,) = _exports()
    assert export.facts == {"register": "authorisations", "format": "csv", "count": 3}
    printed = words_of(body_of(client.post(reverse("register-export", args=["authorisations", "pdf"]))))
    assert "Rejestr upoważnień" in printed
    assert f"{number} Osoba viewer" in printed


# --- The authorisation as a paper ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_an_authorisation_is_printed_by_supervision_and_by_its_own_person(
    role: str, browser: Browser
) -> None:
    """Those who see the register print every one, the authorised person their own; a number that is not there tells nothing."""
    client = browser(role)
    own = {"guard": "U-2026-1", "viewer": "U-2026-2"}.get(role)
    for number in ("U-2026-1", "U-2026-2"):
        allowed = role in OVERSEERS or number == own
        response = client.get(reverse("authorisation-document", args=[number]))
        assert response.status_code == (200 if allowed else 403), number
        if allowed:
            assert response.headers["Content-Type"] == PDF
            assert f'filename="upowaznienie-{number.lower()}.pdf"' in response.headers["Content-Disposition"]
    missing = client.get(reverse("authorisation-document", args=["U-2026-99"]))
    assert missing.status_code == (404 if role in OVERSEERS else 403)
    assert _exports() == []


def test_the_paper_says_everything_an_authorisation_is(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock, source: str
) -> None:
    """Person, scope, sources, days, clause, issuer, duties, places for two signatures, the entry in the ledger."""
    number = _issued(people, clock, source_ids=[source], valid_until=date(2026, 12, 31))
    document = browser("head").get(reverse("authorisation-document", args=[number])).content
    text = words_of(document)
    for words in (
        "Urząd Miasta i Gminy Pleszew", f"Upoważnienie {number}", "Burmistrz Miasta i Gminy Pleszew upoważnia",
        "Osoba viewer", "wyszukiwanie i odtwarzanie nagrań", "Hol na parterze (Ratusz, hol)", "21 listopada 2026 r.",
        "31 grudnia 2026 r.", "§ 4 ust. 2, § 5 ust. 4, § 7 ust. 6–9 – Regulamin funkcjonowania",
        "wersja 1, obowiązuje od 01.01.2026", "Osoba head", "Ekranu nie fotografuje się i nie filmuje.",
        "podpis osoby upoważnionej", "podpis osoby, która nadaje", "strona 1 z 1",
    ):  # fmt: skip
        assert words in text, words
    entry = entries_of_authorisations()[number]
    assert f"Wpis {entry} w rejestrze działań" in text
    assert "bieżącego obrazu" not in text
    assert claims_of(document)["made"] == "2026-11-21T11:00:00+00:00"
    assert browser("viewer").get(reverse("authorisation-document", args=[number])).content == document
    with opened(document) as pdf:
        assert len(pdf.pages) == 1


def test_a_revoked_authorisation_says_so_on_paper(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """The paper of a revoked one bears the day, and is another file than before."""
    number = _issued(people, clock)
    address = reverse("authorisation-document", args=[number])
    before = browser("iod").get(address).content
    clock.advance(timedelta(days=2))
    assert browser("iod").get(address).content == before
    authorising.revoke_authorisation(number, clock=clock, actor=str(people["head"].id))
    after = browser("iod").get(address).content
    assert "Data cofnięcia 23 listopada 2026 r." in words_of(after)
    assert claims_of(after)["made"] == "2026-11-23T11:00:00+00:00"


def test_secret_places_stand_only_on_papers_of_those_who_may_know_them(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock, source: str
) -> None:
    """Where the regulation keeps places secret, the authorised person's own print names the camera alone (R-VID-6)."""
    text = example("elblag").replace('live = ["guard", "guard-supervisor"]', 'live = ["guard"]')
    office.activate_regulation(text, in_force_from=date(2026, 11, 1), clock=clock, actor="")
    number = _issued(people, clock, source_ids=[source])
    address = reverse("authorisation-document", args=[number])
    assert "Hol na parterze (Ratusz, hol)" in words_of(browser("head").get(address).content)
    own = words_of(browser("viewer").get(address).content)
    assert "Hol na parterze" in own
    assert "Ratusz" not in own


def test_a_name_full_of_markup_is_printed_as_it_is(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """Nobody gets code into a document by their name; a very long one is printed whole."""
    name = '#panic("x") *Jan* $x$ ' + "Nowak" * 18
    person = add_person(
        name, post="#sys.inputs", roles=["viewer"], username="x1", password="a long and quiet river",
        clock=clock, actor="",
    )  # fmt: skip
    number = _issued(people, clock, person_id=person.id)
    text = words_of(browser("head").get(reverse("authorisation-document", args=[number])).content)
    assert '#panic("x") *Jan* $x$' in text
    assert "Nowak" * 18 in text.replace(" ", "")
    assert "#sys.inputs" in text


def test_an_authorisation_entered_from_the_command_line_is_signed_for_the_controller(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """Where no person of the office entered it, the paper names the controller and how it was entered."""
    number = _issued(people, clock, actor="cli")
    text = words_of(browser("iod").get(reverse("authorisation-document", args=[number])).content)
    assert "Nadaje Burmistrz Miasta i Gminy Pleszew" in text
    assert "wiersz poleceń" in text


@pytest.mark.django_db(transaction=True)
def test_the_ledgers_name_stands_on_papers_once_it_signs(
    browser: Browser, clock: ManualClock, settings: Any
) -> None:
    """Before the first checkpoint a paper names its entry; afterwards the ledger too."""
    address = reverse("authorisation-document", args=["U-2026-2"])
    client = browser("iod")
    assert "rejent/test" not in words_of(client.get(address).content)
    checkpoints.checkpoint(settings.LEDGER, clock=clock)
    assert "dziennik rejent/test" in words_of(client.get(address).content)


@pytest.mark.parametrize("role", ROLES)
def test_the_way_to_ones_own_paper_is_in_the_settings(role: str, browser: Browser) -> None:
    """Who is authorised finds their papers among their settings; who is not finds no empty list."""
    text = browser(role).get(reverse("preferences")).content.decode()
    number = {"guard": "U-2026-1", "viewer": "U-2026-2"}.get(role)
    assert ("Moje upoważnienia" in text) is (number is not None)
    if number:
        assert f'href="{reverse("authorisation-document", args=[number])}"' in text

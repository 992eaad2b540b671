"""A copy from the case's page to the register, as administrator, clerk, head and commission see it."""

import re
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from PIL import Image

from rejent.cases.copies import queries
from rejent.cases.copies.rules import label_code
from rejent.cases.copies.views import State
from rejent.evidence.verifier.command import SHOWN, check_path, status
from rejent.kernel.clock import ManualClock, civil_date, clock_time
from rejent.registers import queries as registers
from rejent.vault.age import Passphrase, unseal
from rejent.web.words.identifiers import in_words
from tests.printed import words_of
from tests.unit.retention.office import RecordingOffice
from tests.unit.web.conftest import NOON, Browser, text_of
from tests.unit.web.copied import (
    TAKER,
    copy,
    decided,
    hand_over,
    made,
    office,
    prepare,
    write_carrier,
    written,
)

__all__ = ["copy", "decided", "office", "written"]


def test_a_clerk_reads_who_makes_the_copy(browser: Browser, decided: str) -> None:
    """The roles that the regulation names, where it is not the reader's to make."""
    page = text_of(browser("clerk").get(reverse("case", args=[decided])))
    assert "Kopię sporządza: " in page
    assert "administrator" in page.partition("Kopię sporządza: ")[2].partition("</p>")[0].lower()
    assert "Kopię sporządza" not in text_of(browser("administrator").get(reverse("case", args=[decided])))


@pytest.fixture
def packing(tmp_path: Path, settings: Any) -> None:
    """A folder in which packages are put together."""
    settings.INSTALLATION = replace(settings.INSTALLATION, directory=tmp_path)


@pytest.mark.usefixtures("packing")
def test_a_carrier_is_asked_for_once_something_was_written(
    browser: Browser, copy: str, decided: str, clock: ManualClock
) -> None:
    """Not when the copy is made; before a package was taken the page says what is missing; after the hand-over it says of no place any more."""
    maker, clerk, address = browser("administrator"), browser("clerk"), reverse("copy", args=[copy])
    assert "Oznaczenie nośnika" not in text_of(maker.get(reverse("copy-new", args=[decided])))
    assert "Nośnik" not in text_of(clerk.get(address)).partition("Czego dotyczy")[2].partition("</dl>")[0]
    lacking = text_of(maker.get(reverse("copy-written", args=[copy])))
    assert "Nie pobrano jeszcze paczki" in lacking
    assert 'name="sign"' not in lacking
    assert write_carrier(maker, copy).status_code == 422
    b"".join(maker.post(reverse("copy-package", args=[copy]), {"case": decided}))
    form = text_of(maker.get(reverse("copy-written", args=[copy])))
    assert "według regulaminu: zamknięte, specjalnie przystosowane miejsce" in form
    assert write_carrier(maker, copy, sign="").status_code == 422
    assert clerk.get(reverse("copy-written", args=[copy])).status_code == 403
    assert write_carrier(maker, copy).status_code == 302
    page = text_of(clerk.get(address))
    assert "płyta DVD, SN 7, bezpieczna koperta B-12; teraz: sejf" in page
    hand_over(clerk, copy, decided, clock)
    page = text_of(clerk.get(address))
    assert "teraz: sejf" not in page
    assert "Przechowywana do" not in page
    assert "Treść w magazynie urzędu do" in page


@pytest.mark.usefixtures("packing")
def test_every_package_stands_on_the_page(browser: Browser, copy: str, decided: str) -> None:
    """Who took it and when, for whom, encrypted or not; for whom nobody asked none is taken."""
    maker, page = browser("administrator"), reverse("copy", args=[copy])
    assert "Nie pobrano jeszcze żadnej paczki." in text_of(maker.get(page))
    assert maker.post(reverse("copy-package", args=[copy]), {"case": "W-2026-9"}).status_code == 404
    b"".join(maker.post(reverse("copy-package", args=[copy]), {"case": ""}))
    code = re.findall(r'name="code" value="([^"]+)"', text_of(maker.get(reverse("copy-code", args=[copy]))))[
        0
    ]
    b"".join(maker.post(reverse("copy-code", args=[copy]), {"code": code, "case": decided}))
    b"".join(maker.post(reverse("copy-export", args=[copy]), {"case": decided}))
    told = text_of(browser("clerk").get(page))
    for words in (
        "Bez kodu: otworzy ją każdy, kto ją ma; na nośnik urzędu",
        f"Zaszyfrowana kodem albo do klucza; do wniosku {decided}",
        "Eksport do innych systemów",
    ):
        assert words in told, words
    assert told.count("Osoba administrator") >= 3


@pytest.mark.usefixtures("packing")
def test_the_course_of_a_copy_leads_each_to_their_own_step(
    browser: Browser, copy: str, decided: str, clock: ManualClock
) -> None:
    """The administrator packs, writes and labels, the clerk prepares, enters signatures and hand-over and keeps the paper: on the page, on their start, and nobody before it happened."""
    maker, clerk, page, start = (
        browser("administrator"),
        browser("clerk"),
        reverse("copy", args=[copy]),
        reverse("start"),
    )
    written_to, prepared = reverse("copy-written", args=[copy]), reverse("copy-hand-over", args=[copy])
    signed, done = reverse("hand-over-signed", args=[copy]), reverse("hand-over-done", args=[copy])
    assert f"Kopia {copy}: pobierz paczkę" in text_of(maker.get(start))
    assert f"Kopia {copy}: " not in text_of(clerk.get(start))
    lacking = text_of(clerk.get(prepared))
    assert "nie pobrano paczki dowodowej" in lacking
    b"".join(maker.post(reverse("copy-package", args=[copy]), {"case": decided}))
    assert f'href="{written_to}"' in text_of(maker.get(start))
    assert "nie wpisano, na jakim nośniku" in text_of(clerk.get(prepared))
    write_carrier(maker, copy)
    assert f"Kopia {copy}: wydrukuj etykietę" in text_of(maker.get(start))
    assert re.search(rf"Kopia {copy}: paczkę z \d+\.\d+\.\d+ [\d:]+ zapisano", text_of(maker.get(start)))
    maker.post(reverse("copy-label", args=[copy, "a7"]))
    assert f'href="{prepared}"' in text_of(clerk.get(start))
    assert clerk.get(signed).status_code == 404
    clerk.post(prepared, {**TAKER, "case": decided, "confirmed": "1"})
    assert queries.copy(copy).state is State.KEPT
    today = f"{civil_date(clock.now()):%d.%m.%Y}"
    unprinted = clerk.post(signed, {"signing": "paper", "signed_on": today})
    assert (unprinted.status_code, "nie został jeszcze wydrukowany" in text_of(unprinted)) == (422, True)
    early = text_of(clerk.get(done))
    assert "Dokumentu jeszcze nie podpisano" in early
    assert clerk.post(reverse("hand-over-document", args=[copy])).status_code == 200
    assert f'href="{signed}"' in text_of(clerk.get(start))
    assert clerk.post(signed, {"signing": "paper", "signed_on": today}).status_code == 302
    told = text_of(clerk.get(page))
    assert "Można odstąpić do chwili przekazania kopii." in told
    assert "Nie można cofnąć: dokument, który wymienia nośnik, jest podpisany." in told
    assert queries.copy(copy).state is State.KEPT
    row = text_of(browser("iod").get(reverse("register", args=["disclosures"])))
    assert "przekazanie kopii K-2026-1: podpisane, nieprzekazane" in row
    given = {"handed_on": today, "handed_time": clock_time(clock.now(), seconds=False)}
    check = text_of(clerk.post(done, given))
    assert "Nie można go cofnąć." in check
    assert clerk.post(done, {**given, "confirmed": "1"}).status_code == 302
    assert queries.copy(copy).state is State.HANDED
    assert f"Kopia {copy}: załącz podpisany dokument" in text_of(clerk.get(start))
    row = text_of(browser("iod").get(reverse("register", args=["disclosures"])))
    assert "podpisano" not in row.partition("Komenda Powiatowa")[2]
    assert "asp. Jan Testowy" not in row
    scan = SimpleUploadedFile("skan.jpg", b"\xff\xd8\xff" + bytes(50))
    clerk.post(reverse("file-attach"), {"about": "hand-over:P-2026-1", "role": "signed", "file": scan})
    assert f"Kopia {copy}: " not in text_of(clerk.get(start))
    row = text_of(browser("iod").get(reverse("register", args=["disclosures"])))
    both_columns_in_the_row_and_its_details = 4
    assert row.count("podpisano; dokument przy P-2026-1") == both_columns_in_the_row_and_its_details


def test_the_paper_as_it_was_printed_is_no_signed_one(browser: Browser, written: str, decided: str) -> None:
    """Nothing was added to it; the page says which paper it is and what to attach instead, and the step stays open."""
    clerk, page = browser("clerk"), reverse("copy", args=[written])
    prepare(clerk, written, decided)
    printed = clerk.post(reverse("hand-over-document", args=[written])).content
    file = SimpleUploadedFile("podpisany.pdf", printed)
    refused = clerk.post(
        reverse("file-attach"), {"about": "hand-over:P-2026-1", "role": "signed", "file": file}, follow=True
    )
    assert "To pismo P-2026-1/1 w postaci wydrukowanej z programu" in text_of(refused)
    assert "podpisany.pdf" not in text_of(clerk.get(page))


@pytest.mark.usefixtures("packing")
def test_that_no_package_was_taken_is_said_until_one_is(browser: Browser, copy: str) -> None:
    """The page stays while the file comes, so its form names what it hides and what it shows."""
    shown = browser("administrator").get(reverse("copy", args=[copy])).content.decode()
    assert '<p data-until="taken">Nie pobrano jeszcze żadnej paczki.</p>' in shown
    assert 'data-shows="taken"' in shown
    assert 'id="taken"' in shown


def test_what_was_entered_too_early_is_taken_back(
    browser: Browser, written: str, decided: str, clock: ManualClock
) -> None:
    """The carrier until the paper is signed, the hand-over until it is done; each with its reason, and the number of the hand-over stays."""
    maker, clerk, page = browser("administrator"), browser("clerk"), reverse("copy", args=[written])
    prepare(clerk, written, decided)
    withdraw = reverse("hand-over-withdraw", args=[written])
    assert clerk.post(withdraw, {"reason": ""}).status_code == 422
    assert clerk.post(withdraw, {"reason": "funkcjonariusz nie przyjechał"}).status_code == 302
    told = text_of(clerk.get(page))
    assert "Od przekazania P-2026-1 odstąpiono" in told
    assert "funkcjonariusz nie przyjechał" in told
    register = text_of(clerk.get(reverse("register", args=["disclosures"])))
    assert "przekazanie kopii K-2026-1: odstąpiono" in register
    (key,) = (one.key for one in queries.copy(written).carriers)
    back = reverse("copy-unwritten", args=[written, key])
    assert back in text_of(maker.get(page))
    assert back not in text_of(clerk.get(page))
    assert maker.post(back, {"reason": "płyta pękła"}).status_code == 302
    assert queries.copy(written).carriers == ()
    assert "wycofano" in text_of(clerk.get(page))
    assert maker.get(back).status_code == 404
    assert write_carrier(maker, written, sign="SN 8").status_code == 302
    hand_over(clerk, written, decided, clock)
    assert "P-2026-2" in text_of(clerk.get(page))


def test_the_case_leads_to_its_copy(browser: Browser, decided: str) -> None:
    """One primary action: make it, then hand it over; who may not make it is not led there."""
    administrator, clerk = browser("viewer"), browser("clerk")
    assert f"Wniosek {decided}: sporządź kopię" in text_of(browser("administrator").get(reverse("start")))
    assert "Anna Przykładowa" not in text_of(
        browser("administrator").get(reverse("copy-new", args=[decided]))
    )
    address = reverse("copy-new", args=[decided])
    assert address in text_of(administrator.get(reverse("case", args=[decided])))
    assert address not in text_of(clerk.get(reverse("case", args=[decided])))
    assert clerk.get(address).status_code == 403
    refused = made(browser("administrator"), decided, start="9:00", end="9:10")
    assert refused.status_code == 422
    assert "wykracza poza to" in text_of(refused)
    assert made(browser("administrator"), decided, start="11:00:10", end="11:00:20").status_code == 302
    page = text_of(clerk.get(reverse("case", args=[decided])))
    assert reverse("copy", args=["K-2026-1"]) in page
    assert "Następny krok: „Paczka dowodowa pobrana”" in page


def test_the_page_of_a_copy_says_what_is_in_it(browser: Browser, copy: str) -> None:
    """Period, content, the end of its life, its digest."""
    page = text_of(browser("clerk").get(reverse("copy", args=[copy])))
    digest = queries.copy(copy).digest
    for words in ("Hol na parterze", "nagrania: 3", "21.02.2027", digest):
        assert words in page


def test_the_package_of_a_copy_leaves_for_its_carrier(
    browser: Browser, copy: str, tmp_path: Path, settings: Any
) -> None:
    """Whoever may make the copy gets a ZIP file that verifies under the office's key; nothing of it stays, and it is entered first."""
    settings.INSTALLATION = replace(settings.INSTALLATION, directory=tmp_path)
    address = reverse("copy-package", args=[copy])
    assert browser("clerk").post(address).status_code == 403
    assert address not in text_of(browser("clerk").get(reverse("copy", args=[copy])))
    assert registers.acts(names=["evidence.packed"]).acts == []
    administrator = browser("administrator")
    assert address in text_of(administrator.get(reverse("copy", args=[copy])))
    answer = administrator.post(address)
    package = tmp_path / f"{copy}.zip"
    package.write_bytes(b"".join(answer))
    assert int(answer["Content-Length"]) == package.stat().st_size
    verdict = check_path(package, stated_key=str(settings.LEDGER.verifier()), number=copy)
    assert status(verdict) == SHOWN, verdict.findings
    assert len(registers.acts(names=["evidence.packed"]).acts) == 1
    assert list((tmp_path / "run").iterdir()) == []


def test_a_code_on_a_slip_opens_the_encrypted_package(
    browser: Browser, copy: str, decided: str, tmp_path: Path, settings: Any
) -> None:
    """A page shows it once, a slip has it, the ledger its digest alone, and what is signed names it; other texts are no codes."""
    settings.INSTALLATION = replace(settings.INSTALLATION, directory=tmp_path)
    address, administrator = reverse("copy-code", args=[copy]), browser("administrator")
    assert browser("clerk").get(address).status_code == 403
    assert address in text_of(administrator.get(reverse("copy", args=[copy])))
    first, code = (
        re.findall(r'name="code" value="([^"]+)"', text_of(administrator.get(address)))[0] for _ in range(2)
    )
    assert first != code
    assert administrator.post(address, {"code": "abcde"}).status_code == 404
    assert code in words_of(administrator.post(address, {"code": code, "slip": "1"}).content)
    assert registers.acts(names=["evidence.taken"]).acts == []
    sealed = b"".join(administrator.post(address, {"code": code}))
    package = tmp_path / f"{copy}.zip"
    package.write_bytes(unseal(sealed, [Passphrase(code)]))
    verdict = check_path(package, stated_key=str(settings.LEDGER.verifier()), number=copy)
    assert status(verdict) == SHOWN, verdict.findings
    (act,) = registers.acts(names=["evidence.taken"]).acts
    assert act.facts == {"number": copy, "case": "", "code": sha256(code.encode()).hexdigest()}
    write_carrier(administrator, copy)
    paper = prepare(browser("clerk"), copy, decided)
    assert "kod, który ją otwiera, przekazuje się na osobnym pasku" in paper
    assert code not in paper


@pytest.mark.parametrize("size", ["a7", "disc", "tape"])
def test_a_label_states_what_the_regulation_names(
    browser: Browser, copy: str, size: str, settings: Any
) -> None:
    """The four items of Pleszew § 7 sec. 1, its code, where anybody checks it, and a code that machines read; nobody's name."""
    settings.INSTALLATION = replace(settings.INSTALLATION, hosts=("rejestrator.um.przykladowo.pl",))
    label = browser("administrator").post(reverse("copy-label", args=[copy, size])).content
    words, code = words_of(label), label_code(copy, queries.copy(copy).digest)
    for told in (
        f"Numer porządkowy kopii {copy}",
        "21.11.2026",
        "Hol na parterze",
        "Data wykonania kopii",
        code[:4],
    ):
        assert told in words
    assert "https://rejestrator.um.przykladowo.pl/copies/check" in words.replace("/ copies", "/copies")
    assert "Osoba administrator" not in words
    drawn = subprocess.run(
        ["pdftoppm", "-r", "200", "-png"], input=label, capture_output=True, check=True
    ).stdout
    (picture,) = zxingcpp.read_barcodes(Image.open(BytesIO(drawn)))
    address, _, asked = picture.text.partition("/copies/check?")
    assert address == "https://rejestrator.um.przykladowo.pl"
    assert "przechowywana" in text_of(
        Client(headers={"host": "localhost"}).get(f"{reverse('copy-check')}?{asked}")
    )


def test_a_label_without_a_page_for_it_says_so(browser: Browser, copy: str) -> None:
    """Where the pages answer to this machine alone the code tells office, number, its digits and entry, and the label where it is checked."""
    view = queries.copy(copy)
    label = browser("administrator").post(reverse("copy-label", args=[copy, "a7"])).content
    assert "Sprawdzenie tylko w urzędzie" in words_of(label)
    drawn = ["pdftoppm", "-r", "200", "-png"]
    pixels = subprocess.run(drawn, input=label, capture_output=True, check=True).stdout
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(pixels)))
    told = [
        "REJENT",
        "Urząd Miasta i Gminy Pleszew",
        copy,
        label_code(copy, view.digest),
        f"#{view.made_entry}",
    ]
    assert code.text.split("\n") == told


def test_the_register_has_the_regulations_columns(browser: Browser, copy: str) -> None:
    """Pleszew § 7 sec. 5, on screen and as files."""
    client = browser("iod")
    titles = [
        "Numer porządkowy kopii", "Okres, którego dotyczy nagranie", "Źródło danych", "Data wykonania kopii",
        "Dane osoby, która sporządziła kopię", "Podpis osoby, która sporządziła kopię", "Informacje o udostępnieniu lub zniszczeniu kopii",
    ]  # fmt: skip
    page = text_of(client.get(reverse("copies")))
    table = b"".join(client.post(reverse("register-export", args=["copies-video", "csv"]))).decode()
    book = words_of(client.post(reverse("register-export", args=["copies-video", "pdf"])).content)
    for title in titles:
        assert title in page
        assert title in table
    assert copy in book
    assert table.splitlines()[0].count(";") == len(titles) - 1


def test_on_its_last_day_a_copy_is_not_said_to_be_past_it(
    browser: Browser, copy: str, office: RecordingOffice
) -> None:
    """The last day runs until midnight: page and alarm say that it has come, and how far it is over only then."""
    office.clock.advance(datetime(2027, 2, 21, 11, tzinfo=NOON.tzinfo) - office.clock.now())
    address = reverse("copies")
    page = text_of(browser("head").get(address))
    assert "Nadszedł ostatni dzień przechowywania tych kopii" in page
    assert f">{copy}</a> (dziś do końca dnia)" in page
    assert "Minął okres przechowywania" not in page
    office.clock.advance(timedelta(days=1))
    assert f">{copy}</a> (po terminie od 1 dnia)" in text_of(browser("head").get(address))
    with translation.override("pl"):
        assert in_words("kind", "copy-due") == "kopia, której ostatni dzień przechowywania nadszedł"


def test_the_days_of_a_book_are_read_in_view(browser: Browser, written: str, decided: str) -> None:
    """A day takes 80 px and its cell 16 px of padding: 9 % of the 1066 px that a table has at 1366 px."""
    iod = browser("iod")
    prepare(browser("clerk"), written, decided)
    for book, column in (("disclosures", 2), ("copies-video", 3)):
        page = text_of(iod.get(reverse("register", args=[book])))
        widths = re.findall(r'<col width="([\d.]+)%">', page)
        assert float(widths[column]) >= 9, book

"""Miedziana Góra: what people are told is completed in the pages, made, published, and differs from nothing (`003_16dcf62480b6a748.txt`, § 5 ust. 1–2, § 6).

> § 5 ust. 2: […] klauzula informacyjna […] na tablicy ogłoszeń, na stronie internetowej oraz w BIP […]
"""

import zipfile
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.printed import words_of
from tests.scenario.regulated import Regulated, regulated

pytestmark = pytest.mark.browser

PEOPLE = {"wojt": ("head", ""), "inspektor": ("iod", ""), "informatyk": ("administrator", "")}
OFFICE = {
    "address": "ul. Urzędowa 18, 26-085 Miedziana Góra",
    "email": "gmina@gora.example",
    "telephone": "41 303 16 00",
    "contact": "iod@gora.example",
    "contact_telephone": "41 303 16 01",
}
NO_TRANSFERS = {
    "pl": "Danych nie przekazujemy poza Europejski Obszar Gospodarczy.",
    "en": "We transfer no data outside the European Economic Area.",
}
ACCESSIBLE = {
    "site": "Strony o monitoringu",
    "published_on": "dziś",
    "changed_on": "dziś",
    "conformance": "full",
    "assessed": "office",
    "made_on": "dziś",
    "reviewed_on": "dziś",
    "contact": "Sekretariat",
    "phone": "41 303 16 00",
    "mail": "gmina@gora.example",
    "building": "Wejście bez progu.",
}


TEXT = {
    "name": "regulamin.txt",
    "mimeType": "text/plain",
    "buffer": "§ 1. Monitoring obejmuje hol.\n".encode(),
}


@pytest.fixture(scope="module")
def gora(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regulated]:
    """The office, with one camera."""
    with regulated(tmp_path_factory.mktemp("gora"), "miedziana-gora", PEOPLE) as office:
        yield office


def test_what_is_missing_is_one_list_and_what_lacks_it_is_a_draft(gora: Regulated) -> None:
    """The start page leads to the list; until it is empty nothing is published and papers say that they are drafts."""
    head = gora.person("wojt")
    head.reads("/", "W informacjach dla ludzi brakuje")
    head.page.click("main a:has-text('W informacjach dla ludzi brakuje')")
    expect(head.page.locator("#missing")).to_have_text("Czego brakuje i co się nie zgadza")
    head.is_told("Kontakt do inspektora ochrony danych", "Numer telefonu urzędu")
    assert "PROJEKT" in _pdf(head.page, f"{gora.base}/notices/files/pl/A4/clause.video.pdf")
    assert head.page.request.get(f"{gora.base}/public/clause-video.pdf").status == 404
    head.reads("/public/clause-video.html", "Ten dokument jest przygotowywany")


def test_head_and_data_protection_officer_enter_it_in_the_pages(gora: Regulated) -> None:
    """What is missing is filled in where it is listed, each kind by who may; the regulation's text comes beside the parameters."""
    head, iod = gora.person("wojt"), gora.person("inspektor")
    head.page.goto(f"{gora.base}/notices")
    facts = head.page.locator("form[action='/notices/missing/facts']")
    for name, value in OFFICE.items():
        facts.locator(f"[name={name}]").fill(value)
    _check_and_confirm(head.page, facts)
    for language, words in NO_TRANSFERS.items():
        iod.page.goto(f"{gora.base}/notices")
        row = iod.page.locator(f"form[action='/notices/missing/video/{language}/transfers']")
        row.locator("[name=text]").fill(words)
        _check_and_confirm(iod.page, row)
    iod.sends("/notices/accessibility", **ACCESSIBLE)
    iod.page.goto(f"{gora.base}/regulation/text")
    iod.page.set_input_files("[name=file]", TEXT)  # type: ignore[arg-type]  # a file's three parts
    iod.page.check("[name=compared]")
    iod.fills(decree="Zarządzenie nr 12/2026 Wójta", adopted_on="dziś")
    iod.reads(
        "/public/regulation.html", "Monitoring obejmuje hol.", "Zarządzenie nr 12/2026 Wójta", "§ 4 ust. 4"
    )


def test_bundle_publications_and_plate_are_made_and_nothing_differs(gora: Regulated) -> None:
    """By who runs the system; afterwards the list is empty, and the head's start page names nothing of it."""
    head, runs = gora.person("wojt"), gora.person("informatyk").page
    runs.goto(f"{gora.base}/notices/publications")
    with runs.expect_download() as handed:
        runs.click("form[action$='bundle.zip'] button")
    packed = zipfile.ZipFile(handed.value.path())
    assert [name for name in packed.namelist() if name.endswith(".toml")] == []
    assert "PROJEKT" not in words_of(packed.read("clause-video.pdf"))
    for channel in ("website", "bip", "notice-board"):
        runs.goto(f"{gora.base}/notices/publications/new")
        runs.select_option("[name=channel]", channel)
        runs.fill("[name=address]", "https://gora.example/monitoring")
        runs.check("[name=streams]")
        runs.click("form.form button")
        runs.wait_for_url(f"{gora.base}/notices/publications")
    runs.goto(f"{gora.base}/notices/plates/new")
    runs.select_option("[name=place]", index=1)
    runs.select_option("[name=size]", "A4")
    runs.locator("[name=document]").first.check()
    runs.click("form.form button")
    runs.wait_for_url(f"{gora.base}/notices/plates/T-*")
    assert "PROJEKT" not in _pdf(runs, f"{runs.url}/plate.pdf")
    runs.fill("[name=up_since]", "dziś")
    with runs.expect_navigation():
        runs.locator("form:has([name=up_since]) button").click()
    head.reads("/notices", "Nie ma żadnych rozbieżności")
    head.reads("/")
    expect(head.page.locator("main")).not_to_contain_text("W informacjach dla ludzi")


def test_the_offices_own_annex_is_taken_in_and_what_was_published_is_older(gora: Regulated) -> None:
    """From a file to the papers in force: shown as it will be printed, a version from today, and the page on telling people names what is out of date."""
    head = gora.person("wojt")
    head.page.goto(f"{gora.base}/regulation")
    head.page.get_by_role("link", name="Własne formularze").click()
    head.page.click("summary:has-text('Jak zapisać formularz')")
    sample = head.page.locator("pre.code").first.inner_text()
    own = sample.replace('title = "KLAUZULA INFORMACYJNA"', 'title = "KLAUZULA URZĘDU"')
    annex = {"name": "zalacznik.toml", "mimeType": "text/plain", "buffer": own.encode()}
    head.page.set_input_files("[name=file]", annex)  # type: ignore[arg-type]  # a file's three parts
    with head.page.expect_navigation():
        head.page.click("main button[name=check]")
    expect(head.page.locator("main img.sheet").first).to_be_visible()
    with head.page.expect_navigation():
        head.page.click("main button[name=confirmed]")
    head.is_told("Wprowadzono wersję")
    assert "KLAUZULA URZĘDU" in _pdf(head.page, f"{gora.base}/notices/files/pl/A4/clause.video.pdf")
    head.reads("/notices", "jest starsza niż wersja")


def _check_and_confirm(page: Page, form: Locator) -> None:
    """Send a row of the list, and confirm it on the page that says what it means."""
    with page.expect_navigation():
        form.locator("button").click()
    with page.expect_navigation():
        page.click("main button[name=confirmed]")


def _pdf(page: Page, address: str) -> str:
    return words_of(page.request.get(address).body())

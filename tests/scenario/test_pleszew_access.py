"""Pleszew: who sees recordings, beside whom, and how, in the words of its regulation (`002_b2470c202fd7d6e8.txt`, § 4 and § 7).

> § 4 ust. 2: Dostęp do odtwarzania nagrań mają tylko osoby posiadające upoważnienie Burmistrza.
> § 7 ust. 6: Wgląd do zapisów systemu monitoringu wizyjnego odbywa się wyłącznie w obecności osoby upoważnionej.
> § 7 ust. 7: W trakcie wglądu do nagrań systemu monitoringu niedozwolone jest wykonywanie zdjęć lub filmowanie odtwarzanego materiału.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from rejent.kernel.clock import SystemClock, civil_date
from tests.scenario import story
from tests.scenario.regulated import CASE, HALL, Regulated, regulated

pytestmark = pytest.mark.browser

SAFETY = "bezpieczeństwo użytkowników obiektu, zwłaszcza pracowników i klientów urzędu"
PEOPLE = {
    "burmistrz": ("head", ""),
    "sekretariat": ("clerk", ""),
    "upowazniona": ("viewer", "recordings"),
    "druga": ("viewer", "recordings"),
    "bez-upowaznienia": ("viewer", ""),
    "informatyk": ("administrator", ""),
    "inspektor": ("iod", ""),
    "pracownik": ("employee", ""),
}


@pytest.fixture(scope="module")
def pleszew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regulated]:
    """The office, with one camera that recorded yesterday."""
    with regulated(tmp_path_factory.mktemp("pleszew"), "pleszew", PEOPLE, forgotten=True) as office:
        yield office


def test_recordings_open_by_the_mayors_authorisation_only(pleszew: Regulated) -> None:
    """§ 4 ust. 2: without it nobody sees one, whatever they are; with it, from the moment the mayor issues it."""
    waiting = pleszew.person("bez-upowaznienia")
    waiting.is_offered_no_recording("Nie ma upoważnienia do wglądu")
    for other in ("burmistrz", "informatyk"):
        pleszew.person(other).is_offered_no_recording("nie wymienia tej roli")
    for other in ("inspektor", "pracownik"):
        pleszew.person(other).is_offered_no_recording("nigdy nie")
    issued, opened = pleszew.acts("authorisation.issued"), pleszew.acts("viewing.opened")
    mayor = pleszew.person("burmistrz")
    mayor.authorises("bez-upowaznienia", "recordings")
    mayor.reads("/authorisations", "Osoba bez-upowaznienia")
    waiting.asks_for_the_recording(purpose=SAFETY)
    waiting.sees_the_recording()
    assert pleszew.acts("authorisation.issued") == issued + 1
    assert pleszew.acts("viewing.opened") == opened + 1


def test_whoever_has_no_authorisation_sees_a_recording_beside_somebody_who_has_one(
    pleszew: Regulated,
) -> None:
    """§ 7 ust. 6: the guest is entered before the picture, stands on it, and supervision reads both names."""
    authorised = pleszew.person("upowazniona")
    authorised.asks_for_the_recording(purpose=SAFETY, with_guests=True)
    authorised.is_told("tylko w obecności osoby upoważnionej")
    authorised.fills(name="Zofia Nieznana", function="poszkodowana", reason="rozpoznaje swój rower")
    authorised.is_told("Zofia Nieznana, poszkodowana")
    authorised.page.click("a.button:has-text('Do obrazu')")
    authorised.sees_the_recording()
    authorised.is_told("Osoba upowazniona + 1")
    pleszew.person("inspektor").reads("/viewings", "Osoba upowazniona", "Zofia Nieznana", CASE)
    assert pleszew.acts("viewing.guest-entered") == 1


def test_who_opens_a_recording_knows_that_it_is_not_photographed_and_stands_on_it(pleszew: Regulated) -> None:
    """§ 7 ust. 7: without the box nothing opens; on the picture move name, time and case, so that a photograph has an author."""
    viewer = pleszew.person("druga")
    viewer.asks_for_the_recording(purpose=SAFETY, knows_the_ban=False)
    viewer.is_told("fotografowanie")
    expect(viewer.page.locator("#player")).to_have_count(0)
    viewer.asks_for_the_recording(purpose=SAFETY)
    viewer.sees_the_recording()
    watermark = viewer.page.locator("[data-watermark]").first.get_attribute("data-watermark") or ""
    assert "Osoba druga" in watermark
    assert CASE in watermark


def test_the_live_picture_is_nobodys(pleszew: Regulated) -> None:
    """The regulation names nobody who watches now, so nobody does, the mayor and the holder of an authorisation included."""
    for person in ("burmistrz", "upowazniona", "informatyk"):
        pleszew.person(person).is_refused_the_live_picture("nie wymienia nikogo")
    assert pleszew.acts("live.started") == 0


def test_an_application_of_annex_3_becomes_a_copy_for_the_police(pleszew: Regulated) -> None:
    """§ 6 ust. 3–6, § 7 ust. 1–5: entered with the fields of annex 3, held, consented to, copied and labelled, handed over by the register of annex 4.

    > § 6 ust. 6: Wniosek winien zawierać dane wnioskodawcy dokładną datę i miejsce zdarzenia, przybliżony czas zdarzenia, opis zdarzenia cel uzyskania nagrania.
    > § 7 ust. 1: Administrator Systemów Informatycznych […] sporządza kopię nagrania […] oraz oznacza ją w sposób trwały następującymi danymi: 1) numer porządkowy kopii; 2) okres, którego dotyczy nagranie; 3) źródło danych […]; 4) data wykonania kopii
    > § 7 ust. 4: Kopia stworzona na pisemny wniosek osoby zainteresowanej […] udostępniana jest jedynie uprawnionym instytucjom, np.: Policji.
    """
    clerk, mayor, runs = (pleszew.person(name) for name in ("sekretariat", "burmistrz", "informatyk"))
    asked = story.asked_for(clerk, "preservation")
    for field in ("Wnioskodawca", "Telefon albo e-mail", "Dzień zdarzenia", "Miejsce zdarzenia", "Od albo około", "Opis zdarzenia", "Cel"):  # fmt: skip
        assert field in asked
    event = {
        **story.YESTERDAY,
        "Miejsce zdarzenia": "hol",
        "Opis zdarzenia": "Zaginęła teczka.",
        "Cel": "zawiadomienie",
    }
    kept = story.enter(clerk, "preservation", {"Wnioskodawca": "Anna Przykładowa", **event})
    clerk.is_told("zabezpieczenie trwa", "Rozstrzyga: Burmistrz")
    story.decide(mayor, kept, "zgoda")
    number = story.copy(runs, kept)
    wanted = story.enter(clerk, "disclosure", {**story.POLICE, **event})
    story.decide(mayor, wanted, "zgoda")
    runs.page.goto(pleszew.base)
    waits = runs.page.locator("main [aria-labelledby=waits]")
    expect(waits).to_contain_text(f"wniosek {wanted}")
    expect(waits).not_to_contain_text(f"{wanted}: sporządź kopię")
    assert "nie pobrano paczki dowodowej" in story.text(clerk, f"/copies/{number}/hand-over")
    story.write(runs, number)
    story.print_paper(runs, number, number, HALL)
    story.hand_over(clerk, f"/copies/{number}")
    signatures = "Podpis odbierającego nośnik", "Podpis wydającego nośnik"
    row = story.row(clerk, "/registers/disclosures", number)
    assert [row[each] for each in signatures] == ["", ""]
    story.keep_paper(clerk, number)
    row = story.row(clerk, "/registers/disclosures", number)
    assert all("podpisano" in row[each] for each in signatures)
    assert list(row) == [
        "Lp.", "Wnioskodawca", "Data złożenia wniosku", "Cel udostępnienia", "Sposób załatwienia wniosku",
        "Podpis odbierającego nośnik", "Podpis wydającego nośnik", "Uwagi",
    ]  # fmt: skip
    story.handed_paper(clerk, number, "Podpis odbierającego nośnik", "Komenda Powiatowa Policji")
    row = story.row(runs, "/copies", number)
    assert list(row)[:7] == [
        "Numer porządkowy kopii", "Okres, którego dotyczy nagranie", "Źródło danych", "Data wykonania kopii",
        "Dane osoby, która sporządziła kopię", "Podpis osoby, która sporządziła kopię", "Informacje o udostępnieniu lub zniszczeniu kopii",
    ]  # fmt: skip
    assert "Komenda Powiatowa Policji" in row["Informacje o udostępnieniu lub zniszczeniu kopii"]
    assert "przekazana przez urząd" in story.check_label(runs, number)


def test_a_copy_that_nobody_took_is_destroyed_by_two_people_of_a_commission(pleszew: Regulated) -> None:
    """§ 7 ust. 4, § 8 ust. 2–3: three months after the recording the mayor names two, the maker is not among those to choose, and the register says it.

    > § 7 ust. 4: W przypadku bezczynności uprawnionych instytucji przez okres 3 miesięcy kopia podlega fizycznemu zniszczeniu.
    > § 8 ust. 2: Niszczenie nośników zawierających nagrania systemu monitoringu wykonywane jest komisyjnie w obecności min. dwóch osób wyznaczonych przez Burmistrza.
    > § 8 ust. 3: Wykonanie niszczenia nośników […] potwierdzone jest wpisem w Rejestrze działań w systemie monitoringu.
    """
    mayor = pleszew.person("burmistrz")
    old = "-1"
    commission = story.appoint(mayor, old, "druga", "sekretariat")
    story.confirm_destruction(pleszew.person("druga"), commission, "połamano nośnik")
    pleszew.person("druga").is_told("czeka")
    story.confirm_destruction(pleszew.person("sekretariat"), commission)
    story.protocol(mayor, commission, "Osoba druga", "Osoba sekretariat", "połamano nośnik")
    row = story.row(mayor, "/copies", commission)
    assert row["Numer porządkowy kopii"].endswith(old)
    assert commission in row["Informacje o udostępnieniu lub zniszczeniu kopii"]
    mayor.reads("/ledger", commission)


def test_a_late_application_is_not_considered_unless_the_office_learned_of_evidence(
    pleszew: Regulated,
) -> None:
    """§ 6 ust. 4: filed after the last day it can only be refused; what the office learned from it still keeps the recording (Labour Code art. 22² § 4).

    > § 6 ust. 4: Wniosek należy złożyć w sekretariacie Urzędu, w terminie do 14 dni licząc od dnia, w którym zdarzenie mogło zostać zarejestrowane […]. Po terminie wskazanym powyżej wnioski nie będą rozpatrywane.
    """
    clerk, mayor = pleszew.person("sekretariat"), pleszew.person("burmistrz")
    day = civil_date(SystemClock().now()) - timedelta(days=20)
    event = {"Wnioskodawca": "Jan Spóźniony", "Dzień zdarzenia": f"{day:%d.%m.%Y}", "Od albo około": "8:00"}
    texts = {"Miejsce zdarzenia": "hol", "Opis zdarzenia": "Zaginęła teczka.", "Cel": "zawiadomienie"}
    number = story.enter(clerk, "preservation", event | texts)
    clerk.is_told("po terminie")
    story.decide(mayor, number, "odmowa", evidence="tak, może", Uzasadnienie="Wniosek złożono po terminie.")
    (hold,) = story.held(clerk, number)
    assert "w mocy" in story.text(clerk, f"/holds/{hold}")
    story.issued(
        clerk, number, "Rozstrzygnięcie", "Wniosek złożono po terminie.", "może stanowić dowód w postępowaniu"
    )

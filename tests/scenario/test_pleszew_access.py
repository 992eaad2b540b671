"""Pleszew: who sees recordings, beside whom, and how, in the words of its regulation (`002_b2470c202fd7d6e8.txt`, § 4 and § 7).

> § 4 ust. 2: Dostęp do odtwarzania nagrań mają tylko osoby posiadające upoważnienie Burmistrza.
> § 7 ust. 6: Wgląd do zapisów systemu monitoringu wizyjnego odbywa się wyłącznie w obecności osoby upoważnionej.
> § 7 ust. 7: W trakcie wglądu do nagrań systemu monitoringu niedozwolone jest wykonywanie zdjęć lub filmowanie odtwarzanego materiału.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.scenario.regulated import CASE, Regulated, regulated

pytestmark = pytest.mark.browser

SAFETY = "bezpieczeństwo użytkowników obiektu, zwłaszcza pracowników i klientów urzędu"
PEOPLE = {
    "burmistrz": ("head", ""),
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
    with regulated(tmp_path_factory.mktemp("pleszew"), "pleszew", PEOPLE) as office:
        yield office


def test_recordings_open_by_the_mayors_authorisation_only(pleszew: Regulated) -> None:
    """§ 4 ust. 2: without it nobody sees one, whatever they are; with it, from the moment the mayor issues it."""
    waiting = pleszew.person("bez-upowaznienia")
    waiting.is_offered_no_recording("Nie ma upoważnienia do nagrań")
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

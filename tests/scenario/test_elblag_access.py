"""Elbląg: who sees what, in the words of its rules (`000_008cc713aab46b9d.txt`, ust. 1 pkt 6, 7 and 9).

> 6) dostęp do obserwacji bieżącego obrazu z kamer posiadają: a) pracownicy firmy świadczącej usługi ochrony, b) upoważnieni pracownicy komórki organizacyjnej sprawującej nadzór nad firmą świadczącą usługi ochrony
> 7) dostęp do zapisu z kamer mają wyłącznie osoby upoważnione przez pracodawcę
> 9) informacje o umiejscowieniu urządzeń rejestrujących obraz stanowią tajemnicę pracodawcy
"""

from collections.abc import Iterator

import pytest

from tests.scenario import story
from tests.scenario.regulated import HALL, Regulated, regulated

pytestmark = pytest.mark.browser

PEOPLE = {
    "prezydent": ("head", ""),
    "kancelaria": ("clerk", ""),
    "ochroniarz": ("guard", "live"),
    "nadzorujaca": ("guard-supervisor", "live"),
    "upowazniona": ("viewer", "recordings"),
    "upowazniony": ("viewer", "recordings"),
    "nieupowazniony": ("viewer", ""),
    "informatyk": ("administrator", ""),
    "pracownik": ("employee", ""),
}


@pytest.fixture(scope="module")
def elblag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regulated]:
    """The office, with one camera that is watched now and recorded yesterday."""
    with regulated(tmp_path_factory.mktemp("elblag"), "elblag", PEOPLE, live=True) as office:
        yield office


def test_guards_and_those_who_supervise_them_see_the_live_picture_and_nobody_else(elblag: Regulated) -> None:
    """Pkt 6: the wall opens to both, and neither to who may see recordings, nor to who runs the machine or decides."""
    elblag.person("ochroniarz").sees_the_live_picture()
    elblag.person("nadzorujaca").sees_the_live_picture()
    for other in ("upowazniona", "informatyk", "prezydent"):
        elblag.person(other).is_refused_the_live_picture("nie wymienia tej roli")
    elblag.person("pracownik").is_refused_the_live_picture("nigdy nie")
    assert elblag.acts("live.started") == 2


def test_recordings_open_to_whom_the_employer_authorised_and_to_nobody_else(elblag: Regulated) -> None:
    """Pkt 7: who is authorised sees the recording; a guard, whoever runs the machine and the employer without an authorisation do not."""
    elblag.person("ochroniarz").is_offered_no_recording("nigdy nie")
    elblag.person("informatyk").is_offered_no_recording("nie wymienia tej roli")
    elblag.person("prezydent").is_offered_no_recording("nie wymienia tej roli")
    nobody_yet = elblag.person("nieupowazniony")
    nobody_yet.is_offered_no_recording("upoważnie")
    authorised = elblag.person("upowazniona")
    authorised.asks_for_the_recording(purpose="ochrona mienia urzędu")
    authorised.sees_the_recording()
    assert elblag.acts("viewing.opened") == 1


def test_nobody_makes_a_guard_one_who_sees_recordings(elblag: Regulated) -> None:
    """Pkt 6–7: not even the employer, by any form; a colleague of the one who is authorised can be, from then on."""
    issued, opened = elblag.acts("authorisation.issued"), elblag.acts("viewing.opened")
    employer = elblag.person("prezydent")
    employer.authorises("ochroniarz", "recordings")
    employer.is_told("nigdy nie")
    employer.authorises("nieupowazniony", "recordings")
    employer.reads("/authorisations", "Osoba nieupowazniony")
    newly = elblag.person("nieupowazniony")
    newly.asks_for_the_recording(purpose="bezpieczeństwo pracowników")
    newly.sees_the_recording()
    assert elblag.acts("authorisation.issued") == issued + 1
    assert elblag.acts("viewing.opened") == opened + 1


def test_where_cameras_are_is_told_to_nobody_who_only_watches(elblag: Regulated) -> None:
    """Pkt 9: who runs the machine reads the place; the guard and whoever sees recordings read the camera's name alone."""
    elblag.person("informatyk").reads("/sources", "przy kasie")
    for watching, address in (("ochroniarz", "/live"), ("ochroniarz", "/sources"), ("upowazniony", "/find")):
        page = elblag.person(watching)
        page.reads(address, HALL)
        assert "przy kasie" not in page.page.content()


def test_what_a_participant_asks_to_be_kept_goes_to_the_police_on_their_application(
    elblag: Regulated,
) -> None:
    """Pkt 12–14: a participant asks in any form, the employer consents, no copy is made for them; the police get one on their written application.

    > 12) nagrania udostępniane są na pisemny wniosek organów uprawnionych w szczególności sądom, prokuraturze, policji […]
    > 13) w przypadku, w którym nagrania obrazu stanowią dowód […] lub pracodawca powziął wiadomość, iż mogą one stanowić dowód w postępowaniu, termin przechowywania obrazu ulega przedłużeniu do czasu prawomocnego zakończenia postępowania
    > 14) osoby biorące udział w zdarzeniach zarejestrowanych w systemie monitoringu mogą wnioskować do pracodawcy o zabezpieczenie nagrania w celu przekazania uprawnionym organom.
    """
    clerk, employer, runs = (elblag.person(name) for name in ("kancelaria", "prezydent", "informatyk"))
    event = {"Sposób złożenia": "ustnie", "Wnioskodawca": "Jan Uczestnik", **story.YESTERDAY}
    kept = story.enter(clerk, "preservation", event)
    story.decide(employer, kept, "zgoda", evidence="tak, może")
    clerk.reads(f"/cases/{kept}", "do prawomocnego zakończenia postępowania")
    runs.reads("/", "Start")
    assert kept not in runs.page.inner_text("main")
    wanted = story.enter(clerk, "disclosure", {**story.POLICE, **story.YESTERDAY})
    story.decide(employer, wanted, "zgoda")
    copy = story.copy(runs, wanted)
    story.write(runs, copy)
    story.print_paper(runs, copy, copy, HALL)
    story.hand_over(clerk, f"/cases/{wanted}")
    story.handed_paper(clerk, copy, "Protokół przekazania P-", "Komenda Powiatowa Policji")
    assert "zgoda" in story.row(clerk, "/registers/disclosures", copy)["Sposób załatwienia wniosku"]
    assert (
        "Komenda Powiatowa Policji"
        in story.row(runs, "/copies", copy)["Informacje o udostępnieniu lub zniszczeniu"]
    )

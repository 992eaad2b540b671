"""Miedziana Góra: a closed list of four, in the words of its regulation (`003_16dcf62480b6a748.txt`, § 3 ust. 4; work regulation § 60 ust. 2).

> § 3 ust. 4: Do zapoznania się z zapisami z kamer i rejestratorów z monitoringu upoważnieni są: Wójt Gminy, Zastępca Wójta, Sekretarz Gminy oraz informatyk.
> § 60 ust. 2: Pracownicy zapoznają się z regulaminem określonym w ust. 1, co potwierdzają pisemnie.
"""

from collections.abc import Iterator

import pytest

from tests.scenario import story
from tests.scenario.regulated import HALL, PASSWORD, Regulated, regulated

pytestmark = pytest.mark.browser

LISTED = ("wojt", "zastepca", "sekretarz", "informatyk")
PEOPLE = {
    "wojt": ("head", "live recordings"),
    "zastepca": ("deputy", "live recordings"),
    "sekretarz": ("secretary", "live recordings"),
    "informatyk": ("administrator", "live recordings"),
    "inspektor": ("iod", ""),
    "kancelaria": ("clerk", ""),
    "referent": ("viewer", ""),
    "straznik": ("guard", ""),
}


@pytest.fixture(scope="module")
def gora(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regulated]:
    """The office, with one camera that is watched now and recorded yesterday."""
    with regulated(tmp_path_factory.mktemp("gora"), "miedziana-gora", PEOPLE, live=True) as office:
        yield office


def test_somebody_new_goes_from_the_list_of_people_to_admission(gora: Regulated) -> None:
    """§ 60 ust. 2: imported, with a password of their own, confirmed; until they state that they know the regulation nothing else opens."""
    runs, head = gora.person("informatyk").page, gora.person("wojt").page
    runs.goto(f"{gora.base}/people/import")
    listed = "login;imię i nazwisko;zatrudnienie\nnowak;Ewa Nowak;umowa zlecenia\n"
    content = {"name": "ludzie.csv", "mimeType": "text/csv", "buffer": listed.encode()}
    runs.set_input_files("[name=file]", content)  # type: ignore[arg-type]  # a file's three parts
    runs.click("form.form button")
    runs.click("main button[name=confirmed]")
    password = runs.locator("tbody tr", has_text="nowak").locator("code").last.inner_text()
    new = gora.signed_in("nowak", password)
    new.page.wait_for_url(f"{gora.base}/statement")
    new.is_refused("/people")
    new.page.goto(f"{gora.base}/account/password/change/")
    for name, typed in (("oldpassword", password), ("password1", PASSWORD), ("password2", PASSWORD)):
        new.page.fill(f"[name={name}]", typed)
    with new.page.expect_navigation():
        new.page.press("[name=password2]", "Enter")
    new.reads("/statement", "Potrzebne osobiste potwierdzenie")
    head.goto(f"{gora.base}/people")
    head.click("main a:has-text('Ewa Nowak')")
    head.click("main a[href$='/confirm']")
    with head.expect_navigation():
        head.click("main form button")
    new = gora.signed_in("nowak", PASSWORD)
    new.reads(
        "/statement",
        "ochrona mienia gminy",
        "Przyjmuję do wiadomości, że mój pracodawca stosuje monitoring wizyjny",
        "Znam zasady tego monitoringu",
    )
    new.page.check("[name=known]")
    new.page.click("form.form button")
    new.page.fill("[name=password]", PASSWORD)
    new.page.press("[name=password]", "Enter")
    new.page.check("[name=known]")
    new.page.click("form.form button")
    new.page.wait_for_url(f"{gora.base}/")
    new.reads("/me", "Ewa Nowak", "umowa cywilnoprawna", "nie rozpoznaje twarzy")


def test_each_of_the_four_sees(gora: Regulated) -> None:
    """§ 3 ust. 4: whose statements are entered, and who are authorised, see pictures of now and of then."""
    for one in LISTED:
        gora.person(one).sees_the_live_picture()
        gora.person(one).asks_for_the_recording(purpose="ochrona mienia gminy")
        gora.person(one).sees_the_recording()
    for act in ("live.started", "viewing.opened"):
        assert gora.acts(act) == len(LISTED), act


@pytest.mark.parametrize("other", ["kancelaria", "referent", "straznik", "inspektor"])
def test_nobody_else_sees_and_nobody_else_can_be_authorised(gora: Regulated, other: str) -> None:
    """§ 3 ust. 4: the list is closed, so that the Wójt's form refuses a fifth, and a change of the regulation is what it takes."""
    gora.person("wojt").authorises(other, "recordings")
    assert gora.person("wojt").page.url.endswith("/authorisations/new")
    gora.person("wojt").is_told(
        "nie wymienia tej roli" if other in {"kancelaria", "referent"} else "nigdy nie"
    )
    gora.person(other).is_offered_no_recording("wgląd")
    if other != "inspektor":
        gora.person(other).is_refused("/viewings")


def test_nobody_of_the_four_authorises_themselves(gora: Regulated) -> None:
    """§ 3 ust. 4: the Wójt issues authorisations to the others; the form does not even list the Wójt, and no other of the four has it."""
    listed = gora.person("wojt").may_authorise()
    assert any(each.startswith("Osoba sekretarz") for each in listed)
    assert not any(each.startswith("Osoba wojt") for each in listed)
    for other in ("zastepca", "sekretarz", "informatyk"):
        gora.person(other).is_refused("/authorisations/new")


def test_while_the_head_is_away_the_deputy_lets_a_copy_go_against_a_receipt(gora: Regulated) -> None:
    """§ 5 ust. 5–8: a copy for somebody who asked in writing, the deputy's consent during an absence that is entered, and a receipt.

    > § 5 ust. 5: […] Udostępnienie następuje po wyrażeniu zgody przez Wójta Gminy lub w przypadku jego nieobecności przez Zastępcę Wójta
    > § 5 ust. 6: Osoba zainteresowana […] może zwrócić się do Wójta […] z pisemnym wnioskiem o sporządzenie jego kopii, wskazując dokładną datę, a także czas i miejsce zdarzenia.
    > § 5 ust. 7: Kopia […] przechowywana jest w zamkniętym pomieszczeniu i udostępniania wyłącznie uprawnionym organom. […]
    > § 5 ust. 8: Zapis z monitoringu wizyjnego wydawany jest osobie uprawnionej za pokwitowaniem.
    """
    clerk, head, deputy, runs = (
        gora.person(name) for name in ("kancelaria", "wojt", "zastepca", "informatyk")
    )
    asked = {"Wnioskodawca": "Anna Przykładowa", **story.YESTERDAY, "Miejsce zdarzenia": "hol"}
    kept = story.enter(clerk, "preservation", asked)
    story.decide(head, kept, "zgoda")
    copy = story.copy(runs, kept)
    story.write(runs, copy)
    story.print_paper(runs, copy, copy, HALL)
    wanted = story.enter(clerk, "disclosure", {**story.POLICE, **story.YESTERDAY})
    deputy.is_refused(f"/cases/{wanted}/decide")
    gora.person("sekretarz").sends("/absences/new", first_day="dziś")
    story.decide(deputy, wanted, "zgoda")
    story.issued(clerk, wanted, "Rozstrzygnięcie", "Osoba zastepca", "w zastępstwie")
    clerk.reads(f"/cases/{wanted}", copy)
    story.hand_over(clerk, f"/cases/{wanted}")
    story.handed_paper(clerk, copy, "Pokwitowanie P-", "asp. Jan Testowy", HALL, "Czas nagrania")
    row = story.row(runs, "/copies", copy)
    assert "Komenda Powiatowa Policji" in row["Informacje o udostępnieniu lub zniszczeniu"]

"""An application from its form to its decision, as clerk and head see it."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from rejent.cases import queries
from rejent.cases.kinds import Demands
from rejent.cases.views import Kind, State
from rejent.kernel.clock import ManualClock
from rejent.office.views import PersonView
from rejent.retention import queries as retention
from rejent.web.cases.forms import CaseForm
from tests.unit.retention.office import RecordingOffice
from tests.unit.web.conftest import NOON, Browser, text_of
from tests.unit.web.copied import office

__all__ = ["office"]

ENTER = ["preservation", "video"]
GIVEN = {
    "applicant": "Anna Przykładowa", "event_first": "20.11.2026", "start": "około 11", "place": "hol",
    "description": "Ktoś zabrał rower.", "purpose": "zawiadomienie o przestępstwie",
    "channel": "in-person", "received_on": "21.11.2026",
}  # fmt: skip
REFUSAL = {"outcome": "refused", "basis": "§ 6 ust. 3", "reasons": "Brak interesu.", "knowledge": "no"}


@pytest.fixture
def entered(browser: Browser, source: str) -> str:
    """The number of an application that a clerk entered."""
    answer = browser("clerk").post(reverse("case-enter", args=ENTER), {**GIVEN, "sources": [source]})
    assert answer.status_code == 302, text_of(answer)
    return queries.waiting()[0].number


def test_a_clerk_enters_an_application_and_its_recording_is_held(
    browser: Browser, source: str, office: RecordingOffice
) -> None:
    """One form, one press: the case page tells deadline, hold and who decides until when."""
    office.record(source, NOON - timedelta(days=1), b"MARK")
    given = {**GIVEN, "start": "12:00", "end": "12:01", "sources": [source]}
    page = text_of(browser("clerk").post(reverse("case-enter", args=ENTER), given, follow=True))
    assert [hold.case for hold in retention.holds()] == ["W-2026-1"]
    for told in (
        "Wniosek W-2026-1 jest wpisany, a nagranie zabezpieczone.",
        "20.11.2026 + 14 dni = piątek, 4 grudnia 2026 r.",
        "Złożony w terminie",
        "Licząc od dnia wpisania, 21.11.2026: 10 dni roboczych.",
        "Z-2026-1",
        "Anna Przykładowa",
        "piątek, 4 grudnia 2026 r.",
    ):
        assert told in page


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"event_first": "10.11.2026"}, ["10.11.2026 + 14 dni = wtorek, 24 listopada 2026 r.", "w terminie"]),
        (
            {"event_first": "28.10.2026"},
            ["11.11.2026 (Narodowe Święto Niepodległości) → czwartek, 12", "po terminie"],
        ),
        ({"event_first": "28.10.2026", "channel": "post", "posted_on": "12.11.2026"}, ["w terminie"]),
        ({"event_first": "28.10.2026", "received_on": "12.11.2026"}, ["w terminie"]),
        ({"event_first": "kiedyś"}, ["Termin zostanie policzony"]),
        ({}, ["Termin zostanie policzony", "10 dni roboczych od dnia wpisania wniosku"]),
    ],
)
def test_the_deadline_is_counted_while_it_is_typed(
    browser: Browser, given: dict[str, str], told: list[str]
) -> None:
    """The small address gives it to the script, the button gives the same without one."""
    client = browser("clerk")
    small = text_of(client.get(reverse("case-deadline", args=ENTER), given))
    whole = client.post(reverse("case-enter", args=ENTER), {**given, "count": "1"})
    assert whole.status_code == 200
    assert f'data-deadline="{reverse("case-deadline", args=ENTER)}"' in text_of(whole)
    assert 'class="wrong"' not in text_of(whole)
    for words in told:
        assert words in small
        assert words in text_of(whole)
    assert queries.waiting() == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"applicant": " "}, "Wpisz wnioskodawcę."),
        ({"start": ""}, "Wpisz godzinę"),
        ({"start": "25:00"}, "Doba nie ma"),
        ({"end": "10:00"}, "nie jest późniejsza"),
        ({"purpose": ""}, "Cel: nic tu nie wpisano. Wypełnij to pole."),
        ({"sources": []}, "Nie wybrano żadnego źródła"),
        ({"received_on": "19.11.2026"}, "późniejsze niż wniosek"),
        ({"applicant": "osoba  HEAD"}, "pracuje osoba o tym nazwisku"),
        ({"event_last": "25.12.2026"}, "dni"),
        ({"letter-day": "22.11.2026"}, "Data pisma jest późniejsza niż dzień wpływu."),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    browser: Browser, source: str, changed: dict[str, Any], told: str
) -> None:
    """Nothing is entered; what was typed stays."""
    answer = browser("clerk").post(
        reverse("case-enter", args=ENTER), {**GIVEN, "sources": [source], **changed}
    )
    assert answer.status_code == 422
    assert told in text_of(answer)
    assert "Ktoś zabrał rower." in text_of(answer)
    assert queries.waiting() == []


def test_the_head_decides_after_checking(browser: Browser, entered: str) -> None:
    """The check page says what will happen to the hold; only then is it done; a second decision is told off."""
    head = browser("head")
    address = reverse("case-decide", args=[entered])
    assert entered in text_of(head.get(reverse("start")))
    consent = {"outcome": "granted", "basis": "§ 6 ust. 3"}
    checked = text_of(head.post(address, consent))
    assert "do prawomocnego zakończenia postępowania" in checked
    assert queries.case(entered).state is State.WAITING
    changed = head.post(address, {**consent, "change": "1"})
    assert changed.status_code == 200
    assert head.post(address, {**consent, "confirmed": "1"}).status_code == 302
    assert [hold.provisional for hold in retention.holds()] == [False]
    again = head.post(address, {**REFUSAL, "confirmed": "1"}, follow=True)
    assert "Decyzji nie można zmienić." in text_of(again)
    assert queries.case(entered).state is State.GRANTED
    assert f"{entered}: rozstrzygnij" not in text_of(head.get(reverse("start")))


def test_a_refusal_lifts_the_hold(browser: Browser, entered: str) -> None:
    """It says so before; reasons and the answer on evidence are demanded."""
    head, address = browser("head"), reverse("case-decide", args=[entered])
    assert head.post(address, {**REFUSAL, "reasons": ""}).status_code == 422
    lacking = {name: value for name, value in REFUSAL.items() if name != "knowledge"}
    assert "może być dowodem" in text_of(head.post(address, lacking))
    assert "zostanie zdjęte" in text_of(head.post(address, REFUSAL))
    page = text_of(head.post(address, {**REFUSAL, "confirmed": "1"}, follow=True))
    assert retention.holds() == []
    assert "sprawa jest zakończona" in page


def test_a_late_application_is_only_refused(browser: Browser, source: str, clock: ManualClock) -> None:
    """Pleszew considers none, so consent is not among the choices; what may be evidence stays held."""
    clock.advance(timedelta(days=20))
    late = {**GIVEN, "received_on": "10.12.2026", "sources": [source]}
    browser("clerk").post(reverse("case-enter", args=ENTER), late)
    address = reverse("case-decide", args=["W-2026-1"])
    head = browser("head")
    form = text_of(head.get(address))
    assert 'value="granted"' not in form
    assert "po terminie" in form
    assert head.post(address, {**REFUSAL, "outcome": "granted", "confirmed": "1"}).status_code == 422
    head.post(address, {**REFUSAL, "knowledge": "yes", "confirmed": "1"})
    assert [hold.provisional for hold in retention.holds()] == [False]


@pytest.mark.parametrize("role", ["clerk", "iod", "secretary", "deputy", "administrator", "viewer"])
def test_only_the_head_decides(browser: Browser, entered: str, role: str) -> None:
    """Everybody else is refused at the door."""
    answer = browser(role).post(reverse("case-decide", args=[entered]), {**REFUSAL, "confirmed": "1"})
    assert answer.status_code == 403
    assert queries.case(entered).state is State.WAITING


@pytest.mark.parametrize("role", ["administrator", "guard", "employee"])
def test_names_of_applicants_are_not_for_everybody(browser: Browser, entered: str, role: str) -> None:
    """Who runs the machine, guards and employees open no case."""
    for address in (reverse("cases"), reverse("case", args=[entered])):
        assert browser(role).get(address).status_code == 403


def test_the_head_does_not_decide_on_their_own(
    browser: Browser, source: str, people: dict[str, PersonView]
) -> None:
    """The case says why, and who decides instead."""
    own = {**GIVEN, "applicant": "Osoba head", "own": str(people["head"].id), "sources": [source]}
    browser("clerk").post(reverse("case-enter", args=ENTER), own)
    head = browser("head")
    assert head.post(reverse("case-decide", args=["W-2026-1"]), REFUSAL).status_code == 403
    assert "Nikt nie rozstrzyga własnego wniosku" in text_of(head.get(reverse("case", args=["W-2026-1"])))


def test_the_list_searches_and_the_register_leaves_as_a_file(browser: Browser, entered: str) -> None:
    """By name, number and state; the file has every column and is entered."""
    clerk = browser("clerk")
    found = clerk.post(reverse("cases"), {"q": "przykladowa"}, follow=True)
    assert entered in text_of(found)
    assert "przykladowa" not in "".join(address for address, _ in found.redirect_chain)
    assert "Żaden wniosek nie pasuje" in text_of(clerk.post(reverse("cases"), {"q": "nikt"}, follow=True))
    assert entered in text_of(clerk.post(reverse("cases"), {"q": ["nikt", ""]}, follow=True))
    assert "Żaden wniosek nie pasuje" in text_of(clerk.get(reverse("cases"), {"state": "refused"}))
    table = b"".join(_content(clerk.post(reverse("register-export", args=["applications", "csv"])))).decode(
        "utf-8-sig"
    )
    assert "Wnioskodawca" in table
    assert "Anna Przykładowa" in table
    paper = b"".join(_content(clerk.post(reverse("register-export", args=["applications", "pdf"]))))
    assert paper.startswith(b"%PDF")


def _content(answer: Any) -> Iterator[bytes]:
    assert answer.status_code == 200
    return iter(answer.streaming_content if answer.streaming else [answer.content])


def test_a_provisional_hold_says_what_it_waits_for(browser: Browser, entered: str) -> None:
    """Its page links the case and offers neither end nor review; asked all the same, it refuses."""
    number = queries.case(entered).holds[0]
    head = browser("head")
    page = text_of(head.get(reverse("hold", args=[number])))
    assert reverse("case", args=[entered]) in page
    assert "Zdejmij zabezpieczenie</button>" not in page
    assert head.post(reverse("hold-end", args=[number]), {"reason": "x", "confirmed": "1"}).status_code == 409
    assert [hold.provisional for hold in retention.holds()] == [True]


def test_addresses_that_are_none(browser: Browser) -> None:
    """A kind, a stream and a number that there are not."""
    clerk = browser("clerk")
    for args in (["theft", "video"], ["disclosure", "calls"], ["disclosure", "mail"]):
        assert clerk.get(reverse("case-enter", args=args)).status_code == 404
    assert clerk.get(reverse("case", args=["W-2026-7"])).status_code == 404
    kinds = text_of(clerk.get(reverse("case-new")))
    assert "wniosek o udostępnienie".capitalize() in kinds
    form = "Wniosek o zabezpieczenie i udostępnienie danych z monitoringu wizyjnego"
    assert kinds.count(form) == len(["preservation", "disclosure"])


def test_the_letters_own_day_is_kept_shown_and_corrected(browser: Browser, source: str) -> None:
    """What was typed is read back as typed, and what stood before a correction as a day."""
    clerk, given = browser("clerk"), {**GIVEN, "sources": [source], "letter-day": "20 listopada"}
    assert clerk.post(reverse("case-enter", args=ENTER), given).status_code == 302
    case = queries.waiting()[0]
    assert case.application.letter_day == date(2026, 11, 20)
    address = reverse("case-correct", args=[case.number])
    assert 'value="20.11.2026"' in text_of(clerk.get(address)).partition('name="letter-day"')[2][:60]
    changed = {**given, "letter-day": "21.11.2026", "reason": "pomyłka w dniu"}
    page = text_of(clerk.post(address, changed, follow=True))
    assert "Poprzednio Data pisma: 20.11.2026" in page
    assert queries.case(case.number).application.letter_day == date(2026, 11, 21)


def test_a_disclosure_names_its_basis_and_sign(browser: Browser, source: str) -> None:
    """An entitled body states both; the decision begins with its basis, the hold until then has the regulation's, and no term is counted."""
    body = {
        **GIVEN, "applicant": "Komenda Policji", "legal-basis": "art. 15 ustawy o Policji", "case-number": "RSD-1/26",
        "sources": [source],
    }  # fmt: skip
    clerk, address = browser("clerk"), reverse("case-enter", args=["disclosure", "video"])
    assert clerk.post(address, {**body, "case-number": ""}).status_code == 422
    assert clerk.post(address, body).status_code == 302
    case = queries.waiting()[0]
    assert (case.last_day, case.late) == (None, False)
    assert retention.holds()[0].basis == "§ 6 ust. 1, § 7 ust. 3, załącznik 4"
    form = text_of(browser("head").get(reverse("case-decide", args=[case.number])))
    assert 'value="art. 15 ustawy o Policji"' in form
    assert settings.CLOCK.now().date() <= date(2026, 11, 22)


@pytest.mark.parametrize(
    ("stream", "asked"),
    [
        ("video", "Które kamery mogły to zarejestrować"),
        ("calls", "Które linie mogły to zarejestrować"),
        ("mail", "W których dziennikach poczty może to być"),
    ],
)
def test_an_application_asks_for_sources_by_their_own_name(stream: str, asked: str) -> None:
    """Journals of e-mail register nothing that a camera could have seen."""
    with translation.override("pl"):
        form = CaseForm(
            kind=Kind.PRESERVATION, stream=stream, demands=Demands(fields=()), sources=[("a", "Wejście")], people=[]
        )  # fmt: skip
        assert str(form["sources"].label) == asked


@pytest.mark.usefixtures("source")
def test_a_demand_says_whose_it_is(browser: Browser) -> None:
    """What Pleszew's annex 3 asks for is its text's, with the place; sign and basis of the body's case are the program's reading, with why."""
    clerk = browser("clerk")
    asked = text_of(clerk.get(reverse("case-enter", args=ENTER)))
    assert "z regulaminu, § 6 ust. 3–6, załącznik 3" in asked
    assert "przyjęto w programie" not in asked
    asked = text_of(clerk.get(reverse("case-enter", args=["disclosure", "video"])))
    assert "przyjęto w programie: wydanie musi wskazywać postępowanie, dla którego jest" in asked
    assert "z regulaminu, § 6 ust. 1, § 7 ust. 3, załącznik 4" in asked

"""A recorded person's application from its form to the restriction, a correction, a withdrawal and an erasure, as people see them."""

from typing import Any

import pytest
from django.urls import reverse

from rejent.cases import queries
from rejent.cases.views import State
from rejent.retention import queries as retention
from tests.printed import words_of
from tests.unit.web.conftest import Browser, text_of
from tests.unit.web.test_case_pages import ENTER, GIVEN
from tests.unit.web.test_hold_pages import GIVEN as HELD

ASKED = {
    "applicant": "Maria Nagrana", "right": "restriction", "identity": "document", "event_first": "21.11.2026",
    "start": "11:00", "end": "11:10", "channel": "epuap", "received_on": "21.11.2026",
}  # fmt: skip


@pytest.fixture
def asked(browser: Browser, source: str) -> str:
    """The number of a recorded person's application that a clerk entered."""
    answer = browser("clerk").post(
        reverse("case-enter", args=["right", "video"]), {**ASKED, "sources": [source]}
    )
    assert answer.status_code == 302, text_of(answer)
    return queries.waiting()[0].number


@pytest.mark.usefixtures("recording")
def test_a_restriction_from_the_form_to_the_closed_recording(
    browser: Browser, source: str, asked: str
) -> None:
    """A month, put off once with a letter; granted after checking; whoever opens the recording is told why not."""
    clerk, head = browser("clerk"), browser("head")
    form = text_of(clerk.get(reverse("case-enter", args=["right", "video"])))
    assert "przenoszenie danych (art. 20 RODO), cofnięcie zgody" in form
    page = text_of(clerk.get(reverse("case", args=[asked])))
    for told in (
        "21.11.2026 + 1 miesiąc = poniedziałek, 21 grudnia 2026 r.",
        "art. 18 RODO",
        "okazano dokument",
    ):
        assert told in page
    assert head.post(reverse("case-prolong", args=[asked]), {"reasons": ""}).status_code == 422
    assert head.post(reverse("case-prolong", args=[asked]), {"reasons": "wiele żądań"}).status_code == 302
    letter = words_of(clerk.post(reverse("case-paper", args=[asked, "prolongation"])).content)
    for told in (
        "Przedłużenie terminu odpowiedzi",
        "Odpowiedzi na wniosek z datą wpływu",
        "22 lutego 2027",
        "wiele żądań",
        "Prezesa Urzędu Ochrony Danych",
    ):
        assert told in letter
    consent = {"outcome": "granted", "basis": "art. 18 RODO"}
    checked = text_of(head.post(reverse("case-decide", args=[asked]), consent))
    assert "art. 18 ust. 3 RODO" in checked
    head.post(reverse("case-decide", args=[asked]), {**consent, "confirmed": "1"})
    assert [hold.restricted for hold in retention.holds()] == [True]
    assert "nikt nie otwiera" in text_of(clerk.get(reverse("case", args=[asked])))
    viewer = browser("viewer")
    given = {
        "source": source, "day": "dziś", "time": "11:00:30", "purpose": "bezpieczenstwo", "case": "OR.1431.17.2026",
        "acknowledged": "on",
    }  # fmt: skip
    base = viewer.post(reverse("find"), given)["Location"].split("?")[0]
    refused = viewer.get(f"{base}/still?t=39630")
    assert refused.status_code == 403
    assert "art. 18 RODO" in text_of(refused)
    decision = words_of(clerk.post(reverse("case-paper", args=[asked, "decision"])).content)
    assert "przez nikogo nieotwierane" in decision
    other = {**GIVEN, "event_first": "21.11.2026", "start": "11:05", "sources": [source]}
    clerk.post(reverse("case-enter", args=ENTER), other)
    address = reverse("case-decide", args=[queries.waiting()[0].number])
    assert "bez podstawy nikt go nie skopiuje" in text_of(head.get(address))
    despite = {"outcome": "granted", "basis": "§ 6", "despite": "claims"}
    assert "dochodzenie lub obrona roszczeń" in text_of(head.post(address, despite))
    assert head.post(address, {**despite, "confirmed": "1"}).status_code == 302
    case = text_of(clerk.get(address.removesuffix("decide").rstrip("/")))
    assert "Użycie mimo ograniczenia (art. 18 ust. 2 RODO): ustalenie" in case


def test_a_correction_shows_what_stood_there(browser: Browser, source: str, asked: str) -> None:
    """The form comes filled in as it was entered; sent back unchanged it says so."""
    clerk = browser("clerk")
    address = reverse("case-correct", args=[asked])
    page = text_of(clerk.get(address))
    assert 'value="Maria Nagrana"' in page
    assert 'value="11:00"' in page
    assert 'value="11:10"' in page
    same = {**ASKED, "sources": [source], "reason": "literówka"}
    assert "Nic nie różni się" in text_of(clerk.post(address, same))
    answer = clerk.post(address, {**same, "applicant": "Maria Nagrana-Nowak"}, follow=True)
    assert "Poprzednio Wnioskodawca: Maria Nagrana" in text_of(answer)
    assert browser("guard").get(address).status_code == 403


def test_public_information_is_refused_with_its_ground(browser: Browser) -> None:
    """No recording is asked for, refusal is the only decision, and its letter says which way is open."""
    clerk, head = browser("clerk"), browser("head")
    given: dict[str, Any] = {
        "applicant": "Redakcja", "description": "nagrania z holu", "channel": "e-mail", "received_on": "20.11.2026",
    }  # fmt: skip
    clerk.post(reverse("case-enter", args=["public-information", "video"]), given)
    (view,) = queries.waiting()
    page = text_of(head.get(reverse("case-decide", args=[view.number])))
    assert "nie są informacją publiczną" in page
    assert "zgoda" not in page.partition("<form")[2].partition("</form>")[0]
    refusal = {
        "outcome": "refused",
        "basis": "§ 8 ust. 4",
        "reasons": "Nagranie nie jest informacją publiczną.",
    }
    head.post(reverse("case-decide", args=[view.number]), {**refusal, "confirmed": "1"})
    letter = words_of(clerk.post(reverse("case-paper", args=[view.number, "decision"])).content)
    assert "skarga do wojewódzkiego sądu administracyjnego" in letter
    assert "–" in text_of(clerk.get(reverse("cases")))


def test_a_withdrawn_application_is_closed_and_erased(browser: Browser, source: str) -> None:
    """The clerk enters the day, the head the answer on evidence; then what the applicant said goes for good."""
    clerk, head = browser("clerk"), browser("head")
    clerk.post(reverse("case-enter", args=ENTER), {**GIVEN, "sources": [source]})
    number = queries.waiting()[0].number
    assert head.get(reverse("case-erase", args=[number]))["Location"] == reverse("case", args=[number])
    assert (
        clerk.post(reverse("case-withdraw", args=[number]), {"withdrawn_on": "1.11.2026"}).status_code == 422
    )
    assert (
        clerk.post(reverse("case-withdraw", args=[number]), {"withdrawn_on": "21.11.2026"}).status_code == 302
    )
    page = text_of(head.get(reverse("case-decide", args=[number])))
    assert "Wnioskodawca wycofał wniosek 21.11.2026." in page
    closed = {"outcome": "withdrawn", "knowledge": "no", "confirmed": "1"}
    assert head.post(reverse("case-decide", args=[number]), closed).status_code == 302
    assert queries.case(number).state is State.WITHDRAWN
    for shut in ("case-withdraw", "case-prolong"):
        assert head.get(reverse(shut, args=[number]))["Location"] == reverse("case", args=[number])
    erasing = {"grounds": "klasa 0123, termin 31.12.2031"}
    assert "na zawsze" in text_of(head.post(reverse("case-erase", args=[number]), erasing))
    head.post(reverse("case-erase", args=[number]), {**erasing, "confirmed": "1"})
    page = text_of(clerk.get(reverse("case", args=[number])))
    assert "Dane wnioskodawcy usunięto" in page
    for gone in ("Anna Przykładowa", "rower"):
        assert gone not in page + text_of(clerk.get(reverse("cases")))
    assert clerk.post(reverse("case-paper", args=[number, "application"])).status_code == 404


@pytest.mark.usefixtures("recording")
def test_a_granted_rectification_is_carried_out_by_the_office(browser: Browser, source: str) -> None:
    """No recording is looked for or held, which page and receipt say; a hold by hand keeps the case open until it is lifted."""
    clerk, head = browser("clerk"), browser("head")
    given = {**ASKED, "right": "rectification", "sources": [source]}
    clerk.post(reverse("case-enter", args=["right", "video"]), given)
    (view,) = queries.waiting()
    none = "nagrań się nie wyszukuje ani nie zabezpiecza"
    assert none in text_of(head.get(reverse("case-decide", args=[view.number])))
    assert none in words_of(clerk.post(reverse("case-paper", args=[view.number, "receipt"])).content)
    consent = {"outcome": "granted", "basis": "art. 16 RODO", "knowledge": "no", "confirmed": "1"}
    head.post(reverse("case-decide", args=[view.number]), consent)
    address = reverse("case", args=[view.number])
    assert "wykonuje je urząd" in text_of(head.get(address))
    clerk.post(reverse("hold-new"), {**HELD, "source": source, "case": view.number, "confirmed": "1"})
    held = text_of(head.get(address))
    assert "Zabezpieczenie trwa, aż zdejmie je osoba uprawniona" in held
    assert reverse("hold", args=[retention.holds()[0].number]) in held
    assert head.get(reverse("case-erase", args=[view.number]))["Location"] == address

"""Search from every page: exact numbers first, and of everything only what its reader may see."""

import pytest
from django.urls import reverse

from rejent.office.views import PersonView
from tests.unit.web.conftest import Browser, text_of
from tests.unit.web.test_case_pages import ENTER, GIVEN


@pytest.fixture
def entered(browser: Browser, source: str) -> str:
    """The number of an application that a clerk entered."""
    answer = browser("clerk").post(reverse("case-enter", args=ENTER), {**GIVEN, "sources": [source]})
    assert answer.status_code == 302
    return "W-2026-1"


def search(browser: Browser, role: str, words: str) -> str:
    """The page of what somebody finds."""
    answer = browser(role).post(reverse("search"), {"q": words})
    assert answer["Location"] == reverse("search")
    client = browser(role)
    return text_of(client.post(reverse("search"), {"q": words}, follow=True)).split("<main")[1]


def test_every_page_has_the_field(browser: Browser) -> None:
    """It works without script: a form that posts, so that no name stands in an address."""
    for role in ("clerk", "guard", "head", "employee"):
        page = text_of(browser(role).get(reverse("start")))
        assert f'method="post" action="{reverse("search")}" role="search"' in page, role


def test_a_number_is_found_exactly_and_first(browser: Browser, entered: str) -> None:
    """In any case of letters; what else names it follows."""
    page = search(browser, "clerk", entered.lower())
    exact, rest = page.index("Dokładnie ten numer"), page.index("Rejestr zabezpieczeń")
    assert exact < page.index(reverse("case", args=[entered])) < rest
    assert reverse("hold", args=["Z-2026-1"]) in page[rest:]


def test_a_name_finds_applications_and_people(
    browser: Browser, entered: str, people: dict[str, PersonView]
) -> None:
    """An applicant by name to who sees applications, a colleague to who sees people."""
    assert reverse("case", args=[entered]) in search(browser, "clerk", "przykładowa anna")
    assert reverse("person", args=[people["viewer"].id]) in search(browser, "head", "osoba viewer")
    assert "Nie znaleziono" in search(browser, "clerk", "osoba viewer")


@pytest.mark.parametrize("role", ["guard", "employee"])
def test_nothing_is_found_that_may_not_be_seen(browser: Browser, entered: str, role: str) -> None:
    """Neither by number nor by name."""
    for words in (entered, "Anna", "Z-2026-1", "Osoba"):
        page = search(browser, role, words)
        assert "Nie znaleziono" in page, words
        assert reverse("case", args=[entered]) not in page


@pytest.mark.usefixtures("entered")
def test_an_entry_of_the_ledger_is_found_by_its_number(browser: Browser) -> None:
    """To who reads the register of actions."""
    assert reverse("entry", args=[3]) in search(browser, "iod", "3")
    assert reverse("entry", args=[3]) not in search(browser, "clerk", "3")


def test_a_number_of_a_telephone_is_offered_only_to_who_may_find_calls(browser: Browser) -> None:
    """Where no calls may be opened, it leads nowhere."""
    for role in ("viewer", "clerk", "head"):
        assert reverse("calls") not in search(browser, role, "55 621 00 01"), role

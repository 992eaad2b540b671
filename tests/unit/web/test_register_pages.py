"""The register of actions as its readers move in it: pages both ways, a number to go to, chips that say what narrows it."""

import re

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from rejent.access.acts import REFUSED
from rejent.catalog.acts import SEGMENT_SEALED
from rejent.kernel.clock import ManualClock
from rejent.office.views import PersonView
from rejent.registers import queries
from rejent.registers.services import PendingEntry, enter_many
from rejent.retention import queries as retention
from tests.unit.web.conftest import Browser

ROWS = re.compile(r'<th scope="row" class="number"><a href="/ledger/(\d+)"')
LINK = '<a class="button second" href="([^"]*)"[^>]*>(?:<svg.*?</svg>)?{}'


@pytest.fixture
def officer(browser: Browser, clock: ManualClock) -> Client:
    """The data protection officer before a register of some three hundred acts, every second one the machinery's."""
    kinds = (REFUSED, SEGMENT_SEALED)
    deeds = [
        PendingEntry(kinds[number % 2], "", "source:s", {"number": str(number)}, clock.now())
        for number in range(500)
    ]
    with transaction.atomic():
        enter_many(deeds)
    return browser("iod")


def rows(text: str) -> list[int]:
    """The entries of a page, in its order."""
    return [int(index) for index in ROWS.findall(text)]


def led_to(client: Client, text: str, words: str) -> str:
    """The page that a link of these words leads to."""
    found = re.search(LINK.format(words), text)
    assert found is not None, words
    return client.get(reverse("ledger") + found[1].replace("&amp;", "&")).content.decode()


def test_older_and_newer_lead_there_and_back(officer: Client) -> None:
    """Two pages on and two back show what they showed."""
    first = officer.get(reverse("ledger")).content.decode()
    assert len(rows(first)) == 100
    second = led_to(officer, first, "Starsze")
    third = led_to(officer, second, "Starsze")
    assert rows(first)[-1] > rows(second)[0] > rows(second)[-1] > rows(third)[0]
    assert rows(led_to(officer, third, "Nowsze")) == rows(second)
    assert rows(led_to(officer, led_to(officer, third, "Nowsze"), "Nowsze")) == rows(first)
    assert "Nowsze" not in first.split("<dialog")[0]


def test_a_number_is_gone_to(officer: Client) -> None:
    """Its row stands first and is marked; one that the selection leaves out gives way to the next older, and it is said."""
    newest = queries.tree_head().size - 1
    wanted = next(index for index in range(newest - 9, newest) if queries.act(index).act == REFUSED.name)
    there = officer.get(reverse("ledger"), {"number": f" {wanted}"}).content.decode()
    assert rows(there)[0] == wanted
    assert there.count('<tr class="chosen">') == 1
    beside = officer.get(reverse("ledger"), {"number": wanted + 1}).content.decode()
    assert rows(beside)[0] == wanted
    assert "nie ma w tym wyborze" in beside
    for number in ("-1", "x", str(newest + 1), "9" * 40):
        wrong = officer.get(reverse("ledger"), {"number": number})
        assert wrong.status_code == 200
        assert "Nie ma wpisu o tym numerze" in wrong.content.decode()


def test_chips_say_what_narrows_and_take_it_away(officer: Client) -> None:
    """Each choice is a chip in words whose address keeps the others; often chosen days are one press away."""
    chosen = {"kind": "access.refused", "first": "20.11.2026", "person": "-"}
    text = officer.get(reverse("ledger"), chosen).content.decode()
    for words in ("Osoba: program", "Czynność: Odmowa dostępu", "Od: 20.11.2026"):
        assert f"Usuń: {words}" in text
    assert 'href="?kind=access.refused&amp;first=20.11.2026"' in text
    assert 'href="?kind=access.refused&amp;first=21.11.2026&amp;person=-&amp;last=21.11.2026"' in text
    today = officer.get(reverse("ledger"), {"first": "21.11.2026", "last": "21.11.2026"}).content.decode()
    assert 'aria-current="true">dziś</a>' in today


def test_every_row_leads_to_its_proof(officer: Client) -> None:
    """The number of each row opens the page that proves it."""
    text = officer.get(reverse("ledger")).content.decode()
    for index in rows(text)[:3]:
        assert text.count(f'href="/ledger/{index}"') == 1
        assert officer.get(f"/ledger/{index}").status_code == 200


def test_people_sources_and_documents_are_links_and_who_acted_is_named_once(
    browser: Browser, people: dict[str, PersonView], source: str
) -> None:
    """A sentence that names who acted stands alone; another one follows the name. Nothing in it is taken for markup."""
    browser("clerk").post(
        reverse("hold-new"),
        {
            "source": source, "day": "21.11.2026", "start": "11:00", "end": "11:01", "case": "<b>OR.1</b>",
            "basis": "Wniosek.", "review_on": "15.02.2027", "confirmed": "1",
        },
    )  # fmt: skip
    hold = retention.holds()[0].number
    page = browser("iod").get(reverse("ledger")).content.decode()
    row = next(row for row in page.split("<tr") if f">{hold}</a>" in row)
    assert f'<a href="{reverse("hold", args=[hold])}">{hold}</a>' in row
    assert f'<a href="{reverse("source", args=[source])}">' in row
    assert f'<a href="{reverse("person", args=[people["clerk"].id])}">{people["clerk"].name}</a>: ' in row
    assert "<b>OR.1" not in row
    browser("guard").get(reverse("ledger"))
    page = browser("iod").get(reverse("ledger"), {"kind": "access.refused"}).content.decode()
    row = next(row for row in page.split("<tr") if people["guard"].name in row and "Odmowa" in row)
    assert row.count(people["guard"].name) == 1


def test_a_kind_is_found_by_its_words_and_by_its_group(officer: Client) -> None:
    """The field takes a noun of the list or a whole group; what is neither is said, and narrows nothing."""
    page = officer.get(reverse("ledger"), {"kind": "Odmowa dostępu"}).content.decode()
    assert len(rows(page)) == 100
    assert '<option value="Odtworzenia, podgląd, odmowy">' in page
    whole = officer.get(reverse("ledger"), {"kind": "Odtworzenia, podgląd, odmowy"}).content.decode()
    assert rows(whole) == rows(page)
    other = officer.get(reverse("ledger"), {"kind": "Logowanie i konta"}).content.decode()
    assert not set(rows(other)) & set(rows(page))
    wrong = officer.get(reverse("ledger"), {"kind": "coś innego"}).content.decode()
    assert "Nie ma rodzaju działania o nazwie coś innego" in wrong
    assert rows(wrong) == rows(officer.get(reverse("ledger")).content.decode())

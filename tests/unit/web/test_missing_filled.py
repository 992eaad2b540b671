"""What the law demands and the office has not given is filled in where it is listed, by who may enter it."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from rejent.kernel.clock import ManualClock, civil_date
from rejent.notices.publication.lacking import lacking
from rejent.notices.wording import wordings
from rejent.office import queries
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.web.words.wording import day_digits
from tests.unit.web.conftest import Browser, text_of

FACTS = "/notices/missing/facts"
BARE = ('address = "ul. Rynek 41, 59-700 Bolesławiec"\n', 'contact = "iod@um.boleslawiec.pl"\n')


@pytest.fixture
def bare(people: object, clock: ManualClock) -> None:  # noqa: ARG001 - after the first regulation
    """A regulation of calls without the office's address and the officer's, and with purposes that no English text has."""
    text = example("boleslawiec")
    for line in BARE:
        assert line in text
        text = text.replace(line, "")
    office.activate_regulation(text, in_force_from=civil_date(clock.now()), clock=clock, actor="")


def listed(client: Client) -> str:
    """The list on the page."""
    return text_of(client.get(reverse("notices"))).split('id="missing"')[1].split("</section>")[0]


def asked(clock: ManualClock) -> set[tuple[str, str]]:
    """What is missing: the key and what it is of."""
    return {(each.ask.key, each.ask.of) for each in lacking(clock)}


@pytest.mark.usefixtures("bare")
def test_facts_of_the_regulation_are_entered_in_one_row_as_one_version(
    browser: Browser, clock: ManualClock
) -> None:
    """After a look at what it means; what is left empty stays asked for, and nothing else of the regulation changes."""
    head, before = browser("head"), queries.every_version()[0]
    assert {("address", ""), ("contact", "")} <= asked(clock)
    shown = listed(head)
    for name in ("address", "contact"):
        assert f'id="id_facts_{name}"' in shown
    check = text_of(head.post(FACTS, {"address": "Rynek 41"}))
    assert "Nowa wersja regulaminu" in check
    assert "Rynek 41" in check
    assert queries.every_version()[0] == before
    assert head.post(FACTS, {"address": "Rynek 41", "confirmed": "1"})["Location"] == "/notices#missing"
    newest = queries.every_version()[0]
    rules = queries.verified_regulation(civil_date(clock.now()))
    assert (newest.version, rules.address, rules.contact) == (before.version + 1, "Rynek 41", "")
    assert len(rules.streams["calls"].purposes) == 3
    assert ("address", "") not in asked(clock)
    assert 'id="id_facts_contact"' in listed(head)


@pytest.mark.usefixtures("bare")
def test_an_empty_row_is_refused_beside_its_field(browser: Browser) -> None:
    """On the same page, with the field marked; nothing is entered."""
    versions = len(queries.every_version())
    answer = browser("head").post(FACTS, {"address": " "})
    assert answer.status_code == 422
    wrong = text_of(answer).split('id="id_facts_address_error"')[1].split("</div>")[0]
    assert "Wypełnij co najmniej jedno pole." in wrong
    assert len(queries.every_version()) == versions


@pytest.mark.usefixtures("bare")
def test_words_are_entered_in_their_row_after_a_look_at_what_they_change(
    browser: Browser, clock: ManualClock
) -> None:
    """From today on, by the check of the page of the wording; an unknown placeholder is refused beside the field."""
    iod = browser("iod")
    action = "/notices/missing/calls/en/purpose-ochrona-rozmowcow"
    shown = listed(iod)
    assert f'action="{action}"' in shown
    assert "Po polsku: ochrona danych osobowych rozmówców" in shown
    assert "(po polsku brzmi tak jak tutaj): Zapowiedź" in shown
    today = day_digits(civil_date(clock.now()))
    given = {"text": "protecting the callers' data {komu}", "in_force_from": today}
    refused = iod.post(action, given)
    assert refused.status_code == 422
    assert 'id="id_calls-en-purpose-ochrona-rozmowcow_text_error"' in text_of(refused)
    assert "data {komu}</textarea>" in text_of(refused)
    given["text"] = "protecting the personal data of callers"
    assert "Tak będą brzmiały dokumenty" in text_of(iod.post(action, given))
    assert list(wordings()) == []
    assert iod.post(action, {**given, "confirmed": "1"})["Location"] == "/notices#missing"
    (entered,) = wordings()
    assert (entered.text, entered.in_force_from) == (given["text"], civil_date(clock.now()))
    assert action not in listed(iod)


@pytest.mark.usefixtures("bare")
def test_the_day_of_a_way_without_recording_is_entered_in_its_row(
    browser: Browser, clock: ManualClock, settings: Any
) -> None:
    """A day to come is refused beside the field."""
    settings.INSTALLATION = replace(settings.INSTALLATION, test=False)
    client, address = browser("secretary"), "/notices/missing/route/calls"
    assert f'action="{address}"' in listed(client)
    answer = client.post(address, {"on": "1.1.2030"})
    assert answer.status_code == 422
    assert 'id="id_route-calls_on_error"' in text_of(answer)
    assert client.post(address, {"on": day_digits(civil_date(clock.now()))})["Location"] == "/notices#missing"
    assert f'action="{address}"' not in listed(client)


@pytest.mark.usefixtures("bare")
def test_others_read_who_enters_it_and_send_nothing(browser: Browser) -> None:
    """The officer words texts and enters no regulation; each row is sent where that act alone is taken."""
    iod = browser("iod")
    assert "id_facts_" not in listed(iod)
    assert "Wpisuje: kierownik urzędu." in listed(iod)
    assert iod.post(FACTS, {"address": "Rynek 1"}).status_code == 403
    secretary = browser("secretary")
    assert (
        secretary.post("/notices/missing/calls/en/purpose-ochrona-rozmowcow", {"text": "x"}).status_code
        == 403
    )
    assert list(wordings()) == []

"""What supervision sees: live watching, the register by its nouns, promises checked one by one, the start page, what is due."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.template import Context, Template
from django.urls import reverse
from django.utils import translation

from rejent.access import services as access
from rejent.kernel.acts import all_acts
from rejent.kernel.clock import ManualClock, civil_date, local_midnight
from rejent.kernel.findings import Finding
from rejent.office.views import PersonView
from rejent.retention import queries as retention
from rejent.retention.services import place_hold
from rejent.web.registers import promises
from rejent.web.supervision.oversight import MOST_WRONG
from rejent.web.words.act_names import noun_of
from rejent.web.words.identifiers import fact_names
from tests.guarded_rows import unguarded
from tests.unit.web.conftest import ROLES, Browser

Span = tuple[datetime, datetime]


def test_every_act_and_fact_has_a_polish_name() -> None:
    """The filter and the page of an entry name what they show in words, not as the ledger stores it."""
    ours = {name: act for name, act in all_acts().items() if not name.startswith("test.")}
    with translation.override("pl"):
        assert [name for name in ours if noun_of(name) == name] == []
    assert len({str(noun_of(name)) for name in ours}) == len(ours)
    holes = {hole for act in ours.values() for hole in re.findall(r"\{(\w+)\}", str(act.sentence))}
    assert sorted(holes - fact_names().keys()) == []


@pytest.mark.usefixtures("people")
def test_the_register_is_filtered_by_words_and_by_address(browser: Browser, source: str) -> None:
    """A choice reads as words; an address with the act, the source and the person leads to the same rows."""
    client = browser("iod")
    text = client.get(reverse("ledger"), {"kind": "authorisation.issued"}).content.decode()
    assert 'name="kind" list="kinds" value="Nadanie upoważnienia"' in text
    assert "authorisation.issued<" not in text
    assert text.count('<th scope="row"') == 2
    of_source = client.get(reverse("ledger"), {"source": source}).content.decode()
    assert of_source.count('<th scope="row"') == 1
    assert f'<option value="{source}" selected>' in of_source


@pytest.mark.usefixtures("people")
def test_a_changed_record_is_said_to_be_changed(browser: Browser) -> None:
    """Where somebody wrote over records in the database, every page of the register says so instead of failing."""
    with unguarded(), connection.cursor() as cursor:
        cursor.execute("UPDATE registers_entry SET facts = 'no record'")
    client = browser("iod")
    for page in (reverse("ledger"), reverse("entry", args=[0]), reverse("start")):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "nie jest tą, którą wpisano." in answer.content.decode()


@pytest.mark.parametrize("role", ROLES)
def test_live_watching_is_seen_by_supervision_alone(
    role: str, browser: Browser, people: dict[str, PersonView], source: str, clock: ManualClock
) -> None:
    """Who watched which sources from when until when, in the page and in the navigation of those who oversee."""
    watch = access.watch_live(people["guard"], [source], "s", clock=clock)
    clock.advance(timedelta(minutes=12))
    client = browser(role)
    going = client.get(reverse("watches"))
    overseer = role in {"head", "deputy", "iod", "secretary"}
    assert going.status_code == (200 if overseer else 403)
    assert (f'href="{reverse("watches")}"' in client.get(reverse("start")).content.decode()) is overseer
    if overseer:
        access.stop_live(watch, clock=clock)
        ended = client.get(reverse("watches"), {"day": "21.11.2026"}).content.decode()
        assert "trwa" in going.content.decode()
        for words in ("Osoba guard", "Hol na parterze", "21.11.2026 12:00:00", "21.11.2026 12:12:00"):
            assert words in ended
        assert "Osoba guard" not in client.get(reverse("watches"), {"day": "20.11.2026"}).content.decode()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.usefixtures("source")
def test_the_start_page_claims_only_what_a_role_may_know(role: str, browser: Browser) -> None:
    """„Nothing happened” and „nothing is wrong” are said only to those who may know; the order is wrong, waits, happened."""
    text = browser(role).get(reverse("start")).content.decode()
    knows = role in {"head", "deputy", "iod", "secretary"}
    assert "Nic się jeszcze nie wydarzyło" not in text
    assert ("Co się wydarzyło" in text) is knows
    found = [text.index(f'id="{name}"') for name in ("wrong", "waits", "happened") if f'id="{name}"' in text]
    assert found == sorted(found)


@pytest.mark.usefixtures("recording")
def test_what_is_due_is_told_as_the_keeper_does_it(browser: Browser, clock: ManualClock) -> None:
    """What must be gone on a day can be used through the one before: listed under that, with the hours left on its evening."""
    last = "2026-12-20"
    client = browser("iod")
    before = client.get(reverse("due"), {"until": "2026-12-19"}).content.decode()
    text = client.get(reverse("due"), {"until": last}).content.decode()
    assert "Nagrane" not in before
    assert (
        "Nagranie istnieje do końca dnia: niedziela, 20 grudnia 2026 r., do północy. Jeszcze 29 dni." in text
    )
    assert text.count('class="term"') == 1
    assert client.get(reverse("due"), {"until": "20.12"}).content.decode().count('class="term"') == 1
    opens = local_midnight(datetime.fromisoformat(last).date() + timedelta(days=1))
    clock.advance(opens - timedelta(hours=2) - clock.now())
    today = browser("iod").get(reverse("due")).content.decode()
    assert "niedziela, 20 grudnia 2026 r., do północy. Jeszcze 2 godziny." in today
    assert retention.due(opens - timedelta(seconds=1), clock) == []
    assert [item.term.purge_opens for item in retention.due(opens, clock)] == [opens]


def test_promises_are_numbered_as_in_the_documents_and_checked_one_by_one(
    browser: Browser, settings: Any, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each promise with a check has its own button, last check and result; the others are not touched by it."""
    asked: list[tuple[str, ...]] = []

    def checks(*, deep: bool, parts: tuple[str, ...]) -> list[Finding]:
        asked.append((*parts, str(deep)))
        return [
            Finding("retention", "retention.overdue", "Recordings of {day} are overdue.", {"day": "1.1.2026"})
        ]

    settings.CHECKS = checks
    checking = promises.Checking()
    monkeypatch.setattr(promises, "close_old_connections", lambda: None)
    monkeypatch.setattr("rejent.web.registers.promises.CHECKING", checking)
    by_key = {one.key: one for one in promises.PROMISES}
    assert [one.number for one in promises.PROMISES] == [*(f"I{number}" for number in range(1, 11)), ""]
    document = " ".join(
        (Path(__file__).parents[3] / "docs" / "promises.md").read_text(encoding="utf-8").split()
    )
    with translation.override("en"):
        assert [one.key for one in promises.PROMISES if one.parts and str(one.words) not in document] == []
    checking.check(by_key["I1"])
    assert asked == [("retention", "False")]
    assert set(checking.of) == {"I1"}
    text = browser("iod").get(reverse("promises")).content.decode()
    rows = dict(re.findall(r'<li class="panel" id="(\w+)">(.*?)</li>', text, re.DOTALL))
    assert list(rows) == [one.key for one in promises.PROMISES]
    assert "nie zgadza się" in rows["I1"]
    assert "1.1.2026" in rows["I1"]
    assert "Ostatnie sprawdzenie" in rows["I1"]
    assert [key for key, row in rows.items() if "<button" not in row] == ["I9"]
    assert "jeszcze nie sprawdzono" in rows["I2"]
    assert "sprawdza się w każdym pakiecie" in rows["I9"]
    assert "rejent evidence verify" in rows["I9"]
    assert "poza zakresem" not in text
    shown = re.sub(r'\b(id|value)="I\d+"', "", text)
    assert re.findall(r"\bI\d+\b", shown) == []
    checking.check()
    assert checking.last is not None
    assert (checking.last.others, checking.last.at) == ([], clock.now())
    assert set(checking.of) == {one.key for one in promises.PROMISES if one.parts}


def test_a_button_begins_the_check_of_its_promise(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """The button of a promise checks that promise; any other address checks everything."""
    begun: list[str] = []
    stand_in = SimpleNamespace(start=lambda promise: begun.append(promise.key if promise else "everything"))
    monkeypatch.setattr("rejent.web.registers.promises.CHECKING", stand_in)
    client = browser("iod")
    for sent in ({"promise": "I8"}, {"promise": "I9"}, {}):
        assert client.post(reverse("promise-check"), sent).status_code == 302
    assert begun == ["I8", "everything", "everything"]


def test_what_needs_a_person_is_counted_where_it_is_cut(
    browser: Browser, recording: Span, source: str, clock: ManualClock
) -> None:
    """Eight lines head the week; of eleven, the page says that there are three more and leads to where they stand."""
    client = browser("iod")
    for number in range(MOST_WRONG + 3):
        place_hold(
            source_id=source, start=recording[0], end=recording[1], case=f"OR.{number}", basis="Wniosek.",
            review_on=civil_date(clock.now()) + timedelta(days=1), clock=clock, ledger=settings.LEDGER, actor="",
        )  # fmt: skip
        clock.advance(timedelta(seconds=1))
    clock.advance(timedelta(days=3))
    page = client.get(reverse("supervision")).content.decode()
    notice = page[page.index("Coś wymaga działania człowieka") : page.index('<dl class="numbers"')]
    assert notice.count("<li>") == MOST_WRONG
    assert 'i jeszcze 3: <a href="#holds">' in notice
    assert 'id="holds"' in page


def test_a_proof_is_a_link_only_for_whom_it_opens(people: dict[str, PersonView]) -> None:
    """Who runs the machine reads the number of an entry; who oversees follows it."""
    shown = Template('{% load rejent %}{% way_to "entry" 7 as address %}{{ address }}')
    assert shown.render(Context({"person": people["iod"]})) == reverse("entry", args=[7])
    assert shown.render(Context({"person": people["administrator"]})) == ""

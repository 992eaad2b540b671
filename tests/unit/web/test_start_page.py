"""The start page: only what is the reader's to do, when it is due; what does not work, and the sentence that all does."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext_lazy

from rejent.catalog import queries
from rejent.catalog.forecast import Demand, forecast
from rejent.kernel.clock import ManualClock, civil_date
from rejent.kernel.sentences import Sentence
from rejent.notices.agreement.rules import HANG, Difference, Kind
from rejent.office import services as office
from rejent.office.people import maintenance
from rejent.office.regulation.law import MARKING
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.registers.services import enter
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.mail.records.acts import MESSAGE_COPIED
from rejent.web.desk import Line, Trouble, group_alike, whoever_may
from rejent.web.notices import overview
from rejent.web.pages import desks
from rejent.web.pages import start as start_page
from rejent.web.pages.storage import DESK
from rejent.web.registers.promises import PROMISES
from tests.unit.web.conftest import Browser, text_of
from tests.unit.web.test_case_pages import ENTER, GIVEN

ALL_WORKS = "Wszystko działa."


def start(browser: Browser, role: str) -> str:
    """The start page of somebody of a role."""
    return text_of(browser(role).get(reverse("start")))


def nothing_else_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the desk of the storage alone: the fixture's camera stands without a recorder."""
    monkeypatch.setattr(desks, "_DESKS", (DESK,))


def test_all_works_is_said_while_nothing_stands_anywhere(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To who sees how sources fare; a clerk, who does not, is told nothing of it."""
    nothing_else_is_wrong(monkeypatch)
    for role in ("administrator", "iod", "guard"):
        assert ALL_WORKS in start(browser, role), role
    assert ALL_WORKS not in start(browser, "clerk")


@pytest.mark.usefixtures("people")
def test_all_works_is_never_said_beside_an_open_fault(browser: Browser) -> None:
    """Neither to who is told of the fault nor to a guard, who is not."""
    broken = {"source": "machine", "description": "Rejestrator nie zapisuje."}
    assert browser("administrator").post(reverse("fault-new"), broken).status_code == 302
    for role in ("administrator", "iod", "head", "guard", "clerk"):
        page = start(browser, role)
        assert ALL_WORKS not in page, role
        assert ("Otwarta awaria" in page) is (role in {"administrator", "iod", "head"}), role
        assert ("Rejestrator nie zapisuje." in page) is ("Otwarta awaria" in page), role


def test_a_trouble_of_others_keeps_the_sentence_away(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one person alone is told of is enough that nobody reads that all works."""
    trouble = Trouble(Line("attention", "Brakuje tekstu klauzuli", "", "/"), whoever_may("load-regulation"))
    desk = desks.Desk(wrong=lambda _now: [trouble])
    monkeypatch.setattr(desks, "_DESKS", (desk,))
    assert "Brakuje tekstu klauzuli" in start(browser, "head")
    for role in ("head", "administrator", "iod", "guard"):
        assert ALL_WORKS not in start(browser, role), role
    assert "Brakuje tekstu klauzuli" not in start(browser, "iod")


def test_an_application_waits_for_who_decides_until_the_decision_is_due(
    browser: Browser, source: str
) -> None:
    """The decider reads the decision's day and has one button; to who entered or supervises it, nothing waits."""
    assert (
        browser("clerk").post(reverse("case-enter", args=ENTER), {**GIVEN, "sources": [source]}).status_code
        == 302
    )
    page = start(browser, "head")
    assert f'href="{reverse("case-decide", args=["W-2026-1"])}"' in page
    assert "piątek, 4 grudnia 2026 r." in " ".join(page.split())
    for role in ("clerk", "iod", "secretary", "administrator"):
        assert "W-2026-1: rozstrzygnij" not in start(browser, role), role
        assert "czeka na rozstrzygnięcie" not in start(browser, role), role


@pytest.mark.parametrize(
    ("role", "route"),
    [("clerk", "case-new"), ("secretary", "case-new"), ("iod", "supervision"), ("administrator", "sources")],
)
def test_the_first_button_is_what_the_role_does_most(browser: Browser, role: str, route: str) -> None:
    """A clerk enters an application, a data protection officer reads the week."""
    page = start(browser, role)
    assert f'<a class="button" href="{reverse(route)}">' in page
    assert page.count('<a class="button" href') == 1


def test_many_acts_of_a_kind_stand_in_one_line(browser: Browser, clock: ManualClock) -> None:
    """Five faults of a day are one line that leads to them and says how many are over; three others stand one by one."""
    broken = {"source": "machine", "description": "Rejestrator nie zapisuje."}
    for _ in range(5):
        browser("administrator").post(reverse("fault-new"), broken)
        clock.advance(timedelta(seconds=60))
    for one in maintenance.faults()[:2]:
        browser("administrator").post(
            reverse("fault-close", args=[one.number]), {"outcome": "Wymieniono dysk."}
        )
    page = start(browser, "iod")
    assert "Awaria otwarta: 5; w tym zakończone: 2" in page
    assert "Zamknięto awarię" not in page
    assert "Otwarto" not in page.split('id="happened"')[1].split("Awaria otwarta")[0]
    (link,) = [part for part in page.split('href="') if "Awaria otwarta: 5" in part.split("</a>")[0]]
    shown = text_of(browser("iod").get(link.split('"')[0].replace("&amp;", "&")))
    assert shown.count("A-2026-") >= 5


def test_digests_stand_on_the_entry_and_in_no_list_of_acts(
    browser: Browser, clock: ManualClock, people: dict[str, PersonView]
) -> None:
    """Whoever copied a message reads when and in which viewing; the ledger's page has the digests."""
    facts = {"at": clock.now().isoformat(), "viewing": "O-2026-1", "digest": "a" * 64, "frame": "b" * 64}
    with transaction.atomic():
        index = enter(MESSAGE_COPIED, actor=str(people["clerk"].id), subject="", record=facts, at=clock.now())
    page = start(browser, "clerk")
    assert "skopiowano jawnie w odczycie O-2026-1<" in page
    assert "a" * 64 not in page
    entry = text_of(browser("iod").get(reverse("entry", args=[index])))
    assert "skrót z solą" in entry
    assert entry.count("b" * 64) >= 1


def test_what_happened_is_looked_for_far_enough_back(browser: Browser) -> None:
    """Many acts of one kind do not push all others from the page."""
    broken = {"source": "machine", "description": "Rejestrator nie zapisuje."}
    added = registers.tree_head().size
    for _ in range(start_page.SHOWN_ACTS * 3):
        browser("administrator").post(reverse("fault-new"), broken)
    assert registers.tree_head().size > added
    assert "poważnieni" in start(browser, "iod").split('id="happened"')[1]


@pytest.mark.parametrize(("count", "grouped"), [(3, False), (4, True)])
def test_many_lines_of_a_kind_are_one_with_a_list_behind_it(
    browser: Browser, *, count: int, grouped: bool
) -> None:
    """Four open faults are counted in one line, and each still leads to its page; three stand one by one."""
    for _ in range(count):
        browser("administrator").post(
            reverse("fault-new"), {"source": "machine", "description": "Rejestrator nie zapisuje."}
        )
    wrong = start(browser, "iod").split('id="wrong"')[1].split("</section>")[0]
    assert wrong.count(f'href="{reverse("faults")}">Otwarta awaria A-2026-') == count
    assert ("<summary>4 otwarte awarie" in wrong) is grouped
    assert ("<details" in wrong) is grouped


def test_places_without_a_plate_are_one_line_that_counts_them(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What differs in one way stands together, what differs in another beside it."""
    places = [Sentence("No plate marks {place}, which a source covers.", {"place": str(n)}) for n in range(5)]
    found = [
        *(Difference(Kind.PLACE_UNMARKED, "video", each, MARKING, HANG) for each in places),
        Difference(Kind.AREA_WITHOUT_SOURCE, "video", places[0], MARKING, HANG),
    ]
    monkeypatch.setattr(overview.agreement, "found", lambda _clock: found)
    wrong = start(browser, "administrator").split('id="wrong"')[1].split("</section>")[0]
    behind = wrong.split("<summary>Brak tabliczek w 5 miejscach")[1].split("</details>")[0]
    assert behind.count(reverse("plate-new")) == 5
    assert wrong.count("Żadna tabliczka") == 6


def test_lines_of_a_kind_stand_together_only_with_one_day_and_one_state() -> None:
    """What is due another day, or late, keeps its own line; so does what is like nothing else."""
    day, alike = date(2026, 11, 21), ngettext_lazy("%(n)s thing", "%(n)s things", "n")
    lines = [Line("attention", str(n), "", "/", due=day, alike=alike) for n in range(4)]
    later = replace(lines[0], due=day + timedelta(days=1))
    late = replace(lines[0], kind="stopped")
    single = [Line("attention", "one", "", "/")] * 5
    shown = group_alike([late, *lines, later, *single])
    assert [(line.words, line.due, len(line.behind)) for line in shown[:3]] == [
        ("0", day, 0),
        ("4 things", day, 4),
        ("0", later.due, 0),
    ]
    assert shown[3:] == single


def test_a_guard_knows_of_no_source_but_those_watched_live(
    browser: Browser, clock: ManualClock, source: str
) -> None:
    """What is only recorded stands in no list, page or search of a guard; who supervises sees it."""
    office.activate_regulation(
        example("boleslawiec"), in_force_from=civil_date(clock.now()), clock=clock, actor=""
    )
    stated = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 74 841",))
    line = call_services.add_line(name="Centrala", stated=stated, clock=clock, actor="")
    page = reverse("source", args=[line])
    for role, knows in (("guard", False), ("iod", True)):
        client = browser(role)
        assert ("Centrala" in text_of(client.get(reverse("sources")))) is knows, role
        assert ("Centrala" in start(browser, role)) is knows, role
        assert client.get(page).status_code == (200 if knows else 403)
        found = client.post(reverse("search"), {"q": "centrala"}, follow=True)
        assert (page in text_of(found)) is knows, role
    assert browser("guard").get(reverse("source", args=[source])).status_code == 200


def test_a_disk_that_will_be_full_is_told_with_its_day(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    """The day is counted from what grows until the periods have run in; the page of the storage says the same."""
    tight = forecast(500, 250, {"one": Demand(per_day=100.0, days=10, kept=0)})
    monkeypatch.setattr(queries, "storage_forecast", lambda **_: tight)
    day = (clock.now() + timedelta(days=2)).date()
    assert tight.full_in_days == 2
    told = f"Dysk zapełni się: poniedziałek, {day.day} listopada 2026"
    assert told in " ".join(start(browser, "administrator").split())
    assert told not in " ".join(start(browser, "clerk").split())
    assert told in " ".join(text_of(browser("administrator").get(reverse("storage"))).split())


def test_the_storage_tells_recordings_from_other_files_and_no_days_that_never_come(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that other programs fill is not called used by recordings; where the periods fit, no day of a full disk is given."""
    roomy = forecast(38_000_000_000, 900_000_000_000, {"one": Demand(per_day=1e6, days=30, kept=2_000_000)})
    monkeypatch.setattr(queries, "storage_forecast", lambda **_: roomy)
    page = " ".join(text_of(browser("administrator").get(reverse("storage"))).split())
    assert roomy.full_in_days is None
    assert "<dt>Nagrania</dt><dd>2,0 MB<" in page
    assert "<dt>Inne pliki na tym dysku</dt><dd>38,0 GB<" in page
    assert "zapełni się" not in page
    assert "900000 dni" not in page
    assert "Miejsca wystarczy na cały okres przechowywania." in page
    fresh = forecast(38_000_000_000, 900_000_000_000, {"one": Demand(per_day=0.0, days=30, kept=0)})
    monkeypatch.setattr(queries, "storage_forecast", lambda **_: fresh)
    page = text_of(browser("administrator").get(reverse("storage")))
    assert "Miejsca wystarczy" not in page
    assert "Nie wiadomo jeszcze, czy miejsca wystarczy." in page


@pytest.mark.parametrize("witnessed", [True, False])
def test_the_register_of_actions_promises_what_its_witness_lets_it(
    browser: Browser, settings: Any, tmp_path: Path, *, witnessed: bool
) -> None:
    """Without a witness nobody reads that nothing could be altered unnoticed, and whether one is set stands there."""
    settings.LEDGER = replace(settings.LEDGER, witness=tmp_path / "witness" if witnessed else None)
    page = text_of(browser("iod").get(reverse("ledger")))
    assert "niezauważenie" not in page
    assert ("Świadek jest ustawiony" in page) is witnessed
    assert ("Nie ustawiono świadka" in page) is not witnessed
    client = browser("iod")
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        promised = next(str(one.words) for one in PROMISES if one.number == "I8")
    for part in ("only grows", "shortened", "forked", "is noticed"):
        assert part in promised
        assert part in text_of(client.get(reverse("ledger")))


def test_nothing_differs_is_not_said_above_things_that_are_missing(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page and the start page of who words notices count them; once nothing is missing, the sentence may stand."""
    monkeypatch.setattr(overview.agreement, "found", lambda _clock: [])
    page = text_of(browser("head").get(reverse("notices")))
    assert "której wymaga prawo" in page or "których wymaga prawo" in page
    assert f"{reverse('publication-new')}" in page
    assert "Nie ma żadnych rozbieżności" not in page
    assert "W informacjach dla ludzi brakuje" in start(browser, "head")
    monkeypatch.setattr(overview, "lacking_lines", list)
    assert "Nie ma żadnych rozbieżności" in text_of(browser("head").get(reverse("notices")))


def test_an_office_of_calls_alone_sees_no_plates(browser: Browser, clock: ManualClock) -> None:
    """Neither their panel nor their register; with cameras both are there."""
    for name, there in (("pleszew", True), ("walbrzych-mops", False)):
        office.activate_regulation(
            example(name), in_force_from=civil_date(clock.now()), clock=clock, actor=""
        )
        for route in ("notices", "registers"):
            page = text_of(browser("iod").get(reverse(route)))
            assert ("ablicz" in page.split("<main")[1]) is there, (name, route)

"""The pages before an absence or an agreement ends: what ends, for whom, and only then the button."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.people import absences, maintenance
from rejent.office.views import PersonView
from tests.people import add_person
from tests.unit.web.conftest import Browser, regulation_with, text_of

TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)
BUTTON = "button grave"
ACCESS_CLAUSE = 'clause = "§ 4 ust. 2, § 5 ust. 4, § 7 ust. 6–9"'


@pytest.fixture
def agreement(people: dict[str, PersonView], clock: ManualClock) -> int:  # noqa: ARG001 - after the office is set up
    """An agreement that covers one contractor, while the machine is at fault; its identifier."""
    regulation_with(clock)
    person = add_person(
        "Serwisant Przykładowy", post="Serwis", roles=["contractor"], username="serwis",
        password="a long and quiet river", clock=clock, actor="",
    )  # fmt: skip
    office.add_agreement(
        number="UP/7/2026", party="Serwis Przykładowy sp. z o.o.", concluded_on=TODAY, valid_from=TODAY,
        valid_until=None, people=[person.id], clock=clock, actor="",
    )  # fmt: skip
    office.open_fault(description="Brak zasilania.", source="", stream="", clock=clock, actor="")
    return maintenance.agreements()[0].id


def test_ending_an_agreement_says_first_what_ends_and_whom_it_puts_out(
    agreement: int, browser: Browser
) -> None:
    """Looking ends nothing; pressed, it is ended; afterwards the page says so and offers no button."""
    iod, address = browser("iod"), reverse("agreement-end", args=[agreement])
    assert address in text_of(iod.get(reverse("faults")))
    told = text_of(iod.get(address))
    for words in ("UP/7/2026", "Serwis Przykładowy sp. z o.o.", "Serwisant Przykładowy", "wylogowane"):
        assert words in told, words
    assert maintenance.faults()[0].number in told
    assert BUTTON in told
    assert maintenance.agreements()[0].ended_at is None
    assert iod.post(address).status_code == 302
    assert maintenance.agreements()[0].ended_at is not None
    after = text_of(iod.get(address))
    assert "Zakończono: 21.11.2026" in after
    assert BUTTON not in after


def test_an_agreement_that_has_expired_is_not_ended(
    agreement: int, browser: Browser, clock: ManualClock
) -> None:
    """Once its last day lies behind, the page says that and offers no button; to who enters none it does not open."""
    office.add_agreement(
        number="UP/8/2026", party="Serwis", concluded_on=TODAY, valid_from=TODAY, valid_until=TODAY,
        people=maintenance.agreements()[0].people, clock=clock, actor="",
    )  # fmt: skip
    short = max(one.id for one in maintenance.agreements())
    clock.advance(DAY)
    told = text_of(browser("iod").get(reverse("agreement-end", args=[short])))
    assert "już wygasła" in told
    assert BUTTON not in told
    assert browser("administrator").get(reverse("agreement-end", args=[agreement])).status_code == 403


def test_ending_an_absence_says_first_whose_and_who_decides_then(
    people: dict[str, PersonView], browser: Browser, clock: ManualClock
) -> None:
    """Looking ends nothing; pressed, it is ended; afterwards the page says so and offers no button."""
    regulation_with(clock)
    entered = office.enter_absence(people["head"].id, TODAY, TODAY + 3 * DAY, clock=clock, actor="")
    secretary, address = browser("secretary"), reverse("absence-end", args=[entered.id])
    assert address in text_of(secretary.get(reverse("absences")))
    told = text_of(secretary.get(address))
    for words in ("Osoba head", "21 listopada 2026", "24 listopada 2026", "zastępca już go nie zastępuje"):
        assert words in told, words
    assert BUTTON in told
    assert absences.absence(entered.id).ended_at is None
    assert secretary.post(address).status_code == 302
    assert absences.absence(entered.id).ended_at is not None
    after = text_of(secretary.get(address))
    assert "Zakończono: 21.11.2026" in after
    assert BUTTON not in after


def test_ending_an_absence_promises_no_more_than_it_brings(
    people: dict[str, PersonView], browser: Browser, clock: ManualClock
) -> None:
    """Of two that overlap, neither alone brings the head back; one to come takes nothing from the deputy; one over is over."""
    regulation_with(clock)
    first, second, coming = (
        office.enter_absence(people["head"].id, begins, ends, clock=clock, actor="")
        for begins, ends in ((TODAY, TODAY), (TODAY, None), (TODAY + 5 * DAY, None))
    )
    secretary = browser("secretary")

    def told(absence: int) -> str:
        return text_of(secretary.get(reverse("absence-end", args=[absence])))

    assert "nie liczy" in told(first.id)
    assert "nie zastępuje" not in told(second.id)
    assert "jeszcze się nie zaczęła" in told(coming.id)
    clock.advance(DAY)
    assert "nie zastępuje" in told(second.id)
    assert "już minęła" in told(first.id)
    assert BUTTON not in told(first.id)
    assert secretary.get(reverse("absence-end", args=[99])).status_code == 404
    assert browser("deputy").get(reverse("absence-end", args=[second.id])).status_code == 403


def test_a_rule_without_a_clause_is_told_without_brackets(
    people: dict[str, PersonView],  # noqa: ARG001 - after the office is set up
    browser: Browser,
    clock: ManualClock,
) -> None:
    """The faults name the clause that lets a contractor come where there is one, and nothing empty where there is none."""
    regulation_with(clock)
    assert "bez obrazu i dźwięku (§ 4 ust. 2, § 5 ust. 4, § 7 ust. 6–9)." in text_of(
        browser("iod").get(reverse("faults"))
    )
    regulation_with(clock, {ACCESS_CLAUSE: ""})
    told = text_of(browser("iod").get(reverse("faults")))
    assert "bez obrazu i dźwięku." in told
    assert "( )" not in told
    assert "()" not in told

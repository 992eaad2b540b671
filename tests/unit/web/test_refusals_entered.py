"""Every refusal to somebody who is signed in stands in the register, and the week's report counts it."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from rejent.access.supervision import queries as supervision
from rejent.access.supervision.weeks import Week
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.errors import NotEntrustedError
from rejent.office.sign_in.entries import connect
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.registers.repetition import WINDOW, enter_counts
from rejent.web.pages.plain_form import PlainForm
from rejent.web.urls import urlpatterns
from tests.unit.web.conftest import NOON, Browser, text_of

WEEK = Week.at(NOON)
Refusal = dict[str, object]


def refused(person: PersonView) -> list[Refusal]:
    """What was entered as refused to a person, the oldest first, without the person's own identifier."""
    acts = registers.acts(names=["access.refused"], actor=str(person.id)).acts
    return [
        {name: fact for name, fact in (act.facts or {}).items() if name != "person"} for act in acts[::-1]
    ]


@pytest.mark.parametrize(
    ("role", "route", "rule"),
    [
        ("head", "live", "role-not-named"),
        ("guard", "find", "role-excluded"),
        ("head", "find", "role-not-named"),
        ("guard", "ledger", "role-does-not-administer"),
        ("employee", "people", "role-does-not-administer"),
        ("deputy", "hold-end", "not-acting"),
    ],
)
def test_a_page_that_is_refused_is_an_act(
    browser: Browser, people: dict[str, PersonView], role: str, route: str, rule: str
) -> None:
    """The act names the person, the rule and the page."""
    address = reverse(route, args=["Z-2026-1"] if route == "hold-end" else [])
    assert browser(role).get(address).status_code == 403
    assert refused(people[role]) == [{"rule": rule, "page": address}]


@pytest.mark.parametrize(
    ("route", "typed"),
    [
        ("hold-end", ["Jan Kowalski 500 600 700"]),
        ("hold", ["Z-2026-1 Kowalski"]),
        ("gate-enter", ["video", "ul. Przykładowa 7"]),
        ("entry", [7]),
    ],
)
def test_what_somebody_writes_into_an_address_stays_out_of_the_register(
    browser: Browser, people: dict[str, PersonView], route: str, typed: list[str | int]
) -> None:
    """The act names the page by its pattern; only a number of the program's own fills it."""
    assert browser("guard").get(reverse(route, args=typed)).status_code == 403
    (entered,) = refused(people["guard"])
    pattern = "/" + str(next(one.pattern for one in urlpatterns if getattr(one, "name", "") == route))
    assert entered["page"] == pattern.replace("<int:index>", "7")
    assert not any(str(one) in str(entered) for one in typed if isinstance(one, str))


def test_the_same_rule_is_one_act_and_a_count(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """Whatever pages were tried within ten minutes, the register gets one act and then how often it came again."""
    guard = browser("guard")
    for route in ("ledger", "people", "ledger", "supervision"):
        assert guard.get(reverse(route)).status_code == 403
    assert len(refused(people["guard"])) == 1
    clock.advance(WINDOW)
    enter_counts(clock=clock)
    first, counted = refused(people["guard"])
    assert (first["page"], counted["again"]) == (reverse("ledger"), 3)
    assert supervision.refusals(WEEK.interval).by_rule == (
        ("role-does-not-administer", str(people["guard"].id), 4),
    )


def test_the_report_of_the_week_tells_of_it(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """Supervision does not say that nobody was refused, and its line leads to the very acts."""
    iod = browser("iod")
    assert "nikt nie dostał odmowy" in text_of(iod.get(reverse("supervision"), {"week": str(WEEK)}))
    browser("guard").get(reverse("ledger"))
    clock.advance(timedelta(seconds=1))
    page = text_of(iod.get(reverse("supervision"), {"week": str(WEEK)}))
    assert people["guard"].name in page
    days = f"first={WEEK.first:%d.%m.%Y}&last={WEEK.last:%d.%m.%Y}"
    address = f"{reverse('ledger')}?{days}&kind=access.refused&person={quote(str(people['guard'].id))}"
    assert address in page
    register = text_of(iod.get(address))
    assert "poza zadaniami tej roli" in register
    assert reverse("ledger") in register


def test_an_operation_that_is_refused_is_an_act(browser: Browser, people: dict[str, PersonView]) -> None:
    """The administrator who would change the head's roles is entered, and nothing is changed."""
    address = reverse("person-roles", args=[people["head"].id])
    answer = browser("administrator").post(address, {"roles": ["employee"]})
    assert answer.status_code == 403
    assert refused(people["administrator"]) == [{"rule": "not-entrusted", "operation": address}]


def test_a_form_hands_on_what_a_rule_refuses() -> None:
    """The rule gets its own page; it is no mistake in the form."""
    with pytest.raises(NotEntrustedError):
        PlainForm({}).refuse(NotEntrustedError("Somebody else decides."))


@pytest.mark.usefixtures("people")
def test_strangers_are_nobody_to_name(client: Client) -> None:
    """Who is not signed in is sent to sign in; nothing is entered."""
    assert client.get(reverse("ledger")).status_code == 302
    assert registers.acts(names=["access.refused"]).acts == []


@pytest.mark.usefixtures("counters")
def test_an_attempt_that_comes_too_early_is_entered_at_its_account(
    people: dict[str, PersonView],
    client: Client,
    clock: ManualClock,
) -> None:
    """Guesses that are not even read count as failures of the account they were for."""
    connect()
    for _ in range(8):
        client.post(reverse("account_login"), {"login": people["clerk"].username, "password": "wrong"})
    clock.advance(WINDOW)
    enter_counts(clock=clock)
    assert supervision.refusals(WEEK.interval).sign_ins == ((str(people["clerk"].id), 8),)


def test_a_refused_token_is_an_act(people: dict[str, PersonView], client: Client, clock: ManualClock) -> None:
    """The interface's refusals are told like those of pages."""
    token = office.create_token(people["guard"].id, label="", days=1, clock=clock, actor="")
    answer = client.get("/api/v1/ledger", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    assert refused(people["guard"]) == [{"rule": "role-does-not-administer", "operation": "/api/v1/ledger"}]

"""Numbers of those who refused to be recorded: entered and taken back on pages, and known only to who handles calls."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from rejent.access import services as access
from rejent.kernel.clock import ManualClock, civil_date
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from tests.unit.web.conftest import text_of
from tests.unit.web.test_call_pages import somebody

NUMBER, SHOWN = "22 555-01-23", "+48 22 555 01 23"

pytestmark = pytest.mark.usefixtures("line")


@pytest.fixture
def line(db: None, clock: ManualClock) -> str:  # noqa: ARG001 - asked for its effect
    """A line of an office that records calls."""
    office.activate_regulation(example("boleslawiec"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    stated = StatedLine(siprec="127.0.0.1:5060", numbers=("+4874555",))
    return call_services.add_line(name="Sekretariat", stated=stated, clock=clock, actor="")


def authorise(person: PersonView, clock: ManualClock) -> None:
    """Let somebody hear calls."""
    access.issue_authorisation(
        person_id=person.id, acts=["recordings"], stream="calls", source_ids=None,
        valid_from=civil_date(clock.now()), valid_until=None, clock=clock, actor="",
    )  # fmt: skip


def enter(client: Client, number: str) -> str:
    """Enter a number; the page that follows."""
    return text_of(client.post(reverse("refused-number-new"), {"number": number}, follow=True))


def test_a_refusal_is_entered_and_taken_back(clock: ManualClock) -> None:
    """Each is an act of who did it and tells no number; a second entry of the number is said to stand; taking back asks first."""
    person, client = somebody("iod", clock)
    assert "Nikt nie odmówił nagrywania" in text_of(client.get(reverse("refused-numbers")))
    page = enter(client, NUMBER)
    assert "Odmowę 1 wpisano" in page
    assert SHOWN in page
    assert "jest już na liście: odmowa 1" in enter(client, "+48225550123")
    (act,) = registers.entered(["call.number-refused"])
    assert act.actor == str(person.id)
    assert "55501" not in str(act.facts)
    end = reverse("refused-number-end", args=[1])
    assert SHOWN in text_of(client.get(end))
    assert len(call_queries.refusals()) == 1
    assert "Odmowę 1 cofnięto" in text_of(client.post(end, follow=True))
    assert call_queries.refusals() == []
    assert [act.actor for act in registers.entered(["call.number-allowed"])] == [str(person.id)]
    assert "Odmowa 1 już nie obowiązuje" in text_of(client.get(end, follow=True))


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("", "Wpisz numer."),
        ("101", "To nie jest"),
        ("74 555 01 00", "To numer urzędu"),
        ("<b>", "To nie jest"),
    ],
)
def test_what_cannot_be_refused_is_said_at_its_field(clock: ManualClock, number: str, said: str) -> None:
    """No number, an extension, the office's own: with 422; what was typed stays, nothing is entered."""
    _, client = somebody("secretary", clock)
    answer = client.post(reverse("refused-number-new"), {"number": number})
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert call_queries.refusals() == []


def test_who_runs_the_program_sees_that_numbers_are_refused_and_not_which(clock: ManualClock) -> None:
    """The list says since when and by whom; entering and taking back stay shut."""
    call_services.refuse_number(NUMBER, clock=clock, actor="")
    _, client = somebody("administrator", clock)
    page = text_of(client.get(reverse("refused-numbers")))
    assert "dla osób zajmujących się rozmowami" in page
    assert "55501" not in page
    assert "555 01" not in page
    for shut in (reverse("refused-number-new"), reverse("refused-number-end", args=[1])):
        assert shut not in page
        assert client.get(shut).status_code == 403
        assert client.post(shut, {"number": "600 100 200"}).status_code == 403
    assert len(call_queries.refusals()) == 1


def test_who_may_hear_calls_enters_refusals_and_takes_none_back(clock: ManualClock) -> None:
    """The role that the regulation names, once authorised; before that, and after it ends, the pages stay shut."""
    person, client = somebody("viewer", clock)
    assert client.get(reverse("refused-numbers")).status_code == 403
    authorise(person, clock)
    assert SHOWN in enter(client, NUMBER)
    assert client.post(reverse("refused-number-end", args=[1])).status_code == 403
    assert len(call_queries.refusals()) == 1
    assert reverse("refused-numbers") in text_of(client.get(reverse("start")))


@pytest.mark.parametrize("role", ["guard", "clerk", "employee", "contractor"])
def test_nobody_else_learns_of_them(role: str, clock: ManualClock) -> None:
    """Neither the list nor the way to it."""
    _, client = somebody(role, clock)
    for page in ("refused-numbers", "refused-number-new"):
        assert client.get(reverse(page)).status_code == 403
    assert reverse("refused-numbers") not in text_of(client.get(reverse("start")))

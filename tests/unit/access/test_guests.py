"""People without an authorisation who see a recording beside somebody who has one (R-ACC-5)."""

from datetime import date
from typing import Any

import pytest

from rejent.access import checks, queries, services
from rejent.access.errors import AccessRefusedError, NoSuchViewingError, ViewingRefusedError
from rejent.access.models import Guest, Viewing
from rejent.access.presence import queries as presence_queries
from rejent.access.rules.decision import Rule
from rejent.access.services.presence import MOST_GUESTS
from rejent.access.views import GuestView, ViewingView
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.unit.access.conftest import Issue, People
from tests.unit.access.test_viewings import open_viewing

SECRET = "Zofia Nieznana"


@pytest.fixture
def office_name() -> str:
    """An office whose regulation lets people see recordings beside somebody who is authorised (§ 7 ust. 6)."""
    return "pleszew"


@pytest.fixture
def viewer(person: People, issue: Issue) -> PersonView:
    """Somebody who may see recordings."""
    somebody = person("viewer")
    issue(somebody)
    return somebody


@pytest.fixture
def viewing(viewer: PersonView, source: str, clock: ManualClock) -> ViewingView:
    """An open viewing of theirs."""
    return open_viewing(viewer, source, clock)


def enter(viewing: ViewingView, person: PersonView, clock: ManualClock, **changed: Any) -> GuestView:
    """Enter a guest in a viewing."""
    given = {"name": SECRET, "function": "poszkodowana", "reason": "rozpoznaje rower", "session": "session"}
    return services.enter_guest(viewing.id, person=person, clock=clock, **{**given, **changed})


def test_a_guest_is_entered_without_their_name_in_the_ledger(
    viewing: ViewingView, viewer: PersonView, clock: ManualClock
) -> None:
    """The ledger tells of which viewing, the how manieth, by whom; who it was stands beside it alone."""
    enter(viewing, viewer, clock, name=f"  {SECRET} ")
    enter(viewing, viewer, clock, name="Jan Policjant", function="policja")
    told = [(one.place, one.name) for one in presence_queries.guests(viewing.id)]
    assert told == [(1, SECRET), (2, "Jan Policjant")]
    assert queries.viewing(viewing.id).guests == 2
    acts = registers.acts(names=["viewing.guest-entered"]).acts
    assert [act.facts["guest"] for act in acts if act.facts] == [2, 1]
    assert all(SECRET not in repr(act) and "rower" not in repr(act) for act in acts)
    assert {act.actor for act in acts} == {str(viewer.id)}
    assert list(checks.findings(clock)) == []


@pytest.mark.parametrize("office_name", ["elblag"])
def test_where_the_regulation_knows_no_guests_none_is_entered(
    viewing: ViewingView, viewer: PersonView, clock: ManualClock
) -> None:
    """The attempt is entered with its rule, and nobody is added."""
    with pytest.raises(AccessRefusedError) as refused:
        enter(viewing, viewer, clock)
    assert refused.value.decision.rule is Rule.GUESTS_NOT_PERMITTED
    (attempt,) = registers.acts(names=["access.refused"]).acts
    assert attempt.facts is not None
    assert attempt.facts["rule"] == "guests-not-permitted"
    assert presence_queries.guests(viewing.id) == []
    assert queries.open_viewing_for(viewing.id, viewer, "session", clock=clock) == viewing


def test_a_regulation_that_comes_to_forbid_guests_ends_a_viewing_that_has_one(
    viewing: ViewingView, viewer: PersonView, clock: ManualClock
) -> None:
    """The next piece is refused; it was allowed before."""
    enter(viewing, viewer, clock)
    assert queries.open_viewing_for(viewing.id, viewer, "session", clock=clock).guests == 1
    stricter = example("pleszew").replace('second_person = "for-unauthorised"', 'second_person = "never"')
    office.activate_regulation(stricter, in_force_from=date(2026, 11, 21), clock=clock, actor="")
    with pytest.raises(AccessRefusedError) as refused:
        queries.open_viewing_for(viewing.id, viewer, "session", clock=clock)
    assert refused.value.decision.rule is Rule.GUESTS_NOT_PERMITTED


@pytest.mark.parametrize(
    "changed",
    [
        {"name": " "},
        {"function": ""},
        {"reason": "\n"},
        {"name": "x" * 121},
        {"reason": "x" * 301},
        {"name": "Anna\u202eK"},
        {"function": "a\nb"},
    ],
)
def test_what_is_entered_of_a_guest_is_bounded_and_can_be_read(
    viewing: ViewingView, viewer: PersonView, clock: ManualClock, changed: dict[str, str]
) -> None:
    """Nothing empty, nothing endless, no sign that turns or hides others."""
    with pytest.raises(ViewingRefusedError):
        enter(viewing, viewer, clock, **changed)
    assert registers.acts(names=["viewing.guest-entered"]).acts == []


def test_a_viewing_has_a_number_of_guests_and_no_more(
    viewing: ViewingView, viewer: PersonView, clock: ManualClock
) -> None:
    """An assembly is no viewing."""
    for _ in range(MOST_GUESTS):
        enter(viewing, viewer, clock)
    with pytest.raises(ViewingRefusedError):
        enter(viewing, viewer, clock)
    assert queries.viewing(viewing.id).guests == MOST_GUESTS


def test_only_whose_viewing_it_is_enters_guests_while_it_is_open(
    viewing: ViewingView, viewer: PersonView, person: People, clock: ManualClock
) -> None:
    """Another person and another session find no viewing; after its end nobody is added."""
    for somebody, session in ((person("viewer"), "session"), (viewer, "another")):
        with pytest.raises(NoSuchViewingError):
            enter(viewing, somebody, clock, session=session)
    services.close_viewing(viewing.id, clock=clock, actor="")
    with pytest.raises(AccessRefusedError) as refused:
        enter(viewing, viewer, clock)
    assert refused.value.decision.rule is Rule.VIEWING_ENDED


@pytest.mark.parametrize(
    "changed", [{"name": "Inna Osoba"}, {"reason": "ciekawość"}, {"place": 2}, {"salt": bytes(32)}]
)
def test_a_guest_who_was_written_over_is_found(
    viewing: ViewingView, viewer: PersonView, clock: ManualClock, changed: dict[str, Any]
) -> None:
    """What the row says of a guest no longer opens the commitment that the ledger holds."""
    enter(viewing, viewer, clock)
    Guest.objects.update(**changed)
    assert {one.code for one in checks.findings(clock)} & {
        "access.differs-from-ledger",
        "access.not-in-ledger",
    }


def test_a_guest_who_was_taken_away_is_found(
    viewing: ViewingView, viewer: PersonView, clock: ManualClock
) -> None:
    """Without its row, and with a count that was set back too, the ledger still tells of the guest."""
    enter(viewing, viewer, clock)
    Guest.objects.all().delete()
    assert {one.code for one in checks.findings(clock)} == {"access.row-missing", "access.guests-miscounted"}
    Viewing.objects.update(guests=0)
    assert {one.code for one in checks.findings(clock)} == {"access.row-missing"}

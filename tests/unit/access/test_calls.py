"""Looking for calls and opening one: by the rules of recordings, each search entered, and no hint to anybody else."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from rejent.access import queries, services
from rejent.access.errors import AccessRefusedError, ViewingRefusedError
from rejent.access.models import SecondAsked, Viewing
from rejent.access.rules.decision import Rule, Statement
from rejent.access.views import ViewingView
from rejent.catalog import services as catalog
from rejent.devices.views import MACHINE, ClientStation
from rejent.kernel.clock import ManualClock
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.streams.calls.catalog import searching
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.errors import NoSuchCallError, SearchRefusedError
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.catalog.views import CallQuestion, FoundCalls
from tests.unit.access.conftest import NOON, Issue, People
from tests.unit.catalog.conftest import finished

CALLER, CALLED = "+48225550123", "+48745550100"
DAY = date(2026, 11, 21)
HERE = ClientStation(MACHINE, lack=None)
CALL = "ab" * 16
PURPOSE = "obsluga"


@pytest.fixture
def office_name() -> str:
    """An office that records calls, and lets them be heard at listed stations; it has no cameras."""
    return "walbrzych-mops"


@pytest.fixture
def source(db: None, office_name: str, clock: ManualClock) -> str:  # noqa: ARG001 - asked for its effect
    """A line."""
    from rejent.office import services as office
    from rejent.office.regulation.loading import example

    office.activate_regulation(example(office_name), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    return add_line("Line", clock)


def add_line(name: str, clock: ManualClock) -> str:
    """Add a line; returns its identifier."""
    return call_services.add_line(
        name=name,
        stated=StatedLine(siprec=f"127.0.0.1:{5060 + len(name)}", numbers=("+4874555",)),
        clock=clock,
        actor="",
    )


@pytest.fixture
def call(source: str, clock: ManualClock) -> str:
    """A call of a minute that is over and booked."""
    return add_call(source, clock)


def add_call(source: str, clock: ManualClock, call: str = CALL) -> str:
    """Enter a call of a minute."""
    start = NOON - timedelta(hours=1)
    call_services.begin_call(
        call_services.BegunCall(call, source, DAY, start, "incoming", CALLER, CALLED), clock=clock
    )
    segment = finished(source, -7200, -7140, run=call)
    catalog.book_segments([segment], clock)
    call_services.end_call(call, start + timedelta(minutes=1), "bye", clock=clock)
    return call


@pytest.fixture
def viewer(person: People, issue: Issue) -> PersonView:
    """Somebody who may hear calls."""
    made = person("viewer")
    issue(made, stream="calls")
    return made


def search(person: PersonView, clock: ManualClock, **changed: Any) -> FoundCalls:
    """Look for the call by both numbers, at the server itself."""
    known = {"caller": "22 555 01 23", "called": "0100", "day": None, "about": None, "direction": ""}
    told = {"client_station": HERE} | {
        name: changed.pop(name) for name in ("client_station", "source_id") if name in changed
    }
    question = CallQuestion(source_ids=frozenset(), **{**known, **changed})
    return searching.search_calls(person, question, clock=clock, **told)


def listen(person: PersonView, clock: ManualClock, **changed: Any) -> ViewingView:
    """Open the call for a purpose that the regulation lists."""
    given = {
        "call_id": CALL,
        "purpose": PURPOSE,
        "case": "OR.1",
        "session": "session",
        "client_station": HERE,
        "acknowledged": True,
        "is_held": lambda _: False,
    }
    return searching.open_call(person=person, clock=clock, **{**given, **changed})


def acts(name: str) -> list[Any]:
    """The acts of one name, oldest first."""
    return list(registers.entered([name]))


def test_a_search_is_entered_with_its_facts_and_hits_and_no_number(
    viewer: PersonView, call: str, clock: ManualClock
) -> None:
    """Who asked, what was known, how many were found; a search without a hit as well."""
    assert [one.id for one in search(viewer, clock).calls] == [call]
    assert search(viewer, clock, caller="999999999").calls == ()
    first, second = acts("calls.searched")
    assert (first.actor, first.facts["facts"], first.facts["count"]) == (str(viewer.id), "caller called", 1)
    assert second.facts["count"] == 0
    for act in (first, second):
        assert not {CALLER, CALLED, "225550123", "0100", "999999999"} & set(map(str, act.facts.values()))
        assert "55501" not in str(act.facts)


@pytest.mark.usefixtures("call")
def test_one_fact_alone_is_too_little(viewer: PersonView, clock: ManualClock) -> None:
    """Whoever knows only a number, or only a date, would browse; nothing is entered."""
    for known in ({"called": ""}, {"caller": "", "called": "", "day": DAY}):
        with pytest.raises(SearchRefusedError):
            search(viewer, clock, **known)
    assert acts("calls.searched") == []


@pytest.mark.usefixtures("call")
@pytest.mark.parametrize(
    ("role", "rule"),
    [("viewer", Rule.NOT_AUTHORISED), ("iod", Rule.ROLE_EXCLUDED), ("administrator", Rule.ROLE_NOT_NAMED)],
)
def test_who_has_no_authorisation_finds_nothing(
    person: People, clock: ManualClock, role: str, rule: Rule
) -> None:
    """The refusal is entered; whether there is a call is not told, in looking for it or in opening it."""
    somebody = person(role)
    with pytest.raises(AccessRefusedError) as refused:
        search(somebody, clock)
    assert refused.value.decision.rule is rule
    assert [act.facts["rule"] for act in acts("access.refused")] == [rule.value]
    for call_id in (CALL, "ef" * 16):
        with pytest.raises(NoSuchCallError) as missing:
            listen(somebody, clock, call_id=call_id)
        assert missing.value.template == "There is no such call."
    assert Viewing.objects.count() == 0


def test_only_the_lines_of_the_authorisation_are_looked_through(
    person: People, issue: Issue, source: str, call: str, clock: ManualClock
) -> None:
    """A call of another line is not found, and is not there for who asks for it."""
    other = add_line("Other", clock)
    add_call(other, clock, "cd" * 16)
    somebody = person("viewer")
    issue(somebody, stream="calls", source_ids=[source])
    assert [one.id for one in search(somebody, clock).calls] == [call]
    with pytest.raises(AccessRefusedError):
        search(somebody, clock, source_id=other)
    with pytest.raises(NoSuchCallError):
        listen(somebody, clock, call_id="cd" * 16)


@pytest.mark.usefixtures("call")
def test_calls_are_looked_for_and_opened_at_a_listed_station(viewer: PersonView, clock: ManualClock) -> None:
    """Anywhere else both are refused."""
    for attempt in (search, listen):
        with pytest.raises(AccessRefusedError) as refused:
            attempt(viewer, clock, client_station=ClientStation())
        assert refused.value.decision.rule is Rule.STATION_NOT_LISTED


def test_a_viewing_is_of_the_one_call(viewer: PersonView, source: str, call: str, clock: ManualClock) -> None:
    """It names the call, in the row and in the ledger, and spans what is recorded of it."""
    viewing = listen(viewer, clock)
    assert (viewing.item, viewing.source_id) == (call, source)
    assert (viewing.start, viewing.end) == (NOON - timedelta(hours=1), NOON - timedelta(minutes=59))
    (opened,) = acts("viewing.opened")
    assert opened.facts["item"] == call


def test_a_line_is_not_opened_without_a_call(
    viewer: PersonView, source: str, call: str, clock: ManualClock
) -> None:
    """Several calls run at once: an interval of the line would open what nobody asked for; nor a call of another line."""
    other = add_line("Other", clock)
    whole = {
        "start": NOON - timedelta(hours=1),
        "end": NOON,
        "purpose": PURPOSE,
        "case": "OR.1",
        "acknowledged": True,
    }
    for line, named in ((source, ""), (other, call)):
        with pytest.raises(ViewingRefusedError, match="one item at a time"):
            services.open_viewing(
                person=viewer,
                source_id=line,
                item=named,
                session="s",
                clock=clock,
                client_station=HERE,
                **whole,
            )
        with pytest.raises(ViewingRefusedError, match="one item at a time"):
            services.ask_second(
                person=viewer, source_id=line, item=named, interval=(whole["start"], NOON), position=NOON,
                statement=Statement(PURPOSE, "OR.1", acknowledged=True), session="s", clock=clock, client_station=HERE,
            )  # fmt: skip
    assert SecondAsked.objects.count() == 0


def test_a_call_that_goes_on_or_was_destroyed_is_not_opened(
    viewer: PersonView, source: str, call: str, clock: ManualClock
) -> None:
    """The one says so; of the other nothing is left to tell of."""
    running = "cd" * 16
    begun = call_services.BegunCall(running, source, DAY, NOON, "incoming", CALLER, CALLED)
    call_services.begin_call(begun, clock=clock)
    with pytest.raises(ViewingRefusedError, match="yet"):
        listen(viewer, clock, call_id=running)
    catalog.mark_destroyed(source, DAY, "age1day")
    with pytest.raises(NoSuchCallError):
        listen(viewer, clock, call_id=call)


def test_an_edited_call_of_a_viewing_is_found(
    viewer: PersonView, call: str, clock: ManualClock, check: Callable[[], set[str]]
) -> None:
    """Fsck holds it against what was entered."""
    listen(viewer, clock, call_id=call)
    assert check() == set()
    Viewing.objects.update(item="cd" * 16)
    assert check() == {"access.differs-from-ledger"}


@pytest.fixture
def check(clock: ManualClock) -> Callable[[], set[str]]:
    """What fsck finds of access."""
    from rejent.access import checks

    return lambda: {found.code for found in checks.findings(clock)}


def test_the_purposes_are_those_of_calls(viewer: PersonView, clock: ManualClock) -> None:
    """A purpose of another stream opens nothing."""
    assert viewer
    assert PURPOSE in queries.purposes("calls", clock=clock)

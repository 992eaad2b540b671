"""Regulation versions, places and gates."""

from datetime import date, timedelta

import pytest

from rejent.kernel.clock import ManualClock, civil_date
from rejent.office import queries, services
from rejent.office.errors import (
    ExcludedPlaceError,
    GateRefusedError,
    NoRegulationError,
    PlaceRefusedError,
)
from rejent.office.models import RegulationVersion
from rejent.office.regulation.loading import RegulationRefusedError, example
from rejent.office.regulation.vocabulary import PlaceKind
from rejent.office.services.regulation import TEST_GATES_BEFORE
from rejent.registers import queries as registers
from tests.unit.office_services.conftest import TODAY


def test_a_version_is_in_force_from_its_day(regulation: int, clock: ManualClock) -> None:
    """The version whose day came last counts; before the first there is none."""
    later = services.activate_regulation(
        example("miedziana-gora"), in_force_from=date(2026, 12, 1), clock=clock, actor="cli"
    )
    assert (regulation, later) == (1, 2)
    before, after = (
        queries.verified_regulation(date(2026, 11, 30)),
        queries.verified_regulation(date(2026, 12, 1)),
    )
    assert before.streams["video"].retention != after.streams["video"].retention
    assert queries.version_in_force(date(2026, 12, 1)).version == 2
    assert [view.version for view in queries.every_version()] == [2, 1]
    assert queries.version_in_force(TODAY).text == example("pleszew")
    with pytest.raises(NoRegulationError):
        queries.verified_regulation(date(2025, 12, 31))
    assert queries.verified_streams(date(2025, 12, 31)) == {}
    entered = registers.acts(names=["regulation.activated"]).acts[0].facts
    assert entered is not None
    assert entered["sha256"] == queries.every_version()[0].sha256


@pytest.mark.django_db
def test_a_regulation_with_an_error_is_not_loaded(clock: ManualClock) -> None:
    """Nothing is kept and nothing entered of a text that breaks a rule."""
    with pytest.raises(RegulationRefusedError):
        services.activate_regulation("name = 1", in_force_from=TODAY, clock=clock, actor="cli")
    assert queries.every_version() == []
    assert registers.tree_head().size == 0


def test_a_place_is_entered_once(regulation: int, clock: ManualClock) -> None:
    """The same place again is the same place; its name stays out of the register, for it may be secret."""
    assert regulation
    first = services.add_place("Town hall", "Main entrance", "entrance", clock=clock, actor="cli")
    again = services.add_place(" Town hall ", "Main entrance", "entrance", clock=clock, actor="cli")
    assert first == again
    (place,) = queries.places()
    assert (place.building, place.name, place.kind) == ("Town hall", "Main entrance", "entrance")
    assert queries.buildings() == ["Town hall"]
    (entered,) = registers.acts(names=["place.added"]).acts
    assert "entrance" in str(entered.facts)
    assert "Main" not in str(entered.facts)
    with pytest.raises(PlaceRefusedError):
        services.add_place("Town hall", "Main entrance", "hall", clock=clock, actor="cli")


@pytest.mark.parametrize("kind", [kind for kind in PlaceKind if kind.excluded])
def test_an_excluded_kind_is_refused_with_the_provision(
    regulation: int, clock: ManualClock, kind: PlaceKind
) -> None:
    """The quotation stands in the error; neither building nor place is left."""
    assert regulation
    with pytest.raises(ExcludedPlaceError) as refused:
        services.add_place("Town hall", "Door", kind.value, clock=clock, actor="cli")
    assert kind.rule is not None
    assert kind.rule.quotation in str(refused.value)
    assert queries.buildings() == []


def test_a_kind_the_regulation_itself_excludes_is_refused_with_its_clause(
    regulation: int, clock: ManualClock
) -> None:
    """An office may exclude more than the statute does."""
    text = example("pleszew")
    assert "[streams.video.places]" in text
    head, _, rest = text.partition("[streams.video.places]")
    body = [line for line in rest.splitlines() if not line.startswith("excluded")]
    kinds = ", ".join(
        f'"{kind}"' for kind in (*(each.value for each in PlaceKind if each.excluded), "archive")
    )
    stricter = f"{head}[streams.video.places]\nexcluded = [{kinds}]\n" + "\n".join(body)
    services.activate_regulation(stricter, in_force_from=TODAY, clock=clock, actor="cli")
    with pytest.raises(ExcludedPlaceError):
        services.add_place("Town hall", "Archive", "archive", clock=clock, actor="cli")
    assert regulation == 1


@pytest.mark.parametrize(
    ("building", "place", "kind"), [("", "Door", "hall"), ("Hall", " ", "hall"), ("Hall", "Door", "roof")]
)
def test_a_place_needs_names_and_a_known_kind(
    regulation: int, clock: ManualClock, building: str, place: str, kind: str
) -> None:
    """What is missing is said, nothing is entered."""
    assert regulation
    with pytest.raises(PlaceRefusedError):
        services.add_place(building, place, kind, clock=clock, actor="cli")
    assert queries.places() == []


def test_a_stream_starts_two_weeks_after_staff_were_told(regulation: int, clock: ManualClock) -> None:
    """Until every fact is entered and its period has run, the gate is closed and says what it waits for (R-OPEN-7)."""
    assert regulation
    gate = queries.gates("video", civil_date(clock.now()))
    assert not gate.open
    assert {condition.name for condition in gate.missing} == {"staff-told", "places-marked"}
    for kind in ("staff-told", "places-marked"):
        services.enter_gate("video", kind, TODAY, note="by letter", clock=clock, actor="cli")
    assert queries.gates("video", civil_date(clock.now())).missing == ()
    assert not queries.gates("video", civil_date(clock.now())).open
    clock.advance(timedelta(days=14))
    assert not queries.gates("video", civil_date(clock.now())).open
    clock.advance(timedelta(days=1))
    assert queries.gates("video", civil_date(clock.now())).open
    assert len(registers.acts(names=["gate.entered"]).acts) == 2


@pytest.mark.parametrize(
    "edit",
    [{"sha256": "0" * 64}, {"in_force_from": date(2025, 1, 1)}, {"version": 7}],
)
def test_no_stream_starts_by_a_regulation_that_was_edited(
    regulation: int, clock: ManualClock, edit: dict[str, object]
) -> None:
    """Whoever writes the database starts nothing by another text or day."""
    assert regulation
    services.publish_test_gates(clock=clock)
    RegulationVersion.objects.update(**edit)
    activation = queries.gates("video", civil_date(clock.now()))
    assert not activation.open
    assert [condition.name for condition in activation.missing] == ["provided"]


@pytest.mark.parametrize(
    ("stream", "kind", "day"),
    [
        ("calls", "staff-told", TODAY),
        ("video", "wish", TODAY),
        ("video", "in-force", TODAY),
        ("video", "staff-told", TODAY + timedelta(days=1)),
    ],
)
def test_a_fact_that_cannot_be_is_refused(
    regulation: int, clock: ManualClock, stream: str, kind: str, day: date
) -> None:
    """A stream that is not prescribed, a kind that nobody enters, a day that has not come."""
    assert regulation
    with pytest.raises(GateRefusedError):
        services.enter_gate(stream, kind, day, note="", clock=clock, actor="cli")
    assert queries.gate_facts("video") == []


def test_a_test_installation_starts_at_once(regulation: int, clock: ManualClock) -> None:
    """Its gates count as passed thirty days before, each fact with an act that says so: yesterday's history is taken."""
    assert regulation
    since = TODAY - TEST_GATES_BEFORE
    services.activate_regulation(example("elblag"), in_force_from=since, clock=clock, actor="cli")
    services.publish_test_gates(clock=clock)
    for day in (since, TODAY - timedelta(days=1), TODAY):
        assert queries.gates("video", day).open
    assert {fact.note for fact in queries.gate_facts("video")} == {"--test"}


def test_places_are_secret_when_any_version_says_so(regulation: int, clock: ManualClock) -> None:
    """A version that keeps camera places secret keeps those of before secret too."""
    assert regulation
    assert queries.secret_places() == frozenset()
    services.activate_regulation(example("elblag"), in_force_from=date(2027, 1, 1), clock=clock, actor="cli")
    assert queries.secret_places() == {"video"}

"""Adding, changing, switching and removing sources; what is told of them."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest

from rejent.catalog import queries, services
from rejent.catalog.errors import (
    AddressRefusedError,
    DayKeyDiffersError,
    NoSuchSourceError,
    SourceNameTakenError,
    SourceRefusedError,
)
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.errors import ExcludedPlaceError, PlaceRefusedError
from rejent.office.regulation.loading import example
from rejent.registers import queries as registers
from tests.unit.catalog.conftest import START, OpenBox, finished

Adder = Callable[..., str]


def test_a_source_is_stored_without_its_credentials(add_source: Adder) -> None:
    """The password lies sealed, is shown nowhere, and stands in no act."""
    source = add_source()
    view = queries.source(source)
    assert view.address_shown == "rtsp://192.0.2.7:554/stream1"
    (for_recorder,) = queries.recorder_sources(stream="video")
    assert for_recorder.credentials == f"{source}:viewer:p@ss"[::-1].encode()
    assert "p@ss" not in repr(for_recorder)
    (entered,) = registers.acts(names=["source.added"]).acts
    assert "p@ss" not in str(entered.facts)
    assert entered.facts is not None
    assert entered.facts["kind"] == "entrance"


@pytest.mark.parametrize("kind", ["toilet", "changing", "canteen", "social", "smoking", "union"])
def test_a_place_that_is_never_covered_is_refused_with_the_rule(add_source: Adder, kind: str) -> None:
    """The provision is quoted, and neither place nor source is entered (R-VID-3)."""
    with pytest.raises(ExcludedPlaceError) as refused:
        add_source(kind=kind)
    assert "art." in str(refused.value)
    assert "„" in str(refused.value)
    assert queries.sources() == []
    assert registers.acts(names=["place.added"]).acts == []


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"stream": "calls"}, SourceRefusedError),
        ({"stream": "thoughts"}, SourceRefusedError),
        ({"name": "  "}, SourceRefusedError),
        ({"name": "x" * 121}, SourceRefusedError),
        ({"name": "Door\u202egnp"}, SourceRefusedError),
        ({"place": "hall\x1b[2J"}, PlaceRefusedError),
        ({"building": "Town\u2028hall"}, PlaceRefusedError),
        ({"traits": {"transport": "pigeon"}}, SourceRefusedError),
        ({"kind": "roof"}, PlaceRefusedError),
        ({"building": " "}, PlaceRefusedError),
    ],
)
def test_what_cannot_be_a_source_is_refused(
    add_source: Adder, changed: dict[str, str], error: type[Exception]
) -> None:
    """A stream that the regulation does not prescribe, a missing word, an unknown kind: nothing is entered."""
    with pytest.raises(error):
        add_source(**changed)
    assert queries.sources() == []


def test_a_name_is_taken_until_its_source_is_removed(add_source: Adder, clock: ManualClock) -> None:
    """Two present sources never share a name; a removed one keeps its own and gives it free."""
    first = add_source("Door")
    with pytest.raises(SourceNameTakenError):
        add_source("Door")
    services.remove_source(first, clock=clock, actor="")
    second = add_source("Door")
    assert queries.source_by_name("Door").id == second
    assert queries.source(first).name == "Door"
    assert [view.id for view in queries.sources()] == [second]
    assert len(queries.sources(removed=True)) == 2


def test_a_source_is_reached_in_another_way_and_stays_the_same_source(
    source: str, clock: ManualClock
) -> None:
    """A new address and password reach the recorder; neither stands in the act, and nothing else changes."""
    before = queries.source(source)
    (reached,) = queries.recorder_sources(stream="video")
    services.change_source(
        source,
        address="rtsp://root:n%65w@192.0.2.8/low",
        clock=clock,
        actor="admin",
        credentials_box=OpenBox(),
    )
    (for_recorder,) = queries.recorder_sources(stream="video")
    assert for_recorder != reached
    assert for_recorder.address == "rtsp://192.0.2.8/low"
    assert for_recorder.credentials == f"{source}:root:new"[::-1].encode()
    after = queries.source(source)
    assert (after.name, after.place, after.kind) == (before.name, before.place, before.kind)
    (entered,) = registers.acts(names=["source.changed"]).acts
    assert entered.facts is not None
    assert entered.facts["changed"] == "address credentials"


def test_what_is_not_named_stays_when_a_source_is_changed(source: str, clock: ManualClock) -> None:
    """Transport and the smaller stream change without the address and its password; an empty stream goes away."""
    (before,) = queries.recorder_sources(stream="video")
    change = partial(services.change_source, source, clock=clock, actor="", credentials_box=OpenBox())
    change(traits={"transport": "udp", "live_address": "rtsp://192.0.2.7/low"})
    (now,) = queries.recorder_sources(stream="video")
    assert (now.address, now.credentials) == (before.address, before.credentials)
    assert now.traits == {"transport": "udp", "live_address": "rtsp://192.0.2.7/low"}
    change(traits={"live_address": ""})
    assert [each.traits["live_address"] for each in queries.recorder_sources(stream="video")] == [""]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({}, SourceRefusedError),
        ({"traits": {"transport": "pigeon"}}, SourceRefusedError),
        ({"address": "gopher://192.0.2.7/"}, AddressRefusedError),
        ({"traits": {"live_address": "rtsp:/nowhere"}}, AddressRefusedError),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    source: str, clock: ManualClock, changed: dict[str, str], error: type[Exception]
) -> None:
    """Nothing to change, a transport or an address that is none: the source stays as it was, and nothing is entered."""
    before = queries.recorder_sources(stream="video")
    with pytest.raises(error):
        services.change_source(source, clock=clock, actor="", credentials_box=OpenBox(), **changed)
    assert queries.recorder_sources(stream="video") == before
    assert registers.acts(names=["source.changed"]).acts == []


def test_a_removed_source_is_not_changed(source: str, clock: ManualClock) -> None:
    """Once struck off, a source has no address to be changed."""
    services.remove_source(source, clock=clock, actor="")
    with pytest.raises(NoSuchSourceError):
        services.change_source(
            source, traits={"transport": "udp"}, clock=clock, actor="", credentials_box=OpenBox()
        )


def test_a_removed_source_records_no_more_and_cannot_be_removed_twice(
    source: str, clock: ManualClock
) -> None:
    """Its credentials are gone, its open gap has an end, its recordings stay."""
    services.book_segments([finished(source, 0, 60)], clock)
    services.open_gap(source, START + timedelta(seconds=60), "unreachable", clock=clock)
    clock.advance(timedelta(minutes=5))
    services.remove_source(source, clock=clock, actor="")
    assert queries.recorder_sources(stream="video") == []
    assert [gap.end for gap in queries.gaps(source, START, clock.now())] == [clock.now()]
    assert len(queries.segments(source, START, clock.now())) == 1
    clock.advance(timedelta(hours=1))
    assert services.sweep_gaps(clock) == 0
    for attempt in (services.remove_source,):
        with pytest.raises(NoSuchSourceError):
            attempt(source, clock=clock, actor="")


def test_the_time_a_source_is_off_is_a_gap_of_its_own_cause(source: str, clock: ManualClock) -> None:
    """Switching twice enters once; the gap runs from off to on."""
    services.book_segments([finished(source, 0, 60)], clock)
    clock.advance(timedelta(seconds=60))
    for on in (False, False, True, True):
        services.switch_source(source, on=on, clock=clock, actor="admin")
        clock.advance(timedelta(seconds=30))
    (gap,) = queries.gaps(source, START, clock.now())
    assert (gap.cause, gap.start, gap.end) == (
        "switched-off",
        START + timedelta(seconds=60),
        START + timedelta(seconds=120),
    )
    assert len(registers.acts(names=["source.switched-on", "source.switched-off"]).acts) == 2


def test_a_source_keeps_its_recorder_when_others_go(add_source: Adder, clock: ManualClock) -> None:
    """Positions are given once; a free one is taken by the next source, so that no running camera moves."""
    ids = [add_source(f"Camera {number}") for number in range(5)]
    assert queries.recorder_slots(2, stream="video") == 3
    services.remove_source(ids[1], clock=clock, actor="")
    assert [view.id for view in queries.recorder_sources(0, 2, stream="video")] == [ids[0]]
    assert [view.id for view in queries.recorder_sources(1, 2, stream="video")] == ids[2:4]
    newcomer = add_source("Newcomer")
    assert [view.id for view in queries.recorder_sources(0, 2, stream="video")] == [ids[0], newcomer]
    assert queries.recorder_slots(32, stream="video") == 1


def test_no_source_needs_no_recorder(regulation: int) -> None:
    """An empty office starts no recorder."""
    assert regulation == 1
    assert queries.recorder_slots(32, stream="video") == 0


def test_secret_places_are_told_only_to_who_asks_for_them(add_source: Adder, clock: ManualClock) -> None:
    """Where camera places are secret, the place is empty unless the caller established the right to it (R-VID-6)."""
    office.activate_regulation(example("elblag"), in_force_from=date(2026, 2, 1), clock=clock, actor="")
    source = add_source("Kamera 7", place="Cellar behind the vault")
    for view in (queries.source(source), queries.source_by_name("Kamera 7"), *queries.sources("video")):
        assert (view.secret_place, view.building, view.place, view.kind) == (True, "", "", "")
        assert "Cellar" not in repr(view)
    told = queries.source(source, with_secret_places=True)
    assert (told.building, told.place, told.kind) == ("Town hall", "Cellar behind the vault", "entrance")
    assert all("Cellar" not in str(entry.facts) for entry in registers.acts(limit=50).acts)


def test_places_that_are_not_secret_are_told(source: str) -> None:
    """Where the regulation lists camera places, everybody sees them."""
    view = queries.source(source)
    assert (view.secret_place, view.building, view.kind) == (False, "Town hall", "entrance")


def test_day_keys_are_stored_once_and_never_replaced(source: str, clock: ManualClock) -> None:
    """The same key twice is no error; another one for the same date is, and nothing is stored then."""
    first, second = date(2026, 11, 21), date(2026, 11, 22)
    services.store_day_keys(source, {first: "age1first"}, clock=clock)
    services.store_day_keys(source, {first: "age1first", second: "age1second"}, clock=clock)
    with pytest.raises(DayKeyDiffersError):
        services.store_day_keys(source, {first: "age1other", date(2026, 11, 23): "age1third"}, clock=clock)
    assert queries.recipient(source, first) == "age1first"
    assert queries.missing_day_keys([first, second, date(2026, 11, 23)]) == [(source, date(2026, 11, 23))]


def test_an_unknown_source_is_said(regulation: int, clock: ManualClock) -> None:
    """Every question and every change answers with the one error."""
    assert regulation
    for ask in (
        lambda: queries.source("nothing"),
        lambda: queries.source_by_name("nothing"),
        lambda: queries.stream_of("nothing"),
        lambda: services.open_gap("nothing", START, "stalled", clock=clock),
        lambda: services.close_gap("nothing", START, clock=clock),
        lambda: services.store_day_keys("nothing", {}, clock=clock),
        lambda: services.book_segments([finished("nothing", 0, 60)], clock),
    ):
        with pytest.raises(NoSuchSourceError):
            ask()


def test_a_source_whose_stream_may_not_start_says_what_it_waits_for(source: str, clock: ManualClock) -> None:
    """Before its conditions are met a source waits, by their names and days; with the last of them it is starting."""
    waiting = queries.source(source, clock=clock)
    assert (waiting.state, waiting.cause) == ("waiting", "gates")
    assert waiting.cause_with_conditions == "waiting for: staff-told, places-marked"
    office.enter_gate("video", "places-marked", date(2026, 11, 21), note="", clock=clock, actor="")
    (told,) = queries.sources(clock=clock)
    assert told.cause_with_conditions == "waiting for: staff-told, places-marked (2026-11-22)"
    office.publish_test_gates(clock=clock)
    assert queries.source(source, clock=clock).state == "starting"
    assert queries.source(source).state == "starting"


def _keep_places_secret(clock: ManualClock) -> None:
    office.activate_regulation(example("elblag"), in_force_from=date(2026, 11, 1), clock=clock, actor="")


def test_where_places_are_secret_a_name_is_a_word_and_a_number(add_source: Adder, clock: ManualClock) -> None:
    """Any other name is refused with the next neutral one, whichever was ever given away (R-VID-6)."""
    old = add_source()
    _keep_places_secret(clock)
    for telling in ("Door", "Kamera Hol", "Kamera 07", "kamera 7", "Kamera 7 hol", "Kamera"):
        with pytest.raises(SourceRefusedError) as refused:
            add_source(telling)
        assert refused.value.part == "name"
        assert refused.value.advice.format(**refused.value.facts) == "Call it Kamera 1."
    services.remove_source(add_source("Kamera 1"), clock=clock, actor="")
    assert queries.suggest_neutral_name("video") == "Kamera 2"
    with pytest.raises(SourceRefusedError):
        services.rename_source(old, "Back door", clock=clock, actor="")
    services.rename_source(old, "Kamera 2", clock=clock, actor="")
    assert queries.source(old).name == "Kamera 2"
    (entered,) = registers.acts(names=["source.changed"]).acts
    assert entered.facts is not None
    assert entered.facts["changed"] == "name"


def test_a_source_is_called_by_another_name_and_never_by_one_that_is_taken(
    add_source: Adder, clock: ManualClock
) -> None:
    """It stays the same source; its old name is free again."""
    first, second = add_source("Hall"), add_source("Door")
    with pytest.raises(SourceNameTakenError):
        services.rename_source(second, "Hall", clock=clock, actor="")
    with pytest.raises(SourceRefusedError, match="nothing to change"):
        services.rename_source(second, " Door ", clock=clock, actor="")
    services.rename_source(first, "Stairs", clock=clock, actor="")
    services.rename_source(second, "Hall", clock=clock, actor="")
    assert queries.source_by_name("Stairs").id == first
    assert queries.source_by_name("Hall").id == second

"""The register of plates, and what waits for a plate before it is recorded."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings as program
from django.db import connection, transaction
from django.db.utils import DatabaseError

from rejent.catalog import queries as catalog
from rejent.catalog.services.gaps import locked_source, start_accounting
from rejent.kernel.clock import ManualClock
from rejent.notices import checks
from rejent.notices.errors import NoSuchPlateError, PlateRefusedError
from rejent.notices.models import Plate
from rejent.notices.plates import queries, rules, services
from rejent.notices.plates.views import Condition, PlateView, Size
from rejent.office import queries as office
from rejent.office.views import PlaceView
from rejent.recording.main_loop import startable
from tests.unit.notices_published.conftest import MONDAY, TODAY, Hang, add_camera

HALL = PlaceView(1, "Ratusz", "hol", "hall")
ROOM = PlaceView(2, "Ratusz", "pokój 205", "office")
ELSEWHERE = PlaceView(3, "Biblioteka", "hol", "hall")


def _plate(
    number: str, place: PlaceView, *areas: str, up: date | None, down: date | None = None
) -> PlateView:
    return PlateView(
        number=number, place=place.id, building=place.building, place_name=place.name, spot="", streams=("video",),
        areas=areas, covers=(), digest="", version=1, size=Size.A4, up_since=up, entered_at=MONDAY, entered_by="",
        next_check_on=None, checked_at=None, checked_by="", condition=Condition.GOOD, down_on=down, down_reason="",
    )  # fmt: skip


def _day(number: int) -> date:
    return date(2026, 3, number)


@pytest.mark.parametrize(
    ("areas", "marked"),
    [
        ([], {1}),
        (["Pokój 205"], {1, 2}),
        (["Ratusz – pokój 205"], {1, 2}),
        (["POKÓJ 205 (Ratusz)"], {1, 2}),
        (["pokój 206"], {1}),
        (["Ratusz"], {1, 2}),
        (["Biblioteka, hol"], {1}),
    ],
)
def test_a_plate_marks_where_it_hangs_and_what_it_names_in_its_building(
    areas: list[str], marked: set[int]
) -> None:
    """However the name is written; another building needs a plate of its own."""
    plate = _plate("T-2026-1", HALL, *areas, up=_day(1))
    assert {each.id for each in (HALL, ROOM, ELSEWHERE) if rules.marks(plate, each)} == marked


def test_a_plate_that_takes_anothers_place_goes_on_from_it() -> None:
    """A break begins anew; a plate that does not hang yet marks nothing."""
    old = _plate("T-2026-1", HALL, up=_day(1), down=_day(5))
    same_day = _plate("T-2026-2", HALL, up=_day(5))
    later = _plate("T-2026-3", HALL, up=_day(7))
    made = _plate("T-2026-4", ROOM, up=None)
    assert rules.marked_since([old, same_day], [HALL], "video", _day(9)) == {1: _day(1)}
    assert rules.marked_since([old, later, made], [HALL, ROOM], "video", _day(9)) == {1: _day(7)}
    assert rules.marked_since([same_day], [HALL], "calls", _day(9)) == {}


def _recorded() -> set[str]:
    found = catalog.recorder_sources(stream="video")
    return {each.name for each in startable(found, "video", program.CLOCK.now())}


def test_a_new_camera_waits_until_a_plate_has_hung_for_a_day(hang: Hang, clock: ManualClock) -> None:
    """Labour Code art. 22² § 9, for each place: others record meanwhile, and the page of sources says what it waits for."""
    assert _recorded() == set()
    hang("hol")
    hall = catalog.source(catalog.source_by_name("Hol").id, clock=clock)
    assert [str(each) for each in hall.waits_for] == ["place-marked (2026-03-03)"]
    clock.advance(timedelta(days=1))
    assert _recorded() == {"Hol"}
    room = catalog.source(catalog.source_by_name("Korytarz").id, clock=clock)
    assert [str(each) for each in room.waits_for] == ["place-marked"]
    hang("hol", "Pokój 205")
    assert _recorded() == {"Hol"}
    clock.advance(timedelta(days=1))
    assert _recorded() == {"Hol", "Korytarz"}


def _unmarked() -> list[tuple[str, str]]:
    activation = office.gates("video", program.CLOCK.now().date())
    assert activation.open
    return [(name, condition.state.value) for name, condition in catalog.unmarked_sources(activation)]


def test_what_waits_for_a_plate_alone_is_named_though_every_condition_is_met(
    hang: Hang, clock: ManualClock
) -> None:
    """``rejent gate list`` and the page of the regulation name what is missing also where the stream itself may run."""
    assert _unmarked() == [("Hol", "missing"), ("Korytarz", "missing")]
    hang("hol")
    assert _unmarked() == [("Hol", "waiting"), ("Korytarz", "missing")]
    clock.advance(timedelta(days=1))
    assert _unmarked() == [("Korytarz", "missing")]


def test_what_is_recorded_goes_on_when_its_plate_is_taken_down(hang: Hang, clock: ManualClock) -> None:
    """The law speaks of the start; that the plate is missing is said to whoever hangs plates instead."""
    plate = hang("hol")
    clock.advance(timedelta(days=1))
    source = catalog.source_by_name("Hol").id
    with transaction.atomic():
        start_accounting(locked_source(source), clock.now())
    services.take_down(plate.number, clock.now().date(), "remont", clock=clock, ledger=None, actor="")
    assert _recorded() == {"Hol"}
    add_camera("Hol-2", "hol", "hall", clock)
    assert _recorded() == {"Hol"}


def test_in_a_test_installation_every_place_counts_as_marked(pleszew: None, settings: Any) -> None:  # noqa: ARG001 - asked for its effect
    """There nothing hangs anywhere."""
    settings.INSTALLATION = replace(program.INSTALLATION, test=True)
    assert _recorded() == {"Hol", "Korytarz"}


def test_a_plate_is_made_put_up_looked_at_and_taken_down(hang: Hang, clock: ManualClock) -> None:
    """Each step once and in order, each an act; the walk lists what is due."""
    plate = hang("hol", "hol", "hol ", "pokój 205")
    assert (plate.number, plate.areas, plate.next_check_on) == (
        "T-2026-1",
        ("hol", "pokój 205"),
        TODAY + rules.CHECKED_AFTER,
    )
    given = {"clock": clock, "ledger": None, "actor": ""}
    with pytest.raises(PlateRefusedError, match="put up before"):
        services.put_up(plate.number, TODAY, None, **given)
    assert queries.due(TODAY) == []
    assert [each.number for each in queries.due(TODAY + rules.CHECKED_AFTER)] == ["T-2026-1"]
    seen = services.check_plate(plate.number, Condition.MISSING, TODAY + timedelta(days=7), **given)
    assert (seen.condition, seen.stands(TODAY), seen.is_due(TODAY)) == (Condition.MISSING, False, False)
    assert queries.places_marked("video", TODAY) == {}
    services.check_plate(plate.number, Condition.GOOD, None, **given)
    services.take_down(plate.number, TODAY, "nowy wzór", **given)
    for again in (
        lambda: services.take_down(plate.number, TODAY, "nowy wzór", **given),
        lambda: services.check_plate(plate.number, Condition.GOOD, None, **given),
    ):
        with pytest.raises(PlateRefusedError):
            again()
    with pytest.raises(NoSuchPlateError):
        services.check_plate("T-2026-9", Condition.GOOD, None, **given)
    assert list(checks.findings()) == []


@pytest.mark.parametrize(
    ("column", "value"), [("areas", '["hol", "pok\\u00f3j 207"]'), ("up_since", "2026-01-01")]
)
def test_nothing_printed_or_put_up_is_rewritten_in_the_database(hang: Hang, column: str, value: str) -> None:
    """The trigger refuses it; where that is dropped, the row counts for nothing and fsck says so."""
    hang("hol")
    change = f"UPDATE notices_plate SET {column} = %s"  # noqa: S608 - one of ours
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, [value])
    with connection.cursor() as cursor:
        table = " ON notices_plate" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER notices_plate_steps{table}")
        cursor.execute(change, [value])
    found = {each.code for each in checks.findings()}
    assert found == {"notices.guard-missing", "notices.differs-from-ledger"}
    assert Plate.objects.count() == 1

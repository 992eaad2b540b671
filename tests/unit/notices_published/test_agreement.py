"""Plates, inventory, regulation and publications held against each other."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings as program
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from rejent.catalog import queries as catalog
from rejent.catalog.services.gaps import locked_source, start_accounting
from rejent.kernel.clock import ManualClock
from rejent.notices.agreement import queries as agreement
from rejent.notices.agreement.rules import Difference, Kind
from rejent.notices.plates import services as plates
from rejent.notices.plates.views import Condition
from rejent.notices.publication.queries import bundle_of_today
from rejent.office import services as office
from rejent.office.regulation.loading import example
from tests.unit.notices_published.conftest import TODAY, Hang, add_camera

ANNEX = '"Ratusz, hol", "Ratusz, pokój 205"'


def _regulation(clock: ManualClock, *areas: str, channels: str = '"plate"') -> None:
    """A later version, with a list of places in its annex."""
    text = example("pleszew").replace('shown = "listed"', f'shown = "listed"\nareas = [{", ".join(areas)}]')
    text = text.replace('channels = ["plate"]', f"channels = [{channels}]")
    office.activate_regulation(text, in_force_from=date(2026, 2, 1), clock=clock, actor="")


def _kinds() -> list[tuple[Kind, str]]:
    return [(each.kind, str(each.sentence)) for each in agreement.found(program.CLOCK)]


def _of(kind: Kind) -> list[Difference]:
    return [each for each in agreement.found(program.CLOCK) if each.kind is kind]


def test_a_place_with_a_source_and_no_plate_is_named_with_the_law(pleszew: None, hang: Hang) -> None:  # noqa: ARG001 - asked for its effect
    """Until a plate hangs there, or one in the building names it."""
    one, other = _of(Kind.PLACE_UNMARKED)
    assert (str(one.sentence), one.rule.source, one.act, one.since) == (
        "No plate marks Ratusz, hol, which a source covers.",
        "art. 22² § 9 Kodeksu pracy",
        "enter-plate",
        TODAY,
    )
    hang("hol", "hol")
    (other,) = _of(Kind.PLACE_UNMARKED)
    assert str(other.sentence) == (
        "No plate marks Ratusz, pokój 205, which a source covers; T-2026-1 in the building do not name it."
    )
    hang("hol", "Pokój 205", "hol")
    assert _of(Kind.PLACE_UNMARKED) == []


def test_room_206_is_on_the_plate_and_not_in_the_annex(hang: Hang, clock: ManualClock) -> None:
    """The difference of Pleszew (X15): a room on the plate that neither its annex nor a camera knows; and the other way round."""
    _regulation(clock, ANNEX)
    hang("hol", "hol", "pokój 205", "pokój 206")
    ((kind, sentence),) = _kinds()
    assert (kind, sentence) == (
        Kind.PLATE_NAMES_UNKNOWN,
        "Plate T-2026-1 (Ratusz, hol) names “pokój 206”: no source covers it, and the regulation does not list it.",
    )
    add_camera("Pokoj-206", "pokój 206", "office", clock)
    assert [kind for kind, _ in _kinds()] == [Kind.PLATE_NOT_IN_REGULATION, Kind.SOURCE_NOT_IN_REGULATION]
    _regulation(clock, ANNEX, '"Ratusz, pokój 206"', '"Ratusz, sala sesyjna"')
    ((kind, sentence),) = [each for each in _kinds() if each[0] is not Kind.PLATE_OUTDATED]
    assert (kind, sentence) == (
        Kind.AREA_WITHOUT_SOURCE,
        "The regulation lists “Ratusz, sala sesyjna”, which no source covers.",
    )


def test_a_plate_older_than_the_regulation_or_in_bad_state_is_named(hang: Hang, clock: ManualClock) -> None:
    """With the day since which it is so; a plate that is taken down is no difference any more."""
    plate = hang("hol", "hol", "pokój 205")
    _regulation(clock, ANNEX)
    (older,) = agreement.found(program.CLOCK)
    assert (older.kind, older.plate, older.since) == (Kind.PLATE_OUTDATED, plate.number, date(2026, 2, 1))
    given: dict[str, Any] = {"clock": clock, "ledger": None, "actor": ""}
    plates.check_plate(plate.number, Condition.DAMAGED, None, **given)
    assert [kind for kind, _ in _kinds()] == [Kind.PLATE_DAMAGED, Kind.PLATE_OUTDATED]
    plates.check_plate(plate.number, Condition.MISSING, None, **given)
    assert [kind for kind, _ in _kinds()] == [Kind.PLACE_UNMARKED, Kind.PLACE_UNMARKED, Kind.PLATE_MISSING]
    plates.take_down(plate.number, TODAY, "zginęła", **given)
    assert {kind for kind, _ in _kinds()} == {Kind.PLACE_UNMARKED}


def test_channels_of_the_regulation_without_a_publication_are_named(hang: Hang, clock: ManualClock) -> None:
    """Website and BIP, with the place in the regulation that names them."""
    hang("hol", "hol", "pokój 205", on=TODAY - timedelta(days=1))
    _regulation(clock, ANNEX, channels='"plate", "website", "bip"')
    missing = _of(Kind.PUBLICATION_MISSING)
    assert [(each.act, each.rule.source, each.since) for each in missing] == [
        ("publish-notices", "§ 5, załącznik 2", date(2026, 2, 1))
    ] * 2
    assert [each.channel for each in missing] == ["website", "bip"]
    assert "clause" not in missing[1].sentence.template


@pytest.mark.usefixtures("db")
def test_an_office_without_a_regulation_has_nothing_to_differ(clock: ManualClock) -> None:  # noqa: ARG001 - asked for its effect
    """Nothing says yet what it should be."""
    assert agreement.found(program.CLOCK) == []


@pytest.mark.usefixtures("pleszew")
def test_a_second_look_asks_the_ledger_once_however_many_sources_there_are(clock: ManualClock) -> None:
    """Differences and bundle are remembered until something of them is entered; acts of recording are none of it."""
    for number in range(20):
        add_camera(f"kamera-{number}", f"pokój {number}", "office", clock)
    before = agreement.found(clock), bundle_of_today()
    with transaction.atomic():
        start_accounting(locked_source(catalog.source_by_name("Hol").id), clock.now())
    agreement.found(clock)
    with CaptureQueriesContext(connection) as asked:
        again = agreement.found(clock), bundle_of_today()
    assert again == before
    assert len(asked) <= 2 * 3
    add_camera("Nowa", "piwnica", "office", clock)
    assert len(agreement.found(clock)) == len(before[0]) + 1
    assert "piwnica" in bundle_of_today().pages["areas.html"].decode()

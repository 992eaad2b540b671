"""The office of Pleszew, real and not for trial: with one camera in its hall, and one in the corridor."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as program

from rejent.catalog import services as catalog
from rejent.kernel.clock import ManualClock
from rejent.notices.plates import services
from rejent.notices.plates.views import PlateView, Size
from rejent.office import queries
from rejent.office import services as office
from rejent.office.regulation.loading import example
from tests.named import allowed_name
from tests.prepared import prepared
from tests.unit.retention.office import NoBox

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = MONDAY.date()


@pytest.fixture
def clock(settings: Any) -> ManualClock:
    """Monday noon; the installation is a real one, in which plates count."""
    settings.CLOCK = ManualClock(MONDAY)
    settings.INSTALLATION = replace(program.INSTALLATION, test=False)
    clock: ManualClock = settings.CLOCK
    return clock


@pytest.fixture
def pleszew(db: None, clock: ManualClock) -> None:  # noqa: ARG001 - asked for its effect
    """Its regulation in force, its staff told and its places marked long ago, and two cameras."""
    prepared("notices office", lambda: _begin(clock))


def _begin(clock: ManualClock) -> None:
    office.activate_regulation(example("pleszew"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    office.publish_test_gates(clock=clock)
    for name, place, kind in (("Hol", "hol", "hall"), ("Korytarz", "pokój 205", "corridor")):
        add_camera(name, place, kind, clock)


def add_camera(name: str, place: str, kind: str, clock: ManualClock) -> str:
    """A camera in a place of the town hall."""
    return catalog.add_source(
        stream="video",
        name=allowed_name(name),
        address=f"rtsp://192.0.2.7:554/{name}",
        building="Ratusz",
        place=place,
        kind=kind,
        clock=clock,
        actor="",
        credentials_box=NoBox(),
    )


Hang = Callable[..., PlateView]


@pytest.fixture
def hang(pleszew: None, clock: ManualClock, tmp_path: Path) -> Hang:  # noqa: ARG001 - asked for its effect
    """Hangs a plate at a place today, with these areas printed on it."""

    def hung(place: str, *areas: str, on: date | None = None, digest: str = "") -> PlateView:
        made = services.enter_plate(
            services.NewPlate(
                place=next(each.id for each in queries.places() if each.name == place),
                streams=["video"],
                areas=areas,
                size=Size.A4,
                digest=digest,
            ),
            clock=clock,
            ledger=None,
            actor="",
        )
        return services.put_up(
            made.number, on or clock.now().date(), None, clock=clock, ledger=None, actor=""
        )

    return hung

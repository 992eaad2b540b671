"""An office with a camera in the database, and a vault in a folder, for tests of what wires them together."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rejent.catalog import services as catalog
from rejent.kernel.clock import ManualClock, civil_date
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.vault.age.recipients import Recipient
from rejent.vault.context import VaultContext

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at noon UTC."""
    return ManualClock(NOON)


@pytest.fixture
def house(db: None, settings: object, tmp_path: Path, clock: ManualClock) -> VaultContext:  # noqa: ARG001 - asked for its effect
    """The installation's vault."""
    for folder in ("vault", "keys", "secrets"):
        (tmp_path / folder).mkdir()
    house = VaultContext("0" * 32, tmp_path / "vault", tmp_path / "keys", tmp_path / "secrets", "", clock)
    house.create()
    settings.VAULT, settings.CLOCK = house, clock
    return house


@pytest.fixture
def source(house: VaultContext, clock: ManualClock) -> str:
    """A camera."""
    office.activate_regulation(example("pleszew"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    return catalog.add_source(
        stream="video", name="Hol", address="rtsp://192.0.2.7/hol", building="Ratusz", place="hol", kind="hall",
        clock=clock, actor="", credentials_box=house.credentials,
    )  # fmt: skip


@pytest.fixture
def recipient(source: str, house: VaultContext, clock: ManualClock) -> Recipient:
    """The public half of today's key of the camera."""
    today = civil_date(clock.now())
    keys = house.keys.make_keys(source, [today])
    catalog.store_day_keys(source, {day: made.text for day, made in keys.items()}, clock=clock)
    return keys[today]

"""An office with a camera, recordings, a gap, a hold, a checkpoint and people with tokens, asked over HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from rejent.catalog import services as catalog
from rejent.kernel.clock import ManualClock, civil_date
from rejent.ledger.location import LedgerLocation
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.registers import services as registers
from rejent.retention import services as retention
from rejent.vault.context import VaultContext
from tests.people import add_person
from tests.prepared import prepared

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PASSWORD = "a long and quiet river"


@dataclass
class Asked:
    """The interface, asked with one person's token."""

    client: Client
    token: str

    def get(self, path: str, **query: str) -> tuple[int, object]:
        """Status and JSON of a question."""
        answer = self.client.get(f"/api/v1{path}", query, headers={"authorization": f"Bearer {self.token}"})
        return answer.status_code, answer.json()

    def post(self, path: str, body: object) -> tuple[int, object]:
        """Status and JSON of an act."""
        answer = self.client.post(
            f"/api/v1{path}", body, content_type="application/json", headers={"authorization": f"Bearer {self.token}"}
        )  # fmt: skip
        return answer.status_code, answer.json()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at noon UTC."""
    return ManualClock(NOON)


@pytest.fixture
def source(db: None, settings: object, tmp_path: Path, clock: ManualClock) -> str:  # noqa: ARG001 - asked for its effect
    """A camera that recorded two minutes with half a minute missing between them."""
    for folder in ("vault", "keys", "secrets", "ledger"):
        (tmp_path / folder).mkdir()
    house = VaultContext("0" * 32, tmp_path / "vault", tmp_path / "keys", tmp_path / "secrets", "", clock)
    settings.VAULT, settings.CLOCK = house, clock
    settings.LEDGER = LedgerLocation(tmp_path / "ledger", tmp_path / "secrets" / "ledger", "rejent/test")
    catalog.adopt_volume(house.create())
    office.activate_regulation(example("pleszew"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    source = catalog.add_source(
        stream="video", name="Hol", address="rtsp://viewer:Sekret-7@192.0.2.7/hol", building="Ratusz", place="hol",
        kind="hall", clock=clock, actor="", credentials_box=house.credentials,
    )  # fmt: skip
    catalog.book_segments([_minute(source, NOON - timedelta(minutes=4))], clock)
    catalog.open_gap(source, NOON - timedelta(minutes=3), "unreachable", clock=clock)
    catalog.book_segments([_minute(source, NOON - timedelta(minutes=2.5))], clock)
    registers.checkpoint(settings.LEDGER, clock=clock)
    return source


def _minute(source: str, start: datetime) -> catalog.FinishedSegment:
    name = f"{source}/{civil_date(start)}/{uuid4().hex}.age"
    return catalog.FinishedSegment(
        id=uuid4(),
        source_id=source,
        day=civil_date(start),
        start=start,
        end=start + timedelta(minutes=1),
        run="run",
        object_name=name,
        bytes=1000,
        sha256=sha256(name.encode()).hexdigest(),
        recipient="age1day",
        units=1500,
        index=b"index",
        traits={"clock_offset_s": 0.1, "codec": "avc1.640028", "width": 1920, "height": 1080},
    )


@pytest.fixture
def hold(source: str, clock: ManualClock) -> str:
    """A hold's number."""
    return retention.place_hold(
        source_id=source, start=NOON - timedelta(minutes=4), end=NOON - timedelta(minutes=3), case="OR.1",
        basis="art. 22", review_on=date(2027, 1, 1), clock=clock, ledger=None, actor="",
    ).number  # fmt: skip


@pytest.fixture
def ask(source: str, clock: ManualClock, client: Client) -> Callable[..., Asked]:  # noqa: ARG001 - after the office is set up
    """Asks as somebody new of the given roles."""
    count = iter(range(1000))

    def as_somebody(*roles: str) -> Asked:
        number = next(count)
        person = prepared(
            ("api person", number, roles, clock.now()),
            lambda: add_person(
                f"Osoba {number}",
                post="",
                roles=roles,
                username=f"osoba{number}",
                password=PASSWORD,
                clock=clock,
                actor="",
            ),
        )
        return Asked(client, office.create_token(person.id, label="", days=1, clock=clock, actor=""))

    return as_somebody

"""An office with a regulation in force and a camera, for tests of the catalogue."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest

from rejent.catalog import services
from rejent.kernel.clock import ManualClock, civil_date
from rejent.office import services as office
from rejent.office.regulation.loading import example
from tests.prepared import prepared

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
Booker = Callable[..., services.FinishedSegment]


class OpenBox:
    """Seals credentials by turning them round, so that tests can see what went in."""

    def seal(self, source_id: str, user: str, password: str) -> bytes:
        """The credentials, reversed."""
        return f"{source_id}:{user}:{password}"[::-1].encode()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at noon."""
    return ManualClock(START)


@pytest.fixture
def regulation(
    db: None,  # noqa: ARG001 - asked for its effect
    clock: ManualClock,
) -> int:
    """The regulation of an office that keeps camera recordings for at most 30 days."""
    return prepared(
        "catalog regulation",
        lambda: office.activate_regulation(
            example("pleszew"), in_force_from=date(2026, 1, 1), clock=clock, actor=""
        ),
    )


@pytest.fixture
def add_source(
    regulation: int,  # noqa: ARG001 - asked for its effect
    clock: ManualClock,
) -> Callable[..., str]:
    """Adds cameras; returns their identifiers."""

    def add(name: str = "Front door", **changed: Any) -> str:
        given = {
            "stream": "video",
            "address": "rtsp://viewer:p%40ss@192.0.2.7:554/stream1",
            "building": "Town hall",
            "place": f"Place of {name}",
            "kind": "entrance",
        } | changed
        return prepared(
            ("catalog source", name, repr(given), clock.now()),
            lambda: services.add_source(name=name, clock=clock, actor="", credentials_box=OpenBox(), **given),
        )

    return add


@pytest.fixture
def source(add_source: Callable[..., str]) -> str:
    """One camera."""
    return add_source()


def finished(source: str, start: float, end: float, **changed: object) -> services.FinishedSegment:
    """A segment from ``start`` to ``end`` seconds after noon."""
    first = START + timedelta(seconds=start)
    identifier = changed.pop("id", uuid4())
    given: dict[str, object] = {
        "id": identifier,
        "source_id": source,
        "day": civil_date(first),
        "start": first,
        "end": START + timedelta(seconds=end),
        "run": "run-1",
        "object_name": f"{source}/{identifier}.age",
        "bytes": 500_000,
        "sha256": sha256(str(identifier).encode()).hexdigest(),
        "recipient": "age1day",
        "units": 1500,
        "index": b"index",
        "traits": {"clock_offset_s": 0.25, "codec": "avc1.640028", "width": 1920, "height": 1080},
    }
    return services.FinishedSegment(**{**given, **changed})  # type: ignore[arg-type]  # each value has its parameter's type

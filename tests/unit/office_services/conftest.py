"""An office with a regulation in force, for tests of what is entered about it."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from rejent.kernel.clock import ManualClock
from rejent.office import services
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from tests.prepared import prepared

NOON = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
PASSWORD = "a long and quiet river"


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at noon, office time."""
    return ManualClock(NOON)


@pytest.fixture
def regulation(db: None, clock: ManualClock) -> int:  # noqa: ARG001 - asked for its effect
    """The regulation of an office with one stream, in force since the beginning of the year."""
    return prepared(
        "office services",
        lambda: services.activate_regulation(
            example("pleszew"), in_force_from=date(2026, 1, 1), clock=clock, actor="cli"
        ),
    )


@pytest.fixture
def add(regulation: int, clock: ManualClock) -> Callable[..., PersonView]:  # noqa: ARG001 - asked for its effect
    """Adds people."""

    def person(username: str = "clerk", **changed: object) -> PersonView:
        given: dict[str, object] = {"post": "clerk", "roles": ["clerk"], "password": PASSWORD, "actor": "cli"}
        return services.add_person(
            f"Person {username}",
            username=username,
            clock=clock,
            **{**given, **changed},  # type: ignore[arg-type]  # each value has its parameter's type
        )

    return person

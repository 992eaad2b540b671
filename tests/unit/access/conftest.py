"""An office with a camera and people of every role, for tests of access."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from rejent.access import services
from rejent.access.views import AuthorisationView
from rejent.catalog import services as catalog
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from tests.named import allowed_name
from tests.people import add_person
from tests.prepared import prepared

NOON = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
CLAUSE = 'clause = "ust. 1 pkt 6–7"'
TOGETHER = example("elblag").replace(
    CLAUSE, f'second_person = "always"\nplayback_record = "entry"\n{CLAUSE}', 1
)
PASSWORD = "a long and quiet river"

People = Callable[..., PersonView]
Issue = Callable[..., AuthorisationView]


class NoBox:
    """For cameras that need no password."""

    def seal(self, source_id: str, user: str, password: str) -> bytes:
        """Nothing."""
        return f"{source_id}{user}{password}".encode()[:0]


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at noon, office time."""
    return ManualClock(NOON)


@pytest.fixture
def office_name() -> str:
    """Whose regulation is in force; a test may say otherwise."""
    return "elblag"


@pytest.fixture
def source(db: None, office_name: str, clock: ManualClock) -> str:  # noqa: ARG001 - asked for its effect
    """A camera of an office whose guards may be authorised for the live picture."""
    return prepared(("access source", office_name), lambda: _source(office_name, clock))


def _source(office_name: str, clock: ManualClock) -> str:
    office.activate_regulation(example(office_name), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    return add_camera("Front door", clock)


def add_camera(name: str, clock: ManualClock) -> str:
    """Add a camera; returns its identifier."""
    return catalog.add_source(
        stream="video",
        name=allowed_name(name),
        address="rtsp://192.0.2.1/",
        building="Town hall",
        place=name,
        kind="entrance",
        clock=clock,
        actor="",
        credentials_box=NoBox(),
    )


@pytest.fixture
def person(source: str, clock: ManualClock) -> People:  # noqa: ARG001 - after the office is set up
    """Adds people of given roles."""
    count = iter(range(1000))

    def add(*roles: str) -> PersonView:
        number = next(count)
        return prepared(
            ("access person", number, roles, clock.now()),
            lambda: add_person(
                f"Person {number}",
                post="",
                roles=roles,
                username=f"person{number}",
                password=PASSWORD,
                clock=clock,
                actor="",
            ),
        )

    return add


@pytest.fixture
def issue(clock: ManualClock) -> Issue:
    """Issues authorisations for recordings of every camera, from today on."""

    def enter(person: PersonView, **changed: object) -> AuthorisationView:
        given: dict[str, object] = {
            "acts": ["recordings"],
            "stream": "video",
            "source_ids": None,
            "valid_from": date(2026, 11, 21),
            "valid_until": None,
            "actor": "",
        }
        return services.issue_authorisation(person_id=person.id, clock=clock, **{**given, **changed})  # type: ignore[arg-type]  # each value has its parameter's type

    return enter


@pytest.fixture
def together(source: str, clock: ManualClock) -> str:
    """A camera whose recordings two people open together; a viewing leaves no protocol."""
    office.activate_regulation(TOGETHER, in_force_from=date(2026, 1, 1), clock=clock, actor="")
    return source


@pytest.fixture
def two(together: str, person: People, issue: Issue) -> tuple[PersonView, PersonView]:  # noqa: ARG001 - after the regulation
    """Two people who may see every recording."""
    pair = person("viewer"), person("viewer")
    for each in pair:
        issue(each)
    return pair

"""An office with one camera and somebody of every role, each with a browser that is signed in."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

from rejent.access import services as access
from rejent.catalog import services as catalog
from rejent.kernel.clock import ManualClock, civil_date
from rejent.ledger.location import LedgerLocation
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.views import PersonView
from rejent.vault.keys.root_key import FileRoot
from tests.one_time_codes import one_step
from tests.people import add_person
from tests.prepared import prepared

__all__ = ["one_step"]

NOON = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
PASSWORD = "a long and quiet river"
ROLES = ("guard", "viewer", "clerk", "head", "deputy", "administrator", "iod", "secretary", "employee")

_LATER = {
    'head = "Burmistrz"': 'head = "Burmistrz"\ndeputy = "Zastępca Burmistrza"',
    "[streams.video.handover]": "[streams.video.handover]\ndeputy_in_absence = true",
    'second_person = "for-unauthorised"': 'second_person = "for-unauthorised"\ncontractor = "on-fault"',
}

Browser = Callable[[str], Client]


def text_of(response: Any) -> str:
    """The page's text."""
    return unescape(response.content.decode())


def body_of(response: Any) -> bytes:
    """Return what is sent, in pieces or whole."""
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


def regulation_with(clock: ManualClock, changed: dict[str, str] | None = None) -> None:
    """A later version: the deputy decides in the head's absence, contractors come on a fault, and what else is changed."""
    text = example("pleszew")
    for old, new in (_LATER | (changed or {})).items():
        assert old in text, old
        text = text.replace(old, new, 1)
    office.activate_regulation(text, in_force_from=date(2026, 2, 1), clock=clock, actor="")


class NoBox:
    """For cameras that need no password."""

    def seal(self, source_id: str, user: str, password: str) -> bytes:
        """Nothing."""
        return f"{source_id}{user}{password}".encode()[:0]


@pytest.fixture
def clock(settings: Any, tmp_path: Path) -> ManualClock:
    """The program's clock, standing at noon of 21.11.2026, office time; the ledger lies in a folder of its own."""
    clock = ManualClock(NOON)
    settings.CLOCK = clock
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # quick: nobody attacks a test
    settings.BACKGROUND = lambda work: work()
    settings.VAULT = SimpleNamespace(credentials=NoBox(), root=FileRoot.kind)
    settings.LEDGER = LedgerLocation(folder=tmp_path / "ledger", key=tmp_path / "key", origin="rejent/test")
    return clock


@pytest.fixture
def counters(settings: Any) -> None:
    """Counters of this test alone."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


@pytest.fixture
def regulation(db: None, clock: ManualClock) -> int:  # noqa: ARG001 - asked for its effect
    """A regulation under which guards and viewers may watch live pictures."""
    return prepared("web regulation", lambda: _regulation(clock))


def _regulation(clock: ManualClock) -> int:
    text = example("pleszew").replace("live = []  ", 'live = ["guard", "viewer"]  ')
    version = office.activate_regulation(text, in_force_from=date(2026, 1, 1), clock=clock, actor="")
    office.publish_test_gates(clock=clock)
    return version


@pytest.fixture
def source(regulation: int, clock: ManualClock) -> str:  # noqa: ARG001 - asked for its effect
    """One camera."""
    return prepared("web source", lambda: _source(clock))


def _source(clock: ManualClock) -> str:
    return catalog.add_source(
        stream="video",
        name="Hol na parterze",
        address="rtsp://viewer:Sekret-7@192.0.2.7:554/hol",
        building="Ratusz",
        place="hol",
        kind="hall",
        clock=clock,
        actor="",
        credentials_box=NoBox(),
    )


@pytest.fixture
def people(source: str, clock: ManualClock) -> dict[str, PersonView]:  # noqa: ARG001 - after the office is set up
    """Somebody of each role, by role."""
    return prepared("web people", lambda: _people(clock))


def _people(clock: ManualClock) -> dict[str, PersonView]:
    made = {
        role: add_person(
            f"Osoba {role}",
            post=role,
            roles=[RoleName(role).value] if role != "employee" else ["employee"],
            username=role,
            password=PASSWORD,
            clock=clock,
            actor="",
        )
        for role in ROLES
    }
    for role, acts in (("guard", ["live"]), ("viewer", ["live", "recordings"])):
        access.issue_authorisation(
            person_id=made[role].id,
            acts=acts,
            stream="video",
            source_ids=None,
            valid_from=civil_date(clock.now()),
            valid_until=None,
            clock=clock,
            actor=str(made["head"].id),
        )
    return made


@pytest.fixture
def together(people: dict[str, PersonView], clock: ManualClock) -> dict[str, PersonView]:
    """From now on two people open recordings together; there is a second viewer with an app that makes codes."""
    text = example("pleszew").replace('second_person = "for-unauthorised"', 'second_person = "always"')
    office.activate_regulation(text, in_force_from=date(2026, 1, 1), clock=clock, actor="")
    people["second"] = add_person(
        "Osoba druga",
        post="inspektor",
        roles=["viewer"],
        username="second",
        password=PASSWORD,
        clock=clock,
        actor="",
    )
    access.issue_authorisation(
        person_id=people["second"].id,
        acts=["recordings"],
        stream="video",
        source_ids=None,
        valid_from=civil_date(clock.now()),
        valid_until=None,
        clock=clock,
        actor=str(people["head"].id),
    )
    return people


@pytest.fixture
def browser(people: dict[str, PersonView]) -> Browser:
    """A browser in which somebody of a role is signed in."""

    def signed_in(role: str) -> Client:
        client = Client(headers={"host": "localhost"})
        client.force_login(get_user_model().objects.get(person_id=people[role].id))
        return client

    return signed_in


@pytest.fixture
def recording(source: str, clock: ManualClock) -> tuple[datetime, datetime]:
    """Two minutes of the camera that are booked, an hour before now; what follows is a gap."""
    start = NOON - timedelta(hours=1)
    segments = [
        catalog.FinishedSegment(
            id=uuid4(),
            source_id=source,
            day=civil_date(start),
            start=start + timedelta(minutes=number),
            end=start + timedelta(minutes=number + 1),
            run="run-1",
            object_name=f"{source}/{number}.age",
            bytes=1_000_000,
            sha256=sha256(str(number).encode()).hexdigest(),
            recipient="age1day",
            units=1500,
            index=b"",
            traits={"clock_offset_s": 2.0, "codec": "avc1.640028", "width": 1920, "height": 1080},
        )
        for number in range(2)
    ]
    catalog.book_segments(segments, clock)
    return start, start + timedelta(minutes=2)

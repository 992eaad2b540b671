"""Offices with cameras or calls that decide on applications."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rejent.office.views import PersonView
from tests.people import add_person
from tests.prepared import prepared
from tests.unit.retention.office import RecordingOffice

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROLES = ("head", "deputy", "clerk", "iod")


def staff(office: RecordingOffice) -> dict[str, PersonView]:
    """Somebody of each role that has to do with cases."""
    return {
        role: add_person(
            f"Osoba {role}", post=role, roles=[role], username=role, password="Haslo-do-prob-7",
            clock=office.clock, actor="",
        )
        for role in ROLES
    }  # fmt: skip


@pytest.fixture
def pleszew(db: None, tmp_path: Path) -> RecordingOffice:  # noqa: ARG001 - asked for its effect
    """An office that does not consider what comes later than fourteen days after the event."""
    return RecordingOffice.open(tmp_path, START, "pleszew")


@pytest.fixture
def people(pleszew: RecordingOffice) -> dict[str, PersonView]:
    """Its staff."""
    return prepared("cases staff", lambda: staff(pleszew))


@pytest.fixture
def camera(pleszew: RecordingOffice) -> str:
    """A camera of it."""
    return pleszew.add_camera("Hol")

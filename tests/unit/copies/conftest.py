"""Offices that make copies: recordings in a real vault, a case that was decided, people of each role."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from rejent.cases import services as cases
from rejent.cases.copies import checks
from rejent.cases.copies.services import Asked, make_copy
from rejent.cases.copies.views import CopyView
from rejent.cases.views import CaseView, Kind, State
from rejent.kernel.intervals import Interval
from rejent.office import services
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.vault.context import VaultContext
from tests.people import add_person
from tests.prepared import prepared
from tests.unit.cases.application import NOON, entered
from tests.unit.retention.office import MINUTE, RecordingOffice

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CALLS_ALONE = "walbrzych-mops"
"""The regulation without cameras."""
ROLES = ("head", "deputy", "clerk", "iod", "administrator", "viewer", "secretary")


@dataclass
class CopyingOffice:
    """An office with a camera that recorded three minutes from noon, but for the second half of the second."""

    office: RecordingOffice
    people: dict[str, PersonView]
    camera: str

    def decided(
        self, kind: Kind = Kind.DISCLOSURE, outcome: State = State.GRANTED, **changed: Any
    ) -> CaseView:
        """A case that the head decided."""
        number = entered(self.office.clock, self.camera, kind=kind).number
        given: dict[str, Any] = {"reasons": "x", "basis": "§ 6", "knowledge": None, **changed}
        if outcome is State.REFUSED:
            given["knowledge"] = False
        head = self.people["head"]
        return cases.decide_case(number, outcome, person=head, clock=self.office.clock, ledger=None, **given)

    def asked(self, case: str, **changed: Any) -> Asked:
        """The three minutes."""
        given: dict[str, Any] = {"source_id": self.camera, "interval": Interval(NOON, NOON + 3 * MINUTE)}
        return Asked(case, **(given | changed))

    def copy(self, case: str, **changed: Any) -> CopyView:
        """A copy that the administrator made."""
        return make_copy(
            self.asked(case, **changed), person=self.people["administrator"], keeping=self.office.keeping
        )

    def found(self) -> list[str]:
        """What fsck says."""
        return [each.code for each in checks.findings(self.office.keeping)]


def _staff(clock: Any) -> dict[str, PersonView]:
    return {
        role: add_person(
            f"Osoba {role}", post=role, roles=[role], username=role, password="Haslo-do-prob-7", clock=clock, actor="",
        )
        for role in ROLES
    }  # fmt: skip


@pytest.fixture
def found_office(db: None, tmp_path: Path, settings: Any) -> Callable[[str], CopyingOffice]:  # noqa: ARG001
    """Found an office by the name of its regulation."""

    def found(regulation: str) -> CopyingOffice:
        office = RecordingOffice.open(tmp_path, START, regulation)
        settings.VAULT = VaultContext(
            "0" * 32, tmp_path / "vault", tmp_path / "keys", tmp_path / "secrets", "", office.clock
        )
        people = prepared(f"copying staff {regulation}", lambda: _staff(office.clock))
        if regulation == CALLS_ALONE:
            return CopyingOffice(office, people, "")
        camera = office.add_camera("Hol")
        for place, seconds in enumerate((60, 30, 60)):
            office.record(camera, NOON + place * MINUTE, b"MARK%d" % place, seconds=seconds)
        return CopyingOffice(office, people, camera)

    return found


@pytest.fixture
def pleszew(found_office: Callable[[str], CopyingOffice]) -> CopyingOffice:
    """An office that makes copies for whoever asks for preservation, too."""
    return found_office("pleszew")


@pytest.fixture
def miedziana_gora(found_office: Callable[[str], CopyingOffice]) -> CopyingOffice:
    """An office whose copies live three months from their making."""
    return found_office("miedziana-gora")


@pytest.fixture
def walbrzych_like(found_office: Callable[[str], CopyingOffice]) -> CopyingOffice:
    """Pleszew's office, where a further application lets a copy live longer, as in Wałbrzych."""
    office = found_office("pleszew")
    text = example("pleszew").replace(
        'lifetime_from = "recording"', 'lifetime_from = "recording"\nrenewable = true'
    )
    services.activate_regulation(text, in_force_from=date(2026, 1, 1), clock=office.office.clock, actor="")
    return office

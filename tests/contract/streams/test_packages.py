"""Evidence packages of copies of every kind: the recording to the byte, a verdict with nothing but the key."""

from pathlib import Path
from typing import Any

import pytest

from rejent.cases import services as cases
from rejent.cases.copies.services import Asked, make_copy
from rejent.cases.views import Kind as Application
from rejent.cases.views import State
from rejent.evidence.sealing import seal_in_ledger
from rejent.evidence.targets import FolderTarget
from rejent.evidence.verifier.command import SHOWN, check_path, status
from rejent.evidence.writing import write_package
from rejent.ledger.location import LedgerLocation
from rejent.streams.registry import KINDS
from rejent.vault.context import VaultContext
from rejent.web.cases.copies.packing import package_contents
from tests.contract.streams.test_copies import RECORDED
from tests.people import add_person
from tests.unit.cases.application import NOON, entered
from tests.unit.retention.office import MINUTE


@pytest.mark.parametrize("folder", KINDS)
def test_a_package_of_a_copy_verifies(db: None, tmp_path: Path, settings: Any, folder: str) -> None:  # noqa: ARG001
    """It holds the recording as it was, bound by the ledger with its number."""
    office, asked, stated = RECORDED[folder](tmp_path)
    settings.VAULT = VaultContext(
        "0" * 32, tmp_path / "vault", tmp_path / "keys", tmp_path / "secrets", "", office.clock
    )
    people = {
        role: add_person(role, post="", roles=[role], username=role, password="Haslo-do-prob-7", clock=office.clock, actor="")
        for role in ("head", "administrator")
    }  # fmt: skip
    case = entered(office.clock, *stated.pop("sources", ()), kind=Application.DISCLOSURE, **stated)
    cases.decide_case(
        case.number, State.GRANTED, reasons="", basis="§ 6", knowledge=None, person=people["head"], clock=office.clock, ledger=None,
    )  # fmt: skip
    (segment,) = office.living(asked.source_id, NOON, NOON + MINUTE)
    wanted = Asked(case.number, asked.source_id, asked.interval, item=asked.item)
    copy = make_copy(wanted, person=people["administrator"], keeping=office.keeping)
    contents = package_contents(copy, person=people["administrator"], clock=office.clock)
    place = LedgerLocation(tmp_path / "ledger", tmp_path / "ledger-key", "rejent/test")
    seal = seal_in_ledger(place, copy.number, contents.acts, clock=office.clock, actor="")
    package = tmp_path / copy.number
    write_package(contents, FolderTarget(package), seal)
    verdict = check_path(package, stated_key=str(place.verifier()), number=copy.number)
    assert status(verdict) == SHOWN, (verdict.findings, verdict.unaccounted)
    (original,) = (package / "data/originals").iterdir()
    assert original.read_bytes() == office.content(segment)

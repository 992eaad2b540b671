"""Evidence packages of copies of every kind: the recording to the byte, a verdict with nothing but the key."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rejent.cases import services as cases
from rejent.cases.copies.services import Asked, make_copy
from rejent.cases.views import Kind as Application
from rejent.cases.views import State
from rejent.evidence.sealing import seal_in_ledger
from rejent.evidence.targets import FolderTarget
from rejent.evidence.verifier.command import INCOMPLETE, SHOWN, check_path, status
from rejent.evidence.verifier.package import Verdict
from rejent.evidence.writing import write_package
from rejent.kernel.intervals import Interval
from rejent.ledger.location import LedgerLocation
from rejent.streams.calls.catalog.services import end_call
from rejent.streams.registry import KINDS
from rejent.vault.context import VaultContext
from rejent.web.cases.copies.packing import package_contents
from tests.contract.streams.test_copies import NUMBERS, RECORDED
from tests.people import add_person
from tests.unit.cases.application import NOON, entered
from tests.unit.retention.office import MINUTE, RecordingOffice
from tests.unit.retention.one_call import CALL, office_of_one_call


def _packed(
    folder: Path, settings: Any, office: RecordingOffice, asked: Asked, stated: dict[str, Any]
) -> tuple[Path, Verdict]:
    """Make the package of a copy of what is asked for; its folder, and the verdict of somebody who knows key and number."""
    settings.VAULT = VaultContext(
        "0" * 32, folder / "vault", folder / "keys", folder / "secrets", "", office.clock
    )
    people = {
        role: add_person(role, post="", roles=[role], username=role, password="Haslo-do-prob-7", clock=office.clock, actor="")
        for role in ("head", "administrator")
    }  # fmt: skip
    case = entered(office.clock, *stated.pop("sources", ()), kind=Application.DISCLOSURE, **stated)
    cases.decide_case(
        case.number, State.GRANTED, reasons="", basis="§ 6", knowledge=None, person=people["head"], clock=office.clock, ledger=None,
    )  # fmt: skip
    copy = make_copy(replace(asked, case=case.number), person=people["administrator"], keeping=office.keeping)
    contents = package_contents(copy, person=people["administrator"], clock=office.clock)
    place = LedgerLocation(folder / "ledger", folder / "ledger-key", "rejent/test")
    seal = seal_in_ledger(place, copy.number, contents.acts, clock=office.clock, actor="")
    package = folder / copy.number
    write_package(contents, FolderTarget(package), seal)
    return package, check_path(package, stated_key=str(place.verifier()), number=copy.number)


@pytest.mark.parametrize("folder", KINDS)
def test_a_package_of_a_copy_verifies(db: None, tmp_path: Path, settings: Any, folder: str) -> None:  # noqa: ARG001
    """It holds the recording as it was, bound by the ledger with its number, and is complete: its time ends where an ended call does."""
    office, asked, stated = RECORDED[folder](tmp_path)
    (segment,) = office.living(asked.source_id, NOON, NOON + MINUTE)
    package, verdict = _packed(tmp_path, settings, office, asked, stated)
    assert status(verdict) == SHOWN, (verdict.findings, verdict.unaccounted)
    (original,) = (package / "data/originals").iterdir()
    assert original.read_bytes() == office.content(segment)


@pytest.mark.parametrize(("lasts", "silent"), [(2, 2), (None, 3)], ids=["outlasts", "runs"])
def test_a_call_of_which_more_was_spoken_is_not_complete(
    db: None,  # noqa: ARG001
    tmp_path: Path,
    settings: Any,
    lasts: int | None,
    silent: int,
) -> None:
    """A call that ended a minute after its recording, or that runs still, is silent about that time."""
    office = office_of_one_call(tmp_path)
    if lasts is not None:
        end_call(CALL, NOON + lasts * MINUTE, "bye", clock=office.clock)
    office.go_to(NOON + timedelta(days=1))
    asked = Asked("", office.sources["line"], Interval(NOON, NOON + silent * MINUTE), item=CALL)
    stated = {"stream": "calls", "details": NUMBERS, "times": (NOON, None)}
    _, verdict = _packed(tmp_path, settings, office, asked, stated)
    assert status(verdict) == INCOMPLETE
    assert [(end - begin) / MINUTE for begin, end in verdict.unaccounted] == [silent - 1]

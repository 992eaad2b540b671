"""The evidence package of a copy that an office made: everything the books know of it, verified with nothing but itself and the key."""

from pathlib import Path

import pytest
from django.utils import translation

from rejent.access.errors import AccessRefusedError
from rejent.evidence.sealing import seal_in_ledger
from rejent.evidence.targets import FolderTarget
from rejent.evidence.verifier.command import SHOWN, check_path, report, status
from rejent.evidence.writing import write_package
from rejent.ledger.location import LedgerLocation
from rejent.web.cases.copies.packing import package_contents
from tests.printed import words_of
from tests.unit.copies.conftest import CopyingOffice


def test_the_package_of_a_copy_holds_its_whole_story(pleszew: CopyingOffice, tmp_path: Path) -> None:
    """Parts, gap, acts of case, sealing and making, label and custody sheet; whoever makes copies may open it, others may not."""
    copy, clock = pleszew.copy(pleszew.decided().number), pleszew.office.clock
    place = LedgerLocation(tmp_path / "ledger", tmp_path / "ledger-key", "rejent/test")
    administrator, folder = pleszew.people["administrator"], tmp_path / copy.number
    with translation.override("pl"):
        contents = package_contents(copy, person=administrator, clock=clock)
    seal = seal_in_ledger(place, copy.number, contents.acts, clock=clock, actor="")
    write_package(contents, FolderTarget(folder), seal)
    verdict = check_path(folder, stated_key=str(place.verifier()), number=copy.number)
    assert status(verdict) == SHOWN, verdict.findings
    assert len(contents.recordings) == len(copy.parts) == 3
    assert (
        len(
            [
                sentence
                for sentence in contents.acts.values()
                if sentence.startswith("Zapieczętowanie odcinka")
            ]
        )
        == 3
    )
    told = "; ".join(contents.acts.values())
    assert copy.case in told
    assert f"Sporządzono kopię {copy.number}" in told
    assert [each.cause for each in contents.gaps]
    assert "12:01:30" in "".join(report(verdict, "pl"))
    paper = words_of((folder / "data/custody.pdf").read_bytes())
    assert copy.parts[0].sha256[:20] in paper.replace(" ", "").replace("\n", "")
    assert copy.number in words_of((folder / "data/label.pdf").read_bytes())
    with pytest.raises(AccessRefusedError):
        package_contents(copy, person=pleszew.people["clerk"], clock=clock)

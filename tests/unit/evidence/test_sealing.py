"""A package of a real installation: sealed segments opened, its ledger's acts, its signed state, a time stamp."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import transaction

from rejent.evidence.contents import PackageContents, PlayableFile, Recording
from rejent.evidence.errors import StateMovedError
from rejent.evidence.sealing import seal_in_ledger
from rejent.evidence.targets import FolderTarget
from rejent.evidence.verifier.command import SHOWN, check_path, check_stamp, main, report, status
from rejent.evidence.writing import write_package
from rejent.formats.source import BytesSource
from rejent.kernel.acts import Act
from rejent.kernel.intervals import Interval
from rejent.ledger.location import LedgerLocation
from rejent.registers import services
from tests.authority import made, openssl, running
from tests.packages import PaperLedger, camera_contents
from tests.unit.retention.office import RecordingOffice

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
COPIED = Act("test.copy-made", "Copy {number} made")


@pytest.fixture
def office(db: None, tmp_path: Path) -> RecordingOffice:  # noqa: ARG001 - asked for its effect
    """An office with a camera that recorded two minutes."""
    (tmp_path / "office").mkdir()
    opened = RecordingOffice.open(tmp_path / "office", START, "elblag")
    camera = opened.add_camera("Hol")
    for minute in range(2):
        opened.record(camera, START + timedelta(minutes=minute), b"ZNAK")
    return opened


@pytest.fixture
def place(tmp_path: Path) -> LedgerLocation:
    """The office's ledger."""
    return LedgerLocation(tmp_path / "ledger", tmp_path / "secrets" / "ledger", "rejent/test")


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[str]:
    """The address of a time-stamping authority made with openssl, its folder beside the office."""
    (tmp_path / "authority").mkdir()
    made(tmp_path / "authority")
    with running(tmp_path / "authority") as address:
        yield f"{address}/"


def contents_of(office: RecordingOffice) -> PackageContents:
    """What a copy of the two minutes holds: each segment opened, the act that names its bytes, and an earlier act."""
    (camera,) = office.sources.values()
    segments = office.living(camera, START, START + timedelta(minutes=2))
    assert len(segments) == 2
    plain = [office.content(each) for each in segments]
    digests = [sha256(each).hexdigest() for each in plain]
    with transaction.atomic():
        record = {"number": "K-2026-1", "sha256": digests}
        copied = services.enter(COPIED, actor="p1", subject="copy:1", record=record, at=office.clock.now())
    recordings = [
        Recording(f"{n}.mp4", "video/mp4", Interval(each.start, each.end), BytesSource(content), sha256(content).digest(), copied)
        for n, (each, content) in enumerate(zip(segments, plain, strict=True))
    ]  # fmt: skip
    return replace(
        camera_contents(PaperLedger(), "K-2026-1"),
        interval=Interval(START, START + timedelta(minutes=2)),
        made_at=office.clock.now(),
        recordings=recordings,
        playable=[PlayableFile(each.name, each.media_type, each.interval) for each in recordings],
        gaps=[],
        gone=[],
        acts={copied: "Sporządzono kopię K-2026-1", 0: "Pierwsza czynność urzędu"},
    )


def test_a_package_of_an_office_verifies_with_nothing_but_itself_and_the_key(
    office: RecordingOffice, place: LedgerLocation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its list of contents is in the ledger, every proof is under one signed state, and the program's own command says so."""
    contents, folder = contents_of(office), tmp_path / "K-2026-1"
    seal = seal_in_ledger(place, contents.number, contents.acts, clock=office.clock, actor="p1")
    packed = write_package(contents, FolderTarget(folder), seal)
    key = str(place.verifier())
    assert main([str(folder), "--key", key, "--number", "K-2026-1", "--lang", "en"]) == SHOWN
    assert "Complete: yes. The whole time is recorded." in capsys.readouterr().out
    run = [sys.executable, "-I", folder / "verify.py", "--key", key, "--json"]
    act = check_path(folder).packed
    assert act is not None
    assert act.record is not None
    assert act.record["facts"] == {"number": "K-2026-1", "contents": packed.contents}
    told = subprocess.run(run, capture_output=True, check=True).stdout
    assert b'"complete": true' in told


def test_a_time_stamp_is_told_and_checked_where_its_root_is_known(
    office: RecordingOffice, place: LedgerLocation, authority: str, tmp_path: Path
) -> None:
    """The authority's answer lies in the package; without its root it counts for nothing, with it its time is named, with another's it is refused."""
    contents, folder = contents_of(office), tmp_path / "K-2026-1"
    stamped = replace(place, authority=authority)
    seal = seal_in_ledger(stamped, contents.number, contents.acts, clock=office.clock, actor="p1")
    write_package(contents, FolderTarget(folder), seal)
    verdict = check_path(folder, stated_key=str(place.verifier()))
    assert status(verdict) == SHOWN
    assert "its signature is not checked" in "".join(report(verdict, "en"))
    roots = tmp_path / "authority"
    code, at = check_stamp(verdict, roots / "root.pem")
    assert code == "stamp-yes"
    assert "GMT" in at
    other = (
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=Other",
        "-keyout",
        "o.key",
        "-out",
        "o.pem",
    )
    openssl(roots, "req", "-config", "conf", *other)
    assert check_stamp(verdict, roots / "o.pem") == ("stamp-no", "")
    (folder / "ledger/stamp.tsr").unlink()
    assert {each.what for each in check_path(folder).findings} >= {"ledger/stamp.tsr"}


def test_a_ledger_signed_anew_all_the_time_is_given_up(
    office: RecordingOffice, place: LedgerLocation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proofs under different states never go into one package; nothing of it is left."""
    from rejent.evidence import sealing

    real = sealing.prove

    def prove(where: LedgerLocation, index: int) -> str:
        with transaction.atomic():
            services.enter(COPIED, actor="", subject="x", record={"number": "x"}, at=office.clock.now())
        services.checkpoint(where, clock=office.clock)
        return real(where, index)

    monkeypatch.setattr(sealing, "prove", prove)
    contents, folder = contents_of(office), tmp_path / "K-2026-1"
    seal = seal_in_ledger(place, contents.number, contents.acts, clock=office.clock, actor="p1")
    with pytest.raises(StateMovedError):
        write_package(contents, FolderTarget(folder), seal)
    assert not list(tmp_path.glob("K-2026-1*"))

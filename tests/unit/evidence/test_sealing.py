"""A package of a real installation: sealed segments opened, its ledger's acts, its signed state, a time stamp."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256, sha512
from pathlib import Path

import pytest
from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.db import transaction
from pyhanko.sign.timestamps import DummyTimeStamper

from rejent.evidence.contents import PackageContents, PlayableFile, Recording
from rejent.evidence.errors import StateMovedError
from rejent.evidence.sealing import seal_in_ledger
from rejent.evidence.targets import FolderTarget
from rejent.evidence.verifier.command import (
    ALTERED,
    MISUSED,
    SHOWN,
    STAMP_UNPROVEN,
    check_path,
    check_stamp,
    main,
    report,
    status,
)
from rejent.evidence.verifier.package import STAMP_NO, STAMP_YES
from rejent.evidence.verifier.words import SENTENCES
from rejent.evidence.writing import write_package
from rejent.formats.source import BytesSource
from rejent.kernel.acts import Act
from rejent.kernel.intervals import Interval
from rejent.ledger.location import LedgerLocation
from rejent.ledger.signed.timestamp import verify_stamp
from rejent.registers import services
from tests.authority import made, openssl, running
from tests.packages import PaperLedger, both, camera_contents, packed
from tests.unit.evidence.altered import ledger_part, rewritten
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
        acts={copied: both("Sporządzono kopię K-2026-1"), 0: both("Pierwsza czynność urzędu")},
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
    check_stamp(verdict, roots / "root.pem")
    code, at = verdict.stamp_answer
    assert code == STAMP_YES
    assert at is not None
    assert status(verdict) == SHOWN
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
    check_stamp(verdict, roots / "o.pem")
    assert verdict.stamp_answer == (STAMP_NO, None)
    assert status(verdict) == ALTERED
    (folder / "ledger/stamp.tsr").unlink()
    assert {each.what for each in check_path(folder).findings} >= {"ledger/stamp.tsr"}


@pytest.fixture(scope="module")
def authority_of(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, bytes]:
    """The file of a root, the certificate and the key of an authority under it, both valid from 2015 to 2017."""
    keys = [generate_private_key(65537, 2048) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("Root", "Stamps")]

    def certificate(
        number: int, usage: int, kinds: list[tuple[x509.ExtensionType, bool]]
    ) -> x509.Certificate:
        used = x509.KeyUsage(*(each == usage for each in range(7)), encipher_only=False, decipher_only=False)
        made = x509.CertificateBuilder(names[0], names[number], keys[number].public_key(), number + 1)
        made = made.not_valid_before(datetime(2015, 1, 1, tzinfo=UTC))
        made = made.not_valid_after(datetime(2017, 1, 1, tzinfo=UTC))
        for extension, critical in ((used, True), *kinds):
            made = made.add_extension(extension, critical=critical)
        return made.sign(keys[0], SHA256())

    root = certificate(0, 5, [(x509.BasicConstraints(ca=True, path_length=None), True)])
    stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    signer = certificate(1, 0, [(x509.BasicConstraints(ca=False, path_length=None), True), (stamping, True)])
    file = tmp_path_factory.mktemp("authority") / "root.pem"
    file.write_bytes(root.public_bytes(Encoding.PEM))
    key = keys[1].private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return file, signer.public_bytes(Encoding.DER), key


def stamped_in(year: int, folder: Path, certificate: bytes, key: bytes) -> None:
    """Put the time stamp that an authority gave in a year into a package, and make all lists fit."""
    part = ledger_part(folder)
    stamps = DummyTimeStamper(
        Certificate.load(certificate), PrivateKeyInfo.load(key), fixed_dt=datetime(year, 6, 1, 12, tzinfo=UTC)
    )
    _, asked = stamps.request_cms(sha512(part.checkpoint.encode()).digest(), "sha512")
    answer = stamps.request_tsa_response(asked)
    rewritten(folder, part=replace(part, stamp=answer.dump()))


def test_an_authority_is_judged_as_it_was_when_it_stamped(
    authority_of: tuple[Path, bytes, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Years after its certificate ended a stamp of its time holds, one from after its end does not; line, JSON and status agree."""
    root, certificate, key = authority_of
    for year, expected, code in ((2016, SHOWN, STAMP_YES), (2018, ALTERED, STAMP_NO)):
        made = packed(tmp_path / f"K-{year}")
        stamped_in(year, made.path, certificate, key)
        assert made.verdict().findings == []
        asked = [str(made.path), "--key", made.key, "--stamp-root", str(root), "--lang", "en"]
        assert main([*asked, "--json"]) == expected
        said = json.loads(capsys.readouterr().out)
        assert said["status"] == expected
        assert said["sentences"][-1] == SENTENCES["en"][f"verdict-{expected}"]
        assert said["stamp"]["vouched_at"] == ("2016-06-01T12:00:00Z" if code == STAMP_YES else None)
    token = (tmp_path / "K-2016/ledger/stamp.tsr").read_bytes()
    roots = x509.load_pem_x509_certificates(root.read_bytes())
    checkpoint = (tmp_path / "K-2016/ledger/checkpoint").read_bytes()
    assert verify_stamp(token, checkpoint, roots).year == 2016


def test_a_stamp_that_was_asked_for_and_is_not_there_is_not_passed_over(
    authority_of: tuple[Path, bytes, bytes],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No stamp, or nothing to check it with, is a status of its own; line, JSON and status agree; a file without a certificate is a misuse."""
    root, certificate, key = authority_of
    made = packed(tmp_path / "K-2026-3")
    asked = [str(made.path), "--key", made.key, "--stamp-root", str(root), "--lang", "en"]

    def said() -> tuple[int, int, list[str]]:
        found = main(asked)
        assert main([*asked, "--json"]) == found
        lines, _, written = capsys.readouterr().out.partition("{")
        told = json.loads("{" + written)
        assert lines.splitlines() == told["sentences"]
        assert told["stamp"]["asked_for"] is True
        assert told["stamp"]["vouched_at"] is None
        return found, told["status"], told["sentences"]

    for text in ("there is no time stamp in the package", "openssl is not here"):
        found, stated, lines = said()
        assert found == stated == STAMP_UNPROVEN
        assert text in "".join(lines)
        assert lines[-1] == SENTENCES["en"]["verdict-5"]
        stamped_in(2016, made.path, certificate, key)
        monkeypatch.setattr(shutil, "which", lambda _: None)
    asked[4] = str(made.path / "index.html")
    with pytest.raises(SystemExit) as refused:
        main(asked)
    assert refused.value.code == MISUSED


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

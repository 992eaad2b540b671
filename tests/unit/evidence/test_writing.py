"""Packages as they are written: folder, archive, encrypted; flat in memory; nothing half-done under a package's name."""

import ast
import json
import subprocess
import sys
import tracemalloc
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from rejent.evidence.contents import Derivation, PlayableFile, Recording
from rejent.evidence.errors import PackageRefusedError, RecordingDiffersError
from rejent.evidence.targets import ArchiveTarget, FolderTarget
from rejent.evidence.verifier.archive import Finding
from rejent.evidence.verifier.command import ALTERED, SHOWN, check_path, status
from rejent.evidence.verifier.words import SENTENCES, office_time
from rejent.evidence.writing import CRATE_PATH, single_file, write_package
from rejent.formats.source import BytesSource
from rejent.kernel.intervals import Interval
from rejent.vault.age import Identity
from tests.packages import NOON, Made, PaperLedger, both, camera_contents, packed


def test_the_same_contents_make_the_same_bytes(tmp_path: Path) -> None:
    """Two packages of the same contents are equal to the bit, as archives too."""
    one, two = packed(tmp_path / "one.zip"), packed(tmp_path / "two.zip")
    assert one.path.read_bytes() == two.path.read_bytes()
    assert status(one.verdict()) == SHOWN


def test_other_programs_unpack_the_archive(tmp_path: Path) -> None:
    """Python's and Info-ZIP's ways lead to a folder that verifies; no name leads out of it."""
    made = packed(tmp_path / "K-2026-3.zip")
    with zipfile.ZipFile(made.path) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "unpacked")
    assert status(Made(tmp_path / "unpacked", made.ledger, made.contents).verdict()) == SHOWN
    assert b"No errors" in subprocess.run(["unzip", "-t", made.path], capture_output=True, check=True).stdout


def test_each_bit_of_an_archive_counts(tmp_path: Path) -> None:
    """Wherever a bit of the archive is turned, in a head, a list or a file, it is found; so is what stands before or behind."""
    made = packed(tmp_path / "K-2026-3.zip")
    chance = Random(3)  # noqa: S311 - repeatable
    old = made.path.read_bytes()
    places = {0, 4, 6, 8, 10, 14, 20, len(old) - 1, len(old) - 60, len(old) - 200} | {
        chance.randrange(len(old)) for _ in range(60)
    }
    for place in places:
        made.path.write_bytes(old[:place] + bytes([old[place] ^ 1 << chance.randrange(8)]) + old[place + 1 :])
        assert not made.verdict().intact, place
    for content in (old + b"x", b"x" + old, old[:-1], old[: len(old) // 2], b"", b"PK\5\6" + b"\0" * 18):
        made.path.write_bytes(content)
        assert [each.code for each in made.verdict().findings] == ["archive-form"]


def test_a_wrong_checksum_of_an_archive_is_named(tmp_path: Path) -> None:
    """Where both heads of an archive state another CRC-32 of a recording, as other programs would notice, that is named; its bytes are sound."""
    made = packed(tmp_path / "K-2026-3.zip")
    content = bytearray(made.path.read_bytes())
    (wrong, *_) = [each for each in zipfile.ZipFile(made.path).infolist() if "originals" in each.filename]
    central = content.index(b"PK\1\2")
    while not content.startswith(wrong.filename.encode(), central + 46):
        central = content.index(b"PK\1\2", central + 4)
    content[wrong.header_offset + 14] ^= 1
    content[central + 16] ^= 1
    made.path.write_bytes(content)
    assert zipfile.ZipFile(made.path).testzip() == wrong.filename
    assert made.verdict().findings == [Finding("checksum", wrong.filename)]
    assert status(made.verdict()) == ALTERED


@pytest.mark.parametrize(
    "name", ["../../outside", "/etc/outside", "C:\\outside", "data/../outside", "data/label.pdf"]
)
def test_names_in_archives_lead_nowhere(tmp_path: Path, name: str) -> None:
    """An archive of our own form with a name that leads out, or stands twice, is named for it; nothing is unpacked to check it."""
    target = ArchiveTarget(tmp_path / "K.zip")
    for each in ("data/label.pdf", name):
        target.begin(each)
        target.write(b"x")
        target.end()
    target.finish()
    found = {each.code for each in check_path(tmp_path / "K.zip").findings}
    assert found & {"path", "twice"}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["K.zip"]


def test_a_compressed_archive_is_refused(tmp_path: Path) -> None:
    """Packages are stored, so that nothing small can become huge; other archives are refused before a byte is unpacked."""
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data/contents.json", b"\0" * (50 << 20))
    assert [each.code for each in check_path(tmp_path / "bomb.zip").findings] == ["archive-form"]


def test_an_encrypted_package_opens_with_age(tmp_path: Path) -> None:
    """The stock program opens it for its recipient; inside is an archive that verifies, and no plain byte stood on the disk."""
    identity, ledger = Identity.generate(), PaperLedger()
    contents, path = camera_contents(ledger), tmp_path / "K-2026-3.zip.age"
    write_package(
        contents, ArchiveTarget(path, [identity.recipient]), ledger.seal("K-2026-3", list(contents.acts))
    )
    assert b"contents.json" not in path.read_bytes()
    (tmp_path / "identity").write_text(identity.text)
    opened = tmp_path / "K-2026-3.zip"
    subprocess.run(["age", "-d", "-i", tmp_path / "identity", "-o", opened, path], check=True)
    assert status(Made(opened, ledger, contents).verdict()) == SHOWN
    assert zipfile.ZipFile(opened).testzip() is None
    old = opened.read_bytes()
    for place in (6, len(old) // 2, len(old) - 90):
        opened.write_bytes(old[:place] + bytes([old[place] ^ 4]) + old[place + 1 :])
        assert not Made(opened, ledger, contents).verdict().intact


class _Endless:
    """Content that is made while it is read."""

    def __init__(self, size: int) -> None:
        self.size = size

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Zeros."""
        return bytes(self.size - offset if length is None else min(length, self.size - offset))

    def read_into(self, target: bytearray | memoryview, offset: int = 0) -> None:
        """Fill with zeros."""
        memoryview(target)[:] = self.read(offset, len(target))


def test_memory_does_not_grow_with_the_recording(tmp_path: Path) -> None:
    """A recording of 96 MiB goes through in a few blocks, written and verified."""
    ledger, size = PaperLedger(), 96 << 20
    digest = sha256(bytes(size))
    act = ledger.enter("copy.made", {"sha256": digest.hexdigest()})
    when = Interval(NOON, NOON.replace(hour=12))
    big = Recording("big.mp4", "video/mp4", when, _Endless(size), digest.digest(), act)
    contents = camera_contents(
        ledger, recordings=[big], playable=[PlayableFile("big.mp4", "video/mp4", when)], acts={act: both("kopia")}, gaps=[], gone=[]
    )  # fmt: skip
    tracemalloc.start()
    made = packed(tmp_path / "K-2026-3", ledger, contents)
    assert status(made.verdict()) == SHOWN
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 48 << 20


class KilledError(Exception):
    """The program ends here."""


@pytest.mark.parametrize("suffix", ["", ".zip"])
def test_a_failure_at_any_step_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:  # fmt: skip
    """Whichever file cannot be written, nothing stands under the package's name; killed there, only what says unfinished."""
    kind = ArchiveTarget if suffix else FolderTarget
    real, steps = kind.begin, [0]

    def begin(target: ArchiveTarget | FolderTarget, name: str) -> None:
        steps[0] -= 1
        if steps[0] < 0:
            raise KilledError
        real(target, name)  # type: ignore[arg-type]

    monkeypatch.setattr(kind, "begin", begin)
    for step in range(0, 20, 3):
        steps[0] = step
        with pytest.raises(KilledError):
            packed(tmp_path / f"K{suffix}")
        assert list(tmp_path.iterdir()) == []
        steps[0] = step
        with monkeypatch.context() as killed:
            killed.setattr(kind, "discard", lambda target: target._file and target._file.close())
            with pytest.raises(KilledError):
                packed(tmp_path / f"K{suffix}")
        (left,) = tmp_path.iterdir()
        assert ".unfinished-" in left.name
        subprocess.run(["rm", "-r", left], check=True)
    steps[0] = 1000
    assert status(packed(tmp_path / f"K{suffix}").verdict()) == SHOWN
    with pytest.raises(PackageRefusedError):
        packed(tmp_path / f"K{suffix}")


def test_the_description_names_publisher_parts_and_what_was_derived(tmp_path: Path) -> None:
    """The publisher is an organization, every file and the list of contents are parts, a form to watch and a derived copy say of what."""
    ledger, plan = PaperLedger(), Derivation("K-2026-1", "ab" * 32, "cd" * 32)
    contents = camera_contents(ledger)
    facts = {"origin": plan.number, "origin_digest": plan.digest, "plan": plan.plan}
    act = ledger.enter("copy.made", {**facts, "named": [each.sha256.hex() for each in contents.recordings]})
    shown = replace(
        contents.playable[0], name="v.mp4", content=BytesSource(b"x"), made_of=contents.recordings[0].name
    )
    named = [replace(each, act=act) for each in contents.recordings]
    made = packed(
        tmp_path / "K",
        ledger,
        replace(contents, recordings=named, playable=[shown], acts={act: both("x")}, derived=plan),
    )
    assert status(made.verdict()) == SHOWN
    crate = json.loads((made.path / CRATE_PATH).read_bytes())
    things = {each["@id"]: each for each in crate["@graph"]}
    root = things["./"]
    assert things[root["publisher"]["@id"]] == {
        "@id": "#office",
        "@type": "Organization",
        "name": contents.office,
    }
    parts = {each["@id"] for each in root["hasPart"]}
    files = {
        str(each.relative_to(made.path / "data"))
        for each in (made.path / "data").rglob("*")
        if each.is_file()
    }
    assert parts == files - {"ro-crate-metadata.json"}
    assert {things["viewing/v.mp4"]["isBasedOn"]["@id"]} == {f"derived/{contents.recordings[0].name}"}
    assert (
        root["isBasedOn"]
        == things[f"derived/{contents.recordings[0].name}"]["isBasedOn"]
        == {"@id": "#original"}
    )
    assert (things["#original"]["identifier"], things["#original"]["sha256"]) == (plan.number, plan.digest)
    assert crate["@context"][1] == {"sha256": "https://schema.org/sha256"}


def test_what_differs_from_its_act_is_not_packed(tmp_path: Path) -> None:
    """A recording whose bytes are not those of its act, and contents that name nothing or lead outside, are refused."""
    ledger = PaperLedger()
    good = camera_contents(ledger)
    (first, second), bad = good.recordings, BytesSource(b"other")
    with pytest.raises(RecordingDiffersError):
        packed(tmp_path / "K", ledger, replace(good, recordings=[replace(first, content=bad), second]))
    for changed in (
        replace(good, recordings=[replace(first, name="../x"), second]),
        replace(good, recordings=[first, replace(second, name=first.name.upper())], playable=[]),
        replace(good, recordings=[replace(first, act=99), second]),
        replace(good, recordings=[], playable=[]),
        replace(good, office="Urząd\nBag-Size: 1"),
    ):
        with pytest.raises(PackageRefusedError):
            packed(tmp_path / "K", ledger, changed)
    assert list(tmp_path.iterdir()) == []


def test_the_verifier_is_one_old_file(tmp_path: Path) -> None:
    """It is Python 3.8, names nothing twice, takes nothing but the standard library, and says the same as the program."""
    tree = ast.parse(single_file().decode(), feature_version=(3, 8))
    defined = [each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef)]
    assigned = [
        target.id
        for each in tree.body
        if isinstance(each, ast.Assign)
        for target in ast.walk(each)
        if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store)
    ]
    assert len({*defined, *assigned}) == len(defined + assigned)
    for each in ast.walk(tree):
        if isinstance(each, ast.ImportFrom):
            assert (each.module or "").split(".")[0] in sys.stdlib_module_names
        elif isinstance(each, ast.Import):
            assert {alias.name.split(".")[0] for alias in each.names} <= sys.stdlib_module_names
    made = packed(tmp_path / "K-2026-3")
    run = [sys.executable, "-I", "-S", made.path / "verify.py", "--lang=pl"]
    alone = subprocess.run([*run, "--key", made.key], capture_output=True, text=True, check=False)
    assert (alone.returncode, alone.stderr) == (SHOWN, "")
    assert "Nienaruszona: tak" in alone.stdout
    assert "Wynik: nienaruszona, z tego urzędu, kompletna." in alone.stdout
    assert subprocess.run(run, capture_output=True, check=False).returncode == 3
    assert subprocess.run([*run, "--nothing"], capture_output=True, check=False).returncode == 2


def test_both_languages_say_the_same_things() -> None:
    """Each sentence stands in Polish and English, with the same places; instants are shown as clocks in Poland did."""
    assert set(SENTENCES["pl"]) == set(SENTENCES["en"])
    for name, sentence in SENTENCES["pl"].items():
        places = [sorted(set(text.split("{")[1:])) for text in (sentence, SENTENCES["en"][name])]
        assert len(places[0]) == len(places[1]), name
    shown = [office_time(NOON.replace(tzinfo=None, month=month, day=25, hour=0, minute=59)) for month in (7, 10)]  # fmt: skip
    assert shown == ["25.07.2026 02:59:00 (UTC+2)", "25.10.2026 02:59:00 (UTC+2)"]

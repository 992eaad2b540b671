"""Whatever is done to a package, the verifier names it, and says neither intact nor from this office."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from rejent.cli.ledger import verify
from rejent.evidence.verifier.command import ALTERED, INCOMPLETE, ORIGIN_OPEN, SHOWN, main, report, status
from rejent.evidence.verifier.form import LONGEST_PRINTED, plain
from rejent.evidence.verifier.words import SENTENCES
from tests.packages import Made, PaperLedger, both, camera_contents, packed
from tests.unit.evidence.altered import FORGER, NAMED, SILENT, SOUND, signed_by


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A package that nobody touched."""
    return packed(tmp_path_factory.mktemp("made") / "K-2026-3")


@pytest.fixture
def copy(made: Made, tmp_path: Path) -> Iterator[Made]:
    """A copy of it to alter; it is removed by a program, since the runner's own way does not go as deep as its folders may."""
    yield Made(Path(shutil.copytree(made.path, tmp_path / "K-2026-3")), made.ledger, made.contents)
    subprocess.run(["rm", "-rf", tmp_path / "K-2026-3"], check=True)


@pytest.mark.parametrize("way", NAMED)
def test_an_alteration_is_named(copy: Made, way: str) -> None:
    """It is found by its own name, whoever gives the office's key."""
    alter, code = NAMED[way]
    alter(copy.path, copy)
    verdict = copy.verdict()
    assert code in {each.code for each in verdict.findings}, verdict.findings
    assert not verdict.intact
    assert status(verdict) == ALTERED
    for language in ("pl", "en"):
        lines = report(verdict, language)
        assert all(line.isprintable() and len(line) < 400 for line in lines)
        assert lines[-1] == SENTENCES[language]["verdict-1"]
        assert not any("Result: intact" in line for line in lines)


@pytest.mark.parametrize("way", SOUND)
def test_what_is_sound_is_accepted(copy: Made, way: str) -> None:
    """What changes nothing, and what the office itself enters anew, verifies."""
    SOUND[way](copy.path, copy)
    verdict = copy.verdict()
    assert verdict.findings == []
    assert status(verdict) == SHOWN


@pytest.mark.parametrize("way", SILENT)
def test_time_of_which_nothing_is_said_is_told_to_the_microsecond(copy: Made, way: str) -> None:
    """A hole longer than a seam by the least that an instant tells makes a package incomplete, not altered."""
    SILENT[way](copy.path, copy)
    verdict = copy.verdict()
    assert verdict.findings == []
    assert status(verdict) == INCOMPLETE


def test_a_bad_byte_accuses_the_file_it_stands_in(copy: Made) -> None:
    """Wherever a byte of the declaration is wrong, that file and no other is named; so with a digit of a list."""
    declaration, listed = copy.path / "bagit.txt", copy.path / "manifest-sha256.txt"
    old = declaration.read_bytes()
    for place in range(len(old)):
        declaration.write_bytes(old[:place] + bytes([old[place] ^ 2]) + old[place + 1 :])
        assert {each.what for each in copy.verdict().findings} == {"bagit.txt"}, place
    declaration.write_bytes(old)
    listed.write_bytes(b"g" + listed.read_bytes()[1:])
    assert {each.what.partition(":")[0] for each in copy.verdict().findings} == {"manifest-sha256.txt"}


def test_sentences_follow_the_language(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    """Causes and clocks are told in the reader's language, whatever the office's is."""
    for language, told, other in (
        ("pl", "Kamera nie odpowiadała", "did not answer"),
        ("en", "The camera did not answer", "nie odp"),
    ):
        main([str(made.path), "--lang", language])
        said = capsys.readouterr().out
        assert told in said
        assert other not in said


def test_a_value_is_printed_plain() -> None:
    """No control character, end of line, mark of direction or hidden sign is left, and nothing longer than a line of a terminal's screen."""
    evil = "K\n\x1b[2J\x07\u202eabc\u2066\u200b\u2028Result: intact\r\x85\ud800\U000e0041" + "x" * 1000
    shown = plain(evil)
    assert shown.isprintable()
    assert len(shown) == LONGEST_PRINTED
    assert shown.startswith("K \ufffd[2J\ufffd\ufffdabc")


def test_each_bit_counts(copy: Made) -> None:
    """In every file of the package some bits are turned, the first and the last among them; each is found and the file named."""
    chance = Random(12)  # noqa: S311 - repeatable
    files = sorted(each for each in copy.path.rglob("*") if each.is_file())
    assert len(files) > 20
    for file in files:
        old = file.read_bytes()
        for place in {0, len(old) - 1, chance.randrange(len(old))}:
            file.write_bytes(old[:place] + bytes([old[place] ^ 1 << chance.randrange(8)]) + old[place + 1 :])
            verdict = copy.verdict()
            assert not verdict.intact
            assert str(file.relative_to(copy.path)) in " ".join(each.what for each in verdict.findings)
        file.write_bytes(old)
    assert status(copy.verdict()) == SHOWN


def test_each_file_counts(copy: Made) -> None:
    """A file that is dropped is named, whichever it is."""
    for file in sorted(each for each in copy.path.rglob("*") if each.is_file()):
        old = file.read_bytes()
        file.unlink()
        verdict = copy.verdict()
        assert not verdict.intact
        assert str(file.relative_to(copy.path)) in {each.what for each in verdict.findings}
        file.write_bytes(old)


def test_nothing_unproven_passes(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key the origin is not shown, with a part of a fingerprint neither; with key, fingerprint or its file it is."""
    fingerprint = made.verdict().key
    assert fingerprint is not None
    printed = fingerprint.fingerprint
    (made.path.parent / "key").write_text(made.key)
    for key, expected in {
        "": ORIGIN_OPEN, printed: SHOWN, printed.upper().replace(" ", "-"): SHOWN, made.key: SHOWN, printed[:-1]: ALTERED,
        str(made.path.parent / "key"): SHOWN, printed[:19]: ALTERED, str(FORGER.verifier): ALTERED, "x": ALTERED,
    }.items():  # fmt: skip
        assert main([str(made.path), f"--key={key}", "--lang=en", "--json"]) == expected, key
        said = json.loads(capsys.readouterr().out)
        assert (said["made_at"] is None) is (expected != SHOWN)
        assert any("by the office's clock" in line for line in said["sentences"]) is (expected == SHOWN)
        assert "valid" not in str(said)


def test_another_office_with_a_whole_package_of_its_own_is_found(copy: Made) -> None:
    """A state signed with a forger's key is whole in itself, and not from the office whose key is known."""
    signed_by(FORGER)(copy.path, copy)
    assert copy.verdict(stated_key="").origin is None
    assert copy.verdict().origin is False
    assert status(copy.verdict()) == ALTERED


def test_an_old_package_under_a_new_number_is_found(made: Made) -> None:
    """Who asks for the number on the label gets that one and no other."""
    assert status(made.verdict(number="K-2026-3")) == SHOWN
    assert [each.code for each in made.verdict(number="K-2026-9").findings] == ["other-number"]


def test_silence_about_a_part_of_the_time_is_not_complete(tmp_path: Path) -> None:
    """Where nothing is said of a part of the interval, the package is intact and not complete; a seam of half a second is none."""
    ledger = PaperLedger()
    package = packed(tmp_path / "K-2026-3", ledger, camera_contents(ledger, gaps=[]))
    verdict = package.verdict()
    assert (verdict.intact, status(verdict)) == (True, INCOMPLETE)
    assert [round((end - begin).total_seconds()) for begin, end in verdict.unaccounted] == [57 * 60]
    assert "57" not in report(verdict, "en")[0]


def test_an_act_may_name_its_recordings_by_one_digest(tmp_path: Path) -> None:
    """A line a recording, in order, with its bytes and its time; in another order, or with another time, it names none."""
    ledger, contents = PaperLedger(), camera_contents(PaperLedger())
    lines = [
        f"{each.sha256.hex()} {each.content.size} "
        + " ".join(at.isoformat(timespec="microseconds") for at in (each.interval.start, each.interval.end))
        for each in contents.recordings
    ]
    for number, (order, whole) in enumerate((([0, 1], True), ([1, 0], False))):
        digest = sha256("".join(f"{lines[at]}\n" for at in order).encode()).hexdigest()
        act = ledger.enter("copy.made", {"number": "K-2026-3", "digest": digest})
        named = [replace(each, act=act) for each in contents.recordings]
        told = replace(contents, recordings=named, acts={act: both("Sporządzono kopię")})
        made = packed(tmp_path / f"K{number}", ledger, told)
        assert made.verdict().intact is whole


def test_a_record_in_a_proof_is_printed_plain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A proof under a forger's key, whose record ends the line and turns it, is one line of the command that checks single proofs."""
    ledger = PaperLedger(FORGER)
    ledger.enter("copy.made", {})
    ledger.records[0] = "x\nEntry 7 is in the ledger of the office.\x1b[2J\u202e\x9b1m"
    part = ledger.part([0])
    (tmp_path / "checkpoint").write_text(part.checkpoint, encoding="utf-8")
    (tmp_path / "proof").write_text(part.proofs[0], encoding="utf-8")
    verify(checkpoint=tmp_path / "checkpoint", proof=tmp_path / "proof")
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("Entry 0 is in the ledger")
    assert line.isprintable()

"""Whatever is done to a package, the verifier names it, and says neither intact nor from this office."""

import json
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from rejent.evidence.verifier.command import ALTERED, INCOMPLETE, ORIGIN_OPEN, SHOWN, main, report, status
from tests.packages import Made, PaperLedger, camera_contents, packed
from tests.unit.evidence.altered import FORGER, NAMED, signed_by


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A package that nobody touched."""
    return packed(tmp_path_factory.mktemp("made") / "K-2026-3")


@pytest.fixture
def copy(made: Made, tmp_path: Path) -> Made:
    """A copy of it to alter."""
    return Made(Path(shutil.copytree(made.path, tmp_path / "K-2026-3")), made.ledger, made.contents)


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
        assert report(verdict, language)


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
        told = replace(contents, recordings=named, acts={act: "Sporządzono kopię"})
        made = packed(tmp_path / f"K{number}", ledger, told)
        assert made.verdict().intact is whole

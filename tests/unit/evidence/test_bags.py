"""Bags of others read, ours read by others: the suite of the Library of Congress, and its program `bagit`."""

import hashlib
import tarfile
from collections.abc import Sequence
from pathlib import Path

import bagit
import pytest

from rejent.evidence.verifier.archive import Finding
from rejent.evidence.verifier.bag import Digests, check_bag
from rejent.evidence.verifier.trees import Folder
from tests.packages import packed

SUITE = Path(__file__).parents[2] / "data" / "bagit-conformance-suite.tar.gz"


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked suite."""
    folder = tmp_path_factory.mktemp("bags")
    with tarfile.open(SUITE) as packed_suite:
        packed_suite.extractall(folder, filter="data")
    return folder


def found(folder: Path) -> list[Finding]:
    """What is wrong with a bag."""
    tree = Folder(folder)

    def digest(name: str, algorithms: Sequence[str]) -> Digests:
        content = b"".join(tree.blocks(name))
        return {each: hashlib.new(each, content).hexdigest() for each in algorithms}

    return check_bag(tree, digest)


def test_the_suite_is_judged_as_its_authors_do(suite: Path) -> None:
    """Valid bags of all versions pass, invalid ones do not, doubtful ones get a remark at least."""
    judged = dict.fromkeys(("valid", "warning", "invalid", "linux-only"), 0)
    for folder in sorted(each for each in suite.glob("v*/*/*") if each.is_dir()):
        kind, findings = folder.parent.name, found(folder)
        if kind not in judged:
            continue
        judged[kind] += 1
        wrong = [each for each in findings if not each.remark]
        expected = {"valid": not wrong, "warning": bool(findings)}.get(kind, bool(wrong))
        assert expected, (folder, findings)
    assert min(judged.values()) >= 6
    assert sum(judged.values()) >= 45


def test_ours_is_a_bag_for_others(tmp_path: Path) -> None:
    """The Library's program takes a package for a valid bag, and finds what was changed in it."""
    made = packed(tmp_path / "K-2026-3")
    bag = bagit.Bag(str(made.path))
    bag.validate(processes=1)
    assert bag.info["External-Identifier"] == "K-2026-3"
    assert sorted(bag.algorithms) == ["sha256", "sha512"]
    (made.path / "data/label.pdf").write_bytes(b"other")
    assert not bagit.Bag(str(made.path)).is_valid()


def test_a_bag_of_others_is_read(tmp_path: Path) -> None:
    """What the Library's program writes passes as a bag, until a byte of it changes; it is no evidence package."""
    (tmp_path / "zażółć gęślą.txt").write_bytes(b"x")
    (tmp_path / "100%.txt").write_bytes(b"100")
    bagit.make_bag(str(tmp_path), checksums=["md5", "sha256"])
    assert found(tmp_path) == []
    (tmp_path / "data" / "100%.txt").write_bytes(b"101")
    assert [each.code for each in found(tmp_path)] == ["changed"]

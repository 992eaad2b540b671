"""Time stamps handed out and verified by the command, from an authority made with the openssl program."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.authority import made, openssl, running
from tests.installation import Office, another_office, rejent

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the openssl program is not installed"
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the authority."""
    folder = tmp_path_factory.mktemp("authority")
    made(folder)
    return folder


@pytest.fixture(scope="module")
def address(authority: Path) -> Iterator[str]:
    """Where it is asked."""
    with running(authority) as address:
        yield address


def office_stamped_by(folder: Path, address: str) -> Office:
    """An office whose newest checkpoint the authority has stamped."""
    office = another_office(folder)
    configuration = office.directory / "rejent.toml"
    text = configuration.read_text(encoding="utf-8")
    named = text.replace('timestamp_authority = ""', f'timestamp_authority = "{address}"')
    assert named != text
    configuration.write_text(named, encoding="utf-8")
    assert office.json("keep", "--once")["failed"] == []
    return office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, address: str) -> Office:
    """A stamped office."""
    return office_stamped_by(tmp_path_factory.mktemp("stamped") / "office", f"{address}/")


def test_a_stamp_is_handed_out_and_verified_here_and_elsewhere(
    office: Office, authority: Path, tmp_path: Path
) -> None:
    """The stamp and its checkpoint are written; the command and openssl verify them, and a proof under them stands."""
    root, stamp = authority / "root.pem", tmp_path / "stamp.tsr"
    given = office.run("ledger stamp", "--to", stamp, "--root", root)
    assert given.out.startswith("Stamped at 20")
    assert given.out == office.run("ledger stamp", "--root", root).out
    checkpoint = tmp_path / "stamp.tsr.checkpoint"
    assert checkpoint.read_bytes() == (office.directory / "ledger" / "checkpoint").read_bytes()
    verified = openssl(
        tmp_path, "ts", "-verify", "-data", checkpoint.name, "-in", stamp.name, "-CAfile", str(root)
    )
    assert b"OK" in verified
    proof = tmp_path / "proof"
    proof.write_text(office.run("ledger prove", "0").out, encoding="utf-8")
    files = ("ledger", "verify", "--checkpoint", checkpoint, "--proof", proof)
    shown = rejent(*files, "--stamp", stamp, "--root", root)
    assert shown.out.startswith("Entry 0 is in the ledger")
    assert given.out.strip() in shown.out
    unchecked = rejent(*files, "--stamp", stamp)
    assert "its signature was not checked" in unchecked.out
    assert "--stamp" in rejent(*files, "--root", root).line()


def test_what_is_no_stamp_root_or_place_is_refused_in_one_line(
    office: Office, authority: Path, tmp_path: Path
) -> None:
    """Garbage, another office's stamp, another root, a missing file, a file that is there already: each is one line."""
    root, stamp, garbage = authority / "root.pem", tmp_path / "stamp.tsr", tmp_path / "garbage"
    assert office.run("ledger stamp", "--to", stamp).status == 0
    garbage.write_bytes(b"0\x00garbage")
    other = tmp_path / "other"
    other.mkdir()
    made(other)
    proof = tmp_path / "proof"
    proof.write_text(office.run("ledger prove", "0").out, encoding="utf-8")
    files = ("ledger", "verify", "--checkpoint", tmp_path / "stamp.tsr.checkpoint", "--proof", proof)
    for given, judge in (
        (garbage, root),
        (stamp, garbage),
        (stamp, other / "root.pem"),
        (tmp_path / "no", root),
    ):
        assert rejent(*files, "--stamp", given, "--root", judge).line()
    assert "does not vouch" in rejent(*files, "--stamp", garbage).line()
    assert "there already" in office.run("ledger stamp", "--to", stamp).line()
    assert "cannot be written" in office.run("ledger stamp", "--to", tmp_path / "no" / "stamp").line()


def test_an_office_without_stamps_says_how_to_get_them(tmp_path: Path) -> None:
    """Where no authority is named there is nothing to hand out."""
    assert "timestamp_authority" in another_office(tmp_path / "office").run("ledger stamp").line()


def test_a_stamp_that_only_others_read_is_handed_out(authority: Path, address: str, tmp_path: Path) -> None:
    """An authority whose certificates stand in an order that DER forbids: the files are given, and openssl verifies them."""
    office = office_stamped_by(tmp_path / "office", f"{address}/chain")
    given = office.run("ledger stamp", "--to", tmp_path / "stamp")
    assert "openssl ts -verify" in given.out
    root = authority / "root.pem"
    said = openssl(
        tmp_path, "ts", "-verify", "-data", "stamp.checkpoint", "-in", "stamp", "-CAfile", str(root)
    )
    assert b"OK" in said
    assert "openssl ts -verify" in office.run("ledger stamp", "--root", root).line()

"""``rejent device --kind station``: enrolling, listing, striking off."""

import stat
import subprocess
from pathlib import Path

import pytest

from tests.installation import CommandServer, Done, Office

PASSPHRASE = "sealed for a stick"


def enrol(command: CommandServer, to: Path, name: str, *options: str, stdin: str = f"{PASSPHRASE}\n") -> Done:
    """Enrol a station; its file is `to`."""
    return command(
        "device enrol",
        "--kind",
        "station",
        "--name",
        name,
        "--to",
        to,
        "--passphrase-stdin",
        *options,
        stdin=stdin,
    )


def test_a_station_is_enrolled_listed_and_struck_off(command: CommandServer, tmp_path: Path) -> None:
    """Its number is printed alone, its file is for its user and opens with the passphrase, its name may be used again."""
    file = tmp_path / "kasa.p12"
    done = enrol(command, file, "Kasa", "--place", "parter", "--address", "10.0.0.7", "--valid-days", "30")
    assert done.status == 0, done
    number = int(done.out)
    assert "destroy the file" in done.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    opened = subprocess.run(
        ["openssl", "pkcs12", "-in", file, "-nokeys", "-passin", f"pass:{PASSPHRASE}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "friendlyName: Kasa" in opened.stdout
    (listed,) = [one for one in command("device list", "--json").json if one["name"] == "Kasa"]
    assert (listed["id"], listed["place"], listed["address"], listed["state"]) == (
        number,
        "parter",
        "10.0.0.7",
        "listed",
    )
    assert "already" in enrol(command, tmp_path / "other.p12", "Kasa").line()
    assert not (tmp_path / "other.p12").exists()
    assert command("device revoke", "Kasa", "--reason", "wymiana").status == 0
    assert command("device revoke", "Kasa", "--reason", "wymiana").status == 1
    assert command("device revoke", str(number), "--reason", "wymiana").status == 0
    assert enrol(command, tmp_path / "again.p12", "Kasa").status == 0
    states = [one["state"] for one in command("device list", "--json").json if one["name"] == "Kasa"]
    assert states == ["listed", "revoked"]
    assert "Kasa" in command("device list").out


@pytest.mark.parametrize(
    ("name", "options", "stdin", "says"),
    [
        ("", (), f"{PASSPHRASE}\n", "needs a name"),
        ("x" * 65, (), f"{PASSPHRASE}\n", "64"),
        ("Nowe", ("--address", "10.0.0.7/8"), f"{PASSPHRASE}\n", "no network"),
        ("Nowe", (), "krótkie\n", "shorter than"),
        ("Nowe", (), "", "shorter than"),
        ("Nowe", (), "zażółć gęślą jaźń\n", "characters that browsers read differently"),
        ("Nowe", ("--place", "x" * 121), f"{PASSPHRASE}\n", "120"),
    ],
)
def test_a_station_that_cannot_be_leaves_nothing(
    command: CommandServer, tmp_path: Path, *, name: str, options: tuple[str, ...], stdin: str, says: str
) -> None:
    """One line says what is wrong; there is no file and no row, and no passphrase in what is said."""
    done = enrol(command, tmp_path / "new.p12", name, *options, stdin=stdin)
    assert says in done.line()
    assert not stdin.strip() or stdin.strip() not in done.err
    assert list(tmp_path.iterdir()) == []
    assert "Nowe" not in [one["name"] for one in command("device list", "--json").json]


def test_a_file_that_is_there_is_not_written_over(command: CommandServer, tmp_path: Path) -> None:
    """Neither a file nor a link that leads nowhere is touched, and a folder that is missing is told."""
    there, link = tmp_path / "there.p12", tmp_path / "link.p12"
    there.write_bytes(b"something")
    link.symlink_to(tmp_path / "nowhere")
    for file in (there, link):
        assert "there already" in enrol(command, file, "Inne").line()
    assert there.read_bytes() == b"something"
    assert "Mount the carrier" in enrol(command, tmp_path / "missing" / "x.p12", "Inne").line()


def test_valid_days_have_bounds(command: CommandServer, tmp_path: Path) -> None:
    """No certificate is valid for no day, or for longer than five years."""
    for days in ("0", "1826", "-1", "x"):
        assert enrol(command, tmp_path / "new.p12", "Inne", "--valid-days", days).status == 2


def test_no_authority_is_made_where_the_keys_are_lost(
    command: CommandServer, office: Office, tmp_path: Path
) -> None:
    """An empty folder of keys waits for its backup; a file in it would be in the way."""
    keys, aside = office.directory / "keys", office.directory / "aside"
    keys.rename(aside)
    try:
        keys.mkdir(mode=0o700)
        assert "key store" in enrol(command, tmp_path / "new.p12", "Inne").line()
        assert list(keys.iterdir()) == []
    finally:
        keys.rmdir()
        aside.rename(keys)

"""The disk of the keys is lost: what a backup brings back, and what it must not."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rejent.kernel.clock import SystemClock, civil_date
from rejent.vault.store.lock import FolderLock
from tests.installation import CommandServer, Done, Office, another_office, recorded, rejent

WORDS = "cztery zwykłe słowa razem"
MARKER = "ZNAK-KOPII"
NOW = SystemClock().now().replace(microsecond=0)
TODAY = civil_date(NOW)


def after(days: float) -> datetime:
    """So many days from now."""
    return NOW + timedelta(days=days)


@pytest.fixture
def recorded_office(tmp_path: Path) -> Office:
    """An office that keeps recordings for at most thirty days, with five recorded minutes of a camera."""
    made = another_office(tmp_path / "office")
    source = made.add_camera("Hol", "rtsp://192.0.2.7/hol", NOW - timedelta(minutes=6))
    assert made.run("keep", "--once").status == 0
    recorded(made, source, NOW - timedelta(minutes=6), 5, MARKER)
    return made


def lose_keys(office: Office) -> None:
    """The disk with the keys is gone."""
    shutil.rmtree(office.directory / "keys")


def typed(office: Office, at: datetime, command: str, *arguments: str | Path, words: str = WORDS) -> Done:
    """Run a command of keys at an instant, with the passphrase on standard input."""
    return rejent(
        "keys", command, office.directory, *arguments, "--passphrase-stdin",
        stdin=f"{words}\n", env={"REJENT_CLOCK": at.isoformat()},
    )  # fmt: skip


def opens(office: Office, at: datetime, to: Path) -> bool:
    """Whether the day's key can be disclosed and opens every object of the camera with the stock program."""
    day = civil_date(NOW - timedelta(minutes=6)).isoformat()
    key = office.at(at, "keys disclose", "--source", "Hol", "--date", day, "--purpose", "próba")
    (to / "key").write_text(key.out, encoding="ascii")
    objects = sorted((office.directory / "vault").rglob("*.age"))
    found = [
        subprocess.run(["age", "-d", "-i", to / "key", path], capture_output=True, check=False).stdout
        for path in objects
    ]
    return bool(found) and all(MARKER.encode() in content for content in found)


def clean(office: Office, at: datetime) -> Done:
    """What fsck says."""
    return office.at(at, "fsck")


def test_a_lost_key_store_comes_back_and_its_recordings_open(recorded_office: Office, tmp_path: Path) -> None:
    """Backup, loss of the disk, restore: fsck is clean, everything opens again, the ledger names both acts, no secret shows."""
    office = recorded_office
    made = typed(office, NOW, "backup", "--to", tmp_path / "keys.age", "--until", after(7).isoformat())
    assert made.status == 0, made
    assert (tmp_path / "keys.age").stat().st_mode & 0o077 == 0
    lose_keys(office)
    assert "rejent keys restore" in clean(office, NOW).out
    back = typed(office, after(1), "restore", "--from", tmp_path / "keys.age")
    assert back.status == 0, back
    assert WORDS not in made.out + made.err + back.out + back.err
    assert opens(office, after(1), tmp_path)
    assert office.at(after(1), "keep", "--once").status == 0
    assert clean(office, after(1)).out == "Clean.\n"
    with closing(sqlite3.connect(office.directory / "catalog" / "catalog.db")) as database:
        acts = [act for (act,) in database.execute("SELECT act FROM registers_entry")]
    assert (acts.count("keys.backed-up"), acts.count("keys.restored")) == (1, 1)


def test_keys_that_are_there_already_are_refused_with_the_reason(
    recorded_office: Office, tmp_path: Path
) -> None:
    """Restoring over living keys brings nothing back and says why."""
    office = recorded_office
    typed(office, NOW, "backup", "--to", tmp_path / "keys.age", "--until", after(7).isoformat())
    back = typed(office, NOW, "restore", "--from", tmp_path / "keys.age")
    first, second, *_ = back.out.splitlines()
    assert first.startswith("0 keys brought back, ")
    assert second == f"{first.split()[4]} are in this key store already, or were destroyed in it."


def test_keys_made_after_the_backup_are_made_anew(recorded_office: Office, tmp_path: Path) -> None:
    """A public half whose private half stays lost is replaced, so that nothing more is sealed to it."""
    office = recorded_office
    typed(office, NOW, "backup", "--to", tmp_path / "keys.age", "--until", after(7).isoformat())
    later = after(3)
    assert office.at(later, "keep", "--once").status == 0
    lose_keys(office)
    assert typed(office, later, "restore", "--from", tmp_path / "keys.age").status == 0
    ahead = civil_date(after(10)).isoformat()
    key = office.at(later, "keys disclose", "--source", "Hol", "--date", ahead, "--purpose", "próba")
    assert key.out.startswith("AGE-SECRET-KEY-1"), key
    assert clean(office, later).out == "Clean.\n"


def test_no_backup_outlives_a_destruction(recorded_office: Office, tmp_path: Path) -> None:
    """A maximum is destroyed from the beginning of its last day: a backup that reaches into that day leaves its key out."""

    def left_out(days: int) -> int:
        until = (TODAY + timedelta(days=days)).isoformat()
        done = typed(recorded_office, NOW, "backup", "--to", tmp_path / f"{days}.age", "--until", until)
        assert f"by {until}T00:00:00+0" in done.out
        return int(done.out.split(" left out")[0].split()[-1])

    assert left_out(31) == left_out(30) + 1


def test_a_backup_past_its_end_brings_nothing_back(recorded_office: Office, tmp_path: Path) -> None:
    """Once the day named when it was made has come, nothing returns from it."""
    office = recorded_office
    typed(office, NOW, "backup", "--to", tmp_path / "keys.age", "--until", civil_date(after(7)).isoformat())
    lose_keys(office)
    assert "may not be used" in typed(office, after(8), "restore", "--from", tmp_path / "keys.age").line()
    assert not opens(office, after(8), tmp_path)


def test_an_old_database_and_old_keys_bring_nothing_back_past_its_term(
    recorded_office: Office, tmp_path: Path
) -> None:
    """After the term the catalogue and the keys of before are put back: the day stays dead and goes again, and fsck ends clean."""
    office = recorded_office
    past = after(33)
    kept = tmp_path / "kept"
    shutil.copytree(office.directory / "catalog", kept)
    shutil.copytree(office.directory / "vault", tmp_path / "vault")
    assert office.at(after(6), "keep", "--once").status == 0
    young = typed(
        office, after(6), "backup", "--to", tmp_path / "young.age", "--until", after(34).isoformat()
    )
    assert young.status == 0, young
    assert office.at(past, "keep", "--once", "--json").json["destroyed_days"] >= 1
    lose_keys(office)
    shutil.rmtree(office.directory / "catalog")
    shutil.copytree(kept, office.directory / "catalog")
    shutil.copytree(tmp_path / "vault", office.directory / "vault", dirs_exist_ok=True)
    assert "older than its ledger" in typed(office, past, "restore", "--from", tmp_path / "young.age").line()
    assert office.at(past, "restored", "--reason", "dysk").status == 0
    assert typed(office, past, "restore", "--from", tmp_path / "young.age").status == 0
    assert not opens(office, past, tmp_path)
    round_ = office.at(past, "keep", "--once", "--json")
    assert round_.json["failed"] == []
    assert not sorted((office.directory / "vault").rglob("*.age"))
    assert not opens(office, past, tmp_path)


REFUSED = [
    (("backup", "--to", "OUT/a", "--until", "2020-01-01"), WORDS, "dead when made"),
    (("backup", "--to", "OUT/a", "--until", "2099-01-01"), WORDS, "No key may live"),
    (("backup", "--to", "OUT/a", "--until", "soon"), WORDS, "not a date"),
    (("backup", "--to", "OUT/a", "--until", "2026-13-01T00:00"), WORDS, "not an instant"),
    (("backup", "--to", "OUT/a", "--until", "SOON"), "krótkie", "shorter than"),
    (("backup", "--to", "OUT/a", "--until", "SOON", "--recipient", "age1x"), WORDS, "text of a key"),
    (("backup", "--to", "OUT/none/a", "--until", "SOON"), WORDS, "folder"),
    (("backup", "--to", "OUT/there", "--until", "SOON"), WORDS, "already"),
    (("backup", "--to", "DIR/vault/a", "--until", "SOON"), WORDS, "does not belong"),
    (("restore", "--from", "OUT/none"), WORDS, "not a backup"),
    (("restore", "--from", "OUT"), WORDS, "not a backup"),
    (("restore", "--from", "OUT/there"), WORDS, "not a backup"),
    (("restore", "--from", "OUT/there", "--identity", "OUT/none"), WORDS, "identity"),
    (("restore", "--from", "OUT/there", "--identity", "OUT/there"), WORDS, "text of a key"),
]


@pytest.mark.parametrize(("arguments", "words", "says"), REFUSED)
def test_what_cannot_be_is_refused_in_one_line(
    command: CommandServer, tmp_path: Path, arguments: tuple[str, ...], words: str, says: str
) -> None:
    """Every bad input is one clear line that repeats no secret, and nothing is written."""
    (tmp_path / "there").write_text("nothing", encoding="utf-8")
    soon, folder = civil_date(after(5)).isoformat(), str(command.office.directory)
    given = [
        each.replace("OUT", str(tmp_path)).replace("DIR", folder).replace("SOON", soon) for each in arguments
    ]
    done = command.bare(
        "keys", given[0], command.office.directory, *given[1:], "--passphrase-stdin", stdin=f"{words}\n"
    )
    assert says in done.line()
    assert words not in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_restoring_waits_until_the_program_has_stopped(recorded_office: Office, tmp_path: Path) -> None:
    """While a part of the program runs the keys are not touched."""
    office = recorded_office
    typed(office, NOW, "backup", "--to", tmp_path / "keys.age", "--until", after(7).isoformat())
    with FolderLock(office.directory / "run" / "keeper.lock"):
        said = typed(office, NOW, "restore", "--from", tmp_path / "keys.age").line()
    assert f"process {os.getpid()}" in said

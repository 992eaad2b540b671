"""``rejent keys paper`` and ``rejent mail-server``: what the pages of the first evening lead to, and what they write."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tests.installation import CommandServer, Office, rejent
from tests.mail_server import mail_server

PASSPHRASE = "ołówek pod śniegiem"


@pytest.fixture
def sealed(tmp_path: Path) -> tuple[Office, dict[str, str]]:
    """An office whose key store has a passphrase, and the environment that names it."""
    file = tmp_path / "passphrase"
    file.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    file.chmod(0o600)
    env = {"REJENT_PASSPHRASE_FILE": str(file)}
    made = rejent("init", tmp_path / "office", "--regulation", "pleszew", "--test", env=env)
    assert made.status == 0, made
    return Office(tmp_path / "office"), env


def test_the_paper_is_printed_after_it_opened_the_key_store(
    sealed: tuple[Office, dict[str, str]], tmp_path: Path
) -> None:
    """With the count of its signs; entered without it; a passphrase that opens nothing is printed nowhere."""
    office, env = sealed
    printed = office.run("keys paper", **env)
    assert printed.status == 0, printed
    assert f"    {PASSPHRASE}\n" in printed.out
    assert "Znaków: 19, w tym spacji: 2." in printed.out
    with closing(sqlite3.connect(office.directory / "catalog" / "catalog.db")) as catalog:
        acts = catalog.execute("SELECT act, facts FROM registers_entry WHERE act LIKE 'paper%'").fetchall()
    assert [(act, PASSPHRASE in str(facts)) for act, facts in acts] == [("paper-copy.printed", False)]
    other = tmp_path / "other"
    other.write_text("inny olowek i snieg\n", encoding="utf-8")
    other.chmod(0o600)
    refused = office.run("keys paper", REJENT_PASSPHRASE_FILE=str(other)).line()
    assert "does not open" in refused
    assert "closed by a passphrase" in office.run("keys paper").line()


def test_a_key_store_without_a_passphrase_has_no_paper(command: CommandServer) -> None:
    """It says what opens it instead."""
    assert "the file keys/root opens it" in command("keys paper").line()


def test_the_mail_server_is_set_tried_shown_and_removed(command: CommandServer) -> None:
    """The password is read, written to a file of the user alone, and shown by nothing."""
    assert "No mail server is set." in command("mail-server show").out
    assert "No mail server is set." in command("mail-server try", "--to", "a@b.example").line()
    with mail_server() as box:
        given = [
            "--host",
            "127.0.0.1",
            "--port",
            str(box.port),
            "--security",
            "none",
            "--sender",
            "rejent@urzad.example",
        ]
        assert (
            command(
                "mail-server set", *given, "--user", "rejent", "--passphrase-stdin", stdin="Tajne-7\n"
            ).status
            == 0
        )
        tried = command("mail-server try", "--to", "asi@urzad.example")
        assert tried.out == "250 2.0.0 taken\n"
        assert "Whether it arrived" in tried.err
    assert box.signed_in == [":rejent:Tajne-7"]
    file = command.office.directory / "secrets" / "mail-server"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    shown = command("mail-server show").out
    assert shown == f"127.0.0.1:{box.port} none, sender rejent@urzad.example, user rejent\n"
    assert "Nobody listens at 127.0.0.1" in command("mail-server try", "--to", "asi@urzad.example").line()
    assert (
        "only a server on this machine" in command("mail-server set", *given, "--host", "mail.example").line()
    )
    assert "cannot be read as PEM" in command("mail-server set", *given, "--ca", "/nowhere").line()
    assert command("mail-server remove").status == 0
    assert not file.exists()

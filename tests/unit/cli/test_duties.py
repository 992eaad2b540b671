"""``rejent fault``, ``agreement``, ``absence``, ``statement``, ``authorisation``: entering, listing, ending, renewing."""

import getpass
from datetime import timedelta

import pytest

from tests.days import today
from tests.installation import CommandServer, Done


def person(command: CommandServer, username: str, *roles: str) -> None:
    """Add somebody with these roles, once for all tests of the office."""
    if username in {one["username"] for one in command("person list", "--json").json}:
        return
    options = [part for role in roles for part in ("--role", role)]
    done = command(
        "person add", "--name", f"Osoba {username}", "--username", username, *options, "--password-stdin",
        stdin="a long and quiet river\n",
    )  # fmt: skip
    assert done.status == 0, done


def test_a_fault_is_opened_listed_and_closed(command: CommandServer) -> None:
    """Of a camera or of the machine; its number alone is printed; closed, it says what was done."""
    number = command("fault open", "--description", "Brak obrazu.", "--source", "Hol").out.strip()
    machine = command("fault open", "--description", "Dysk pełny.").out.strip()
    assert number.startswith("A-")
    assert command("fault close", number, "--done", "Wymieniono zasilacz.").status == 0
    rows = {one["number"]: one for one in command("fault list", "--json").json}
    assert (rows[number]["source"], rows[number]["done"]) == ("Hol", "Wymieniono zasilacz.")
    assert rows[machine]["source"] == ""
    assert rows[machine]["closed"] is None
    assert "Brak obrazu." in command("fault list").out
    assert "no fault" in command("fault close", "A-2000-1", "--done", "Nic.").line()
    assert "description" in command("fault open", "--description", " ").line()
    assert "no source" in command("fault open", "--description", "x", "--source", "Nie ma").line()


def test_an_agreement_is_entered_listed_and_ended(command: CommandServer) -> None:
    """It covers contractors only, its number is taken once, and ended it is in force no more."""
    person(command, "serwis", "contractor")
    person(command, "referent", "clerk")
    given = ("--party", "Serwis", "--concluded", today().isoformat())
    assert command("agreement add", "--number", "UP/1", *given, "--person", "serwis").status == 0
    assert "already" in command("agreement add", "--number", "UP/1", *given, "--person", "serwis").line()
    assert (
        "contractors" in command("agreement add", "--number", "UP/2", *given, "--person", "referent").line()
    )
    (row,) = command("agreement list", "--json").json
    assert (row["number"], row["people"], row["in_force"], row["until"]) == ("UP/1", "serwis", True, None)
    assert command("agreement end", "UP/1").status == 0
    assert not command("agreement list", "--json").json[0]["in_force"]
    assert "no agreement" in command("agreement end", "UP/9").line()
    assert "UP/1" in command("agreement list").out


def test_an_absence_is_entered_listed_and_ended(command: CommandServer) -> None:
    """Of the head, or of the one who is named where there are two; its number ends it."""
    person(command, "wojt", "head")
    number = command("absence enter").out.strip()
    (row,) = [one for one in command("absence list", "--json").json if str(one["id"]) == number]
    assert (row["person"], row["from"], row["until"], row["lasts"]) == (
        "wojt",
        today().isoformat(),
        None,
        True,
    )
    assert command("absence end", number).status == 0
    assert "wojt" in command("absence list").out
    person(command, "wojt2", "head")
    assert "--person" in command("absence enter").line()
    until = (today() + timedelta(days=3)).isoformat()
    assert command("absence enter", "--person", "wojt2", "--until", until).status == 0
    assert "no such absence" in command("absence end", "999").line()


def test_a_statement_is_entered_and_listed(command: CommandServer) -> None:
    """About the version in force or another; a day that has not come is refused."""
    person(command, "referent", "clerk")
    assert command("statement enter", "--person", "referent").status == 0
    (row,) = command("statement list", "--json").json
    assert (row["person"], row["version"], row["signed"]) == ("referent", 1, today().isoformat())
    assert "referent" in command("statement list").out
    assert command("statement list", "--missing").status == 0
    tomorrow = (today() + timedelta(days=1)).isoformat()
    assert "not come" in command("statement enter", "--person", "referent", "--on", tomorrow).line()
    assert "version 9" in command("statement enter", "--person", "referent", "--version", "9").line()


def test_an_authorisation_is_renewed_and_revoked(command: CommandServer) -> None:
    """The new one follows the old one, is listed so, and ends what it was reminded of; revoked, it ends."""
    person(command, "podglad", "viewer")
    last = (today() + timedelta(days=5)).isoformat()
    first = authorised(command, "podglad", "--until", last).out.strip()
    assert first in {one["number"] for one in command("authorisation list", "--ending", "--json").json}
    second = command("authorisation renew", first).out.strip()
    rows = {one["number"]: one for one in command("authorisation list", "--json").json}
    assert (rows[second]["follows"], rows[first]["renewed"]) == (first, second)
    assert rows[second]["from"] == (today() + timedelta(days=6)).isoformat()
    assert command("authorisation list", "--ending", "--json").json == []
    assert "already" in command("authorisation renew", first).line()
    assert "no end" in command("authorisation renew", second).line()
    assert command("authorisation revoke", second).status == 0
    assert "revoked" in command("authorisation renew", second).line()
    assert "no authorisation" in command("authorisation renew", "U-2000-1").line()


def authorised(command: CommandServer, username: str, *options: str) -> Done:
    """An authorisation for recordings."""
    return command("authorise", "--person", username, "--act", "recordings", *options)


def test_nobody_authorises_themselves_at_the_command_line(command: CommandServer) -> None:
    """Neither by name, as the issuer of their own, nor as the machine's user whose name is theirs; issuers must be such."""
    person(command, "podglad", "viewer")
    person(command, "burmistrz", "head", "viewer")
    person(command, "zastepca", "deputy")
    myself = getpass.getuser()
    person(command, myself, "viewer")
    assert "themselves" in authorised(command, "burmistrz", "--issuer", "burmistrz").line()
    assert "themselves" in authorised(command, myself).line()
    assert "absence" in authorised(command, "podglad", "--issuer", "zastepca").line()
    assert authorised(command, "podglad", "--issuer", "burmistrz").status == 0


@pytest.mark.parametrize("group", ["fault", "agreement", "absence", "statement", "authorisation"])
def test_a_group_without_a_word_points_to_its_help(command: CommandServer, group: str) -> None:
    """Misuse is one line."""
    assert "--help" in command.bare(group).line()

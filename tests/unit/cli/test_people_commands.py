"""``rejent person``, ``token``: people with their accounts, and tokens."""

from pathlib import Path

import pytest

from tests.installation import CommandServer


def test_people_get_accounts_authorisations_and_tokens(command: CommandServer) -> None:
    """A person with a password from standard input, an authorisation by number, a token shown once and revoked."""
    person = ("--name", "Osoba Próbna", "--username", "osoba", "--role", "viewer", "--password-stdin")
    assert command("person add", *person, stdin="a long and quiet river\n").status == 0
    assert command("person add", *person, stdin="a long and quiet river\n").line()
    assert "Osoba Próbna" in {each["name"] for each in command("person list", "--json").json}
    assert command("authorise", "--person", "osoba", "--act", "recordings", "--source", "Hol").out.strip()
    token = command("token create", "--person", "osoba", "--label", "nadzór").out.strip()
    (listed,) = command("token list", "--json").json
    assert listed["label"] == "nadzór"
    assert token not in command("token list").out
    assert command("token revoke", str(listed["id"])).status == 0
    assert command("token revoke", str(listed["id"])).line()
    assert command("person roles", "--person", "osoba", "--role", "guard").status == 0
    assert (
        command(
            "person password", "--person", "osoba", "--password-stdin", stdin="trzy dlugie rzeki\n"
        ).status
        == 0
    )
    assert command("person password", "--person", "osoba", "--password-stdin", stdin="krotkie\n").line()
    assert command("person left", "--person", "osoba").status == 0
    assert "Osoba Próbna" not in command("person list").out


def test_it_is_confirmed_on_paper_whose_account_it_is(command: CommandServer) -> None:
    """Not before a password of their own is chosen, not by the person; where nothing waits that is said."""
    person = ("--name", "Osoba Inna", "--username", "inna", "--role", "viewer", "--password-stdin")
    assert command("person add", *person, stdin="a long and quiet river\n").status == 0
    listed = {each["username"]: each["sign_in"] for each in command("person list", "--json").json}
    assert listed["inna"] == "given"
    assert "password" in command("person confirm", "--person", "inna", "--by", "inna").line()
    assert "user name" in command("person confirm", "--person", "inna", "--by", "nobody").line()
    assert command("person left", "--person", "inna").status == 0


@pytest.mark.parametrize(
    ("changed", "stdin", "says"),
    [
        (("--role", "viewer", "--password-stdin"), "\n", "No password"),
        (("--role", "king", "--password-stdin"), "a long and quiet river", "king is no role"),
        (("--role", "viewer", "--password-stdin"), "short", "password"),
        (("--role", "viewer"), "", "--password-stdin"),
        (
            ("--role", "viewer", "--password-stdin", "--username", "a b"),
            "a long and quiet river",
            "user name",
        ),
    ],
)
def test_a_person_that_cannot_be_is_refused(
    command: CommandServer, changed: tuple[str, ...], stdin: str, says: str
) -> None:
    """An unknown role, a weak or missing password and a user name with a space are one line each."""
    done = command("person add", "--name", "X", "--username", "nikt", *changed, stdin=stdin)
    assert says in done.line()


def test_people_are_imported_from_a_file(command: CommandServer, tmp_path: Path) -> None:
    """Shown without effect first; then each with a first password, told once; the same file again changes nothing."""
    file = tmp_path / "ludzie.csv"
    file.write_text("login;imię i nazwisko;stanowisko\nnowa;Ewa Nowa;referent\nnowy;Jan Nowy;\n", "utf-8")
    shown = command("people import", str(file), "--check", "--json").json
    assert [(one["what"], one["username"], one["password"]) for one in shown] == [
        ("added", "nowa", ""),
        ("added", "nowy", ""),
    ]
    assert "Ewa Nowa" not in command("person list").out
    done = command("people import", str(file), "--json").json
    passwords = [one["password"] for one in done]
    assert all(len(each) == 19 for each in passwords)
    assert len(set(passwords)) == 2
    again = command("people import", str(file), "--json")
    assert (again.status, {(one["what"], one["password"]) for one in again.json}) == (0, {("unchanged", "")})
    people = {each["username"]: each for each in command("person list", "--json").json}
    assert people["nowa"]["sign_in"] == "given"
    for name in ("nowa", "nowy"):
        assert command("person left", "--person", name).status == 0


def test_a_bad_file_of_people_is_refused_whole(command: CommandServer, tmp_path: Path) -> None:
    """Each bad line with its number and what to do; nothing of the good ones is applied, and what is no list is one line."""
    file = tmp_path / "ludzie.csv"
    file.write_text(
        "login;imię i nazwisko;zatrudnienie\ndobra;Anna Dobra;\nzly;Jan Zły;wolontariat\n", "utf-8"
    )
    done = command("people import", str(file), "--json")
    assert done.status == 1
    bad = next(one for one in done.json if one["what"] == "bad")
    assert (bad["line"], bad["name"]) == (3, "Jan Zły")
    assert "wolontariat" in bad["says"]
    assert "Anna Dobra" not in command("person list").out
    assert "directory" in command("people import", "--ldap").line()
    assert "--ldap" in command("people import").line()
    assert "cannot be read" in command("people import", str(tmp_path / "nothing.csv")).line()
    file.write_bytes(b"\xff\xfe\x00\x01")
    assert command("people import", str(file)).line()

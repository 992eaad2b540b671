"""``rejent person``, ``token``: people with their accounts, and tokens."""

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

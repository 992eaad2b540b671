"""The mail server as the office sets it: kept apart from database and ledger, tried by what the server answers."""

import socket
from pathlib import Path
from typing import Any

import pytest

from rejent.kernel.clock import ManualClock
from rejent.office import services
from rejent.office.errors import MailRefusedError, MailServerRefusedError
from rejent.office.people.mailing import FILE, MailServer, Security, read_mail_server, write_mail_server
from rejent.office.services.mail_server import standing_of
from rejent.registers import queries as registers
from tests.mail_server import mail_server

pytestmark = pytest.mark.django_db
PASSWORD = "Tajne-Haslo-7"
TO = "asi@urzad.example"


def server(**changed: Any) -> MailServer:
    """A server of the office elsewhere, with what is changed."""
    stated = {
        "host": "poczta.urzad.example",
        "port": 587,
        "security": Security.STARTTLS,
        "sender": "rejent@urzad.example",
        "user": "rejent",
        "password": PASSWORD,
    }
    return MailServer(**{**stated, **changed})


@pytest.fixture
def acting(clock: ManualClock) -> dict[str, Any]:
    """Somebody who acts."""
    return {"clock": clock, "actor": "7"}


def test_the_password_stands_in_the_file_alone(tmp_path: Path, acting: dict[str, Any]) -> None:
    """The ledger says which server and who set it; the file is its user's alone."""
    services.set_mail_server(tmp_path, server(), **acting)
    (act,) = registers.entered(["mail-server.set"])
    assert act.facts == {
        "host": "poczta.urzad.example",
        "port": 587,
        "sender": "rejent@urzad.example",
        "security": "starttls",
    }
    assert act.actor == "7"
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    kept = read_mail_server(tmp_path)
    assert kept == server()
    assert PASSWORD not in repr(kept)
    services.remove_mail_server(tmp_path, **acting)
    assert read_mail_server(tmp_path) is None
    with pytest.raises(MailServerRefusedError, match="No mail server"):
        services.remove_mail_server(tmp_path, **acting)


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"host": ""}, "host"),
        ({"host": "poczta urzad"}, "host"),
        ({"security": Security.NONE}, "security"),
        ({"port": 0}, "port"),
        ({"port": 65536}, "port"),
        ({"sender": "nobody"}, "sender"),
        ({"sender": "a@b\r\nBcc: c@d"}, "sender"),
        ({"sender": "ktoś@urzad.example"}, "sender"),
        ({"user": ""}, "password"),
        ({"password": ""}, "password"),
        ({"authorities": "no certificate"}, "authorities"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_set(
    tmp_path: Path, acting: dict[str, Any], changed: dict[str, Any], part: str
) -> None:
    """No server without encryption elsewhere, no address that could hold a header."""
    with pytest.raises(MailServerRefusedError) as wrong:
        services.set_mail_server(tmp_path, server(**changed), **acting)
    assert wrong.value.part == part
    assert read_mail_server(tmp_path) is None
    assert list(registers.entered(["mail-server.set"])) == []


def test_the_password_is_kept_only_for_where_it_went(tmp_path: Path, acting: dict[str, Any]) -> None:
    """Another sender keeps it; to another host, port or user, or without encryption, it is not sent."""
    services.set_mail_server(tmp_path, server(), **acting)
    services.set_mail_server(tmp_path, server(password="", sender="nowy@urzad.example"), **acting)
    kept = read_mail_server(tmp_path)
    assert kept is not None
    assert (kept.password, kept.sender) == (PASSWORD, "nowy@urzad.example")
    for elsewhere in (
        {"host": "zly.example"},
        {"port": 588},
        {"user": "inny"},
        {"security": Security.TLS},
        {"host": "127.0.0.1", "security": Security.NONE},
    ):
        with pytest.raises(MailServerRefusedError) as wrong:
            services.set_mail_server(tmp_path, server(password="", **elsewhere), **acting)
        assert wrong.value.part == "password"


def test_a_test_message_says_what_the_server_answered(tmp_path: Path, acting: dict[str, Any]) -> None:
    """Taken, with its words; not taken, with its words; both are entered."""
    with mail_server() as box:
        write_mail_server(tmp_path, server(host="127.0.0.1", port=box.port, security=Security.NONE))
        assert services.try_mail_server(tmp_path, TO, **acting) == "250 2.0.0 taken"
        box.refuses = True
        with pytest.raises(MailRefusedError, match=r"for this address: 550 5\.1\.1 nobody here"):
            services.try_mail_server(tmp_path, TO, **acting)
        with pytest.raises(MailServerRefusedError) as wrong:
            services.try_mail_server(tmp_path, "a@b, c@d", **acting)
    assert wrong.value.part == "address"
    assert [to for to, _ in box.letters] == [TO]
    assert box.signed_in == [f":rejent:{PASSWORD}"] * 2
    assert [(act.facts or {})["passed"] for act in registers.entered(["mail-server.tried"])] == [True, False]


def test_what_fails_on_the_way_is_told_apart(tmp_path: Path, acting: dict[str, Any]) -> None:
    """Nobody there; no TLS; no STARTTLS; a name that nobody knows: each has its sentence, and no word of a machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with mail_server() as box:
        for changed, said in (
            ({"host": "127.0.0.1", "port": port}, "Nobody listens at 127.0.0.1"),
            ({"host": "127.0.0.1", "port": box.port, "security": Security.TLS}, "does not begin with TLS"),
            ({"host": "127.0.0.1", "port": box.port}, "offers no STARTTLS"),
            ({"host": "poczta.invalid"}, "Nobody knows a machine of the name poczta.invalid"),
        ):
            write_mail_server(tmp_path, server(**changed))
            with pytest.raises(MailRefusedError, match=said):
                services.try_mail_server(tmp_path, TO, **acting)
    assert box.letters == []


def test_what_is_known_of_it_ends_with_a_change_past_the_program(
    tmp_path: Path, acting: dict[str, Any]
) -> None:
    """Who set it and whether it took a message; a file that says other than the ledger is nobody's."""
    with mail_server() as box:
        here = server(host="127.0.0.1", port=box.port, security=Security.NONE)
        services.set_mail_server(tmp_path, here, **acting)
        assert standing_of(here).passed is None
        services.try_mail_server(tmp_path, TO, **acting)
        assert (standing_of(here).actor, standing_of(here).passed) == ("7", True)
        services.set_mail_server(tmp_path, here, **acting)
        assert standing_of(here).passed is None
    assert standing_of(server()).at is None

"""The page of the mail server: set, tried and taken out by who runs the system; its password is never shown."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rejent.office.people.mailing import read_mail_server
from tests.mail_server import Mailbox, mail_server
from tests.unit.web.conftest import Browser, text_of

PAGE = "/mail-server"
PASSWORD = "Tajne-Haslo-7"


@pytest.fixture
def secrets(settings: Any, tmp_path: Path) -> Path:
    """An installation with a folder of secrets."""
    settings.INSTALLATION = replace(settings.INSTALLATION, directory=tmp_path)
    settings.INSTALLATION.secrets.mkdir()
    return Path(settings.INSTALLATION.secrets)


def sent(box: Mailbox, **more: str) -> dict[str, str]:
    """What a browser sends."""
    given = {"host": "127.0.0.1", "port": str(box.port), "security": "none", "sender": "rejent@urzad.example"}
    return {**given, "user": "rejent", "password": PASSWORD, **more}


@pytest.mark.parametrize(("role", "status"), [("administrator", 200), ("head", 403), ("iod", 403)])
def test_who_may_set_it(browser: Browser, secrets: Path, role: str, status: int) -> None:
    """Who runs the system."""
    del secrets
    assert browser(role).get(PAGE).status_code == status


def test_it_is_set_tried_and_taken_out(browser: Browser, secrets: Path) -> None:
    """The page says what the server answered, not that the mail arrived; the list of what is missing says the same."""
    asi = browser("administrator")
    assert "Nie jest ustawiony" in text_of(asi.get("/missing"))
    with mail_server() as box:
        page = text_of(asi.post(PAGE, sent(box), follow=True))
        assert "Serwer poczty ustawiony" in page
        assert f"127.0.0.1:{box.port}" in page
        assert "Osoba administrator" in page
        assert "nie wysłano wiadomości próbnej" in text_of(asi.get("/missing"))
        page = text_of(asi.post(f"{PAGE}/try", {"address": "asi@urzad.example"}, follow=True))
        assert "Serwer przyjął wiadomość do asi@urzad.example: „250 2.0.0 taken”." in page
        assert "Czy dotarła, pokaże tylko ta skrzynka." in page
        box.refuses = True
        page = text_of(asi.post(f"{PAGE}/try", {"address": "asi@urzad.example"}, follow=True))
        assert "Serwer nie przyjmuje poczty na ten adres: 550 5.1.1 nobody here" in page
        assert "Ostatniej wiadomości próbnej nie przyjął." in page
        wrong = asi.post(f"{PAGE}/try", {"address": "ktoś"})
        assert wrong.status_code == 422
        assert "To nie jest adres" in text_of(wrong)
        assert PASSWORD not in text_of(wrong) + page + text_of(asi.get("/missing"))
    assert "usunięty" in text_of(asi.post(f"{PAGE}/remove", follow=True))
    assert read_mail_server(secrets) is None


def test_what_is_wrong_stands_beside_its_field(browser: Browser, secrets: Path) -> None:
    """One line each; a password that was typed is not sent back, and without it nothing goes to another server."""
    asi = browser("administrator")
    box = Mailbox(port=2525)
    asi.post(PAGE, sent(box))
    kept = read_mail_server(secrets)
    for changed, said in (
        ({"host": ""}, "Wpisz nazwę serwera poczty."),
        ({"host": "poczta.urzad.example"}, "tylko serwer na tej samej maszynie"),
        ({"port": "70000"}, "Port to liczba od 1 do 65535."),
        ({"sender": "urząd"}, "To nie jest adres"),
        ({"password": "", "user": "inny"}, "wpisz oba albo żadne"),
    ):
        refused = asi.post(PAGE, sent(box, **changed))
        assert refused.status_code == 422
        assert said in text_of(refused)
        assert PASSWORD not in text_of(refused)
    assert read_mail_server(secrets) == kept
    assert asi.post(PAGE, sent(box, password="", sender="inny@urzad.example")).status_code == 302
    changed_now = read_mail_server(secrets)
    assert changed_now is not None
    assert (changed_now.password, changed_now.sender) == (PASSWORD, "inny@urzad.example")

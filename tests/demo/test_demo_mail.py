"""The demo of an office that keeps its e-mail: what it tells is there, and its letters are opened by four people, each at their own desk."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from rejent.ops.demo.command import PEOPLE
from tests.browser.conftest import serving
from tests.chromium import barriers, headless
from tests.demo.test_demo_regulations import MAKE
from tests.installation import HERE, CommandServer, Office, environment
from tests.waiting import CEILING_S

MAIL = """
import json, sys
from datetime import date
from pathlib import Path
from rejent.cli.command_setup import open_installation
folder = Path(sys.argv[1])
open_installation(folder)
from rejent.catalog import queries as catalog
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.records import counts, openings, readings, role_keys
(source,) = catalog.sources("mail")
told = json.loads((folder / "demo-mail-keys.json").read_text())
passphrases = {each["role"]: each["passphrase"] for each in told}
keys = dict(role_keys.open_role_key(each.id, passphrases[each.role]) for each in role_keys.role_keys())
agreed = list(reversed(openings.openings_agreed()))
print(json.dumps({
    "opened": len(keys),
    "ended": [one.ended_at is not None for one in agreed],
    "people": [one.asked_by != one.agreed_by for one in agreed],
    "readings": [len(readings.readings_of(one)) for one in agreed],
    "copied": [sum(copy.messages for copy in readings.copied_in(one.case)) for one in agreed],
    "days": [[each.private, each.exempt, each.missing] for each in counts.days(source.id, date.min)],
}))
"""

KEY = "main form[action$='/key']"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A demo of Elbląg's kind."""
    directory = tmp_path_factory.mktemp("mail") / "demo"
    made = [sys.executable, "-c", MAKE, str(directory), "elblag"]
    subprocess.run(made, env=environment(), cwd=HERE, check=True, timeout=CEILING_S)
    return Office(directory)


def test_a_demo_of_an_office_that_keeps_mail_has_two_closed_cases_and_an_open_one(office: Office) -> None:
    """Besides its cameras: asked for and agreed to by two people, read and copied; the passphrases it tells open the keys."""
    command = CommandServer(office)
    assert command("fsck", "--json").json["clean"]
    assert (
        sorted(source["stream"] for source in command("source list", "--json").json)
        == ["mail"] + ["video"] * 4
    )
    assert len(command("person list", "--json").json) == len(PEOPLE) + 1
    told = subprocess.run(
        [sys.executable, "-c", MAIL, office.directory],
        env=environment(), cwd=HERE, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(told.stdout) == {
        "opened": 2,
        "ended": [True, True, False],
        "people": [True] * 3,
        "readings": [1, 1, 0],
        "copied": [0, 1, 0],
        "days": [[1, 2, 0]] * 4,
    }
    assert (office.directory / "demo-mail-keys.json").stat().st_mode & 0o077 == 0


def told(office: Office, name: str) -> Any:
    """Return what the demo told at its beginning."""
    return json.loads((office.directory / name).read_text(encoding="utf-8"))


def signed_in(chromium: Browser, base: str, office: Office, username: str) -> Page:
    """A window of its own in which somebody has signed in."""
    page = chromium.new_context(locale="pl-PL").new_page()
    page.goto(f"{base}/")
    page.fill("[name=login]", username)
    page.fill("[name=password]", told(office, "demo-accounts.json")["password"])
    page.keyboard.press("Enter")
    expect(page.locator("aside.side")).to_be_attached()
    return page


def see(page: Page, words: str) -> None:
    """See words on a page that a machine finds accessible and that calls no letter a recording."""
    expect(page.locator("main")).to_contain_text(words)
    assert barriers(page) == []
    if "/asked/" in page.url or "/viewings/" in page.url or page.url.endswith("/mail"):
        assert not re.search("nagra", page.locator("main").inner_text(), re.IGNORECASE)


def open_by_two(reader: Page, second: Page, base: str, password: str) -> None:
    """Ask for the letters on one screen, agree on another, open them on the first."""
    reader.goto(f"{base}/mail")
    see(reader, "Sekretarz Przykładowy")
    reader.select_option("main [name=opening]", index=1)
    reader.select_option("main [name=purpose]", index=1)
    reader.check("main [name=acknowledged]")
    reader.click("main form button")
    see(reader, "Oczekiwanie na drugą osobę")
    second.goto(f"{base}/")
    second.click("main a[href*='/answer']")
    see(second, "przetarg, kosztorys")
    second.click("[name=agree]")
    second.fill("[name=password]", password)
    second.keyboard.press("Enter")
    second.click("[name=agree]")
    reader.click("form[action$='/open'] button")


def give(page: Page, base: str, passphrase: str) -> None:
    """Give a key where the start page leads to."""
    page.goto(f"{base}/")
    page.click("main a[href$='/key']")
    see(page, "przetarg, kosztorys")
    page.fill(f"{KEY} [name=passphrase]", passphrase)
    page.click(f"{KEY} button")
    see(page, "Dwa klucze")


def test_letters_are_opened_at_four_desks(office: Office) -> None:
    """Two read, two give the keys, each in their own window; a restart and a signing out take the first key, and the page says so."""
    passphrases = {each["username"]: each["passphrase"] for each in told(office, "demo-mail-keys.json")}
    password = told(office, "demo-accounts.json")["password"]
    with headless() as chromium:
        with serving(office.directory) as base:
            windows = {
                name: signed_in(chromium, base, office, name)
                for name in ("podglad", "wglad", "sekretarz", "iod")
            }
            reader = windows["podglad"]
            open_by_two(reader, windows["wglad"], base, password)
            see(reader, "Kogo potrzeba")
            place = reader.url.removeprefix(base)
            give(windows["sekretarz"], base, passphrases["sekretarz"])
            see(windows["sekretarz"], "Podany klucz czeka na drugi")
            see(reader, "Pierwszy klucz: Sekretarz Przykładowy")
            assert reader.locator("[type=password]").count() == 0
            for window in windows.values():
                window.goto("about:blank")  # a page that looks again by itself would meet no program
        with serving(office.directory) as base:
            reader.goto(f"{base}{place}")
            see(reader, "Program uruchomiono na nowo")
            give(windows["sekretarz"], base, passphrases["sekretarz"])
            see(reader, "Pierwszy klucz: Sekretarz Przykładowy")
            windows["sekretarz"].locator("aside.side").get_by_text("Wyloguj się").click()
            see(reader, "nie jest już zalogowana")
            give(windows["iod"], base, passphrases["iod"])
            give(signed_in(chromium, base, office, "sekretarz"), base, passphrases["sekretarz"])
            see(reader, "3 wiadomości")
            reader.click("main table a >> nth=0")
            see(reader, "pracownik@przykladowo.example")

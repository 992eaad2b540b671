"""From ``rejent init`` to a recording camera in the browser, by somebody who has the answers ready; the script prints how long it took."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from rejent.office.regulation.loading import example
from tests.browser.conftest import Site, serving
from tests.browser.test_accessible import barriers
from tests.installation import rejent
from tests.mail_server import mail_server
from tests.waiting import CEILING_MS, until

pytestmark = pytest.mark.browser

OFFICE = {
    "name": "Urząd Gminy Przykładowo",
    "controller": "Wójt Gminy Przykładowo",
    "address": "ul. Długa 1, 00-001 Przykładowo",
    "head": "Wójt",
    "contact": "iod@przykladowo.example",
    "title": "Regulamin monitoringu wizyjnego",
    "adopted": "2.11.2026",
}
PASSWORD = "dlugie ciche haslo {}"


Window = Callable[[], Page]


@pytest.fixture
def window(chromium: Browser, complaints: list[str]) -> Iterator[Window]:
    """Opens browsers of their own, whose consoles are heard."""
    opened: list[BrowserContext] = []

    def open_window() -> Page:
        opened.append(chromium.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce"))
        page = opened[-1].new_page()
        page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
        return page

    yield open_window
    for one in opened:
        one.close()


def test_an_office_is_set_up_in_one_evening(
    site: Site, window: Window, complaints: list[str], tmp_path: Path
) -> None:
    """Two commands and the browser: code, office, regulation, three people, a camera that is recorded."""
    begun, directory = monotonic(), tmp_path / "office"
    made = rejent("init", directory, "--test")
    assert made.status == 0, made
    path = re.search(r"http://[^/]+(/setup\?code=\S+)", made.out)
    assert path is not None
    with serving(directory, "all") as base:
        page = window()
        page.goto(base + path[1])
        page.click("button.whole")
        set_office_up(page)
        links = enter_people(page)
        for role, link in links.items():
            choose_password(window(), base, link, PASSWORD.format(role))
        see_text_asked_once(page, base)
        confirm(page, base)
        seconds = monotonic() - begun
        add_camera(page, f"rtsp://{site.camera_address}/kamera-1")
        recording = monotonic() - begun
        set_mail_server(page, base)
        enter_paper(page, base)
    print(
        f"first evening: set up {seconds:.0f} s, recording {recording:.0f} s after rejent init",
        file=sys.__stdout__,
    )
    assert complaints == []


def set_office_up(page: Page) -> None:
    """Fill in the office, choose the pattern, see the statute refuse 120 days, and put 30 in force."""
    page.click(".buttons a.button")
    begin_with_a_file(page)
    for name, value in OFFICE.items():
        page.fill(f"[name={name}]", value)
    page.check("input[name=pattern][value=pleszew]")
    page.click(".buttons button")
    page.fill("[name=video-retention-count]", "120")
    page.click("button[name=check]")
    assert barriers(page) == []
    expect(page.locator(".notice.stopped", has_text="art. 22² § 3")).to_be_visible()
    expect(page.locator("button[name=confirmed]")).to_have_count(0)
    page.fill("[name=video-retention-count]", "30")
    page.click("button[name=check]")
    page.click("button[name=confirmed]")


def begin_with_a_file(page: Page) -> None:
    """Send parameters of the office's own: what the statute forbids is named with line and key, and the pattern stays open."""
    page.click("main a[href='/setup/parameters']")
    own = example("pleszew").replace("count = 30", "count = 120")
    page.set_input_files(
        "[name=file]", {"name": "parametry.toml", "mimeType": "text/plain", "buffer": own.encode()}
    )
    page.click("main form.panel button")
    expect(page.locator(".notice.stopped code", has_text="streams.video.retention")).to_be_visible()
    assert barriers(page) == []
    page.click("main a[href='/setup/office']")


def see_text_asked_once(page: Page, base: str) -> None:
    """The day of adoption was entered with the office; the page of the text asks for it no more."""
    page.goto(f"{base}/setup/text")
    expect(page.locator("[name=decree]")).to_be_visible()
    expect(page.locator("[name=adopted_on]")).to_have_count(0)
    assert barriers(page) == []


def enter_people(page: Page) -> dict[str, str]:
    """Enter the three, and return the one-time address of each."""
    for role, name in (
        ("head", "Osoba pierwsza"),
        ("iod", "Osoba druga"),
        ("administrator", "Osoba trzecia"),
    ):
        page.fill(f"[name={role}-name]", name)
    page.click(".buttons button")
    shown = page.locator("code[data-role]")
    expect(shown).to_have_count(3)
    assert barriers(page) == []
    return {str(one.get_attribute("data-role")): one.inner_text() for one in shown.all()}


def choose_password(page: Page, base: str, link: str, password: str) -> None:
    """Open one's address in a browser of one's own, and choose a password."""
    assert link.startswith(f"{base}/welcome/")
    page.goto(link)
    assert barriers(page) == []
    page.fill("[name=password]", password)
    page.fill("[name=again]", password)
    page.click("button.whole")
    expect(page.locator("[name=login]")).to_be_visible()


def confirm(page: Page, base: str) -> None:
    """Enter the three signed papers, and end set-up."""
    page.goto(f"{base}/setup/people")
    buttons = page.locator("form[action$=confirm] button")
    for left in (3, 2, 1):
        expect(buttons).to_have_count(left)
        buttons.first.click()
    expect(buttons).to_have_count(0)
    page.goto(f"{base}/setup/steps")
    page.click("form[action$=end] button")
    expect(page.locator("[name=login]")).to_be_visible()


def add_camera(page: Page, address: str) -> None:
    """Sign in as who runs the system, follow the start page to what is missing, see a trial picture, add the camera, and see it recorded."""
    page.fill("[name=login]", "asi")
    page.fill("[name=password]", PASSWORD.format("administrator"))
    page.press("[name=password]", "Enter")
    page.click("main a[href='/missing']")
    page.click("main a[href='/sources/new']")
    for name, value in {"name": "Hol", "building": "Ratusz", "place": "hol", "address": address}.items():
        page.fill(f"[name={name}]", value)
    page.select_option("[name=kind]", "hall")
    page.click("button[name=picture]")
    expect(page.locator(".trial-picture img")).to_have_js_property("naturalWidth", 240, timeout=CEILING_MS)
    assert barriers(page) == []
    page.click("form.form .buttons button")
    page.wait_for_url(re.compile(r"/sources/(?!new)"), timeout=CEILING_MS)
    until(lambda: page.reload() is not None and page.locator("main .state-recording").count() > 0)


def set_mail_server(page: Page, base: str) -> None:
    """Follow what is missing to the mail server, set it, and see what the server answers to a test message."""
    page.goto(f"{base}/missing")
    page.click("main a[href='/mail-server']")
    assert barriers(page) == []
    with mail_server() as box:
        page.check("[name=security][value=none]")
        for name, value in {
            "host": "127.0.0.1",
            "port": str(box.port),
            "sender": "rejent@urzad.example",
        }.items():
            page.fill(f"[name={name}]", value)
        page.click("form.panel.form .buttons button")
        page.fill("[name=address]", "asi@urzad.example")
        page.click("form[action$=try] button")
        expect(page.locator("main", has_text="„250 2.0.0 taken”")).to_be_visible()
        assert barriers(page) == []
    assert [to for to, _ in box.letters] == ["asi@urzad.example"]


def enter_paper(page: Page, base: str) -> None:
    """Enter where the paper with the passphrase of the backup lies; the list of what is missing has it."""
    page.goto(f"{base}/missing")
    page.click("main a[href='/paper-copies'] >> nth=0")
    for name, value in {"envelope": "K/1/2026", "place": "sejf kancelarii"}.items():
        page.fill(f"[name={name}]", value)
    page.click("main form.panel button")
    expect(page.locator("main table", has_text="K/1/2026")).to_be_visible()
    assert barriers(page) == []

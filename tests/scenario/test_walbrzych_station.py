"""Wałbrzych: recordings open on chosen computers only, in a real browser that shows the certificate of its station.

The regulation is `004_67d0c22f18bfc75d.txt`, § 6 ust. 2–3 and § 8 ust. 1. It records calls only, and calls cannot be played yet; so this
centre has a camera in its hall besides, and the regulation's own words on access, as they stand for calls, hold for its pictures too.

> § 6 ust. 2: Z serwerem, na którym są przechowywane nagrania mogą łączyć się tylko wybrane stacje robocze (komputery).

A computer is a home directory: Chromium there believes the office's pages, and keeps a station's key in its own store (NSS).
"""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect, sync_playwright

from rejent.office.regulation.loading import example
from tests.certificates import Authority
from tests.chromium import FLAGS
from tests.installation import Office, environment, rejent, running
from tests.ports import free_port
from tests.scenario.browsing import HOST
from tests.scenario.regulated import PASSWORD, Person, made_office
from tests.waiting import CEILING_MS

pytestmark = pytest.mark.browser

CLAUSE = "§ 6 ust. 2–3, § 8 ust. 1"
PEOPLE = {"dyrektor": ("head", ""), "upowazniona": ("viewer", "recordings")}
PURPOSE = "bezpieczeństwo pracowników"
PASSPHRASE = "sealed for a stick"
WEB = """[web]
tls_certificate = "secrets/pages.pem"
tls_key = "secrets/pages.key"
client_certificates = true
"""


def own_words() -> str:
    """The centre's regulation with pictures recorded as in Elbląg, and its own words on who opens recordings where."""
    calls, pictures = example("walbrzych-mops"), _part(example("elblag"), "[streams.video]", "[streams.mail]")
    words = _part(calls, "[streams.calls.access]", "[streams.calls.handover]").partition("\n")[2]
    replaced = _part(pictures, "[streams.video.access]", "[streams.video.handover]")
    return "\n".join((calls, pictures.replace(replaced, f"[streams.video.access]\n{words}")))


def _part(text: str, first: str, after: str) -> str:
    """The lines from one heading up to another."""
    return text[text.index(f"{first}\n") : text.index(f"{after}\n")]


@dataclass
class Centre:
    """The running centre, its pages over TLS, and whoever sits down at one of its computers."""

    office: Office
    base: str
    folder: Path
    believed: Path
    playwright: Playwright
    leave: Callable[..., object]

    def enrolled(self, name: str) -> Path:
        """Put a computer on the list by the command; the PKCS #12 file that it writes."""
        bundle = self.folder / f"{name}.p12"
        done = rejent(
            "device", "enrol", self.office.directory, "--kind", "station", "--name", name, "--to", bundle, "--passphrase-stdin",
            stdin=f"{PASSPHRASE}\n",
        )  # fmt: skip
        assert done.status == 0, done
        return bundle

    def sits_at(self, computer: str, bundle: Path | None = None) -> Person:
        """Somebody signs in as the authorised person at a computer that has a station's key, or none."""
        home = self.folder / computer
        store = home / ".pki" / "nssdb"
        store.mkdir(parents=True)
        here: list[str | Path] = ["-d", f"sql:{store}"]
        subprocess.run(["certutil", *here, "-N", "--empty-password"], check=True)
        subprocess.run(
            ["certutil", *here, "-A", "-n", "office", "-t", "C,,", "-i", self.believed], check=True
        )
        if bundle is not None:
            key: list[str | Path] = ["-i", bundle, "-W", PASSPHRASE, "-K", ""]
            subprocess.run(["pk12util", *here, *key], check=True, stdout=subprocess.DEVNULL)
        self._let_the_browser_show_what_it_has(home / "profile" / "Default")
        host, _, port = self.base.removeprefix("https://").partition(":")
        browser = self.playwright.chromium.launch_persistent_context(
            home / "profile", executable_path="/usr/bin/chromium", viewport={"width": 1280, "height": 900},
            args=[*FLAGS, f"--host-resolver-rules=MAP {host} 127.0.0.1:{port}"],
            env={**environment(), "HOME": str(home)},
        )  # fmt: skip
        self.leave(browser.close)
        page = browser.pages[0]
        page.goto(f"{self.base}/account/login/")
        page.fill("[name=login]", "upowazniona")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"{self.base}/")
        return Person(self.base, page)

    def _let_the_browser_show_what_it_has(self, profile: Path) -> None:
        """What the policy `AutoSelectCertificateForUrls` does in an office: nobody is asked which certificate."""
        matching: dict[str, str] = {}
        shown = {f"{self.base},*": {"setting": {"filters": [matching]}}}
        preferences = {"profile": {"content_settings": {"exceptions": {"auto_select_certificate": shown}}}}
        profile.mkdir(parents=True)
        (profile / "Preferences").write_text(json.dumps(preferences), encoding="utf-8")


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """The centre, with a camera that recorded yesterday, whose pages ask for certificates."""
    regulation = tmp_path / "regulation.toml"
    regulation.write_text(own_words(), encoding="utf-8")
    office, port = made_office(tmp_path / "office", regulation, "127.0.0.1:9", PEOPLE), free_port()
    authority = Authority(tmp_path)
    pages = authority.server(HOST)
    for name, file in (("pages.pem", pages.certificate), ("pages.key", pages.key)):
        (office.directory / "secrets" / name).write_bytes(file.read_bytes())
    configuration = office.directory / "rejent.toml"
    text = configuration.read_text(encoding="utf-8").replace("hosts = []", f'hosts = ["{HOST}"]')
    configuration.write_text(f"{text}\n{WEB}", encoding="utf-8")
    expect.set_options(timeout=CEILING_MS)
    with ExitStack() as stack:
        program = stack.enter_context(running(office, "--role", "web", "--listen", f"127.0.0.1:{port}"))
        program.until("web.listening")
        playwright = stack.enter_context(sync_playwright())
        yield Centre(office, f"https://{HOST}:{port}", tmp_path, authority.file, playwright, stack.callback)


def test_a_recording_plays_at_a_chosen_computer_nowhere_else_and_until_it_is_struck_off(
    centre: Centre,
) -> None:
    """§ 6 ust. 2: the same person sees it at the station, reads the clause at another computer, and the picture goes with the station."""
    at_the_station = centre.sits_at("kasa", centre.enrolled("Kasa"))
    at_the_station.asks_for_the_recording(purpose=PURPOSE)
    at_the_station.sees_the_recording()
    page = at_the_station.page
    assert "Kasa" in (page.locator("[data-watermark]").first.get_attribute("data-watermark") or "")
    page.focus("#picture")
    page.keyboard.press("Space")
    expect(page.locator("#player")).to_have_class(re.compile("is-playing"))

    elsewhere = centre.sits_at("dom")
    elsewhere.is_offered_no_recording(CLAUSE)

    assert centre.office.run("device revoke", "Kasa", "--reason", "komputer wymieniono").status == 0
    expect(page.locator("#player")).to_have_attribute("data-ended", "")
    expect(page.locator("#curtain-words")).to_contain_text(CLAUSE)
    assert page.evaluate("document.getElementById('video').getAttribute('src')") is None
    at_the_station.is_offered_no_recording("skreślono")

"""The whole way as an office goes it: settings, secrets, links by command, then people in Debian's Chromium."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.certificates import Authority
from tests.chromium import barriers, headless
from tests.identity.slapd import BASE, LOOKER, LOOKERS_PASSWORD, PASSWORD, PEOPLE, Slapd
from tests.identity.toolkit.running import CLIENT, Toolkit, toolkit
from tests.installation import (
    CommandServer,
    Office,
    another_office,
    rejent,
    running,
)
from tests.ports import free_port

pytestmark = pytest.mark.browser

SETTINGS = """
[oidc]
issuer = "{issuer}"
client_id = "rejent"
pages = "{pages}"
name = "Konto gminy"
ca = "{provider_ca}"
second_factor_amr = ["hwk"]

[ldap]
server = "ldaps://localhost:{port}"
base = "{people}"
bind_dn = "{looker}"
ca = "{directory_ca}"
"""


@dataclass
class House:
    """The office under test."""

    office: Office
    pages: str
    provider: Toolkit
    ask: CommandServer


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, ldap_server: Slapd) -> Iterator[House]:
    """An office that names both ways, with three people of whom two are linked; its program runs."""
    folder = tmp_path_factory.mktemp("whole")
    port = free_port()
    pages = f"http://127.0.0.1:{port}"
    with ExitStack() as open_until_the_end:
        provider = open_until_the_end.enter_context(
            toolkit(folder, Authority(folder), ["anna", "jan-stick"], pages)
        )
        office = another_office(folder / "office")
        settings = SETTINGS.format(
            issuer=provider.issuer, pages=pages, provider_ca=provider.ca, port=ldap_server.encrypted,
            people=PEOPLE, looker=LOOKER, directory_ca=ldap_server.ca,
        )  # fmt: skip
        with (office.directory / "rejent.toml").open("a", encoding="utf-8") as file:
            file.write(settings)
        assert "its secret is missing" in rejent("run", office.directory).line()
        ask = CommandServer(office)
        for way, secret in (("oidc", CLIENT["secret"]), ("ldap", LOOKERS_PASSWORD)):
            assert ask("identity secret", way, "--secret-stdin", stdin=f"{secret}\n").status == 0
        office.add_person("administrator", "administrator", PASSWORD)
        for role in ("viewer", "clerk"):
            added = ask(
                "person add", "--name", f"Osoba {role}", "--username", role, "--role", role, "--password-stdin",
                stdin=f"{PASSWORD}\n",
            )  # fmt: skip
            assert added.status == 0, added
        program = open_until_the_end.enter_context(
            running(office, "--role", "web", "--listen", f"127.0.0.1:{port}")
        )
        program.until("web.listening")
        yield House(office, pages, provider, ask)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with headless() as browser:
        yield browser


def test_the_ways_are_asked_and_people_linked_by_command(house: House) -> None:
    """``identity check`` asks both; links are by identifier and by name; each refusal is one line without a secret."""
    assert house.ask("identity check").out.splitlines() == ["oidc: answers", "ldap: answers"]
    viewer = house.provider.identifiers["jan-stick"]
    assert house.ask("person link", "--person", "viewer", "--oidc", viewer).status == 0
    assert house.ask("person link", "--person", "clerk", "--ldap", "anna").status == 0
    assert "linked already" in house.ask("person link", "--person", "administrator", "--oidc", viewer).line()
    assert (
        "linked already"
        in house.ask("person link", "--person", "administrator", "--ldap", f"uid=anna,{PEOPLE}").line()
    )
    assert "knows nobody" in house.ask("person link", "--person", "viewer", "--ldap", f"uid=x,{BASE}").line()
    assert "Give one of" in house.ask("person link", "--person", "viewer").line()
    assert "only way in" not in house.ask("person unlink", "--person", "viewer", "--way", "ldap").line()
    assert house.ask("person password-off", "--person", "clerk").status == 0
    assert "only way in" in house.ask("person unlink", "--person", "clerk", "--way", "ldap").line()
    rows = {row["person"]: row for row in house.ask("identity list", "--json").json}
    assert (rows["viewer"]["identifier"], rows["clerk"]["password"]) == (viewer, False)
    assert house.ask("fsck").status == 0
    missing = house.ask("identity secret", "oidc").line()
    assert "--secret-stdin" in missing
    kept = {
        path.name: path.stat().st_mode & 0o777
        for path in (house.office.directory / "secrets").glob("sign-in-*")
    }
    assert kept == {"sign-in-oidc": 0o600, "sign-in-ldap": 0o600}


def _page(
    house: House, browser: Browser, language: str = "pl", theme: str = "light", width: int = 1280
) -> Page:
    """A window that believes the provider's certificate."""
    context = browser.new_context(ignore_https_errors=True, viewport={"width": width, "height": 900})
    chosen = {"django_language": language, "theme": theme}
    context.add_cookies(
        [{"name": name, "value": value, "url": house.pages} for name, value in chosen.items()]
    )
    return context.new_page()


def _axe(page: Page) -> None:
    assert barriers(page) == [], page.url


def test_somebody_signs_in_by_the_provider(house: House, chromium: Browser) -> None:
    """From a page of the office to the provider and back to that page; signing out leads to the entrance."""
    page = _page(house, chromium)
    page.goto(f"{house.pages}/preferences")
    page.click("text=Zaloguj się przez: Konto gminy")
    page.fill("[name=username]", "jan-stick")
    page.fill("[name=password]", CLIENT["password"])
    page.click("button")
    page.wait_for_url(f"{house.pages}/preferences")
    expect(page.locator(".side .who")).to_contain_text("Osoba viewer")
    page.click(".side .self button:has-text('Wyloguj')")
    page.goto(f"{house.pages}/preferences")
    page.click("text=Zaloguj się przez: Konto gminy")
    expect(page.locator("[name=password]")).to_be_visible()
    page.context.close()


def test_somebody_signs_in_by_the_directory(house: House, chromium: Browser) -> None:
    """A wrong password is said above the form; the right one leads on."""
    page = _page(house, chromium)
    page.goto(f"{house.pages}/preferences")
    page.click("text=Zaloguj się przez: Katalog urzędu")
    page.fill("[name=login]", "anna")
    page.fill("[name=password]", "not hers")
    page.press("[name=password]", "Enter")
    expect(page.locator(".summary")).to_contain_text("nie pasują")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{house.pages}/preferences")
    expect(page.locator(".side .who")).to_contain_text("Osoba clerk")
    page.context.close()


@pytest.mark.parametrize(("language", "theme", "width"), [("pl", "light", 1280), ("en", "dark", 360)])
def test_axe_finds_nothing_on_the_pages_of_signing_in(
    house: House,
    chromium: Browser,
    language: str,
    theme: str,
    width: int,
) -> None:
    """Entrance, directory with a mistake, and the page of a person with and without links."""
    page = _page(house, chromium, language, theme, width)
    page.goto(f"{house.pages}/account/login/")
    _axe(page)
    page.goto(f"{house.pages}/account/directory")
    _axe(page)
    page.press("[name=password]", "Enter")
    page.wait_for_selector(".summary")
    _axe(page)
    page.goto(f"{house.pages}/account/login/")
    page.fill("[name=login]", "administrator")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{house.pages}/")
    people = {row["username"]: row["id"] for row in json.loads(house.ask("person list", "--json").out)}
    for name in ("viewer", "clerk", "administrator"):
        page.goto(f"{house.pages}/people/{people[name]}")
        _axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.context.close()


def test_the_administrator_links_on_the_page(house: House, chromium: Browser) -> None:
    """By the name that people type in the directory; what the directory does not know is refused with words."""
    page = _page(house, chromium)
    page.goto(f"{house.pages}/account/login/")
    page.fill("[name=login]", "administrator")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{house.pages}/")
    people = {row["username"]: row["id"] for row in house.ask("person list", "--json").json}
    page.goto(f"{house.pages}/people/{people['viewer']}")
    page.fill("#identifier-ldap", "nobody")
    page.press("#identifier-ldap", "Enter")
    expect(page.locator("[role=status]")).to_contain_text("Katalog nie zna nikogo")
    page.fill("#identifier-ldap", "jan")
    page.press("#identifier-ldap", "Enter")
    expect(page.locator(".notice.recording")).to_contain_text("Powiązano")
    page.click("text=Zdejmij powiązanie >> nth=1")
    page.click("main .button.grave")
    expect(page.locator(".notice.recording")).to_contain_text("Powiązanie zdjęte")
    page.context.close()

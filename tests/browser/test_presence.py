"""Who is there when a recording is seen, in a real browser: guests beside the viewer, and two people who open together."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from rejent.office.regulation.loading import example
from tests.browser.conftest import SignIn, Site, owe_nothing, serving
from tests.browser.office import PASSWORD
from tests.chromium import barriers
from tests.installation import Office
from tests.waiting import CEILING_MS

pytestmark = pytest.mark.browser


def fill(page: Page, base: str) -> None:
    """Fill the form for yesterday 8:01 of the camera in the hall."""
    page.goto(f"{base}/find")
    page.select_option("[name=source]", label="Hol na parterze")
    page.fill("[name=day]", "wczoraj")
    page.fill("[name=time]", "8:01")
    page.select_option("[name=purpose]", index=1)
    page.fill("[name=case]", "OR.1431.17.2026")
    page.check("[name=acknowledged]")


def send(page: Page) -> None:
    """Send the form."""
    page.click("main form[data-find] button >> nth=-1")


def accessible(page: Page) -> None:
    """Axe finds nothing."""
    assert barriers(page) == []


def test_a_guest_is_entered_before_the_picture_and_stands_on_it(visit: SignIn, site: Site) -> None:
    """Box, page of guests, player: the number stands on the picture and the name in the list of viewings."""
    page = visit("viewer").page
    owe_nothing(page, site)
    fill(page, site.base)
    page.check("[name=with_guests]")
    send(page)
    page.wait_for_url(re.compile("/guests"))
    accessible(page)
    page.fill("[name=name]", "Zofia Nieznana")
    page.fill("[name=function]", "poszkodowana")
    page.fill("[name=reason]", "rozpoznaje swój rower")
    page.click("main form.form button")
    expect(page.locator("main")).to_contain_text("Zofia Nieznana, poszkodowana")
    accessible(page)
    page.click("main form.form a.button")
    page.wait_for_selector("#player[data-shown]", timeout=CEILING_MS)
    expect(page.locator("#watermark")).to_contain_text("Osoba viewer + 1 ·")
    expect(page.locator("a[href*='/guests']")).to_contain_text("1")
    overseer = visit("iod").page
    overseer.goto(f"{site.base}/viewings")
    expect(overseer.locator("main")).to_contain_text("gość: Zofia Nieznana, poszkodowana")


@pytest.fixture
def together(tmp_path: Path, site: Site) -> Iterator[str]:
    """An office of its own, whose regulation wants two people; the address of its pages."""
    office = Office(tmp_path / "office")
    shutil.copytree(site.made, office.directory)
    text = example("pleszew").replace('second_person = "for-unauthorised"', 'second_person = "always"')
    (tmp_path / "two.toml").write_text(text, encoding="utf-8")
    office.add_person("second", "viewer", PASSWORD)
    for done in (
        office.run("authorise", "--person", "second", "--act", "recordings", "--issuer", "head"),
        office.run("regulation activate", "--regulation", tmp_path / "two.toml"),
    ):
        assert done.status == 0, done
    with serving(office.directory) as base:
        yield base


def signed_in(chromium: Browser, base: str, username: str) -> Page:
    """A window of somebody who has signed in."""
    page = chromium.new_context(locale="pl-PL").new_page()
    page.goto(f"{base}/")
    page.fill("[name=login]", username)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("aside.side", state="attached", timeout=CEILING_MS)
    return page


def test_two_people_open_a_recording_from_two_computers(chromium: Browser, together: str) -> None:
    """Asked on one screen, agreed to on another after the password was given anew, opened on the first: both stand on the picture."""
    first, second = (signed_in(chromium, together, name) for name in ("viewer", "second"))
    fill(first, together)
    accessible(first)
    first.check("[name=second_way][value=apart]")
    send(first)
    first.wait_for_url(re.compile("/asked/"))
    accessible(first)
    second.goto(f"{together}/")
    second.click("a[href*='/answer']")
    accessible(second)
    second.click("[name=agree]")
    second.fill("[name=password]", PASSWORD)
    second.keyboard.press("Enter")
    second.wait_for_url(re.compile("/answer$"))
    accessible(second)
    second.click("[name=agree]")
    first.wait_for_selector("form[action$='/open']", timeout=CEILING_MS)
    accessible(first)
    first.click("form[action$='/open'] button")
    first.wait_for_selector("#player[data-shown]", timeout=CEILING_MS)
    expect(first.locator("#watermark")).to_contain_text("Osoba viewer, Osoba second ·")
    for page in (first, second):
        page.context.close()

"""What is on the screen ends with the right to it, also what the browser holds already; how soon is measured by `benchmarks.ending`."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.waiting import CEILING_MS

pytestmark = pytest.mark.browser


def test_signing_out_elsewhere_takes_the_picture_away(player: Page, site: Site) -> None:
    """The player runs in one tab, the same person signs out in another: no picture stays, none can be had, and it says why."""
    player.focus("#picture")
    player.keyboard.press("Space")
    expect(player.locator("#player")).to_have_class(re.compile("is-playing"))
    other = player.context.new_page()
    other.goto(f"{site.base}/account/logout/")
    other.click("main form button")
    expect(player.locator("#player")).to_have_attribute("data-ended", "", timeout=CEILING_MS)
    expect(player.locator("#curtain-words")).to_contain_text("sesja się skończyła")
    assert player.evaluate("document.getElementById('video').getAttribute('src')") is None
    assert player.evaluate("document.getElementById('video').buffered.length") == 0
    player.keyboard.press("Space")
    player.click("#course button >> nth=0")
    assert player.evaluate("document.getElementById('video').paused")
    expect(player.locator("#curtain-words")).to_contain_text("sesja się skończyła")


def test_the_wall_takes_its_pictures_away(visit: object, site: Site) -> None:
    """The same for the live wall: the socket is closed by the program, and no tile keeps its last picture."""
    page: Page = visit("guard").page  # type: ignore[operator]  # the fixture opens windows
    page.goto(f"{site.base}/live")
    expect(page.locator("#wall-clock")).to_have_text(re.compile(r"\d"), timeout=CEILING_MS)
    other = page.context.new_page()
    other.goto(f"{site.base}/account/logout/")
    other.click("main form button")
    expect(page.locator("#connection")).to_be_visible(timeout=CEILING_MS)
    assert page.evaluate(
        "[...document.querySelectorAll('.tile video')].every((video) => !video.hasAttribute('src'))"
    )

"""A protocol in a browser: from the end of the viewing to the position of the head, by keys, at any width, in both languages."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn, Site, unfold
from tests.chromium import barriers

pytestmark = pytest.mark.browser

LOOKS = [("light", "pl"), pytest.param("dark", "en", marks=pytest.mark.soak)]
MOST_TABS = 60


def ended(player: Page) -> str:
    """End the viewing of the player; the address of its protocol's form."""
    player.click("form[action$='/close'] button")
    player.wait_for_url(re.compile("/protocols/.*/write"))
    return player.url


def clean(page: Page) -> None:
    """No rule of WCAG is broken, and nothing is wider than the window."""
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the first element of a selector has the focus."""
    wanted = page.locator(selector).first
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{selector} is not reached by {MOST_TABS} tabs")


def test_a_protocol_is_written_and_finished_by_keys_alone(player: Page, complaints: list[str]) -> None:
    """Tab from field to field, Enter on the buttons; an empty field is said where it is and reached by its link."""
    ended(player)
    expect(player.locator(".side a[href$='/write']")).to_have_attribute("aria-current", "page")
    tab_to(player, "textarea")
    player.keyboard.type("Nikt nie wchodzi.")
    tab_to(player, "form.form button")
    player.keyboard.press("Enter")
    expect(player.locator(".summary")).to_be_focused()
    clean(player)
    player.keyboard.press("Tab")
    player.keyboard.press("Enter")
    expect(player.locator("[name=follow-up]")).to_be_focused()
    player.keyboard.type("Nic.")
    player.keyboard.press("Tab")
    player.keyboard.press("Enter")
    expect(player.locator("h1")).to_have_text("Sprawdź przed zakończeniem")
    clean(player)
    tab_to(player, "[name=confirmed]")
    player.keyboard.press("Enter")
    expect(player.locator("#written")).to_be_visible()
    expect(player.locator(".state")).to_contain_text("czeka na stanowisko")
    clean(player)
    complaints[:] = [complaint for complaint in complaints if "422" not in complaint]


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_every_page_of_a_protocol_can_be_used_at_every_width(
    theme: str, language: str, player: Page, visit: SignIn, site: Site
) -> None:
    """The form, the register, the page with both stages, for the viewer and for the head, also on a telephone."""
    address = ended(player)
    for width in (360, 1280):
        viewer = visit("viewer", theme=theme, language=language, width=width).page
        viewer.goto(address)
        clean(viewer)
    player.fill("textarea >> nth=0", "Nikt nie wchodzi.")
    player.fill("textarea >> nth=1", "Nic.")
    player.click("form.form button >> nth=0")
    player.click("[name=confirmed]")
    player.wait_for_selector("#written")
    for role, width in (("viewer", 360), ("head", 360), ("head", 1280)):
        page = visit(role, theme=theme, language=language, width=width).page
        for where in (player.url, f"{site.base}/protocols", f"{site.base}/"):
            page.goto(where)
            expect(page.locator("main h1")).to_be_visible()
            clean(page)


def test_a_further_recording_leads_to_the_protocol_that_is_owed(
    player: Page, site: Site, complaints: list[str]
) -> None:
    """The refusal has a button that opens the form; the head's position is stated on the page it waits on."""
    address = ended(player)
    player.goto(f"{site.base}/find")
    player.click("main .buttons a >> nth=0")
    expect(player).to_have_url(address)
    expect(player.locator("textarea")).not_to_have_count(0)
    complaints[:] = [complaint for complaint in complaints if "403" not in complaint]


def test_the_head_states_the_position_and_nothing_waits_any_more(
    player: Page, visit: SignIn, site: Site
) -> None:
    """From the line on the start page to the sentence that it is entered."""
    ended(player)
    for area in player.locator("textarea").all():
        area.fill("Nic.")
    player.click("form.form button >> nth=0")
    player.click("[name=confirmed]")
    player.wait_for_selector("#written")
    number = player.url.rstrip("/").split("/")[-1]
    head = visit("head").page
    head.goto(f"{site.base}/")
    unfold(head)
    head.click(f"main a[href$='/protocols/{number}']")
    head.fill("[name=position]", "Dalszych czynności nie będzie.")
    head.click("form[action$='/position'] button")
    expect(head.locator("main")).to_contain_text("Stanowisko zajęto")
    expect(head.locator(".state")).to_contain_text("kompletny")

"""An open viewing: on one screen, never left for a hold, one click away from every page, and told as it was presented."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site, resized
from tests.chromium import barriers

pytestmark = pytest.mark.browser

BOXES = """[...document.querySelectorAll('#picture, #bar, #controls *, #line, #axis, .line-foot, .line-foot button')]
    .filter(one => !one.closest('#go-answer')).map(one => { const { x, y, width, height } = one.getBoundingClientRect(); return [x, y, width, height]; })"""


def _goes_to(page: Page, time: str) -> None:
    page.fill("#go-time", time)
    page.press("#go-time", "Enter")


def _marked(page: Page) -> None:
    """Mark from 8:01:00 to 8:01:30."""
    page.focus("#picture")
    page.keyboard.press("i")
    _goes_to(page, "8:01:30")
    page.focus("#picture")
    page.keyboard.press("o")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1366, 768)])
def test_the_player_is_one_screen_on_which_nothing_moves(player: Page, width: int, height: int) -> None:
    """Picture, one row of controls, timeline with zoom and range in sight; a wrong time, a range and a hold shift nothing."""
    resized(player, width, height)
    player.wait_for_function("() => document.getElementById('video').videoWidth > 0")
    bottom = player.evaluate("document.querySelector('#line').getBoundingClientRect().bottom + scrollY")
    assert bottom <= height
    rows = player.eval_on_selector_all(
        "#controls > button", "found => new Set(found.map(one => one.getBoundingClientRect().top)).size"
    )
    assert rows <= 2, "all of one height but the round one"
    assert player.evaluate("document.getElementById('picture').clientHeight") >= 260
    before = player.evaluate(BOXES)
    _goes_to(player, "wczoraj")
    expect(player.locator("#go-answer")).to_be_visible()
    assert player.evaluate(BOXES) == before
    _marked(player)
    expect(player.locator("#range-words")).not_to_be_empty()
    assert player.evaluate(BOXES) == before
    player.click("#hold")
    expect(player.locator("#beside [name=basis]")).to_be_visible()
    assert player.evaluate(BOXES) == before


def test_a_hold_is_placed_beside_the_picture(player: Page, complaints: list[str]) -> None:
    """Prefilled with the range, which still moves it; wrong, checked and placed in its own room, then drawn on the axis."""
    address, held = player.url.split("?")[0], player.locator("#drawn .span-held")
    before = held.count()
    _marked(player)
    player.click("#hold")
    expect(player.locator("#beside [name=start]")).to_have_value("8:01:00")
    expect(player.locator("#beside [name=case]")).to_have_value("OR.1431.17.2026")
    player.focus("#thumb-to")
    player.keyboard.press("ArrowRight")
    expect(player.locator("#beside [name=end]")).to_have_value("08:01:31")
    assert barriers(player) == []
    beside = player.locator("#beside")
    _press(beside, "form button")
    expect(beside.locator(".summary")).to_be_focused()
    beside.locator("[name=basis]").fill("Wniosek poszkodowanego.")
    _press(beside, "form.form button")
    expect(beside.locator("[name=confirmed]")).to_be_visible()
    _press(beside, "[name=confirmed]")
    expect(beside.locator("[data-done]")).to_contain_text("Z-")
    expect(held).to_have_count(before + 1)
    expect(player.locator("#picture")).to_be_visible()
    player.get_by_role("button", name="Wróć do nagrania").click()
    expect(player.locator("#course-room")).to_be_visible()
    assert player.url.split("?")[0] == address
    complaints[:] = [complaint for complaint in complaints if "422" not in complaint]


def _press(room: Locator, selector: str) -> None:
    room.locator(selector).first.click()


def test_an_open_recording_is_one_click_away_and_goes_on_where_it_was(player: Page, site: Site) -> None:
    """From the start page, the holds and its protocol; once it is closed its address leads to the protocol."""
    address = player.url.split("?")[0]
    _goes_to(player, "8:02:10")
    expect(player.locator("#clock")).to_have_text(re.compile(r"08:02:10"))
    for page in ("/", "/holds", "/protocols"):
        player.goto(f"{site.base}{page}")
        player.click(".going-on")
        player.wait_for_selector("#player[data-shown]")
        assert player.url.split("?")[0] == address
        expect(player.locator("#clock")).to_have_text(re.compile(r"08:02:10"))
    player.click("form[action$='/close'] button")
    player.wait_for_url(re.compile("/protocols/"))
    expect(player.locator(".going-on")).to_have_count(0)
    player.goto(address)
    expect(player).to_have_url(re.compile("/protocols/.*/write"))


def test_what_was_presented_is_told_apart_from_what_was_handed_over(player: Page) -> None:
    """A look at two seconds: pieces of eight seconds and more came ahead, and the protocol says so of each."""
    player.focus("#picture")
    player.keyboard.press("Space")
    player.wait_for_function("() => Number(document.getElementById('player').dataset.shown) > 8 * 3600 + 61")
    player.keyboard.press("Space")
    player.click("form[action$='/close'] button")
    player.wait_for_url(re.compile("/protocols/"))
    presented = player.locator("dl.facts div", has_text="Wyświetlone, według przeglądarki").locator("dd")
    handed = player.locator("dl.facts div", has_text="Przekazane przeglądarce").locator("dd")
    (first, last) = _seconds(presented)[0]
    assert first == 60
    assert 62 <= last <= 66
    assert _seconds(handed)[0][1] >= last + 4


def _seconds(told: Locator) -> list[tuple[int, int]]:
    """The parts that a fact tells, in seconds since eight."""
    found = re.findall(r"08:(\d\d):(\d\d)–08:(\d\d):(\d\d)", told.inner_text())
    return [(int(a) * 60 + int(b), int(c) * 60 + int(d)) for a, b, c, d in found]

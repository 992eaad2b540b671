"""A call in a browser: found by its numbers, opened for a purpose, heard at the listener's speed, by keys alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.calls_office import CALLS, SECONDS
from tests.browser.conftest import SignIn, resized, serving
from tests.chromium import barriers
from tests.forked import run_module
from tests.installation import environment

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Served:
    """A running office that records calls."""

    base: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The office, in the place of the one with cameras."""
    directory = tmp_path_factory.mktemp("calls") / "office"
    run_module("tests.browser.calls_office", directory, env=environment())
    with serving(directory) as base:
        yield Served(base)


def sound(page: Page, what: str) -> float:
    """A property of the sound, as a number."""
    return float(page.evaluate(f"Number(document.getElementById('sound').{what})"))


def accessible(page: Page) -> None:
    """Axe finds nothing, in light and dark, and at the width of a telephone nothing has to be pushed sideways."""
    for scheme in ("light", "dark"):
        page.evaluate("scheme => document.documentElement.dataset.theme = scheme", scheme)
        assert barriers(page) == []
    resized(page, 360, 800)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    resized(page, 1280, 900)


def labels_stand_apart(page: Page) -> None:
    """At the width of a telephone no label of the axis meets the next one or is cut off, however far one zooms in."""
    resized(page, 360, 800)
    for _ in range(3):
        boxes = page.evaluate(
            "[...document.querySelectorAll('#drawn text.label')].map(one => one.getBBox()).map(box => [box.x, box.width])"
        )
        assert boxes
        ends = [x + width for x, width in boxes]
        assert all(end + 4 <= x for end, (x, _) in zip(ends, boxes[1:], strict=False))
        assert ends[-1] <= page.evaluate("document.getElementById('axis').clientWidth")
        page.click("[data-do=zoom-in]")
    resized(page, 1280, 900)
    page.locator("#stage").focus()
    page.keyboard.press("0")


def names_cover_no_sound(page: Page) -> None:
    """The name of a party stands above its envelope, not on it."""
    covered = """() => {
      const voices = [...document.querySelectorAll('#drawn .voice')].map(one => one.getBoundingClientRect());
      const names = [...document.querySelectorAll('#drawn text.words')].map(one => one.getBoundingClientRect());
      return names.filter(name => voices.some(voice => name.bottom - 4 > voice.top && name.top < voice.bottom)).length;
    }"""
    assert page.locator("#drawn .voice").count() == 2
    assert page.evaluate(covered) == 0


def a_range_repeats(page: Page) -> None:
    """From the fifth second back to the first: marked by keys, played from its end on, it begins anew."""
    page.keyboard.press("o")
    page.keyboard.press("Home")
    page.keyboard.press("i")
    expect(page.locator("#range-words")).to_contain_text("14:05:20–14:05:25")
    page.click("#loop")
    page.locator("#stage").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator("#clock")).to_have_text("14:05:20")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("#loop")).to_be_disabled()


def test_the_pages_about_calls_are_accessible(visit: SignIn, site: Served, complaints: list[str]) -> None:
    """Refused numbers, entered and taken back, and the completeness of calls, to who supervises."""
    page = visit("iod").page
    page.goto(f"{site.base}/completeness")
    accessible(page)
    page.goto(f"{site.base}/refused-numbers")
    accessible(page)
    page.goto(f"{site.base}/refused-numbers/new")
    page.fill("[name=number]", "101")
    page.press("[name=number]", "Enter")
    expect(page.locator("main")).to_contain_text("To nie jest publiczny numer telefonu")
    assert "422" in complaints.pop()
    accessible(page)
    page.fill("[name=number]", "600 100 200")
    page.press("[name=number]", "Enter")
    expect(page.locator("tbody tr")).to_contain_text("+48 600 100 200")
    accessible(page)
    page.click("a[href$='/end']")
    accessible(page)
    page.click("main form button")
    expect(page.locator("main")).to_contain_text("Nikt nie odmówił nagrywania")


def test_a_call_is_found_opened_and_heard(visit: SignIn, site: Served) -> None:
    """Both numbers in any spelling lead to it; it plays, faster without another pitch, and keys move in it."""
    page = visit("viewer").page
    page.goto(f"{site.base}/announcement-read")
    expect(page.locator("main")).to_contain_text("Ta rozmowa jest nagrywana")
    accessible(page)
    page.goto(f"{site.base}/calls")
    page.fill("[name=caller]", "(22) 555-01-23")
    page.fill("[name=called]", "0100")
    page.press("[name=called]", "Enter")
    listen = page.locator(f"a[href$='{CALLS[0]}']")
    expect(listen).to_have_count(1)
    accessible(page)
    listen.click()
    page.select_option("[name=purpose]", index=1)
    page.fill("[name=case]", "OR.1431.17.2026")
    page.check("[name=acknowledged]")
    accessible(page)
    page.press("[name=case]", "Enter")
    expect(page.locator("#drawn path.voice")).to_have_count(2)
    expect(page.locator("#course tr")).to_have_count(3)
    accessible(page)
    labels_stand_apart(page)
    names_cover_no_sound(page)
    page.locator("#stage").focus()
    page.keyboard.press("l")
    page.keyboard.press("Space")
    expect(page.locator("#clock")).to_have_text("14:05:22")
    assert sound(page, "currentTime") > 1
    assert (sound(page, "playbackRate"), sound(page, "preservesPitch")) == (1.25, 1)
    page.keyboard.press("k")
    assert sound(page, "paused") == 1
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#clock")).to_have_text("14:05:25")
    expect(page.locator("#strip-state")).to_contain_text("utracono po drodze: 50 pakietów")
    a_range_repeats(page)
    page.locator("#go-time").fill("14:05:43")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    expect(page.locator("#player.is-playing")).to_have_count(1)
    expect(page.locator("#player.is-playing")).to_have_count(0)
    assert sound(page, "currentTime") == pytest.approx(SECONDS, abs=0.5)
    page.click("form[action$='/close'] button")
    expect(page.locator("main")).to_contain_text("14:05:20")

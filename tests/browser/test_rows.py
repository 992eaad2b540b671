"""Registers by keyboard: from row to row, to a number, from page to page and from week to week."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import SignIn, Site

pytestmark = pytest.mark.browser


LOOKING = """<main data-refresh="10"><a href="/storage">on</a></main><script type="module" src="/static/js/page.js"></script>"""
"""A page that loads itself anew, and a link from it."""


def focused(page: Page) -> str:
    """The words of what has the focus."""
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_j_and_k_go_from_row_to_row_of_the_register(visit: SignIn, site: Site) -> None:
    """The first key reaches the newest entry, further ones the next older, and back; Enter opens its proof."""
    page = visit("iod").page
    page.goto(f"{site.base}/ledger?kind=person.added")
    rows = [row.strip() for row in page.locator("tbody th a").all_text_contents()]
    page.keyboard.press("j")
    assert focused(page) == rows[0]
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert focused(page) == rows[1]
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/ledger/{rows[1]}")


def test_a_number_is_gone_to_by_keyboard(visit: SignIn, site: Site) -> None:
    """The letter g puts the focus into the field; letters typed there are text and move nothing."""
    page = visit("iod").page
    page.goto(f"{site.base}/ledger")
    page.keyboard.press("g")
    assert page.evaluate("document.activeElement.name") == "number"
    page.keyboard.type("3")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.value") == "3j"
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    page.wait_for_url("**number=3*")
    assert page.locator("tr.chosen th").inner_text().strip() == "3"


def test_the_keys_are_told_and_turn_weeks(visit: SignIn, site: Site) -> None:
    """? lists the keys, [ goes to the week before, and the report of a week comes as a file."""
    page = visit("iod").page
    page.goto(f"{site.base}/supervision")
    page.keyboard.press("?")
    expect(page.locator("dialog#page-keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog#page-keys")).to_be_hidden()
    before = page.locator("[rel=prev]").get_attribute("href")
    page.keyboard.press("[")
    page.wait_for_url(f"**{before}")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Raport za tydzień (PDF)").click()
    assert taken.value.suggested_filename.startswith("nadzor-")


def test_a_review_is_entered_on_its_page(visit: SignIn, site: Site, complaints: list[str]) -> None:
    """Without an outcome the form says what is missing; with both it is entered and told."""
    page = visit("secretary").page
    page.goto(f"{site.base}/supervision/review/O-2025-1")
    page.get_by_role("button", name="Wpisz przegląd").click()
    assert page.locator(".summary").is_visible()
    assert complaints.pop().endswith("422 (Unprocessable Entity)")
    page.get_by_label("w porządku").check()
    page.locator("textarea").fill("Akta sprawy sprawdzone.")
    page.get_by_role("button", name="Wpisz przegląd").click()
    page.wait_for_selector("text=Przegląd został wpisany.")
    assert page.get_by_text("Akta sprawy sprawdzone.").is_visible()


@pytest.mark.parametrize("page_of", ["cases", "copies"])
def test_a_list_shows_every_column_on_a_small_office_screen(visit: SignIn, site: Site, page_of: str) -> None:
    """At 1280 × 800 the state, with its deadline, is not cut off; what a register has beyond its room is scrolled to by keys."""
    page = visit("head").page
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{site.base}/{page_of}")
    page.wait_for_selector("h1")
    cut = "[...document.querySelectorAll('.table-room')].map(room => room.scrollWidth - room.clientWidth).filter(more => more > 0)"
    assert page.evaluate(cut) == []


def test_a_page_that_loads_itself_anew_lets_who_leaves_leave(visit: SignIn, site: Site) -> None:
    """A page that looks again by itself does not call back who has followed a link meanwhile."""
    page = visit("administrator").page
    page.add_init_script("window.rounds = []; window.setInterval = (round) => window.rounds.push(round);")
    page.route("**/looking", lambda route: route.fulfill(body=LOOKING, content_type="text/html"))
    page.goto(f"{site.base}/looking")
    on_the_way: list[Route] = []

    def keep_waiting(route: Route) -> None:
        on_the_way.append(route)

    page.route("**/storage", keep_waiting)
    with page.expect_request("**/storage"), page.expect_console_message():
        page.evaluate(
            """() => {
                document.querySelector("a[href='/storage']").click();
                setTimeout(() => { window.rounds.forEach((round) => round()); console.info("looked again"); }, 200);
            }"""
        )
    on_the_way[0].continue_()
    expect(page).to_have_url(re.compile("/storage$"))

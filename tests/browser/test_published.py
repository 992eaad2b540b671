"""What everybody reads of the office's monitoring, without JavaScript; and plates on a telephone."""

import re
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import SignIn, Site
from tests.chromium import barriers

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
NOTICES = (
    "/notices",
    "/notices/plates",
    "/notices/plates/new",
    "/notices/plates/walk",
    "/notices/publications",
    "/notices/publications/new",
    "/notices/accessibility",
)


def test_the_published_pages_are_walked_without_scripts_and_axe_finds_nothing(
    chromium: Browser, site: Site
) -> None:
    """Every page by its links, in both languages, at the width of a telephone; nothing scrolls sideways."""
    stranger = chromium.new_context(java_script_enabled=False, viewport=PHONE)
    judge = chromium.new_page(viewport=PHONE)
    page = stranger.new_page()
    page.goto(f"{site.base}/p/T-2026-1")
    waiting, seen = [page.url], set[str]()
    while waiting:
        address = waiting.pop()
        seen.add(address)
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        assert page.locator("h1").count() == 1, address
        links = re.findall(r'<a href="([^"#]+)"', answer.text())
        found = {urljoin(address, link) for link in links if link.endswith((".html", "/"))}
        waiting += sorted(found - seen - set(waiting))
        judge.goto(address)
        assert judge.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
        assert barriers(judge) == [], address
    stranger.close()
    judge.close()
    walked = {each.removeprefix(f"{site.base}/public/") for each in seen}
    assert {"clause-video.html", "areas.html", "en/clause-video.html", "en/history.html"} <= walked


def test_plates_and_publications_are_accessible_on_a_telephone(site: Site, visit: SignIn) -> None:
    """The pages for who hangs plates and publishes, with their forms."""
    page = visit("head", width=PHONE["width"]).page
    for path in NOTICES:
        page.goto(f"{site.base}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        assert barriers(page) == [], path

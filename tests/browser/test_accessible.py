"""Every page through axe, in both themes and both languages, and at the width of a telephone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import SignIn, Site, owe_nothing, resized
from tests.chromium import barriers

pytestmark = pytest.mark.browser

PAGES = {
    "head": (
        "/",
        "/holds",
        "/holds/new",
        "/holds/Z-2026-1",
        "/cases",
        "/cases/W-2026-1",
        "/cases/W-2026-1/decide",
        "/authorisations",
        "/authorisations/new",
        "/authorisations/revoke/U-2026-1",
        "/regulation",
        "/regulation/change",
        "/regulation/text",
        "/regulation/annex",
        "/preferences",
        "/notices",
        "/notices/plates",
        "/notices/plates/new",
        "/notices/plates/walk",
        "/notices/publications",
        "/notices/publications/new",
        "/notices/accessibility",
        "/notices/documents",
        "/notices/documents/pl/clause.video",
        "/notices/documents/pl/impact-assessment.video",
        "/notices/wordings/video/pl",
        "/notices/wordings/video/pl/statement",
        "/breaches",
        "/breaches/new",
    ),
    "administrator": (
        "/sources",
        "/sources?large",
        "/sources/new",
        "/sources/search",
        "/missing",
        "/mail-server",
        "/paper-copies",
        "/storage",
        "/people",
        "/people/new",
        "/people/import",
        "/stations",
        "/stations/new",
        "/devices",
        "/devices/new",
        "/stations/1/revoke",
        "/faults",
        "/faults/new",
        "/absences",
        "/absences/new",
        "/absences/1/end",
        "/statements",
        "/promises",
    ),
    "iod": (
        "/",
        "/ledger",
        "/ledger/1",
        "/due",
        "/due?until=2030-01-01",
        "/destructions",
        "/agreements/new",
        "/agreements/1/end",
        "/viewings",
        "/watches",
        "/supervision",
        "/supervision/review/O-2025-1",
        "/ledger?number=1&kind=person.added",
        "/viewings?week=2025-W01",
        "/promises",
        "/account/2fa/",
    ),
    "viewer": ("/find", "/live", "/preferences"),
    "clerk": ("/cases/new", "/cases/new/preservation/video", "/cases/new/disclosure/video"),
    "employee": ("/", "/me", "/statement"),
}
REACHED = {
    "head": (
        ("/people", "main a:text-is('Osoba niepotwierdzona')", "main a[href$='/confirm']"),
        ("/authorisations", "main a[href*='/authorisations/renew/']"),
    ),
    "administrator": (
        ("/people", "main a:text-is('Osoba viewer')", "main a[href^='/statements/']"),
        ("/people", "main a:text-is('Osoba viewer')", "main a[href$='/left']"),
        ("/faults", "main a[href*='/faults/close/']"),
    ),
}
"""Pages whose address holds what only a list knows: where the way begins, and the links that are followed."""

LOOKS = [("light", "pl"), pytest.param("dark", "en", marks=pytest.mark.soak)]


def walked(role: str, page: Page, site: Site) -> Iterator[str]:
    """Goes to every page of a role, one after the other; the address of each while it is shown."""
    for address in PAGES[role]:
        page.goto(site.base + address)
        yield address
    for begin, *links in REACHED.get(role, ()):
        page.goto(site.base + begin)
        for link in links:
            with page.expect_navigation():
                page.locator(link).first.click()
            yield page.url


@pytest.mark.parametrize(("theme", "language"), LOOKS)
@pytest.mark.parametrize("role", PAGES)
def test_every_page_is_accessible(role: str, theme: str, language: str, visit: SignIn, site: Site) -> None:
    """No page breaks a rule of WCAG 2.1 AA that a machine can check; at 360 pixels none has to be pushed sideways."""
    page = visit(role, theme=theme, language=language).page
    if role == "viewer":
        owe_nothing(page, site)
    for address in walked(role, page, site):
        assert barriers(page) == [], address
        resized(page, 360, 900)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
        resized(page, 1280, 900)


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_axe_finds_nothing_at_the_entrance(theme: str, language: str, visit: SignIn, site: Site) -> None:
    """The sign-in page keeps the same rules."""
    page = visit(theme=theme, language=language).page
    page.goto(f"{site.base}/account/login/")
    assert barriers(page) == []


def test_the_menu_opens_by_keyboard(visit: SignIn, site: Site) -> None:
    """On a telephone the places are one key press away, and the first key reaches the page itself."""
    page = visit("head", width=360).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator(".menu a[href='/cases']").is_visible()
    page.locator(".menu details:has(a[href='/holds']) > summary").press("Enter")
    assert page.locator(".menu a[href='/holds']").is_visible()
    assert site.base in page.url
    assert barriers(page) == []

"""Debian's Chromium as tests use it: its headless build, which draws pages and no window around them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.waiting import CEILING_MS

HEADLESS = "/usr/bin/chromium-headless-shell"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
)  # fmt: skip


def _until_read(act: Callable[..., None]) -> Callable[..., None]:
    """Let a click or a key that leads to another page end once that page has been read whole.

    Playwright ends them when its first bytes came: what is counted or listed at once would be found in half a page.
    """

    @wraps(act)
    def acted(where: Page | Locator, *args: object, **options: object) -> None:
        act(where, *args, **options)
        page = where if isinstance(where, Page) else where.page
        if not page.is_closed():
            page.wait_for_load_state("domcontentloaded")

    return acted


def _patient(make: Callable[..., Any]) -> Callable[..., Any]:
    """Let windows wait for what comes on a slow machine, too, instead of Playwright's 30 s."""

    @wraps(make)
    def made(browser: Browser, *args: object, **options: object) -> Any:
        window = make(browser, *args, **options)
        window.set_default_timeout(CEILING_MS)
        return window

    return made


for _name in ("new_context", "new_page"):
    setattr(Browser, _name, _patient(getattr(Browser, _name)))
for _kind in (Page, Locator):
    for _name in ("click", "press"):
        setattr(_kind, _name, _until_read(getattr(_kind, _name)))


@contextmanager
def headless(*flags: str) -> Iterator[Browser]:
    """Run it until the end of the block; Playwright keeps an event loop running in this thread meanwhile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=HEADLESS, args=[*FLAGS, *flags])
        expect.set_options(timeout=CEILING_MS)
        yield browser
        browser.close()


def barriers(page: Page, **options: object) -> list[str]:
    """Return where a page breaks rules of WCAG 2.1 AA that a machine can check, or good practice: rule, what it asks, first place."""
    page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(
        """async (options) => {
            const { violations } = await axe.run({ ...options, resultTypes: ["violations"] });
            return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0].html}`);
        }""",
        options,
    )
    return found

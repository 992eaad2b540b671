"""Debian's Chromium as tests use it: its headless build, which draws pages and no window around them."""

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.waiting import CEILING_MS

HEADLESS = "/usr/bin/chromium-headless-shell"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
)  # fmt: skip


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

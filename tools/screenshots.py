"""Photograph the pages of a running installation, for the README and for looking at them.

Usage: ``python tools/screenshots.py http://127.0.0.1:8000 PASSWORD FOLDER [--theme dark] [--width 1280] [--language en] [page …]``
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PAGES: dict[str, tuple[str, str]] = {
    "sign-in": ("", "/account/login/"),
    "start": ("sekretarz", "/"),
    "start-asi": ("asi", "/"),
    "sources": ("asi", "/sources"),
    "sources-large": ("asi", "/sources?large"),
    "source-new": ("asi", "/sources/new"),
    "storage": ("asi", "/storage"),
    "due": ("iod", "/due"),
    "destructions": ("iod", "/destructions"),
    "holds": ("burmistrz", "/holds"),
    "hold-new": ("burmistrz", "/holds/new"),
    "ledger": ("iod", "/ledger"),
    "entry": ("iod", "/ledger/3"),
    "authorisations": ("burmistrz", "/authorisations"),
    "authorisation-new": ("burmistrz", "/authorisations/new"),
    "people": ("asi", "/people"),
    "regulation": ("sekretarz", "/regulation"),
    "promises": ("iod", "/promises"),
    "viewings": ("iod", "/viewings"),
    "protocols": ("iod", "/protocols"),
    "preferences": ("iod", "/preferences"),
    "second-factor": ("iod", "/account/2fa/"),
    "find": ("podglad", "/find"),
    "refused": ("straz", "/ledger"),
    "missing": ("straz", "/nowhere"),
}


def sign_in(page: Page, base: str, username: str, password: str) -> None:
    """Sign in as somebody."""
    page.goto(f"{base}/account/login/")
    page.fill("[name=login]", username)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{base}/")


def open_player(page: Page, base: str, day: str, time: str) -> None:
    """Find a recording and open it, as a person would, after finishing the protocol of the last one."""
    if (owed := page.locator(".side a[href$='/write']")).count():
        owed.click()
        if page.locator("form[action$='/end']").count():
            page.click("form[action$='/end'] button")
        for area in page.locator("textarea").all():
            area.fill("Nic.")
        page.click("form.form button >> nth=0")
        page.click("[name=confirmed]")
    page.goto(f"{base}/find")
    page.select_option("[name=source]", index=1)
    page.fill("[name=day]", day)
    page.fill("[name=time]", time)
    page.select_option("[name=purpose]", index=1)
    page.fill("[name=case]", "OR.1431.17.2026")
    page.check("[name=acknowledged]")
    page.press("[name=case]", "Enter")
    page.wait_for_selector("#player[data-shown]", timeout=20_000)


def listen(page: Page, name: str, complaints: list[str]) -> None:
    """Note what a page's console complains of."""
    page.on(
        "console",
        lambda message: complaints.append(f"{name}: {message.text}") if message.type == "error" else None,
    )
    page.on("pageerror", lambda error: complaints.append(f"{name}: {error}"))


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("base")
    parser.add_argument("password")
    parser.add_argument("folder", type=Path)
    parser.add_argument("pages", nargs="*")
    parser.add_argument("--theme", default="light")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--language", default="pl")
    parser.add_argument("--day", default="wczoraj")
    parser.add_argument("--time", default="8:10:30")
    return parser.parse_intermixed_args()


def main() -> None:
    """Photograph the chosen pages, or all."""
    asked = arguments()
    asked.folder.mkdir(parents=True, exist_ok=True)
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))

        def visit(username: str, name: str, show: Callable[[Page], object], *, whole: bool = True) -> None:
            """Photograph one page as somebody sees it, and keep what its console complains of."""
            context = browser.new_context(viewport={"width": asked.width, "height": asked.height})
            cookies = [("theme", asked.theme), ("django_language", asked.language)]
            context.add_cookies([{"name": key, "value": value, "url": asked.base} for key, value in cookies])
            page = context.new_page()
            listen(page, name, complaints)
            if username:
                sign_in(page, asked.base, username, asked.password)
            show(page)
            page.wait_for_timeout(600)
            file = asked.folder / f"{name}-{asked.theme}-{asked.width}-{asked.language}.png"
            page.screenshot(path=file, full_page=whole)
            print(file)
            context.close()

        for name, (username, address) in PAGES.items():
            if not asked.pages or name in asked.pages:
                visit(username, name, lambda page, to=address: page.goto(asked.base + to))
        if not asked.pages or "player" in asked.pages:
            visit("podglad", "player", lambda page: open_player(page, asked.base, asked.day, asked.time))
        if not asked.pages or "live" in asked.pages:
            visit(
                "straz",
                "live",
                lambda page: (page.goto(f"{asked.base}/live"), page.wait_for_timeout(6000)),
                whole=False,
            )
        browser.close()
    print("\n".join(complaints) or "no complaint in any console", file=sys.stderr)


if __name__ == "__main__":
    main()

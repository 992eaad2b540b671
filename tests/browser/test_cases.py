"""An application from the clerk's desk to the head's decision, in two windows."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from rejent.kernel.clock import SystemClock, civil_date
from tests.browser.conftest import SignIn, Site

pytestmark = pytest.mark.browser


def entered(page: Page, site: Site) -> str:
    """Enter an application about yesterday as a clerk does; its number. The deadline is there before anything is sent."""
    yesterday = civil_date(SystemClock().now()) - timedelta(days=1)
    page.goto(f"{site.base}/cases")
    page.click("main .acts a")
    page.click("main a[href$='/cases/new/preservation/video']")
    page.fill("[name=applicant]", "Jan Próbny")
    page.fill("[name=event_first]", "wczoraj")
    expect(page.locator("[data-deadline-shown]")).to_contain_text(f"{yesterday:%d.%m.%Y} + 14 dni = ")
    page.fill("[name=start]", "8:00")
    page.fill("[name=end]", "8:03")
    page.fill("[name=place]", "hol na parterze")
    page.fill("[name=description]", "Zaginęła teczka.")
    page.fill("[name=purpose]", "zawiadomienie Policji")
    page.check("main label:has-text('Hol na parterze') input")
    page.click("main form button:has-text('Wpisz i zabezpiecz nagranie')")
    expect(page.locator("main h1")).to_contain_text("Wniosek o zabezpieczenie W-")
    return page.url.rsplit("/", 1)[1]


def test_an_application_holds_its_recording_until_the_head_makes_that_final(
    visit: SignIn, site: Site
) -> None:
    """The clerk enters it; it waits on the head's start page; the head checks and consents; the hold is final."""
    clerk, head = visit("clerk").page, visit("head").page
    number = entered(clerk, site)
    hold = clerk.locator("main .steps a").first
    words = hold.inner_text()
    hold.click()
    expect(clerk.locator("main .state")).to_have_text("wstępne")
    head.goto(site.base)
    head.locator("main li", has_text=f"{number}: rozstrzygnij").locator("a.button").click()
    head.check("main label:has-text('zgoda') input >> nth=0")
    head.click("main form button:has-text('Sprawdź przed rozstrzygnięciem')")
    expect(head.locator("main .facts")).to_contain_text(words)
    head.click("main button[name=confirmed]")
    expect(head.locator("main .page-head .state")).to_have_text("zgoda")
    clerk.reload()
    expect(clerk.locator("main .state")).to_have_text("w mocy")
    head.goto(site.base)
    expect(head.locator("main")).not_to_contain_text(f"{number}: rozstrzygnij")

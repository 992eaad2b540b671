"""The live wall: a picture within seconds, and one that is old only visibly."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn, Site
from tests.waiting import CEILING_MS

pytestmark = pytest.mark.browser


def test_a_live_picture_shows_its_own_time(visit: SignIn, site: Site) -> None:
    """The camera's picture arrives, says that it is recorded, and its clock runs; an absent one says why."""
    page = visit("guard").page
    page.goto(f"{site.base}/live")
    hall = page.locator(".tile", has_text="Hol na parterze")
    expect(hall).to_have_attribute("data-state", "recording", timeout=CEILING_MS)
    expect(hall.locator(".tile-clock")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))
    expect(hall.locator(".watermark")).to_contain_text("Osoba guard")
    parking = page.locator(".tile", has_text="Parking")
    expect(parking).to_have_attribute("data-state", "none", timeout=CEILING_MS)
    expect(parking.locator(".curtain-words")).not_to_be_empty()


def test_a_picture_that_stops_is_marked_and_taken_away(visit: SignIn, site: Site) -> None:
    """When the camera stops, the tile says how old its picture is, and after ten seconds shows none; then it returns."""
    page = visit("guard").page
    page.goto(f"{site.base}/live")
    hall = page.locator(".tile", has_text="Hol na parterze")
    expect(hall).to_have_attribute("data-state", "recording", timeout=CEILING_MS)
    site.camera.terminate()
    site.camera.wait()
    try:
        expect(hall).not_to_have_attribute("data-state", "recording", timeout=CEILING_MS)
        expect(hall).to_have_attribute("data-state", "none", timeout=CEILING_MS)
    finally:
        site.start_camera()
    expect(hall).to_have_attribute("data-state", "recording", timeout=CEILING_MS)


def test_the_layout_stands_in_the_address(visit: SignIn, site: Site) -> None:
    """One, four, nine or sixteen pictures by a link; one picture alone by its name, or by pressing the picture twice."""
    page = visit("guard").page
    page.goto(f"{site.base}/live?layout=16")
    expect(page.locator(".wall")).to_have_attribute("data-layout", "16")
    page.click(".tile-name >> nth=0")
    page.wait_for_url(re.compile("source="))
    expect(page.locator(".tile")).to_have_count(1)
    page.go_back()
    expect(page.locator(".wall")).to_have_attribute("data-layout", "16")
    page.locator(".tile .picture").first.dblclick()
    page.wait_for_url(re.compile("source="))
    expect(page.locator(".tile")).to_have_count(1)

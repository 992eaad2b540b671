"""Finding a recording: by the days that have one, with errors that move nothing, and in well under a minute."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn, Site, owe_nothing
from tests.chromium import barriers

pytestmark = pytest.mark.browser


@pytest.fixture
def find(visit: SignIn, site: Site) -> Page:
    """The finding page with the camera in the hall chosen."""
    page = visit("viewer").page
    owe_nothing(page, site)
    page.goto(f"{site.base}/find")
    page.select_option("[name=source]", label="Hol na parterze")
    page.wait_for_selector("#days [data-day]")
    return page


def test_the_days_of_a_camera_come_when_it_is_chosen(find: Page) -> None:
    """Yesterday is among the days, with its gap and its hold in words; another camera has other days."""
    expect(find.locator("#days-title")).to_have_text("Hol na parterze")
    words = find.locator("#days a[data-day]").evaluate_all("days => days.map(day => day.dataset.words)")
    assert any("przerw" in one and "zabezpieczone" in one for one in words), words
    assert barriers(find) == []
    find.select_option("[name=source]", label="Parking")
    expect(find.locator("#days-title")).to_have_text("Parking")
    expect(find.locator("#days a[data-day]")).to_have_count(0)


def test_a_day_is_chosen_by_keys_alone(find: Page) -> None:
    """One tab stop, arrows among the days with recordings, Enter fills the date and leads on to the time."""
    expect(find.locator("#days [data-day][tabindex='0']")).to_have_count(1)
    find.focus("#days [data-day][tabindex='0']")
    for key in ("End", "Home"):
        find.keyboard.press(key)
    first = find.evaluate("document.activeElement.dataset.day")
    assert first == find.get_attribute("#days [data-day] >> nth=0", "data-day")
    expect(find.locator("#day-words")).to_contain_text("nagranie")
    find.keyboard.press("Enter")
    expect(find.locator("[name=day]")).to_have_value(first)
    expect(find.locator("[name=time]")).to_be_focused()
    expect(find.locator("#days [aria-current=date]")).to_have_count(1)


def test_months_are_turned_in_place(find: Page) -> None:
    """Page up shows the month before without losing what was typed, and page down comes back."""
    find.fill("[name=case]", "OR.1431.17.2026")
    month = find.text_content("#month-title")
    find.focus("#days [data-day][tabindex='0']")
    find.keyboard.press("PageUp")
    expect(find.locator("#month-title")).not_to_have_text(month or "")
    find.click("#days [data-month] >> nth=1")
    expect(find.locator("#month-title")).to_have_text(month or "")
    expect(find.locator("[name=case]")).to_have_value("OR.1431.17.2026")


def test_an_error_moves_no_field_aside(find: Page, complaints: list[str]) -> None:
    """What is wrong stands above its field; fields keep their left edge, and date and time stay level."""
    before = {
        name: find.locator(f"[name={name}]").bounding_box() for name in ("source", "day", "time", "case")
    }
    find.fill("[name=day]", "31.11.2026")
    find.press("[name=day]", "Enter")
    find.wait_for_selector(".summary")
    after = {name: find.locator(f"[name={name}]").bounding_box() for name in before}
    assert {name: box and box["x"] for name, box in before.items()} == {
        name: box and box["x"] for name, box in after.items()
    }
    day, time = after["day"], after["time"]
    assert day
    assert time
    assert day["y"] == time["y"]
    expect(find.locator(".summary")).to_be_focused()
    find.click(".summary a[href='#id_day']")
    expect(find.locator("[name=day]")).to_be_focused()
    complaints[:] = [complaint for complaint in complaints if "422" not in complaint]


def test_a_new_user_plays_a_given_minute(find: Page) -> None:
    """Camera, a day of the calendar, time, purpose, case, Enter, space: the minute plays."""
    find.click("#days a[data-day] >> nth=0")
    find.keyboard.type("8:01")
    find.select_option("[name=purpose]", index=1)
    find.fill("[name=case]", "OR.1431.17.2026")
    find.check("[name=acknowledged]")
    find.press("[name=case]", "Enter")
    find.wait_for_selector("#player[data-shown]")
    find.keyboard.press("Space")
    expect(find.locator("#clock")).to_have_text(re.compile(r"08:01:0[1-9]"))


def test_an_error_in_one_field_leaves_its_neighbour_in_place(find: Page, complaints: list[str]) -> None:
    """Where the time is refused, the date's field stays below its own label."""
    find.fill("[name=day]", "wczoraj")
    find.fill("[name=time]", "23:59:59")
    find.fill("[name=case]", "OR.1")
    find.select_option("[name=purpose]", index=1)
    find.check("[name=acknowledged]")
    before = _apart(find)
    find.click("main form button >> nth=-1")
    expect(find.locator("#id_time_error")).to_be_visible()
    assert _apart(find) == before
    assert complaints.pop().endswith("422 (Unprocessable Entity)")


def _apart(page: Page) -> int:
    """Pixels from the top of the date's label to that of its field."""
    label, field = page.locator("label[for=id_day]").bounding_box(), page.locator("[name=day]").bounding_box()
    assert label is not None
    assert field is not None
    return round(field["y"] - label["y"])

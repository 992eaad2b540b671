"""A recorded person's access: others are hidden in the editor, by mouse and by keyboard, and the derived copy shows it."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from rejent.kernel.clock import SystemClock, civil_date
from tests.browser.conftest import SignIn, Site, owe_nothing
from tests.waiting import CEILING_MS

pytestmark = pytest.mark.browser


FOLLOWED = """async (address) => {
    const { followed } = await import(address);
    const picture = (x, y) => Uint8Array.from({ length: 100 * 80 }, (_, at) => {
        const [column, row] = [at % 100 - x, Math.floor(at / 100) - y];
        return column >= 0 && row >= 0 && column < 20 && row < 16 ? 120 + 6 * column + 4 * row : 20;
    });
    const none = new Uint8Array(100 * 80).fill(250);
    return [picture(35, 23), none].map((after) => followed(picture(30, 20), after, [100, 80], [30, 20, 20, 16]));
}"""
"""A textured part that moves by five and three pixels, and a picture without it."""


def granted(visit: SignIn, site: Site) -> str:
    """Enter the application of a recorded person for access, and have the head grant it; its number."""
    clerk, head = visit("clerk").page, visit("head").page
    clerk.goto(f"{site.base}/cases/new/right/video")
    clerk.fill("[name=applicant]", "Ewa Nagrana")
    clerk.select_option("[name=right]", "access")
    clerk.select_option("[name=identity]", index=1)
    clerk.fill("[name=event_first]", "wczoraj")
    clerk.fill("[name=start]", "8:00")
    clerk.fill("[name=end]", "8:02")
    clerk.check("main label:has-text('Hol na parterze') input")
    clerk.click("main form button:has-text('Wpisz')")
    expect(clerk).to_have_url(re.compile(r"/cases/W-\d+-\d+$"))
    number = clerk.url.rsplit("/", 1)[1]
    head.goto(f"{site.base}/cases/{number}/decide")
    head.check("main label:has-text('zgoda') input >> nth=0")
    head.fill("[name=basis]", "art. 15 RODO")
    head.click("main form button:has-text('Sprawdź przed rozstrzygnięciem')")
    head.click("main button[name=confirmed]")
    expect(head.locator("main .page-head .state")).to_have_text("zgoda")
    return number


def drawn(page: Page) -> None:
    """Draw a region, go on in time, drag it elsewhere, and type a black time with the keyboard alone."""
    stage = page.locator("[data-stage] svg")
    expect(page.locator("[data-stage] video")).to_have_js_property("readyState", 4)
    box = stage.bounding_box()
    assert box is not None

    def drag(begin: tuple[float, float], end: tuple[float, float]) -> None:
        points = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in (begin, end)]
        page.mouse.move(*points[0])
        page.mouse.down()
        page.mouse.move(*points[1], steps=4)
        page.mouse.up()

    drag((0.1, 0.2), (0.3, 0.6))
    page.locator("#at").fill("20000")
    expect(page.locator("[data-clock]")).to_contain_text("20.00 s")
    drag((0.2, 0.4), (0.6, 0.4))
    expect(page.locator("[data-regions] li")).to_have_count(2)
    page.click("[data-propose]")
    expect(page.locator("[data-told]")).to_be_visible()
    expect(page.locator("[data-take]").first).to_be_visible()
    page.click("[data-take] >> nth=0")
    expect(page.locator("[data-regions] [data-remove-key]")).to_have_count(3)
    left, moved = (page.locator("[data-key='1']").nth(row).input_value() for row in (1, 2))
    assert abs(float(left) - float(moved)) < 3, "what stands still is found where it was"
    page.focus("[data-add-span]")
    page.keyboard.press("Enter")
    page.locator("[data-spans] [data-of=start]").fill("30")
    page.locator("[data-spans] [data-of=end]").fill("31.5")
    page.keyboard.press("Tab")


def test_others_are_hidden_and_the_copy_shows_it(visit: SignIn, site: Site) -> None:
    """No package of the original leaves; within an open viewing regions are drawn; the copy is made beside the request, black where it must be."""
    number = granted(visit, site)
    page = visit("viewer").page
    owe_nothing(page, site)
    page.goto(f"{site.base}/copies/new/{number}")
    page.select_option("[name=hold]", index=1)
    page.click("main form.form button.button >> nth=0")
    expect(page).to_have_url(re.compile(r"/copies/K-\d+-\d+$"), timeout=CEILING_MS)
    copy = page.url.rsplit("/", 1)[1]
    expect(page.locator("main form[action$='package.zip']")).to_have_count(0)
    page.click("main a[href$='/redact']")
    expect(page.locator("main .notice")).to_contain_text("w otwartym odtworzeniu")
    opened(page, site, number)
    page.goto(f"{site.base}/copies/{copy}/redact")
    drawn(page)
    page.click("button[value=keep]")
    expect(page.locator("[data-regions] li")).to_have_count(3)
    assert page.evaluate(FOLLOWED, f"{site.base}/static/js/following.js") == [[35, 23, 20, 16], None]
    stretched(page)
    page.click("button[value=make]")
    expect(page.locator("main h1")).to_have_text(re.compile(r"Kopia K-\d+-\d+"), timeout=CEILING_MS)
    expect(page.locator("main .notice strong")).to_have_text(
        f"Kopia pochodna z zakrytymi fragmentami; oryginał nienaruszony, numer {copy}"
    )
    page.click("main a[href$='/redact']")
    expect(page.locator("[data-stage] video")).to_have_js_property("readyState", 4)
    for at, black in ((20_000, False), (30_500, True)):
        page.locator("#at").fill(str(at))
        expect(page.locator("[data-stage] video")).to_have_js_property("seeking", False)
        assert (darkest(page, 0.9, 0.9) < 30) is black, at
    page.locator("#at").fill("20000")
    expect(page.locator("[data-stage] video")).to_have_js_property("seeking", False)
    assert darkest(page, 0.6, 0.4) < 30


def test_what_is_hidden_is_hidden_where_the_editor_shows_it(visit: SignIn, site: Site) -> None:
    """Of a copy that is cut between key pictures: the editor begins at the asked instant, and its black time is the derived copy's."""
    number = granted(visit, site)
    page = visit("viewer").page
    owe_nothing(page, site)
    page.goto(f"{site.base}/copies/new/{number}")
    page.select_option("[name=hold]", index=1)
    page.fill("[name=start]", "8:00:03")
    page.fill("[name=end]", "8:00:20")
    page.click("main form.form button.button >> nth=0")
    expect(page).to_have_url(re.compile(r"/copies/K-\d+-\d+$"), timeout=CEILING_MS)
    copy = page.url.rsplit("/", 1)[1]
    opened(page, site, number)
    page.goto(f"{site.base}/copies/{copy}/redact")
    video = page.locator("[data-stage] video")
    expect(video).to_have_js_property("readyState", 4)
    expect(page.locator("[data-clock]")).to_contain_text("08:00:03,00")
    page.locator("#at").fill("9000")
    expect(video).to_have_js_property("seeking", False)
    assert video.evaluate("video => [video.duration, video.currentTime]") == pytest.approx([17, 9], abs=0.05)
    page.click("[data-add-span]")
    page.locator("[data-spans] [data-of=end]").fill("9.4")
    page.keyboard.press("Tab")
    page.click("button[value=make]")
    expect(page.locator("main h1")).to_have_text(re.compile(r"Kopia K-\d+-\d+"), timeout=CEILING_MS)
    page.click("main a[href$='/redact']")
    expect(page).to_have_url(re.compile(r"/redact$"))
    expect(video).to_have_js_property("readyState", 4)
    for at, black in ((8_800, False), (9_200, True), (9_600, False)):
        page.locator("#at").fill(str(at))
        expect(video).to_have_js_property("seeking", False)
        assert (darkest(page, 0.9, 0.9) < 30) is black, at


PLAYED = """() => new Promise((told) => {
    const video = document.querySelector("[data-stage] video");
    video.addEventListener("timeupdate", () => {
        const placed = Number(document.querySelector("#at").value);
        if (!video.paused && placed > 21000) told([video.currentTime * 1000, placed]);
    });
    document.querySelector("[data-play]").click();
})"""
"""Plays on, and answers where the media is and which time the editor puts there."""


def stretched(page: Page) -> None:
    """Have the server say that the first recording plays half as long again as its time: the editor goes by it, to and fro."""

    def slow(route: Route) -> None:
        answer = route.fetch()
        length = float(answer.headers["media-length"])
        assert length == pytest.approx(60_000, rel=0.01)
        route.fulfill(response=answer, headers={**answer.headers, "media-length": str(length * 1.5)})

    page.route("**/redact/1", slow)
    page.reload()
    video = page.locator("[data-stage] video")
    expect(video).to_have_js_property("readyState", 4)
    page.locator("#at").fill("20000")
    expect(page.locator("[data-stage] video")).to_have_js_property("seeking", False)
    assert video.evaluate("video => video.currentTime") == pytest.approx(30, rel=0.01)
    at, placed = page.evaluate(PLAYED)
    assert placed == pytest.approx(at / 1.5, abs=60)
    page.unroute("**/redact/1")
    page.reload()


def darkest(page: Page, x: float, y: float) -> int:
    """How bright the brightest of a few pixels around a place of the picture is."""
    found: int = page.evaluate(
        """([x, y]) => {
        const video = document.querySelector("[data-stage] video"), canvas = document.createElement("canvas");
        Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight });
        const drawing = canvas.getContext("2d");
        drawing.drawImage(video, 0, 0);
        const read = drawing.getImageData(canvas.width * x - 4, canvas.height * y - 4, 8, 8).data;
        return Math.max(...read.filter((_, place) => place % 4 !== 3));
        }""",
        [x, y],
    )
    return found


def opened(page: Page, site: Site, case: str) -> None:
    """Open the recording for the case."""
    page.goto(f"{site.base}/find")
    page.select_option("[name=source]", label="Hol na parterze")
    page.fill("[name=day]", f"{civil_date(SystemClock().now()) - timedelta(days=1):%d.%m.%Y}")
    page.fill("[name=time]", "8:00")
    page.select_option("[name=purpose]", index=1)
    page.fill("[name=case]", case)
    page.check("[name=acknowledged]")
    page.press("[name=case]", "Enter")
    page.wait_for_selector("#player[data-shown]", timeout=CEILING_MS)

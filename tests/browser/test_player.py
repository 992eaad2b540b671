"""The player: exact to the frame, honest in gaps, by keyboard alone, with the watermark always there."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import resized
from tests.chromium import barriers
from tests.waiting import CEILING_MS

pytestmark = pytest.mark.browser

EIGHT = 8 * 3600


def _shown(page: Page) -> float:
    return float(page.get_attribute("#player", "data-shown") or "nan")


def _goes_to(page: Page, time: str) -> None:
    page.fill("#go-time", time)
    page.press("#go-time", "Enter")


def test_it_opens_at_the_second_that_was_asked_for(player: Page) -> None:
    """The first picture shown is the one of that second, and the clock says so."""
    assert abs(_shown(player) - (EIGHT + 60)) < 0.1
    expect(player.locator("#clock")).to_have_text(re.compile(r"08:01:00"))


def test_axe_finds_nothing_in_the_player(player: Page) -> None:
    """Sliders, toolbar, course of the day: no rule is broken."""
    assert barriers(player) == []


def test_a_seek_shows_the_picture_of_that_instant(player: Page) -> None:
    """Typed, clicked in the list, or by arrow key: the picture's own time is the time asked for."""
    _goes_to(player, "8:02:30")
    expect(player.locator("#player")).to_have_attribute("data-shown", re.compile(r"^28950\.0"))
    player.focus("#picture")
    player.keyboard.press("ArrowLeft")
    expect(player.locator("#player")).to_have_attribute("data-shown", re.compile(r"^2894[45]\."))
    player.click("#course button >> nth=0")
    expect(player.locator("#clock")).to_have_text(re.compile(r"08:00:00"))


def test_nothing_plays_in_a_gap(player: Page) -> None:
    """Space, a speed or a click in a gap run nothing behind the curtain: the gap stays, says why, and offers what is next."""
    _goes_to(player, "8:04:00")
    expect(player.locator("#curtain")).to_be_visible()
    before = _shown(player)
    for key in ("Space", "l", "j", "Space"):
        player.keyboard.press(key)
        assert player.evaluate("document.getElementById('video').paused")
    player.click("#picture", position={"x": 30, "y": 30})
    player.select_option("#speed", "-1")
    expect(player.locator("#polite")).to_contain_text("Przejdź do następnego nagrania")
    assert player.evaluate("document.getElementById('video').paused")
    assert "is-playing" not in (player.get_attribute("#player", "class") or "")
    assert _shown(player) == before
    expect(player.locator("#clock")).to_have_text(re.compile(r"08:04:00"))
    expect(player.locator("#curtain-words")).to_contain_text("wyłączon")
    player.click("#curtain-button")
    player.keyboard.press("Space")
    expect(player.locator("#player")).to_have_class(re.compile("is-playing"))


def test_frames_are_stepped_one_by_one(player: Page) -> None:
    """Twelve presses of the full stop move a 12 Hz recording by exactly a second, none repeated, none skipped."""
    player.focus("#picture")
    seen = [_shown(player)]
    for _ in range(12):
        before = player.get_attribute("#player", "data-shown")
        player.keyboard.press(".")
        expect(player.locator("#player")).not_to_have_attribute("data-shown", before or "")
        seen.append(_shown(player))
    steps = [later - earlier for earlier, later in pairwise(seen)]
    assert all(abs(step - 1 / 12) < 0.01 for step in steps), steps
    player.keyboard.press(",")
    expect(player.locator("#player")).to_have_attribute("data-shown", f"{seen[-2]:.3f}")


def test_a_gap_is_not_jumped_over(player: Page) -> None:
    """In a gap the cursor stays, the cause is said, and a button offers the next recording."""
    _goes_to(player, "8:04:00")
    expect(player.locator("#curtain")).to_be_visible()
    expect(player.locator("#curtain-words")).to_contain_text("wyłączon")
    expect(player.locator("#clock")).to_have_text(re.compile(r"08:04:00"))
    player.click("#curtain-button")
    expect(player.locator("#clock")).to_have_text(re.compile(r"08:05:00"))
    expect(player.locator("#curtain")).to_be_hidden()


def test_playing_stops_at_the_end_of_a_recording(player: Page) -> None:
    """Where a recording ends the picture stops and says why, instead of going on somewhere else."""
    _goes_to(player, "8:02:58")
    player.focus("#picture")
    player.keyboard.press("Space")
    expect(player.locator("#curtain")).to_be_visible(timeout=CEILING_MS)
    expect(player.locator("#clock")).to_have_text(re.compile(r"08:03:00"))


def test_it_plays_at_eight_times_and_backwards_by_key_pictures(player: Page) -> None:
    """L three times and more goes faster, j goes backwards and says that it shows key pictures."""
    player.focus("#picture")
    for _ in range(4):
        player.keyboard.press("l")
    expect(player.locator("#speed")).to_have_value("8")
    expect(player.locator("#clock")).to_have_text(re.compile(r"08:01:(0[5-9]|[1-5]\d)"), timeout=CEILING_MS)
    player.keyboard.press("k")
    reached = _shown(player)
    player.keyboard.press("j")
    expect(player.locator("#polite")).to_contain_text("klatki kluczowe")
    player.wait_for_selector(f"#player:not([data-shown='{reached:.3f}'])")
    player.keyboard.press("k")
    assert _shown(player) < reached


def test_it_goes_on_forwards_at_the_speed_chosen_before(player: Page) -> None:
    """After a stretch backwards, play runs forwards again, as fast as before."""
    for key in ("l", "l", "k"):
        player.keyboard.press(key)
    expect(player.locator("#speed")).to_have_value("2")
    player.keyboard.press("j")
    expect(player.locator("#speed")).to_have_value("-1")
    player.keyboard.press("Space")
    expect(player.locator("#speed")).to_have_value("2")
    player.keyboard.press("Space")
    assert player.evaluate("document.getElementById('video').playbackRate") == 2
    player.wait_for_function("() => !document.getElementById('video').paused")


def test_keys_work_as_soon_as_it_opens(player: Page) -> None:
    """The picture has the focus from the start, and again after a button that goes away was pressed."""
    player.keyboard.press("l")
    expect(player.locator("#player")).to_have_class(re.compile("is-playing"))
    for key in ("k", "i"):
        player.keyboard.press(key)
    player.click("#clear")
    player.keyboard.press("i")
    expect(player.locator("#clear")).to_be_visible()


@pytest.mark.parametrize(
    ("typed", "says"),
    [("", "Wpisz godzinę"), ("o ósmej", "To nie jest godzina"), ("25:00", "Doba nie ma takiej godziny"), ("2a:25", "literę a")],
)  # fmt: skip
def test_a_time_that_cannot_be_read_is_told_beside_its_field(player: Page, typed: str, says: str) -> None:
    """What is wrong stands under the field, tied to it, until something else is typed; the picture stays."""
    before = player.text_content("#clock")
    _goes_to(player, typed)
    answer = player.locator("#go-answer")
    expect(answer).to_be_visible()
    expect(answer).to_contain_text(says)
    expect(player.locator("#go-time")).to_have_attribute("aria-invalid", "true")
    assert barriers(player) == []
    assert player.text_content("#clock") == before
    _goes_to(player, "8:02")
    expect(answer).to_be_hidden()


def test_the_doubled_hour_asks_which_one(player: Page) -> None:
    """In the autumn night 2:25 names two instants: both are offered, and the one chosen is gone to; a letter decides."""
    hours = ["00", "01", "02", "02a", *(f"{hour:02d}" for hour in range(3, 24))]

    def autumn(route: Route) -> None:
        told = route.fetch()
        route.fulfill(response=told, json={**told.json(), "hours": hours, "length": 90_000, "change": 10_800})

    player.route("**/index.json", autumn)
    player.reload()
    player.wait_for_selector("#player[data-shown]")
    _goes_to(player, "2:25")
    expect(player.locator("#go-answer button")).to_have_text(
        ["02:25:00 – czas letni", "02a:25:00 – czas zimowy"]
    )
    player.click("#go-answer button >> nth=1")
    expect(player.locator("#clock")).to_have_text(re.compile("02a:25:00"))
    for typed, meant in (("2:25 letni", "02:25:00"), ("2a:25", "02a:25:00"), ("2.25 zimowy", "02a:25:00")):
        _goes_to(player, typed)
        expect(player.locator("#clock")).to_have_text(re.compile(meant))


def test_letters_do_nothing_outside_the_player(player: Page) -> None:
    """Single letters work only while the player has the focus."""
    player.focus(".side .brand")
    before = player.text_content("#clock")
    for key in (".", "l", "n", "i", "f"):
        player.keyboard.press(key)
    assert player.text_content("#clock") == before
    assert player.locator("#clear").is_disabled()
    assert player.evaluate("document.fullscreenElement") is None


def test_a_marked_range_leads_to_a_hold(player: Page) -> None:
    """From here, to here: the words tell the length, and the form receives day and times."""
    player.focus("#picture")
    player.keyboard.press("i")
    _goes_to(player, "8:01:30")
    player.focus("#picture")
    player.keyboard.press("o")
    expect(player.locator("#range-words")).to_have_text(re.compile(r"08:01:00–08:01:30"))
    player.focus("#thumb-to")
    player.keyboard.press("ArrowRight")
    expect(player.locator("#range-words")).to_have_text(re.compile(r"08:01:00–08:01:31"))
    player.click("#hold")
    expect(player.locator("[name=start]")).to_have_value("8:01:00")
    expect(player.locator("[name=end]")).to_have_value("8:01:31")


def test_the_watermark_stays_in_full_screen_and_when_removed(player: Page) -> None:
    """The whole stage goes full screen, so the name stays; taken out of the page it comes back."""
    expect(player.locator("#watermark")).to_contain_text("Osoba viewer")
    player.focus("#picture")
    player.keyboard.press("f")
    player.wait_for_selector("#stage:fullscreen")
    assert player.locator("#watermark").is_visible()
    player.evaluate("document.getElementById('watermark').remove()")
    expect(player.locator("#watermark")).to_contain_text("OR.1431.17.2026")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1366, 768)])
def test_picture_controls_and_timeline_fit_one_screen(player: Page, width: int, height: int) -> None:
    """On the screens of an office nothing of them is below the fold, and none covers another."""
    resized(player, width, height)
    ends = player.evaluate(
        "['.picture', '.bar', '.line'].map(part => { const box = document.querySelector(part).getBoundingClientRect(); return [box.top, box.bottom]; })"
    )
    assert [end for box in ends for end in box] == sorted(end for box in ends for end in box)
    assert ends[0][1] - ends[0][0] > 200
    assert ends[-1][1] <= height


@pytest.mark.parametrize(("width", "height"), [(360, 740), (740, 360), (1280, 900)])
@pytest.mark.parametrize("full", [False, True], ids=["in the page", "full screen"])
def test_the_watermark_lies_wholly_on_the_picture(player: Page, width: int, height: int, full: bool) -> None:
    """At every one of its places, upright and lying, all of it lies on the picture, not beside it."""
    player.set_viewport_size({"width": width, "height": height})
    if full:
        player.keyboard.press("f")
        player.wait_for_selector("#stage:fullscreen")
    outside = player.evaluate(
        """async () => {
          const { Watermark } = await import("/static/cameras/watermark.js");
          const room = document.getElementById("picture"), video = document.getElementById("video");
          const text = document.getElementById("player").dataset.watermark, mark = new Watermark(room, video), found = [];
          for (let place = 0; place < 7; place += 1) {
            mark.say(text, place);
            await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
            const box = room.getBoundingClientRect(), own = document.getElementById("watermark").getBoundingClientRect();
            const scale = Math.min(box.width / video.videoWidth, box.height / video.videoHeight);
            const left = box.left + (box.width - video.videoWidth * scale) / 2;
            const top = box.top + (box.height - video.videoHeight * scale) / 2;
            if (own.width < 50 || own.left < left || own.right > left + video.videoWidth * scale
                || own.top < top || own.bottom > top + video.videoHeight * scale) found.push([place, own.toJSON()]);
          }
          return found;
        }"""
    )
    assert outside == []


@pytest.mark.parametrize(
    ("language", "offset", "clock"), [("pl", "+0,4", "08:01:00,000"), ("en", "+0.4", "08:01:00.000")]
)
def test_numbers_are_written_as_the_reader_does(player: Page, language: str, offset: str, clock: str) -> None:
    """Polish pages have the decimal comma, English ones the point."""
    player.context.add_cookies(
        [{"name": "django_language", "value": language, "url": player.url.split("/viewings")[0]}]
    )
    player.reload()
    expect(player.locator("#camera-clock")).to_contain_text(f"{offset}\u00a0s")
    expect(player.locator("#clock")).to_have_text(clock)


def test_zoom_keeps_the_gap_in_sight(player: Page) -> None:
    """From the whole day down to a minute the gap of two minutes is drawn, at least two pixels wide."""
    player.focus("#picture")
    player.keyboard.press("0")
    for _ in range(3):
        widths = player.eval_on_selector_all(
            ".span-planned", "found => found.map(one => one.getBoundingClientRect().width)"
        )
        assert widths
        assert min(widths) >= 2
        player.keyboard.press("+")


def test_the_address_opens_the_same_second(player: Page) -> None:
    """Position and zoom live in the address."""
    _goes_to(player, "8:02:10")
    player.wait_for_url(re.compile(r"t=28930\.\d&z=\d+"))
    player.reload()
    expect(player.locator("#clock")).to_have_text(re.compile(r"08:02:10"))


def test_a_viewing_that_was_ended_elsewhere_stops(player: Page, complaints: list[str]) -> None:
    """When the right ends, the next piece is refused and the player says so aloud."""
    ended = player.context.new_page()
    ended.goto(player.url)
    ended.click(".page-head form button")
    ended.wait_for_url(re.compile("/protocols/"))
    _goes_to(player, "8:06:00")
    expect(player.locator("#assertive")).to_contain_text("Odtwarzanie", timeout=CEILING_MS)
    complaints[:] = [complaint for complaint in complaints if "403" not in complaint]


def test_a_short_hold_is_seen_in_a_whole_day(player: Page) -> None:
    """A minute that is held has its mark and at least eight pixels at any zoom, its words, and its row in the list."""
    for _ in range(4):
        player.click("[data-do=zoom-out]")
    rail, mark = (
        player.locator("#drawn .span-held").first.bounding_box(),
        player.locator("#drawn .held-mark").first.bounding_box(),
    )
    assert rail is not None
    assert mark is not None
    assert (rail["width"] >= 8, mark["width"] >= 10) == (True, True)
    player.mouse.move(mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2)
    expect(player.locator("#flag")).to_contain_text("zabezpieczenie Z-")
    expect(player.locator("#course .course-held", has_text="Z-2026-1,")).to_have_count(1)

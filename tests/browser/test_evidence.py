"""An evidence package opened from the disk by a browser without network: it plays, it checks itself, it names what was altered."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from rejent.evidence.contents import Missing, PackageContents, PlayableFile, Recording
from rejent.evidence.verifier.command import ALTERED, INCOMPLETE, SHOWN, status
from rejent.formats.mp4.boxes import TIMESCALE
from rejent.formats.mp4.cutting import cut, flat
from rejent.formats.mp4.reader import scan
from rejent.formats.sound.legs import read_sound
from rejent.formats.sound.wav import stereo_wav
from rejent.formats.source import BytesSource
from rejent.kernel.intervals import Interval
from tests.packages import NOON, Made, PaperLedger, both, camera_contents, packed
from tests.spoken_call import recorded
from tests.unit.evidence.altered import (
    FORGER,
    NAMED,
    ORIGINAL,
    SILENT,
    SOUND,
    UNSEEN,
    replaced_and_fitted,
    signed_by,
)
from tests.unit.formats.clips import clip
from tests.unit.formats.written import content_of, fragments_of
from tests.waiting import until

pytestmark = pytest.mark.browser
SECOND = timedelta(seconds=1)
LARGE = b"%PDF-1.7 " + bytes(9 << 20)
"""A file of three chunks."""


def recording(ledger: PaperLedger, name: str, media_type: str, when: Interval, content: bytes) -> Recording:
    """A recording whose act names it."""
    act = ledger.enter("copy.made", {"sha256": sha256(content).hexdigest()})
    return Recording(name, media_type, when, BytesSource(content), sha256(content).digest(), act)


def camera(ledger: PaperLedger) -> PackageContents:
    """Four seconds of real pictures, ten seconds of a gap, four seconds again."""
    coded = clip("h264")
    content = content_of(coded.parameters, fragments_of(coded.parameters, coded.units))
    times = [
        Interval(NOON + begin * SECOND, NOON + end * SECOND) for begin, end in ((0, 4), (4, 14), (14, 18))
    ]
    taken = [
        recording(ledger, f"hol-{n}.mp4", "video/mp4", times[n], content + b"\0\0\0\x08free" * n)
        for n in (0, 2)
    ]
    return camera_contents(
        ledger,
        interval=Interval(NOON, NOON + 18 * SECOND),
        recordings=taken,
        playable=[PlayableFile(each.name, each.media_type, each.interval) for each in taken],
        gaps=[Missing(times[1], both("Kamera nie odpowiadała"))],
        gone=[],
        acts={each.act: both(f"Sporządzono kopię pliku {each.name}") for each in taken},
        custody=LARGE,
    )


def call(ledger: PaperLedger) -> PackageContents:
    """Eight seconds of a call: its Matroska as it was recorded, named by the digest of all of the copy, and sound that browsers play."""
    (kept,) = recorded("call-1", NOON, 8)
    when, held = Interval(NOON, NOON + 8 * SECOND), Interval(NOON - SECOND, NOON + 9 * SECOND)
    times = " ".join(at.isoformat(timespec="microseconds") for at in (held.start, held.end))
    digest = sha256(kept.content)
    line = f"{digest.hexdigest()} {len(kept.content)} {times}\n"
    act = ledger.enter("copy.made", {"digest": sha256(line.encode()).hexdigest()})
    original = Recording(
        "rozmowa.mka", "video/x-matroska", held, BytesSource(kept.content), digest.digest(), act
    )
    sound = BytesSource(stereo_wav(read_sound([kept.reader])).content)
    heard = PlayableFile("rozmowa.wav", "audio/wav", when, sound)
    return replace(
        camera(ledger), kind=both("Linia telefoniczna"), source="Centrala", interval=when, recordings=[original],
        playable=[heard], gaps=[], acts={original.act: both("Sporządzono kopię rozmowy")},
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The package of a camera that nobody touched."""
    ledger = PaperLedger()
    return packed(tmp_path_factory.mktemp("evidence") / "K-2026-3", ledger, camera(ledger))


Open = Callable[[Path], Page]


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Open]:
    """Opens a package's page by its file; at the end nothing was asked of any network and no console complained."""
    context, complaints = chromium.new_context(offline=True), []
    page = context.new_page()
    page.on("console", lambda told: complaints.append(told.text) if told.type in {"error", "warning"} else None)  # fmt: skip
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: complaints.append(asked.url) if not asked.url.startswith(("file:", "blob:")) else None)  # fmt: skip

    def open_page(folder: Path) -> Page:
        page.goto((folder / "index.html").as_uri())
        expect(page.locator("#result")).to_be_visible()
        return page

    yield open_page
    context.close()
    assert complaints == []


def choose(page: Page, folder: Path) -> None:
    """Choose a folder as people do, and wait until it is checked."""
    page.set_input_files("#folder", folder)
    page.wait_for_selector("body[data-checked]")


def test_a_camera_plays_and_verifies_step_by_step(made: Made, open_page: Open) -> None:
    """Proofs hold at once, files once the folder is chosen, the origin once the key is given; wrong keys are told; both languages."""
    page = open_page(made.path)
    result, key = page.locator("#result"), made.verdict().key
    assert key is not None
    expect(result).to_contain_text("Dowody są spójne. Plików jeszcze nie sprawdzono")
    expect(page.locator("#verdict .good")).to_have_count(0)
    expect(page.locator("#papers-with-key figure:has(svg .key)")).to_have_count(3)
    expect(page.locator("#key-help")).to_contain_text("z etykiety, z karty dowodowej albo z protokołu")
    assert key.fingerprint not in page.inner_text("body")
    choose(page, made.path)
    expect(result).to_contain_text("Nienaruszona, pochodzenia nie wykazano")
    expect(page.locator("#verdict .answer.good")).to_have_count(2)
    expect(page.locator("#verdict")).to_contain_text("według zegara tego, kto ma jej klucz")
    page.fill("#key", key.fingerprint)
    expect(result).to_contain_text("Nienaruszona, z tego urzędu, kompletna")
    expect(page.locator("#verdict .answer.good")).to_have_count(4)
    page.fill("#key", str(FORGER.verifier))
    expect(result).to_contain_text("Na tej paczce nie można polegać")
    page.fill("#key", "")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(result).to_contain_text("Intact, origin not shown")


def test_pictures_play_and_gaps_are_told_by_keyboard(made: Made, open_page: Open) -> None:
    """The first piece plays; the axis goes by keys into the gap, which tells its cause and leads on to the next piece."""
    page = open_page(made.path)
    choose(page, made.path)
    page.get_by_role("button", name="Odtwórz").first.focus()
    page.keyboard.press("Enter")
    until(lambda: page.evaluate("document.querySelector('video').currentTime > 0.2"))
    assert page.evaluate("document.querySelector('video').videoWidth") == 320
    axis = page.get_by_role("slider", name="Miejsce na osi czasu")
    axis.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".viewer .notice")).to_contain_text("Kamera nie odpowiadała")
    assert axis.get_attribute("aria-valuetext") is not None
    page.get_by_role("button", name="Następne nagranie: 12:00:14").click()
    until(lambda: page.evaluate("document.querySelector('video').readyState > 1"))
    axis.focus()
    page.keyboard.press("End")
    until(lambda: page.evaluate("document.querySelector('video').currentTime > 3"))
    expect(page.locator(".viewer .notice")).to_be_hidden()


def test_a_call_is_heard(tmp_path: Path, open_page: Open) -> None:
    """The sound plays from the folder and is nowhere called a picture, and the original beside it is part of what is verified."""
    ledger = PaperLedger()
    heard = packed(tmp_path / "K-2026-4", ledger, call(ledger))
    page = open_page(heard.path)
    expect(page.locator("#viewing")).to_have_text("Postać do odsłuchania, wykonana z oryginału.")
    choose(page, heard.path)
    until(lambda: page.evaluate("Math.round(document.querySelector('audio').duration) === 8"))
    expect(page.locator(".course")).to_contain_text("w oryginale od 11:59:59 do 12:00:09; tu dokładnie to")
    page.get_by_role("button", name="Odtwórz").first.click()
    until(lambda: page.evaluate("document.querySelector('audio').currentTime > 0.2"))
    page.fill("#key", heard.key)
    expect(page.locator("#result")).to_contain_text("Nienaruszona, z tego urzędu, kompletna")


CUSTODY = "data/custody.pdf"


def bit(name: str, place: int) -> Callable[[Path, Made], object]:
    """Turn a bit of a file."""

    def alter(folder: Path, _: Made) -> None:
        old = (folder / name).read_bytes()
        (folder / name).write_bytes(old[:place] + bytes([old[place] ^ 1]) + old[place + 1 :])

    return alter


TABLE: dict[str, tuple[Callable[[Path, Made], object], int]] = {
    **{way: (alter, SHOWN) for way, alter in SOUND.items()},
    **{way: (alter, INCOMPLETE) for way, alter in SILENT.items()},
    **{way: (alter, ALTERED) for way, (alter, _) in NAMED.items() if way not in UNSEEN},
    "bit of a recording": (bit(ORIGINAL, 999), ALTERED),
    "bit of the last chunk of a file": (bit(CUSTODY, 4), ALTERED),
    "bit of a list": (bit("manifest-sha512.txt", 5), ALTERED),
    "file dropped": (lambda folder, _: (folder / "data/label.pdf").unlink(), ALTERED),
    "file with the name of what every object has": (lambda folder, _: (folder / "toString").write_text("x"), ALTERED),
    "state signed by a forger": (signed_by(FORGER), ALTERED),
}  # fmt: skip
"""Every way in which a package is altered, and what the program answers then."""
TOLD = {
    SHOWN: "Nienaruszona, z tego urzędu, kompletna",
    INCOMPLETE: "Nienaruszona i z tego urzędu, niekompletna",
    ALTERED: "Na tej paczce nie można polegać",
}
"""What the page says where the program answers so."""


@pytest.fixture(scope="module")
def plain_package(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The package that the verifier's tests alter."""
    return packed(tmp_path_factory.mktemp("table") / "K-2026-3")


@pytest.fixture(scope="module")
def one_page(chromium: Browser) -> Iterator[Page]:
    """A page for many packages, one after the other; what each says on its console is its own affair."""
    context = chromium.new_context(offline=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("way", TABLE)
def test_page_and_program_accept_the_same(
    plain_package: Made, one_page: Page, tmp_path: Path, way: str
) -> None:
    """Of each altered package, with the office's key given, page and verify.py say the same, and name the same kind of file."""
    folder = Path(shutil.copytree(plain_package.path, tmp_path / "K-2026-3"))
    alter, expected = TABLE[way]
    alter(folder, plain_package)
    program = status(Made(folder, plain_package.ledger, plain_package.contents).verdict())
    assert program == expected
    one_page.goto((folder / "index.html").as_uri())
    if (folder / "data/contents.json").exists() and one_page.locator("#folder").count():
        one_page.wait_for_selector("body[data-ready]")
        choose(one_page, folder)
        one_page.fill("#key", plain_package.key)
    result = one_page.locator("#result")
    expect(result).to_contain_text(TOLD[expected])
    assert (one_page.locator("#findings li").count() == 0) is (
        expected != ALTERED
    ) or "Danych tej paczki" in one_page.inner_text("#page")


def test_only_what_was_chosen_and_checked_is_played(made: Made, open_page: Open, tmp_path: Path) -> None:
    """Nothing is shown before; then pictures come from the chosen files, and of a changed recording none, whatever lies beside the page."""
    page = open_page(made.path)
    expect(page.locator("#check-first")).to_be_visible()
    expect(page.locator("video")).to_be_hidden()
    assert page.evaluate("document.querySelector('video').src") == ""
    assert page.locator("a").count() == 0
    folder = Path(shutil.copytree(made.path, tmp_path / "K-2026-3"))
    first = folder / "data/originals/hol-0.mp4"
    first.write_bytes(first.read_bytes()[:-1] + b"x")
    choose(page, folder)
    expect(page.locator("#findings")).to_contain_text("hol-0.mp4")
    expect(page.locator(".course")).to_contain_text("Strona nie odtwarza tego pliku")
    assert page.get_by_role("button", name="Odtwórz").count() == 1
    page.get_by_role("button", name="Odtwórz").click()
    until(lambda: page.evaluate("document.querySelector('video').currentTime > 0.2"))
    assert page.evaluate("document.querySelector('video').src").startswith("blob:")
    with page.expect_download() as kept:
        page.get_by_role("link", name="Etykieta (PDF)").click()
    assert kept.value.path().read_bytes() == (folder / "data/label.pdf").read_bytes()
    replaced_and_fitted("data/label.pdf", b"%PDF other")(folder, made)
    choose(page, folder)
    expect(page.locator("#result")).to_contain_text("Na tej paczce nie można polegać")


def test_an_original_is_shown_from_the_asked_instant(tmp_path: Path, open_page: Open) -> None:
    """The key picture before stands in the file, and is told; the page plays from the asked instant on, and no longer than asked."""
    coded, ledger = clip("h264"), PaperLedger()
    whole = BytesSource(content_of(coded.parameters, fragments_of(coded.parameters, coded.units)))
    found = cut(whole, scan(whole), int(3.2 * TIMESCALE), int(3.9 * TIMESCALE))
    content = b"".join(
        flat(found, (int(3.2 * TIMESCALE) - found.origin, int(3.9 * TIMESCALE) - found.origin))
    )
    asked = Interval(NOON + 3.2 * SECOND, NOON + 3.9 * SECOND)
    taken = recording(ledger, "hol-0.mp4", "video/mp4", Interval(NOON + 2 * SECOND, asked.end), content)
    made = packed(tmp_path / "K-2026-3", ledger, camera_contents(
        ledger, interval=asked, recordings=[taken], playable=[PlayableFile(taken.name, taken.media_type, asked)],
        gaps=[], gone=[], acts={taken.act: both("Sporządzono kopię")},
    ))  # fmt: skip
    page = open_page(made.path)
    choose(page, made.path)
    page.fill("#key", made.key)
    expect(page.locator("#result")).to_contain_text("Nienaruszona, z tego urzędu, kompletna")
    expect(page.locator(".course")).to_contain_text(
        "w pliku od 12:00:02, od obrazu kluczowego; pokazywany od 12:00:03"
    )
    until(lambda: page.evaluate("document.querySelector('video').readyState > 0"))
    assert page.evaluate("document.querySelector('video').duration") == pytest.approx(0.7, abs=0.01)
    assert page.evaluate("document.querySelector('video').currentTime") == 0
    drawn = """() => new Promise((done) => {
        const video = document.querySelector("video");
        const look = () => {
            const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
            canvas.getContext("2d").drawImage(video, 0, 0, 320, 180);
            done([...canvas.getContext("2d").getImageData(0, 0, 320, 180).data].filter((_, at) => at % 4 === 1));
        };
        video.requestVideoFrameCallback(look);
        video.currentTime = 0;
    })"""
    shown = np.array(page.evaluate(drawn), float)
    with av.open(BytesIO(whole.read())) as film:
        seen = [
            frame.to_ndarray(format="rgb24")[:, :, 1].ravel().astype(float) for frame in film.decode(video=0)
        ]
    apart = [((shown - picture) ** 2).mean() for picture in seen]
    assert apart.index(min(apart)) == 80


def test_a_dropped_folder_shows_its_empty_folders(made: Made, open_page: Open) -> None:
    """What a chosen folder hides from a page a dropped one tells: a folder without files is found, its files are read by their paths."""
    page = open_page(made.path)
    found = page.evaluate("""async () => {
        const file = (name) => ({ isFile: true, isDirectory: false, name, file: (done) => done(new File(["x"], name)) });
        const folder = (name, ...inside) => ({
            isFile: false, isDirectory: true, name,
            createReader: () => ({ left: [inside, []], readEntries(done) { done(this.left.shift()); } }),
        });
        const dropped = folder("K-2026-3", file("verify.py"), folder("data", file("label.pdf"), folder("more")));
        const { files, empty } = await Files.dropped([{ webkitGetAsEntry: () => dropped }]);
        return [[...files.keys()], empty];
    }""")
    assert found == [["verify.py", "data/label.pdf"], ["data/more/"]]


def test_the_repeated_hour_is_marked(tmp_path: Path, open_page: Open) -> None:
    """Of the hour that autumn repeats the second run is marked as the program marks it, and on the axis, too."""
    ledger, hour = PaperLedger(), timedelta(hours=1)
    contents, night = camera(ledger), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    shift = night - NOON
    recordings = [
        replace(each, interval=Interval(each.interval.start + shift, each.interval.end + shift))
        for each in contents.recordings
    ]
    gap = replace(
        contents.gaps[0], interval=Interval(recordings[0].interval.end, recordings[0].interval.end + hour)
    )
    last = replace(recordings[1], interval=Interval(gap.interval.end, gap.interval.end + 4 * SECOND))
    moved = replace(
        contents, interval=Interval(night, last.interval.end), recordings=[recordings[0], last], gaps=[gap],
        playable=[PlayableFile(each.name, each.media_type, each.interval) for each in (recordings[0], last)],
    )  # fmt: skip
    page = open_page(packed(tmp_path / "K-2026-3", ledger, moved).path)
    for at in ("02:30:00 – 02:30:04", "02:30:04 – 02a:30:04", "02a:30:04 – 02a:30:08"):
        expect(page.locator(".course")).to_contain_text(at)
    expect(page.locator("dl")).to_contain_text("02a:30:08")


def test_a_foreign_folder_is_not_checked(made: Made, open_page: Open, tmp_path: Path) -> None:
    """A folder that is no package is told so, and nothing is claimed of it."""
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "holiday.jpg").write_bytes(b"x")
    page = open_page(made.path)
    page.set_input_files("#folder", tmp_path / "x")
    expect(page.locator("#wrong-folder")).to_be_visible()
    expect(page.locator("#result")).to_contain_text("Plików jeszcze nie sprawdzono")


HELD = """(name) => {
    const read = Blob.prototype.arrayBuffer;
    Blob.prototype.arrayBuffer = async function () {
        if (this.name === name) await new Promise((go) => { globalThis.letGo = go; });
        return read.call(this);
    };
    globalThis.readAtOnce = () => { Blob.prototype.arrayBuffer = read; };
}"""
"""Reads of a file of that name wait until they are let go."""
DRAINED = """async () => {
    letGo();
    for (let round = 0; round < 200; round += 1) await crypto.subtle.digest("SHA-512", new Uint8Array(1 << 16));
}"""
"""Lets the read go, and hashes more than the check that waits for it has left to do."""


def test_what_was_chosen_last_is_shown(made: Made, open_page: Open, tmp_path: Path) -> None:
    """A second folder is chosen while the first is still read: its result stands, whatever comes of the first, and the first is shown nowhere."""
    folder = Path(shutil.copytree(made.path, tmp_path / "K-2026-3"))
    (folder / "data/more.mp4").write_bytes(b"x")
    page = open_page(made.path)
    page.evaluate(HELD, "words.js")
    page.set_input_files("#folder", folder)
    until(lambda: page.evaluate("'letGo' in globalThis"))
    page.evaluate("readAtOnce()")
    choose(page, made.path)
    expect(page.locator("#result")).to_contain_text("Nienaruszona, pochodzenia nie wykazano")
    page.evaluate(DRAINED)
    expect(page.locator("#result")).to_contain_text("Nienaruszona, pochodzenia nie wykazano")
    expect(page.locator("#findings")).to_have_count(0)
    assert page.get_attribute("body", "data-checked") == "0"
    (tmp_path / "other").mkdir()
    (tmp_path / "other/holiday.jpg").write_bytes(b"x")
    page.evaluate(HELD, "words.js")
    page.set_input_files("#folder", folder)
    until(lambda: page.evaluate("document.querySelector('#progress').hidden === false"))
    page.set_input_files("#folder", tmp_path / "other")
    expect(page.locator("#wrong-folder")).to_be_visible()
    page.evaluate(DRAINED)
    expect(page.locator("#result")).to_contain_text("Plików jeszcze nie sprawdzono")
    expect(page.locator("video")).to_be_hidden()

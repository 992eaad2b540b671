"""A running office with one simulated camera, and Debian's Chromium."""

import contextlib
import http
import http.client
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.browser.office import HALL, PASSWORD
from tests.chromium import headless
from tests.forked import run_module
from tests.installation import COMMAND, HERE, Office, environment, made_once
from tests.ports import free_port
from tests.waiting import until


@dataclass(slots=True)
class Site:
    """The running office.

    Attributes:
        base: address of its pages.
        made: a copy of the office from before it was started.
        camera: the process of its one camera; tests that stop it start it again.
    """

    base: str
    made: Path
    camera_address: str
    camera: "subprocess.Popen[bytes]"

    def start_camera(self) -> None:
        """Start the camera anew."""
        self.camera = _camera(self.camera_address)


def _camera(address: str) -> "subprocess.Popen[bytes]":
    simulated = [sys.executable, "-m", "rejent.streams.cameras.simulated", "--listen", address]
    return subprocess.Popen(
        [*simulated, "--size", "480x270", "--rate", "12", "kamera-1"],
        env=environment(),
        stdout=subprocess.DEVNULL,
    )


def _answers(base: str) -> bool:
    connection = http.client.HTTPConnection(base.removeprefix("http://"), timeout=2)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    return False


_started: list[Site] = []
_launched: list[Browser] = []
_ending = contextlib.ExitStack()
_opened: dict[BrowserContext, str] = {}
"""The address of the viewing that was opened last in a window."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The office, made and started for the first module that asks for it."""
    if not _started:
        Finalize(None, pytest_sessionfinish, exitpriority=1)
        _started.append(_ending.enter_context(_recording(tmp_path_factory.mktemp("browser") / "office")))
    return _started[0]


class _Elsewhere:
    """Ends office and browser before a test of another folder: neither works beside the rest of the run."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Look where the test lies."""
        if item.path.parent != Path(__file__).parent:
            pytest_sessionfinish()


def pytest_configure(config: pytest.Config) -> None:
    """Look at the tests of all folders."""
    config.pluginmanager.register(_Elsewhere())


def pytest_sessionfinish() -> None:
    """End office and browser, also where the run is broken off or a fork of it ends."""
    _started.clear()
    _launched.clear()
    _ending.close()


@contextlib.contextmanager
def _recording(directory: Path) -> Iterator[Site]:
    camera_address = f"127.0.0.1:{free_port()}"
    made = made_once("browser", lambda making: run_module("tests.browser.office", making, env=environment()))
    shutil.copytree(made, directory)
    moved = Office(directory).run(
        "source change", "--name", HALL, "--url", f"rtsp://{camera_address}/kamera-1"
    )
    assert moved.status == 0, moved
    site = Site("", made, camera_address, _camera(camera_address))
    try:
        with serving(directory, "all") as site.base:
            yield site
    finally:
        site.camera.terminate()
        site.camera.wait()


@contextlib.contextmanager
def serving(directory: Path, role: str = "web") -> Iterator[str]:
    """Run an office, or its pages alone, until the end of the block, once it answers; the address of its pages."""
    base = f"http://127.0.0.1:{free_port()}"
    running = [*COMMAND, "run", str(directory), "--role", role, "--listen", base.removeprefix("http://")]
    log = directory.parent / "log"
    with log.open("wb") as told:
        program = subprocess.Popen(running, env=environment(), cwd=HERE, stdout=told, stderr=told)
        try:
            until(lambda: _answers(base) or program.poll() is not None)
            assert program.poll() is None, log.read_text(encoding="utf-8")
            yield base
        finally:
            program.terminate()
            program.wait()


@pytest.fixture(scope="module")
def chromium() -> Browser:
    """Debian's Chromium, started for the first module that asks for it."""
    if not _launched:
        Finalize(None, pytest_sessionfinish, exitpriority=1)
        _launched.append(_ending.enter_context(headless()))
    return _launched[0]


@dataclass(slots=True)
class Visit:
    """A browser window of somebody, and what it complained of."""

    page: Page
    complaints: list[str]


SignIn = Callable[..., Visit]


@pytest.fixture
def complaints() -> list[str]:
    """What the consoles of a test complained of; a test that provokes a refusal takes it out."""
    return []


_WINDOWS = pytest.StashKey[list[tuple[BrowserContext, Visit]]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say of a test that failed at which pages its windows stood."""
    report = yield
    if report.when == "call" and report.failed:
        for _, standing in item.stash.get(_WINDOWS, []):
            with contextlib.suppress(Error):
                words = standing.page.inner_text("body", timeout=5_000)[:1_500]
                report.sections.append((f"window at {standing.page.url}", words))
    return report


@pytest.fixture
def visit(
    request: pytest.FixtureRequest, site: Site, chromium: Browser, complaints: list[str]
) -> Iterator[SignIn]:
    """Opens a window of somebody of a role; at the end no console may have complained, no request have left the host."""
    opened: list[tuple[BrowserContext, Visit]] = []
    request.node.stash[_WINDOWS] = opened

    def open_window(
        role: str = "", *, theme: str = "light", language: str = "pl", width: int = 1280
    ) -> Visit:
        context = _window(chromium, site, theme=theme, language=language, width=width)
        page = _heard(context, site, complaints)
        if role:
            _sign_in(page, site, role)
        opened.append((context, Visit(page, complaints)))
        return opened[-1][1]

    yield open_window
    for context, _ in opened:
        context.close()
    assert complaints == []


def _window(
    chromium: Browser, site: Site, *, theme: str = "light", language: str = "pl", width: int = 1280
) -> BrowserContext:
    context = chromium.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    chosen = [("theme", theme), ("django_language", language)]
    context.add_cookies([{"name": name, "value": value, "url": site.base} for name, value in chosen])
    return context


def _heard(context: BrowserContext, site: Site, complaints: list[str]) -> Page:
    """Open a page whose console is heard, and whose requests elsewhere are noted."""
    page = context.new_page()
    page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: _note_stranger(site, complaints, asked.url))
    return page


def _sign_in(page: Page, site: Site, role: str) -> None:
    page.goto(f"{site.base}/account/login/")
    page.fill("[name=login]", role)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{site.base}/")


def _note_stranger(site: Site, complaints: list[str], url: str) -> None:
    if not url.startswith((site.base, f"blob:{site.base}", "data:")):
        complaints.append(f"asked elsewhere: {url}")


@pytest.fixture(scope="module")
def viewer_window(site: Site, chromium: Browser) -> Iterator[BrowserContext]:
    """A window in which the tests of a module share a viewing."""
    window = _window(chromium, site)
    yield window
    window.close()


@pytest.fixture
def player(viewer_window: BrowserContext, site: Site, complaints: list[str]) -> Iterator[Page]:
    """The player on yesterday 8:01:00 of the camera in the hall; the viewing is opened where no earlier test has left it open."""
    viewer_window.add_cookies([{"name": "django_language", "value": "pl", "url": site.base}])
    page = _heard(viewer_window, site, complaints)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(_opened.get(viewer_window, f"{site.base}/"))
    if not page.locator("#player").count():
        if "/account/login" in page.url:
            _sign_in(page, site, "viewer")
        _open_viewing(page, site)
        _opened[viewer_window] = page.url
    page.wait_for_selector("#player[data-shown]")
    yield page
    page.close()
    assert complaints == []


def _open_viewing(page: Page, site: Site) -> None:
    owe_nothing(page, site)
    page.goto(f"{site.base}/find")
    page.select_option("[name=source]", label="Hol na parterze")
    page.fill("[name=day]", "wczoraj")
    page.fill("[name=time]", "8:01")
    page.select_option("[name=purpose]", index=1)
    page.fill("[name=case]", "OR.1431.17.2026")
    page.check("[name=acknowledged]")
    page.press("[name=case]", "Enter")
    page.wait_for_url(re.compile("/viewings/"))


def unfold(page: Page) -> None:
    """Open every list that a page keeps behind a line, as of many lines of one kind."""
    page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")


def owe_nothing(page: Page, site: Site) -> None:
    """Finish the protocol of an earlier test's viewing, where one waits, as a person would."""
    page.goto(f"{site.base}/")
    waiting = page.locator(".side a[href$='/write']")
    if waiting.count():
        page.goto(f"{site.base}{waiting.first.get_attribute('href')}")
        if page.locator("form[action$='/end']").count():
            with page.expect_navigation():
                page.click("form[action$='/end'] button")
            expect(page.locator("form[action$='/end']")).to_have_count(0)
        expect(page.locator("textarea")).not_to_have_count(0)
        for area in page.locator("textarea").all():
            area.fill("Nic.")
        page.click("form.form button >> nth=0")
        page.click("[name=confirmed]")
        page.wait_for_selector("#written")


def resized(page: Page, width: int, height: int) -> None:
    """Give the page a size, and wait until what watches it has drawn anew: observers run between two frames."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("width => innerWidth === width", arg=width)
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

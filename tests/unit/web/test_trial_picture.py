"""Who adds a camera sees one small still of it before it records; the register of actions says so, and of a camera that is recorded there is none."""

import base64
import re
from collections.abc import Iterator
from datetime import date
from io import BytesIO

import av
import pytest
from django.test import Client

from rejent.catalog import queries as catalog
from rejent.catalog import services
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.registers import queries as registers
from rejent.streams.cameras.network.onvif.asking import with_login
from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from tests.cameras.farm import Served, clip, served
from tests.cameras.faults import Account, CameraBehaviour
from tests.cameras.onvif_stub import PASSWORD, USER, Behaviour, OnvifStub
from tests.cameras.test_motion_jpeg import jpeg
from tests.unit.web.conftest import Browser, NoBox, text_of

NEW = "/sources/new"


@pytest.fixture
def farm() -> Iterator[Served]:
    """Cameras that answer: one as it should, one that wants a login, and one that speaks something else."""
    cameras = {
        "hol": SimulatedCamera(clip()),
        "drzwi": SimulatedCamera(clip(), CameraBehaviour(account=Account(USER, PASSWORD))),
        "radio": SimulatedCamera(clip(), CameraBehaviour(greeting=b"HTTP/1.1 200 OK\r\n\r\n")),
    }
    with served(cameras) as farm:
        yield farm


def ask(client: Client, address: str, **more: str) -> str:
    """Press the button, with nothing filled in but the address; the page."""
    page = client.post(NEW, {"address": address, "transport": "tcp", "picture": "1", **more})
    assert page["Cache-Control"] == "no-store"
    return text_of(page)


def picture_in(page: str) -> tuple[int, int]:
    """Width and height of the picture that the page carries; nothing for none."""
    found = re.search(r'src="data:image/jpeg;base64,([^"]+)"', page)
    if found is None:
        return 0, 0
    with av.open(BytesIO(base64.b64decode(found[1]))) as container:
        frame = next(container.decode(video=0))
        return frame.width, frame.height


def shown() -> list[str]:
    """The cameras of which the register says that a trial picture was shown."""
    return [str(act.facts and act.facts["camera"]) for act in registers.entered(["source.trial-picture"])]


def test_one_small_still_stands_beside_the_form_and_in_the_register(browser: Browser, farm: Served) -> None:
    """The form keeps what was typed, nothing is added, and the act names who was shown which camera, without its path."""
    client, before = browser("administrator"), len(catalog.sources())
    page = ask(client, f"rtsp://127.0.0.1:{farm.farm.port}/hol", building="Ratusz", place="hol", kind="hall")
    assert picture_in(page) == (240, 136)
    assert 'value="Ratusz"' in page
    assert "Błąd:" not in page
    assert shown() == [f"127.0.0.1:{farm.farm.port}"]
    assert len(catalog.sources()) == before


def test_the_form_proposes_a_neutral_name(browser: Browser) -> None:
    """A word and a number, whether or not the places are secret."""
    assert f'value="{catalog.suggest_neutral_name("video")}"' in text_of(browser("administrator").get(NEW))


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("{farm}/drzwi", "Kamera odrzuca użytkownika lub hasło."),
        ("{farm}/radio", "nie zna RTSP"),
        ("rtsp://127.0.0.1:1/hol", "Nie ma połączenia z kamerą"),
        ("file:///etc/passwd", "Kadr próbny pochodzi tylko z kamery w sieci."),
        ("nonsense", "To nie jest adres źródła."),
    ],
)
def test_without_a_picture_one_line_says_why(browser: Browser, farm: Served, path: str, words: str) -> None:
    """Nothing is entered where nothing is shown, and no other field is found fault with."""
    address = path.format(farm=f"rtsp://{USER}:wrong@127.0.0.1:{farm.farm.port}")
    page = ask(browser("administrator"), address)
    assert words in page
    assert page.count('class="wrong"') == 1
    assert picture_in(page) == (0, 0)
    assert shown() == []


def test_a_recorded_camera_shows_no_trial_picture(browser: Browser, farm: Served, clock: ManualClock) -> None:
    """Whichever of its streams, ports or names is written: its picture opens by an authorisation. One that is added and not recorded has one."""
    added = services.add_source(
        stream="video",
        name="Schody",
        address="rtsp://127.0.0.1/other",
        building="Ratusz",
        place="schody",
        kind="stairs",
        clock=clock,
        actor="",
        credentials_box=NoBox(),
    )
    for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
        page = ask(browser("administrator"), f"rtsp://{host}:{farm.farm.port}/hol")
        assert "Spod tego adresu w sieci nagrywa już kamera „Schody”" in page
        assert picture_in(page) == (0, 0)
    assert farm.farm.cameras["hol"].requests == []
    assert shown() == []
    services.switch_source(added, on=False, clock=clock, actor="")
    page = ask(browser("administrator"), f"rtsp://127.0.0.1:{farm.farm.port}/hol")
    assert picture_in(page) == (240, 136), "added, but nothing of it was recorded or is about to be"


def test_a_place_that_is_never_covered_is_not_looked_at(browser: Browser, farm: Served) -> None:
    """The provision that forbids the place forbids the trial picture, too."""
    page = ask(browser("administrator"), f"rtsp://127.0.0.1:{farm.farm.port}/hol", kind="toilet")
    assert "art. 22² § 2" in page
    assert farm.farm.cameras["hol"].requests == []


@pytest.mark.parametrize("role", ["head", "iod", "viewer", "guard", "clerk"])
def test_who_adds_no_cameras_sees_none(browser: Browser, farm: Served, role: str) -> None:
    """An authorisation for recordings is none for trial pictures."""
    given = {"address": f"rtsp://127.0.0.1:{farm.farm.port}/hol", "transport": "tcp", "picture": "1"}
    assert browser(role).post(NEW, given).status_code == 403
    assert farm.farm.cameras["hol"].requests == []


def test_a_found_camera_gives_its_own_still(browser: Browser, farm: Served, clock: ManualClock) -> None:
    """By ONVIF where it has one, from its own host alone; else the first key picture of its stream."""
    address = with_login(f"rtsp://127.0.0.1:{farm.farm.port}/drzwi", USER, PASSWORD)
    own = jpeg()
    for still in (own, b"no picture", None):
        farm.farm.cameras["drzwi"].requests.clear()
        with OnvifStub(Behaviour(login="digest", now=clock.now(), still=still)) as stub:
            found = {"device": f"onvif://127.0.0.1:{stub.port}", "profile": "main"}
            page = ask(browser("administrator"), address, **found)
        assert picture_in(page) == ((240, 180) if still is own else (240, 136))
        assert bool(farm.farm.cameras["drzwi"].requests) is (still is not own)


def test_without_cameras_in_the_regulation_there_is_no_trial_picture(
    browser: Browser, farm: Served, clock: ManualClock
) -> None:
    """What may not be added is not looked at."""
    client = browser("administrator")
    office.activate_regulation(
        example("walbrzych-mops"), in_force_from=date(2026, 1, 1), clock=clock, actor=""
    )
    assert "Obowiązujący regulamin nie przewiduje kamer." in ask(
        client, f"rtsp://127.0.0.1:{farm.farm.port}/hol"
    )
    assert farm.farm.cameras["hol"].requests == []

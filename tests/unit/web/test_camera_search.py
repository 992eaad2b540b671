"""A camera is asked what it streams before it is added; its password goes to that camera alone."""

import re
from html import unescape

import pytest

from rejent.kernel.clock import ManualClock
from rejent.streams.cameras.network.onvif.asking import with_login
from tests.cameras.onvif_stub import PASSWORD, USER, Behaviour, OnvifStub
from tests.unit.web.conftest import Browser, text_of

SEARCH = "/sources/search"


def test_a_stream_of_a_camera_leads_to_the_form_that_adds_it(browser: Browser, clock: ManualClock) -> None:
    """What the camera says stands on the page; the form begins with the chosen stream and its login, and nothing is added yet."""
    administrator = browser("administrator")
    with OnvifStub(Behaviour(login="digest", now=clock.now())) as stub:
        device = {"device": f"127.0.0.1:{stub.port}", "user": USER, "ask": "1"}
        refused = administrator.post(SEARCH, device | {"password": "guess"})
        assert refused.status_code == 422
        page = administrator.post(SEARCH, device | {"password": PASSWORD})
    told = text_of(page)
    assert page.status_code == 200
    assert "Stub S-1" in told
    found = [unescape(one) for one in re.findall(r'name="found" value="([^"]*)"', page.content.decode())]
    assert found
    assert found[0] == with_login("rtsp://127.0.0.1/stream1", USER, PASSWORD)
    form = administrator.post("/sources/new", {"found": found[0]})
    assert form.status_code == 200
    assert form.context["form"]["address"].value() == found[0]
    assert form.context["form"].errors == {}


def test_no_password_goes_to_another_host(browser: Browser, clock: ManualClock) -> None:
    """A camera that names somebody else's stream gets neither user nor password into that address."""
    behaviour = Behaviour(login="digest", now=clock.now(), stream_uri="rtsp://192.0.2.99:554/elsewhere")
    with OnvifStub(behaviour) as stub:
        given = {"device": f"127.0.0.1:{stub.port}", "user": USER, "password": PASSWORD, "ask": "1"}
        page = browser("administrator").post(SEARCH, given)
    assert 'value="rtsp://192.0.2.99/elsewhere"' in page.content.decode()


@pytest.mark.parametrize("role", ["head", "iod", "clerk", "viewer"])
def test_who_adds_no_sources_searches_for_none(browser: Browser, role: str) -> None:
    """Nobody else lets the server ask machines in the network."""
    assert browser(role).get(SEARCH).status_code == 403
    assert browser(role).post(SEARCH, {"search": "1"}).status_code == 403


def test_a_found_camera_that_was_added_is_told_from_the_others(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who adds several after one another sees which are left, whatever path or port they were added with."""
    answers = [
        {"url": f"onvif://{host}/onvif/device_service", "name": host, "hardware": "S-1", "endpoint": ""}
        for host in ("192.0.2.7", "192.0.2.8")
    ]
    monkeypatch.setattr("rejent.streams.cameras.pages.search.find_devices", lambda _seconds: answers)
    page = text_of(browser("administrator").post(SEARCH, {"search": "1"}))
    first, second = page.split("onvif://192.0.2.8", 1)
    assert "już dodana: Hol na parterze" in first
    assert "już dodana" not in second

"""Places that the regulation keeps secret: neutral names for everybody, the place beside them for who may know it (R-VID-6)."""

from datetime import date

import pytest
from django.urls import reverse

from rejent.catalog import queries as catalog
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from tests.unit.web.conftest import Browser

_CAMERA = {
    "building": "Ratusz",
    "place": "szatnia",
    "kind": "hall",
    "address": "rtsp://192.0.2.9/1",
    "transport": "tcp",
    "fingerprint": "",
}


@pytest.fixture(autouse=True)
def _secret(people: dict[str, PersonView], clock: ManualClock) -> None:
    del people
    office.activate_regulation(example("elblag"), in_force_from=date(2026, 11, 1), clock=clock, actor="")


def test_the_form_suggests_a_neutral_name_and_takes_no_other(browser: Browser) -> None:
    """The refusal stands at the name, and says what to call it."""
    client, address = browser("administrator"), reverse("source-new")
    assert 'value="Kamera 1"' in client.get(address).content.decode()
    refused = client.post(address, {**_CAMERA, "name": "Szatnia"})
    assert "Nazwij je: Kamera 1." in refused.content.decode()
    assert 'href="#id_name"' in refused.content.decode()


def test_a_telling_name_is_said_and_changed(browser: Browser, source: str) -> None:
    """The page of a camera that was named before leads to the form; a number takes the name's place."""
    client, address = browser("administrator"), reverse("source-name", args=[source])
    page = client.get(reverse("source", args=[source])).content.decode()
    assert "Nazwa może zdradzać miejsce" in page
    assert address in page
    assert "Nazwij je: Kamera 1." in client.post(address, {"name": "Wejście"}).content.decode()
    assert client.post(address, {"name": "Kamera 1"}).status_code == 302
    assert catalog.source(source).name == "Kamera 1"
    assert "Nazwa może zdradzać miejsce" not in client.get(reverse("source", args=[source])).content.decode()


def test_the_place_stands_beside_the_name_for_who_may_know_it_alone(browser: Browser, source: str) -> None:
    """The list of cameras in a form of an overseer names places; the guard's wall and the viewer's form do not."""
    browser("administrator").post(reverse("source-name", args=[source]), {"name": "Kamera 1"})
    assert "Kamera 1 (Ratusz, hol)" in browser("administrator").get(reverse("fault-new")).content.decode()
    assert "Kamera 1 (Ratusz, hol)" in browser("head").get(reverse("authorisation-new")).content.decode()
    for role, page in (("viewer", "find"), ("guard", "start"), ("viewer", "start")):
        seen = browser(role).get(reverse(page)).content.decode()
        assert "Ratusz, hol" not in seen
        assert "Ratusz › hol" not in seen

"""The page of stations, and what those who want to see recordings read on a computer that is none of them."""

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import pkcs12
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from rejent.devices import queries as stations
from rejent.devices import services as devices
from rejent.devices.views import DeviceView
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.vault.keys.root_key import FileRoot
from tests.unit.web.conftest import Browser, text_of
from tests.unit.web.test_viewing_pages import _asked, _opened

DIGEST = "ab" * 32
HEADER = "x-station-certificate"
PROXY = "10.0.0.1"


@pytest.fixture
def listed(regulation: int, clock: ManualClock) -> int:  # noqa: ARG001 - a later version than that
    """A version of the regulation that lets recordings be opened at listed stations only."""
    text = example("pleszew").replace("live = []  ", 'live = ["guard", "viewer"]\nstations = "listed"  ', 1)
    return office.activate_regulation(text, in_force_from=date(2026, 1, 1), clock=clock, actor="")


@pytest.fixture
def station(clock: ManualClock, db: None) -> DeviceView:  # noqa: ARG001 - asked for its effect
    """A station of the list."""
    return devices.enrol_station(
        name="Kasa", place="parter", address="192.0.2.7", fingerprint=DIGEST,
        expires_at=clock.now() + timedelta(days=300), clock=clock, actor="",
    )  # fmt: skip


@pytest.fixture
def elsewhere(people: dict[str, PersonView], settings: Any) -> Callable[..., Client]:
    """A browser behind the office's proxy, which hands on the certificate it was shown."""
    settings.INSTALLATION = replace(
        settings.INSTALLATION, trusted_proxies=(PROXY,), station_header=HEADER, client_certificates=False
    )

    def signed_in(role: str, certificate: str = "") -> Client:
        shown = {HEADER: certificate} if certificate else {}
        client = Client(
            headers={"host": "localhost", "x-forwarded-for": "192.0.2.7", **shown}, REMOTE_ADDR=PROXY
        )
        client.force_login(get_user_model().objects.get(person_id=people[role].id))
        return client

    return signed_in


def test_an_empty_list_says_what_to_do(browser: Browser) -> None:
    """Nothing is enrolled: the page says what counts meanwhile, and to whom it falls how stations are enrolled."""
    told = text_of(browser("administrator").get(reverse("stations")))
    assert "Nie wpisano żadnego stanowiska" in told
    assert 'href="/stations/new"' in told
    assert 'href="/stations/new"' not in text_of(browser("iod").get(reverse("stations")))


def test_a_station_is_enrolled_in_the_pages(browser: Browser, settings: Any, tmp_path: Path) -> None:
    """The file opens with its passphrase alone and holds the certificate that the list names; nobody else enrols."""
    (tmp_path / "keys").mkdir()
    settings.INSTALLATION = replace(settings.INSTALLATION, directory=tmp_path)
    settings.VAULT = SimpleNamespace(root=FileRoot.kind)
    passphrase = "siedem zielonych lip"
    given = {
        "name": "Kasa 7",
        "place": "parter",
        "address": "10.0.0.7",
        "valid_days": "90",
        "passphrase": passphrase,
        "again": passphrase,
    }
    administrator = browser("administrator")
    for wrong in (
        {"again": "inne haslo pliku"},
        {"passphrase": "krotkie", "again": "krotkie"},
        {"address": "nigdzie"},
        {"valid_days": "0"},
    ):
        assert administrator.post("/stations/new", given | wrong).status_code == 422
    answer = administrator.post("/stations/new", given)
    assert answer.headers["Cache-Control"] == "no-store"
    found_file = re.search(
        r'href="data:application/x-pkcs12;base64,([^"]+)" download="stanowisko-\d+.p12"', text_of(answer)
    )
    assert found_file is not None
    bundle = base64.b64decode(found_file[1])
    key, certificate, _ = pkcs12.load_key_and_certificates(bundle, passphrase.encode())
    assert key is not None
    assert certificate is not None
    (found,) = [one for one in stations.stations() if one.name == "Kasa 7"]
    assert found.fingerprint == certificate.fingerprint(hashes.SHA256()).hex()
    with pytest.raises(ValueError, match="password"):
        pkcs12.load_key_and_certificates(bundle, b"another passphrase")
    assert administrator.post("/stations/new", given).status_code == 422
    assert browser("iod").post("/stations/new", given | {"name": "Kasa 8"}).status_code == 403


@pytest.mark.usefixtures("station", "listed")
def test_the_list_tells_each_station_and_this_computer(
    elsewhere: Callable[..., Client], clock: ManualClock
) -> None:
    """Name, place, address, end and state; struck off and ended ones say so."""
    other = devices.enrol_station(
        name="Stary komputer", place="", address="", fingerprint="cd" * 32, expires_at=clock.now() + timedelta(days=1),
        clock=clock, actor="",
    )  # fmt: skip
    clock.advance(timedelta(days=2))
    told = text_of(elsewhere("administrator", DIGEST).get(reverse("stations")))
    for words in (
        "Kasa",
        "parter",
        "192.0.2.7",
        "na liście",
        "certyfikat wygasł",
        "tylko na tych komputerach",
    ):
        assert words in told, words
    devices.revoke_device(other.id, reason="wymiana", clock=clock, actor="")
    assert "skreślone" in text_of(elsewhere("iod").get(reverse("stations")))


def test_who_may_strike_off_gives_a_reason(
    browser: Browser, station: DeviceView, people: dict[str, PersonView]
) -> None:
    """Head, data protection officer and administrator may; the secretary sees the list only; a reason is needed."""
    address = reverse("station-revoke", args=[station.id])
    assert address not in text_of(browser("secretary").get(reverse("stations")))
    assert browser("secretary").post(address, {"reason": "x"}).status_code == 403
    assert browser("administrator").post(address, {"reason": " "}).status_code == 422
    assert stations.device(station.id).revoked_at is None
    assert browser("iod").post(address, {"reason": "komputer zginął"}).status_code == 302
    assert stations.device(station.id).revoked_at is not None
    (entered,) = registers.acts(names=["device.revoked"]).acts
    assert entered.actor == str(people["iod"].id)
    assert "skreślono" in text_of(browser("head").get(address)).casefold()


@pytest.mark.usefixtures("listed")
def test_the_page_says_what_is_known_of_a_computer_that_was_struck_off(
    elsewhere: Callable[..., Client], station: DeviceView, clock: ManualClock
) -> None:
    """Whoever strikes off the computer that they are at is told before; afterwards its own page says what it is."""
    address = reverse("station-revoke", args=[station.id])
    words = "To komputer, przy którym siedzisz."
    assert words in text_of(elsewhere("administrator", DIGEST).get(address))
    assert words not in text_of(elsewhere("administrator").get(address))
    devices.revoke_device(station.id, reason="wymiana", clock=clock, actor="")
    assert "Ten komputer skreślono z listy." in text_of(elsewhere("iod", DIGEST).get(reverse("stations")))
    assert "Ten komputer skreślono z listy." not in text_of(elsewhere("iod").get(reverse("stations")))


def test_an_unknown_station_is_not_there(browser: Browser) -> None:
    """A number that nobody has is answered like any wrong address."""
    assert browser("head").get(reverse("station-revoke", args=[99])).status_code == 404


@pytest.mark.usefixtures("listed", "recording")
def test_a_listed_station_opens_a_recording_and_stands_on_the_picture(
    elsewhere: Callable[..., Client], station: DeviceView, source: str
) -> None:
    """The viewing opens, the register names the station, and the watermark says it."""
    client = elsewhere("viewer", DIGEST)
    told = text_of(client.get(_opened(client, source)))
    assert "· Kasa · OR.1431.17.2026" in told
    (entered,) = registers.acts(names=["viewing.opened"]).acts
    assert entered.facts is not None
    assert entered.facts["station"] == str(station.id)


@pytest.mark.usefixtures("station", "listed", "recording")
def test_from_no_station_the_page_says_why(elsewhere: Callable[..., Client], source: str) -> None:
    """Before the form is filled in, and for who sends it all the same, each with an entry: rule, who decides, what now."""
    client = elsewhere("viewer")
    refused = client.get(reverse("find"))
    assert refused.status_code == 403
    (asked,) = registers.entered(["access.refused"])
    assert asked.facts is not None
    assert (asked.facts["page"], asked.facts["rule"]) == ("/find", "station-not-listed")
    sent = client.post(reverse("find"), _asked(source))
    assert sent.status_code == 403
    for page in (refused, sent):
        told = text_of(page)
        for words in (
            "tylko na stanowiskach z listy",
            "Kto decyduje",
            "Administrator",
            "Co dalej",
            "certyfikat",
        ):
            assert words in told, words
    (sending,) = (act for act in registers.entered(["access.refused"]) if act.index != asked.index)
    assert sending.facts is not None
    assert (sending.facts["source"], sending.facts["rule"]) == (source, "station-not-listed")
    assert "nie wymienia tej roli" in text_of(elsewhere("head").get(reverse("find")))


@pytest.mark.usefixtures("listed", "recording")
def test_a_station_struck_off_ends_the_viewing_at_the_next_piece(
    elsewhere: Callable[..., Client], station: DeviceView, source: str, clock: ManualClock
) -> None:
    """The player's next question is answered with the reason, in words for its reader."""
    client = elsewhere("viewer", DIGEST)
    base = _opened(client, source).split("?")[0]
    assert client.get(f"{base}/index.json").status_code == 200
    devices.revoke_device(station.id, reason="wymiana", clock=clock, actor="")
    for address in (f"{base}/index.json", f"{base}/still?t=39630"):
        refused = client.get(address, headers={"accept": "application/json"})
        assert refused.status_code == 403
        assert "stanowiskach" in refused.json()["error"]
        assert "skreślono" in refused.json()["now"]


@pytest.mark.usefixtures("station", "listed")
def test_a_page_on_a_certificate_that_is_not_asked_for_says_so(browser: Browser) -> None:
    """Where the regulation lists stations and nothing asks for certificates, the page says so at its top."""
    told = text_of(browser("administrator").get(reverse("stations")))
    assert "nie pyta przeglądarek o certyfikaty" in told

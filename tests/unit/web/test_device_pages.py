"""Pages of devices: the list, since when each is silent, the one-time code, striking off."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from rejent.devices import queries, services
from rejent.devices.authority import DeviceAuthority
from rejent.devices.codes import OneTimeCode, is_proven
from rejent.devices.gateway import records
from rejent.devices.gateway.chain import Claim, Joint
from rejent.devices.models import Device
from rejent.devices.views import RIGHTS, DeviceView, Kind
from rejent.kernel.clock import ManualClock
from rejent.office.gateway_address import GatewayAddress
from rejent.registers import queries as registers
from tests.unit.web.conftest import Browser, text_of

GIVEN = {
    "kind": "agent",
    "name": "Komputer 7",
    "place": "pokój 3",
    "address": "",
    "may": ["record", "report"],
}


@pytest.fixture
def authority(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> DeviceAuthority:
    """The office's authority, in a folder of its own."""
    made = DeviceAuthority.open_or_found(tmp_path, "ab" * 16, clock.now())
    monkeypatch.setattr(services, "office_authority", lambda _clock: made)
    return made


@pytest.fixture
def device(authority: DeviceAuthority, clock: ManualClock, db: None) -> DeviceView:  # noqa: ARG001 - asked for its effect
    """An agent whose code was not used."""
    made, _ = services.admit_device(
        kind=Kind.AGENT, name="Kasa 3", place="", address="", may=RIGHTS[Kind.AGENT], authority=authority, clock=clock,
        actor="",
    )  # fmt: skip
    return made


def test_a_device_is_given_its_code_once(browser: Browser, authority: DeviceAuthority, settings: Any) -> None:
    """The page shows code and address; the list keeps what the code proves, and nobody else enrols."""
    settings.INSTALLATION = replace(
        settings.INSTALLATION, gateway=GatewayAddress("10.0.0.5", 8443, ("rejent.example",))
    )
    administrator = browser("administrator")
    for wrong in (
        {"kind": "station"},
        {"kind": ""},
        {"name": ""},
        {"may": ["show"]},
        {"may": []},
        {"address": "x"},
    ):
        assert administrator.post("/devices/new", GIVEN | wrong).status_code == 422
    told = text_of(administrator.post("/devices/new", GIVEN))
    found = re.search(r"<code>((?:[A-Z2-7]{4}-){7}[A-Z2-7]{4})</code>", told)
    assert found is not None
    assert "rejent.example:8443" in told
    code, row = OneTimeCode.read(found[1]), Device.objects.get()
    assert is_proven(row.code, b"request", code.prove(b"request"))
    assert code.authority == OneTimeCode.make(authority.certificate_der).authority
    assert found[1] not in text_of(administrator.get(reverse("devices")))
    assert administrator.post("/devices/new", GIVEN).status_code == 422
    assert browser("iod").post("/devices/new", GIVEN | {"name": "X"}).status_code == 403


def test_the_list_says_since_when_a_device_is_silent(
    browser: Browser, device: DeviceView, clock: ManualClock
) -> None:
    """Code, first sign, silence, end: each by its word; what does not join is listed."""
    page = browser("administrator")

    def shown() -> str:
        return text_of(page.get(reverse("devices")))

    assert "kod jeszcze nieużyty" in shown()
    assert "Urządzenia nie mają jak połączyć się z urzędem" in shown()
    clock.advance(services.CODE_LASTS)
    assert "kod wygasł" in shown()
    clock.advance(-services.CODE_LASTS)
    services.sign_requests(clock=clock)
    row = Device.objects.get()
    row.fingerprint = "ab" * 32
    Device.objects.filter(pk=row.pk).update(fingerprint=row.fingerprint)
    assert "jeszcze się nie odezwało" in shown()
    records.note_seen(device.id, version="2.1", software="", offset_s=-90.0, clock=clock)
    records.note_fact(device.id, Joint.FORK, Claim("notes", "ab" * 16, 7, "0" * 64, "cd" * 32), clock)
    told = shown()
    for each in ("odzywa się", "2.1", "dwie kopie klucza albo dawny stan urządzenia", "paczka 7"):
        assert each in told
    clock.advance(timedelta(minutes=16))
    Device.objects.update(expires_at=clock.now() + timedelta(days=1))
    assert "milczy" in shown()


def test_a_device_is_struck_off_for_a_reason(browser: Browser, device: DeviceView) -> None:
    """Whoever may strike stations off may do so; the reason stands in the ledger."""
    assert browser("guard").get(f"/devices/{device.id}/revoke").status_code == 403
    iod = browser("iod")
    assert iod.post(f"/devices/{device.id}/revoke", {"reason": ""}).status_code == 422
    assert iod.post(f"/devices/{device.id}/revoke", {"reason": "skradziony"}).status_code == 302
    assert queries.device(device.id).revoked_at is not None
    (entered,) = registers.acts(names=["device.revoked"]).acts
    assert entered.facts == {"device": str(device.id), "reason": "skradziony"}
    assert "skreślon" in text_of(iod.get(reverse("devices")))

"""The list of stations: enrolled, known by their certificates, struck off, held against the ledger."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from rejent.devices import checks
from rejent.devices import queries as stations
from rejent.devices import services as devices
from rejent.devices.errors import DeviceListedError, DeviceRefusedError, NoSuchDeviceError
from rejent.devices.models import Device
from rejent.devices.views import MACHINE, THE_MACHINE, UNLISTED, DeviceView, Lack
from rejent.kernel.clock import ManualClock
from rejent.registers import queries as registers
from tests.unit.devices.conftest import NOON

YEAR = timedelta(days=365)
DIGEST = "ab" * 32

Enrol = Callable[..., DeviceView]


@pytest.fixture
def enrol(db: None, clock: ManualClock) -> Enrol:  # noqa: ARG001 - asked for its effect
    """Enrols stations."""

    def station(name: str = "Kasa", fingerprint: str = DIGEST, **changed: object) -> DeviceView:
        given: dict[str, object] = {
            "place": "parter, pokój 3",
            "address": "",
            "expires_at": clock.now() + YEAR,
        }
        return devices.enrol_station(
            name=name,
            fingerprint=fingerprint,
            clock=clock,
            actor="cli",
            **{**given, **changed},  # type: ignore[arg-type]  # each value has its parameter's type
        )

    return station


def test_a_station_is_known_by_its_certificate(enrol: Enrol, clock: ManualClock) -> None:
    """Its digest opens, another one and none do not; the ledger tells of number, digest and end, never of names."""
    enrolled = enrol(address="10.0.0.0/24")
    found = stations.client_station(DIGEST, "10.0.0.7", clock=clock)
    assert (found.station, found.name, found.listed) == (str(enrolled.id), "Kasa", True)
    for strange in ("", "cd" * 32, DIGEST.upper()):
        assert stations.client_station(strange, "10.0.0.7", clock=clock) == UNLISTED
    (entered,) = registers.acts(names=["device.enrolled"]).acts
    assert entered.facts == {
        "device": str(enrolled.id),
        "kind": "station",
        "certificate": DIGEST,
        "address": "10.0.0.0/24",
        "until": (clock.now() + YEAR).isoformat(),
    }
    assert entered.subject == f"device:{enrolled.id}"


@pytest.mark.parametrize(
    ("listed_at", "address", "lack"),
    [
        ("", "192.0.2.1", None),
        ("10.0.0.7", "10.0.0.7", None),
        ("10.0.0.7", "10.0.0.8", Lack.ELSEWHERE),
        ("10.0.0.0/24", "10.0.1.1", Lack.ELSEWHERE),
        ("2001:db8::/64", "2001:db8::5", None),
        ("2001:db8::/64", "10.0.0.7", Lack.ELSEWHERE),
        ("10.0.0.7", "unknown", Lack.ELSEWHERE),
    ],
)
def test_a_station_with_an_address_is_known_there_only(
    enrol: Enrol, clock: ManualClock, listed_at: str, address: str, lack: Lack | None
) -> None:
    """The certificate shown from anywhere else does not count."""
    enrol(address=listed_at)
    assert stations.client_station(DIGEST, address, clock=clock).lack is lack


def test_a_certificate_ends_on_its_second(enrol: Enrol, clock: ManualClock) -> None:
    """Up to its end it counts, from then on not, by the office's clock."""
    enrolled = enrol()
    clock.advance(YEAR - timedelta(seconds=1))
    assert stations.client_station(DIGEST, "", clock=clock).listed
    clock.advance(timedelta(seconds=1))
    assert stations.client_station(DIGEST, "", clock=clock).lack is Lack.EXPIRED
    assert stations.still_listed(str(enrolled.id), clock=clock).lack is Lack.EXPIRED


def test_a_struck_off_station_stays_struck_off(enrol: Enrol, clock: ManualClock) -> None:
    """It is entered once with its reason; a clock set back does not bring it back, a new one may have its name."""
    first = enrol()
    clock.advance(timedelta(hours=1))
    struck = devices.revoke_device(first.id, reason=" komputer wymieniono ", clock=clock, actor="cli")
    clock.advance(timedelta(hours=1))
    assert devices.revoke_device(first.id, reason="znowu", clock=clock, actor="cli") == struck
    (entered,) = registers.acts(names=["device.revoked"]).acts
    assert entered.facts == {"device": str(first.id), "reason": "komputer wymieniono"}
    earlier = ManualClock(clock.now() - timedelta(hours=2))
    for at in (clock, earlier):
        assert stations.client_station(DIGEST, "", clock=at).lack is Lack.REVOKED
        assert stations.still_listed(str(first.id), clock=at).lack is Lack.REVOKED
    second = enrol(fingerprint="cd" * 32)
    assert stations.device_called("Kasa").id == second.id
    assert [one.id for one in stations.stations()] == [second.id, first.id]


def test_the_machine_needs_no_row() -> None:
    """What was opened on the machine itself goes on there; what was opened nowhere goes on nowhere."""
    clock = ManualClock(NOON)
    assert stations.still_listed(MACHINE, clock=clock) == THE_MACHINE
    assert stations.still_listed("", clock=clock) == UNLISTED


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "  "},
        {"name": "x" * 65},
        {"name": "Kasa\u202e"},
        {"place": "x" * 121},
        {"address": "10.0.0.7/24"},
        {"address": "station.example"},
    ],
)
def test_a_station_that_cannot_be_is_refused(enrol: Enrol, changed: dict[str, str]) -> None:
    """Nothing is listed and nothing entered of a name or an address that cannot be taken."""
    with pytest.raises(DeviceRefusedError):
        enrol(**changed)
    assert stations.stations() == []
    assert registers.acts(names=["device.enrolled"]).acts == []


def test_a_name_is_listed_once(enrol: Enrol) -> None:
    """A second computer of the same name is a conflict while the first is on the list."""
    enrol()
    with pytest.raises(DeviceListedError):
        enrol(fingerprint="cd" * 32)


@pytest.mark.django_db
@pytest.mark.parametrize("called", ["Kasa", "0", "17", "-1", "9" * 40, "²"])
def test_an_unknown_station_is_said(called: str) -> None:
    """Neither a name nor a number that is none finds anything."""
    with pytest.raises(NoSuchDeviceError):
        stations.device_called(called)


def test_striking_off_needs_a_reason_and_a_station(enrol: Enrol, clock: ManualClock) -> None:
    """Without either nothing changes."""
    enrolled = enrol()
    for reason in ("", "  ", "x" * 2001):
        with pytest.raises(DeviceRefusedError):
            devices.revoke_device(enrolled.id, reason=reason, clock=clock, actor="cli")
    with pytest.raises(NoSuchDeviceError):
        devices.revoke_device(enrolled.id + 1, reason="wymiana", clock=clock, actor="cli")
    assert stations.device(enrolled.id).revoked_at is None


def test_the_list_is_held_against_the_ledger(enrol: Enrol, clock: ManualClock) -> None:
    """A station that came back, moved, or was given another certificate in the database alone is found."""
    kept, gone = enrol(address="10.0.0.7"), enrol("Sekretariat", "cd" * 32)
    devices.revoke_device(gone.id, reason="wymiana", clock=clock, actor="cli")
    assert list(checks.findings()) == []
    Device.objects.filter(pk=gone.id).update(revoked_at=None)
    Device.objects.filter(pk=kept.id).update(
        address="", fingerprint="ef" * 32, expires_at=clock.now() + 2 * YEAR
    )
    Device.objects.create(
        name="Obcy", fingerprint="12" * 32, enrolled_at=clock.now(), expires_at=clock.now() + YEAR
    )
    assert sorted(one.code for one in checks.findings()) == [
        "devices.differs-from-ledger",
        "devices.differs-from-ledger",
        "devices.not-in-ledger",
    ]


def test_a_station_put_in_by_hand_lets_nobody_in(enrol: Enrol, clock: ManualClock) -> None:
    """Neither one that was planted, nor one whose certificate was made to last, nor one that came back."""
    kept = enrol()
    (row,) = Device.objects.all()
    assert stations.client_station(row.fingerprint, "", clock=clock).listed
    Device.objects.update(expires_at=clock.now() + 9 * YEAR)
    assert stations.client_station(row.fingerprint, "", clock=clock) == UNLISTED
    assert stations.still_listed(str(kept.id), clock=clock) == UNLISTED
    Device.objects.update(expires_at=row.expires_at)
    devices.revoke_device(kept.id, reason="wymiana", clock=clock, actor="cli")
    Device.objects.update(revoked_at=None)
    assert stations.client_station(row.fingerprint, "", clock=clock) == UNLISTED
    Device.objects.create(
        name="Obcy", fingerprint="12" * 32, enrolled_at=clock.now(), expires_at=clock.now() + YEAR
    )
    assert stations.client_station("12" * 32, "", clock=clock) == UNLISTED

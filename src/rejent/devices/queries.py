"""The list of devices: what is known of them, and whether a request comes from one (R-ACC-2)."""

from collections.abc import Mapping

from django.db.models import F

from rejent.devices.errors import NoSuchDeviceError
from rejent.devices.models import ChainFact, Device, DeviceState
from rejent.devices.views import (
    MACHINE,
    THE_MACHINE,
    UNLISTED,
    ChainFactView,
    ClientStation,
    DeviceView,
    Kind,
    StateView,
)
from rejent.kernel.clock import Clock
from rejent.kernel.numbers import LARGEST_ID, read_number
from rejent.kernel.views import view_of
from rejent.registers.guard.rows import found_by_database, matching


def devices() -> list[DeviceView]:
    """Return every device: those of the list by name, then those that were struck off, the last one first."""
    rows = Device.objects.order_by(F("revoked_at").desc(nulls_first=True), "name")
    return [view_of(DeviceView, row) for row in rows]


def stations() -> list[DeviceView]:
    """Return the devices that are stations, in the order of `devices`."""
    return [one for one in devices() if one.kind == Kind.STATION]


def device(device_id: int) -> DeviceView:
    """Return a device by its identifier, also one that was struck off. Raises `NoSuchDeviceError` if there is none."""
    row = Device.objects.filter(pk=device_id).first()
    if row is None:
        raise NoSuchDeviceError("There is no such device.", advice="They stand on the page Devices.")
    return view_of(DeviceView, row)


def device_called(name_or_id: str) -> DeviceView:
    """Return a device by its name, if it is on the list, else by its identifier. Raises NoSuchDeviceError."""
    row = Device.objects.filter(name=name_or_id, revoked_at__isnull=True).first()
    if row is not None:
        return view_of(DeviceView, row)
    return device(read_number(name_or_id, most=LARGEST_ID) or 0)


def device_shown(fingerprint: str) -> DeviceView | None:
    """Return the device of a certificate or key by its digest, as the ledger says it is; nothing where there is none."""
    found = matching(Device.objects.filter(fingerprint=fingerprint)) if fingerprint else ()
    return next((view_of(DeviceView, row) for row in found), None)


def client_station(fingerprint: str, address: str, *, clock: Clock) -> ClientStation:
    """Return the station of a request, by the digest of its certificate and its address.

    ``fingerprint`` is the SHA-256 of the certificate's DER in lower hexadecimal digits; empty if none was shown.
    """
    found = device_shown(fingerprint)
    if found is None or found.kind != Kind.STATION:
        return UNLISTED
    return found.client_station(address, clock.now())


def still_listed(identifier: str, *, clock: Clock) -> ClientStation:
    """Return the station that something was begun at, as it stands now; where its certificate is shown from is not asked."""
    if identifier == MACHINE:
        return THE_MACHINE
    number = read_number(identifier, most=LARGEST_ID)
    for row in matching(Device.objects.filter(pk=number)) if number is not None else ():
        lack = view_of(DeviceView, row).lack(clock.now())
        return ClientStation(lack=lack) if lack else ClientStation(identifier, row.name, None)
    return UNLISTED


def states() -> Mapping[int, StateView]:
    """Return what each device last said of itself, by its identifier; those that never spoke are left out."""
    return {row.device_id: view_of(StateView, row) for row in DeviceState.objects.all()}


def chain_facts(device_id: int | None = None) -> list[ChainFactView]:
    """Return the holes, forks and replays of one device or of all, the last one first."""
    rows = ChainFact.objects.order_by("-at", "-pk")
    if device_id is not None:
        rows = rows.filter(device_id=device_id)
    return [view_of(ChainFactView, row) for row in found_by_database(rows)]

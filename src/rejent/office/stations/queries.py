"""The list of stations: what is known of them, and whether a request comes from one (R-ACC-2)."""

from django.db.models import F

from rejent.kernel.clock import Clock
from rejent.kernel.numbers import LARGEST_ID, read_number
from rejent.kernel.views import view_of
from rejent.office.errors import NoSuchStationError
from rejent.office.models import Station
from rejent.office.views import MACHINE, THE_MACHINE, UNLISTED, ClientStation, StationView
from rejent.registers.guard.rows import matching


def stations() -> list[StationView]:
    """Return every station: those of the list by name, then those that were struck off, the last one first."""
    rows = Station.objects.order_by(F("revoked_at").desc(nulls_first=True), "name")
    return [view_of(StationView, row) for row in rows]


def station(station_id: int) -> StationView:
    """Return a station by its identifier, also one that was struck off. Raises `NoSuchStationError` if there is none."""
    row = Station.objects.filter(pk=station_id).first()
    if row is None:
        raise NoSuchStationError("There is no such station.", advice="They stand on the page Stations.")
    return view_of(StationView, row)


def station_called(name_or_id: str) -> StationView:
    """Return a station by its name, if it is on the list, else by its identifier. Raises NoSuchStationError."""
    row = Station.objects.filter(name=name_or_id, revoked_at__isnull=True).first()
    if row is not None:
        return view_of(StationView, row)
    return station(read_number(name_or_id, most=LARGEST_ID) or 0)


def client_station(fingerprint: str, address: str, *, clock: Clock) -> ClientStation:
    """Return the station of a request, by the digest of its certificate and its address.

    ``fingerprint`` is the SHA-256 of the certificate's DER in lower hexadecimal digits; empty if none was shown.
    """
    for row in matching(Station.objects.filter(fingerprint=fingerprint)) if fingerprint else ():
        return view_of(StationView, row).client_station(address, clock.now())
    return UNLISTED


def still_listed(identifier: str, *, clock: Clock) -> ClientStation:
    """Return the station that something was begun at, as it stands now; where its certificate is shown from is not asked."""
    if identifier == MACHINE:
        return THE_MACHINE
    number = read_number(identifier, most=LARGEST_ID)
    for row in matching(Station.objects.filter(pk=number)) if number is not None else ():
        lack = view_of(StationView, row).lack(clock.now())
        return ClientStation(lack=lack) if lack else ClientStation(identifier, row.name, None)
    return UNLISTED

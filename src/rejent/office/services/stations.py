"""Enrolling stations and striking them off; a struck one stays in the list with the day."""

from datetime import datetime
from ipaddress import ip_network

from django.db import transaction

from rejent.kernel.clock import Clock
from rejent.kernel.plain_text import is_plain
from rejent.kernel.views import view_of
from rejent.office.acts import STATION_ENROLLED, STATION_REVOKED
from rejent.office.errors import NoSuchStationError, StationListedError, StationRefusedError
from rejent.office.models import Station
from rejent.office.stations import queries as stations
from rejent.office.views import StationView
from rejent.registers.guard.rows import verified
from rejent.registers.services import enter

LONGEST_NAME = 64
"""Signs; a certificate's common name has no more (RFC 5280, ub-common-name)."""
_LONGEST_PLACE = 120
_LONGEST_REASON = 2000


def enrol_station(
    *,
    name: str,
    place: str,
    address: str,
    fingerprint: str,
    expires_at: datetime,
    clock: Clock,
    actor: str,
) -> StationView:
    """Put a computer on the list by the certificate it was given. Raises StationRefusedError, StationListedError."""
    called, where = station_name(name), _plain(place, _LONGEST_PLACE)
    network = station_address(address)
    with transaction.atomic():
        if Station.objects.filter(name=called, revoked_at__isnull=True).exists():
            raise StationListedError(
                "There is a station of this name on the list already.",
                advice="Strike that one off first, or choose another name.",
            )
        row = Station.objects.create(
            name=called,
            place=where,
            address=network,
            fingerprint=fingerprint,
            enrolled_at=clock.now(),
            expires_at=expires_at,
        )
        record = {
            "station": str(row.pk),
            "certificate": fingerprint,
            "address": network or None,
            "until": expires_at.isoformat(),
        }
        subject = f"station:{row.pk}"
        enter(STATION_ENROLLED, actor=actor, subject=subject, record=record, at=clock.now(), row=row)
    return view_of(StationView, row)


def revoke_station(station_id: int, *, reason: str, clock: Clock, actor: str) -> StationView:
    """Strike a station off at once; one that was struck off stays as it was. Raises NoSuchStationError, StationRefusedError."""
    why = reason.strip()
    if not why or len(why) > _LONGEST_REASON:
        raise StationRefusedError(
            "A station is struck off for a reason of at most {longest} characters.", longest=_LONGEST_REASON
        )
    with transaction.atomic():
        row = Station.objects.select_for_update(no_key=True).filter(pk=station_id).first()
        if row is None:
            raise NoSuchStationError("There is no such station.", advice="They stand on the page Stations.")
        if row.revoked_at is None:
            row = verified(row)
            row.revoked_at = clock.now()
            row.save(update_fields=["revoked_at"])
            record, subject = {"station": str(row.pk), "reason": why}, f"station:{row.pk}"
            enter(STATION_REVOKED, actor=actor, subject=subject, record=record, at=clock.now(), row=row)
    return stations.station(station_id)


def station_name(name: str) -> str:
    """Return a station's name as it is kept. Raises StationRefusedError."""
    called = _plain(name, LONGEST_NAME)
    if not called:
        raise StationRefusedError("A station needs a name.")
    return called


def station_address(written: str) -> str:
    """Return an address or a network as it is kept; empty where a station may be anywhere. Raises StationRefusedError."""
    if not written.strip():
        return ""
    try:
        network = ip_network(written.strip())
    except ValueError:
        raise StationRefusedError(
            "{address} is no address and no network.",
            address=written.strip(),
            advice="Write it as 10.0.0.7 or 10.0.0.0/24.",
        ) from None
    alone = network.prefixlen == network.max_prefixlen
    return str(network.network_address) if alone else str(network)


def _plain(written: str, longest: int) -> str:
    text = written.strip()
    if len(text) > longest:
        raise StationRefusedError(
            "A station's name or place has at most {longest} characters.", longest=longest
        )
    if not is_plain(text):
        raise StationRefusedError("A name may hold no invisible characters.", advice="Type it anew.")
    return text

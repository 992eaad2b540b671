"""Enrolling devices and striking them off; a struck one stays in the list with the day."""

from collections.abc import Collection
from datetime import datetime, timedelta
from ipaddress import ip_network

from django.conf import settings
from django.db import transaction

from rejent.devices import queries
from rejent.devices.acts import DEVICE_ADMITTED, DEVICE_ENROLLED, DEVICE_RENEWED, DEVICE_REVOKED
from rejent.devices.authority import DeviceAuthority, key_digest, requested_key
from rejent.devices.codes import OneTimeCode, is_proven
from rejent.devices.errors import DeviceListedError, DeviceRefusedError, NoSuchDeviceError
from rejent.devices.models import CertificateRequest, Device
from rejent.devices.views import RIGHTS, DeviceView, Kind, Right
from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock
from rejent.kernel.plain_text import is_plain
from rejent.kernel.views import view_of
from rejent.registers.guard.rows import matching, verified
from rejent.registers.services import enter

LONGEST_NAME = 64
"""Signs; a certificate's common name has no more (RFC 5280, ub-common-name)."""
_LONGEST_PLACE = 120
_LONGEST_REASON = 2000
CODE_LASTS = timedelta(minutes=10)
CERTIFICATE_LASTS = timedelta(days=30)
"""A device renews when a third is left, so that one that is off for three weeks still can; after that it is enrolled anew."""
ANSWER_KEPT = timedelta(hours=1)
"""For which an answered request stays, so that a device that was killed while it waited is given the same certificate."""


def enrol_station(
    *,
    name: str,
    place: str,
    address: str,
    fingerprint: str,
    expires_at: datetime,
    clock: Clock,
    actor: str,
) -> DeviceView:
    """Put a computer on the list by the certificate it was given. Raises DeviceRefusedError, DeviceListedError."""
    with transaction.atomic():
        row = _create(
            Kind.STATION, name, place, address, clock, fingerprint=fingerprint, expires_at=expires_at
        )
        _enter(DEVICE_ENROLLED, row, clock, actor)
    return view_of(DeviceView, row)


def admit_device(
    *,
    kind: Kind,
    name: str,
    place: str,
    address: str,
    may: Collection[Right],
    authority: DeviceAuthority,
    clock: Clock,
    actor: str,
) -> tuple[DeviceView, OneTimeCode]:
    """Put a device on the list that will make its key itself; return it with its code, which is kept nowhere.

    Raises DeviceRefusedError: it is a station, or would do more than its kind; DeviceListedError.
    """
    if kind is Kind.STATION or not may or not RIGHTS[kind].issuperset(may):
        raise DeviceRefusedError("A device of the kind {kind} cannot be let do this.", kind=kind.value)
    code = OneTimeCode.make(authority.certificate_der)
    with transaction.atomic():
        row = _create(
            kind,
            name,
            place,
            address,
            clock,
            may=" ".join(sorted(may)),
            code=code.public,
            expires_at=clock.now() + CODE_LASTS,
        )
        _enter(DEVICE_ADMITTED, row, clock, actor)
    return view_of(DeviceView, row), code


def revoke_device(device_id: int, *, reason: str, clock: Clock, actor: str) -> DeviceView:
    """Strike a device off at once; one that was struck off stays as it was. Raises NoSuchDeviceError, DeviceRefusedError."""
    why = reason.strip()
    if not why or len(why) > _LONGEST_REASON:
        raise DeviceRefusedError(
            "A device is struck off for a reason of at most {longest} characters.", longest=_LONGEST_REASON
        )
    with transaction.atomic():
        row = Device.objects.select_for_update(no_key=True).filter(pk=device_id).first()
        if row is None:
            raise NoSuchDeviceError("There is no such device.", advice="They stand on the page Devices.")
        if row.revoked_at is None:
            row = verified(row)
            row.revoked_at = clock.now()
            row.save(update_fields=["revoked_at"])
            record, subject = {"device": str(row.pk), "reason": why}, f"device:{row.pk}"
            enter(DEVICE_REVOKED, actor=actor, subject=subject, record=record, at=clock.now(), row=row)
    return queries.device(device_id)


def office_authority(clock: Clock) -> DeviceAuthority:
    """Return the authority of this installation, made when first needed.

    Raises KeyStoreError: the folder of keys is empty (its disk is missing or lost); AuthorityError: it is unusable.
    """
    _raises_without_a_key_store = settings.VAULT.root
    return DeviceAuthority.open_or_found(settings.INSTALLATION.keys, settings.INSTALLATION.id, clock.now())


def sign_requests(*, clock: Clock) -> int:
    """Answer every request for a certificate that waits, and forget those answered long ago; return how many were answered.

    What a request says is held against the list here, for the gateway that wrote it may be somebody else's by now.
    """
    CertificateRequest.objects.filter(asked_at__lt=clock.now() - ANSWER_KEPT).delete()
    waiting = list(
        CertificateRequest.objects.filter(certificate="", refused=False).values_list("pk", flat=True)
    )
    if not waiting:
        return 0
    authority = office_authority(clock)
    for pk in waiting:
        with transaction.atomic():
            _answer(CertificateRequest.objects.select_for_update(no_key=True).get(pk=pk), authority, clock)
    return len(waiting)


def _answer(asked: CertificateRequest, authority: DeviceAuthority, clock: Clock) -> None:
    """Sign for a listed device: a code is used once, within its time; a key that is listed is prolonged."""
    csr = bytes(asked.csr)
    rows = matching(Device.objects.select_for_update(no_key=True).filter(pk=asked.device_id))
    act = act_of_request(view_of(DeviceView, rows[0]), csr, bytes(asked.proof), clock) if rows else None
    if act is None:
        asked.refused = True
        asked.save(update_fields=["refused"])
        return
    (row,), key = rows, requested_key(csr)
    row.fingerprint, row.code = key_digest(key), ""
    row.expires_at = (clock.now() + CERTIFICATE_LASTS).replace(microsecond=0)
    row.save(update_fields=["fingerprint", "code", "expires_at"])
    asked.certificate = authority.sign(row.name, key, now=clock.now(), until=row.expires_at)
    asked.save(update_fields=["certificate"])
    _enter(act, row, clock, "")


def act_of_request(found: DeviceView, csr: bytes, proof: bytes, clock: Clock) -> Act | None:
    """Return what signing a request would be: the use of a device's code, or the renewal of its key; nothing where it is neither."""
    if found.kind == Kind.STATION or found.lack(clock.now()) is not None:
        return None
    try:
        digest = key_digest(requested_key(csr))
    except DeviceRefusedError:
        return None
    if found.is_enrolled:
        return DEVICE_RENEWED if digest == found.fingerprint else None
    is_new = not Device.objects.filter(fingerprint=digest).exists()
    return DEVICE_ENROLLED if is_new and is_proven(found.code, csr, proof) else None


def _create(kind: Kind, name: str, place: str, address: str, clock: Clock, **columns: object) -> Device:
    """Put a device on the list, in the transaction of its act. Raises DeviceRefusedError, DeviceListedError."""
    called, where, network = device_name(name), _plain(place, _LONGEST_PLACE), device_address(address)
    if Device.objects.filter(name=called, revoked_at__isnull=True).exists():
        raise DeviceListedError(
            "There is a device of this name on the list already.",
            advice="Strike that one off first, or choose another name.",
        )
    given = {"kind": kind.value, "place": where, "address": network, "enrolled_at": clock.now(), **columns}
    return Device.objects.create(name=called, **given)


def _enter(act: Act, row: Device, clock: Clock, actor: str) -> None:
    record = {
        "device": str(row.pk),
        "kind": row.kind,
        "certificate": row.fingerprint or None,
        "address": row.address or None,
        "until": row.expires_at.isoformat(),
    }
    enter(act, actor=actor, subject=f"device:{row.pk}", record=record, at=clock.now(), row=row)


def device_name(name: str) -> str:
    """Return a device's name as it is kept. Raises DeviceRefusedError."""
    called = _plain(name, LONGEST_NAME)
    if not called:
        raise DeviceRefusedError("A device needs a name.")
    return called


def device_address(written: str) -> str:
    """Return an address or a network as it is kept; empty where a device may be anywhere. Raises DeviceRefusedError."""
    if not written.strip():
        return ""
    try:
        network = ip_network(written.strip())
    except ValueError:
        raise DeviceRefusedError(
            "{address} is no address and no network.",
            address=written.strip(),
            advice="Write it as 10.0.0.7 or 10.0.0.0/24.",
        ) from None
    alone = network.prefixlen == network.max_prefixlen
    return str(network.network_address) if alone else str(network)


def _plain(written: str, longest: int) -> str:
    text = written.strip()
    if len(text) > longest:
        raise DeviceRefusedError(
            "A device's name or place has at most {longest} characters.", longest=longest
        )
    if not is_plain(text):
        raise DeviceRefusedError("A name may hold no invisible characters.", advice="Type it anew.")
    return text

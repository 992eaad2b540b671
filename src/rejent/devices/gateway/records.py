"""What the gateway reads and writes of devices; each call is a transaction, and may wait for the database."""

from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction

from rejent.devices.acts import BATCH_FORKED, BATCH_REPLAYED, BATCHES_MISSING
from rejent.devices.errors import BatchDelayedError
from rejent.devices.gateway.chain import Claim, Joint, Position
from rejent.devices.models import CertificateRequest, ChainFact, Device, DeviceState
from rejent.devices.services import act_of_request
from rejent.devices.views import DeviceView
from rejent.kernel.clock import Clock
from rejent.kernel.views import view_of
from rejent.registers.guard.rows import found_by_database, matching
from rejent.registers.services import enter

SAID_AGAIN = timedelta(minutes=10)
"""After which a fork or a replay of a device is entered anew: whoever sends a thousand fills no register."""
_LONGEST_VERSION, _LONGEST_DIGEST = 40, 64
_ACTS = {Joint.HOLE: BATCHES_MISSING, Joint.FORK: BATCH_FORKED, Joint.REPLAY: BATCH_REPLAYED}


def find_position(device_id: int) -> Position:
    """Return how far the batches of a device have come."""
    row = DeviceState.objects.filter(pk=device_id).exclude(chain="").first()
    return Position(row.sequence, row.chain, bytes(row.recent)) if row is not None else Position()


def advance(device_id: int, before: Position, claim: Claim, clock: Clock) -> Position:
    """Note that a batch is durable, and enter what was lost before it. Raises BatchDelayedError: somebody else noted another meanwhile."""
    now, position = clock.now(), before.after(claim)
    with transaction.atomic():
        row, _ = DeviceState.objects.select_for_update(no_key=True).get_or_create(
            pk=device_id, defaults={"seen_at": now}
        )
        if (row.sequence, row.chain or Position().chain) != (before.number, before.chain):
            raise BatchDelayedError("Another batch of this device was taken meanwhile.")
        row.sequence, row.chain, row.recent, row.batch_at = (
            position.number,
            position.chain,
            position.recent,
            now,
        )
        row.save(update_fields=["sequence", "chain", "recent", "batch_at"])
        if claim.lost:
            _enter_fact(device_id, Joint.HOLE, before.number + 1, claim.number - 1, now)
    return position


def note_fact(device_id: int, joint: Joint, claim: Claim, clock: Clock) -> None:
    """Enter a fork or a replay, unless the same was said of the device a moment ago."""
    now = clock.now()
    with transaction.atomic():
        told = ChainFact.objects.filter(device_id=device_id, kind=joint.value, at__gt=now - SAID_AGAIN)
        if not found_by_database(told):
            _enter_fact(device_id, joint, claim.number, claim.number, now)


def note_seen(device_id: int, *, version: str, software: str, offset_s: float | None, clock: Clock) -> None:
    """Note what a device says of itself; what it does not say stays as it was."""
    said = {
        "seen_at": clock.now(),
        "version": version[:_LONGEST_VERSION],
        "software": software[:_LONGEST_DIGEST],
        "clock_offset_s": offset_s,
    }
    DeviceState.objects.update_or_create(
        pk=device_id, defaults={name: value for name, value in said.items() if value not in {"", None}}
    )


def request_certificate(csr: bytes, proof: bytes, device: DeviceView | None, code: str, clock: Clock) -> str:
    """Return the certificate that was signed for a request, or nothing while it waits. Raises PermissionError: it is refused.

    Only a request that proves the code of a listed device, or that comes from the device itself, is written down.
    """
    name = sha256(csr + proof).hexdigest()
    asked = CertificateRequest.objects.filter(request=name).first()
    if asked is None:
        found = device if device is not None else _find_by_code(code)
        if found is None or act_of_request(found, csr, proof, clock) is None:
            raise PermissionError
        given = {"device_id": found.id, "csr": csr, "proof": proof, "asked_at": clock.now()}
        asked, _ = CertificateRequest.objects.get_or_create(request=name, defaults=given)
    if asked.refused:
        raise PermissionError
    return asked.certificate


def _find_by_code(code: str) -> DeviceView | None:
    rows = matching(Device.objects.filter(code=code)) if code else ()
    return next((view_of(DeviceView, row) for row in rows), None)


def _enter_fact(device_id: int, joint: Joint, first: int, last: int, at: datetime) -> None:
    row = ChainFact.objects.create(device_id=device_id, kind=joint.value, first=first, last=last, at=at)
    record = {"device": str(device_id), "batch": first, "to_batch": last}
    enter(_ACTS[joint], actor="", subject=f"device:{device_id}", record=record, at=at, row=row)

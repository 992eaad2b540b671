"""Loading a regulation: checked, kept word for word, in force from a day."""

import hashlib
from datetime import date

from django.db import transaction
from django.db.models import Max

from rejent.kernel.clock import Clock
from rejent.office.acts import REGULATION_ACTIVATED
from rejent.office.models import RegulationVersion
from rejent.office.regulation.loading import load
from rejent.registers.services import enter


def activate_regulation(text: str, *, in_force_from: date, clock: Clock, actor: str) -> int:
    """Check a regulation and keep it as the next version; returns its number. Raises RegulationRefusedError."""
    load(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    with transaction.atomic():
        version = 1 + (RegulationVersion.objects.aggregate(last=Max("version"))["last"] or 0)
        row = RegulationVersion.objects.create(
            version=version, text=text, sha256=digest, in_force_from=in_force_from, loaded_at=clock.now()
        )
        record = {"version": version, "sha256": digest, "in_force_from": in_force_from.isoformat()}
        subject = f"regulation:{version}"
        enter(REGULATION_ACTIVATED, actor=actor, subject=subject, record=record, at=clock.now(), row=row)
    return version

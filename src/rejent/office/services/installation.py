"""The first entry of the ledger."""

from django.db import transaction

from rejent.kernel.clock import Clock
from rejent.office.acts import INSTALLATION_CREATED
from rejent.office.installation import Installation
from rejent.registers.services import enter


def enter_installation(installation: Installation, *, clock: Clock, actor: str) -> None:
    """Enter how an installation was created; the first act of its ledger."""
    record = {"id": installation.id, "test": installation.test, "name": installation.name}
    with transaction.atomic():
        subject = f"installation:{installation.id}"
        enter(INSTALLATION_CREATED, actor=actor, subject=subject, record=record, at=clock.now())

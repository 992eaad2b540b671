"""Numbers that are never recorded because whoever has them refused: taken up, and taken back."""

from datetime import datetime

from django.db import transaction

from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock
from rejent.registers.guard.rows import verified
from rejent.registers.services import enter
from rejent.streams.calls.catalog.acts import NUMBER_ALLOWED, NUMBER_REFUSED
from rejent.streams.calls.catalog.errors import NumberRefusedError
from rejent.streams.calls.catalog.models import RefusedNumber
from rejent.streams.calls.catalog.phone_numbers import canonical_number
from rejent.streams.calls.catalog.queries.lines import is_ours

_FEWEST_DIGITS = 7
"""A shorter number is one of the office, or a service's."""


def refuse_number(number: str, *, clock: Clock, actor: str) -> int:
    """Record no call of a number, in any spelling, from now on; return the refusal's own number, by which acts and people name it.

    One that stands already is given again. NumberRefusedError: it is no public number, or one of the office.
    """
    wanted = canonical_number(number)
    digits = wanted.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or len(digits) < _FEWEST_DIGITS:
        raise NumberRefusedError(
            "This is no public telephone number.", advice="Give the whole number, as +48 10 555 01 23."
        )
    if is_ours(wanted):
        raise NumberRefusedError(
            "This number is the office's own: every call of it would go unrecorded.",
            advice="Give the number of who refused; a line that is not to be recorded is switched off.",
        )
    with transaction.atomic():
        standing = RefusedNumber.objects.filter(number=wanted, ended_at__isnull=True).first()
        if standing is not None:
            return verified(standing).pk
        row = RefusedNumber(number=wanted, since=clock.now(), entry=0)
        row.commit()
        row.save()
        _enter(NUMBER_REFUSED, row, actor, row.since)
    return row.pk


def allow_number(refusal: int, *, clock: Clock, actor: str) -> None:
    """Take a refusal back: its number is recorded again, and forgotten here.

    NumberRefusedError: no such refusal stands.
    """
    with transaction.atomic():
        row = RefusedNumber.objects.select_for_update().filter(pk=refusal, ended_at__isnull=True).first()
        if row is None:
            raise NumberRefusedError(
                "No refusal {refusal} stands.",
                refusal=refusal,
                advice="They stand on the page Refusals of recording.",
            )
        row = verified(row)
        row.number, row.salt, row.ended_at = "", "", clock.now()
        _enter(NUMBER_ALLOWED, row, actor, row.ended_at)


def _enter(act: Act, row: RefusedNumber, actor: str, at: datetime) -> None:
    record = {"refusal": row.pk}
    enter(act, actor=actor, subject=f"refusal:{row.pk}", record=record, at=at, row=row)
    row.save()

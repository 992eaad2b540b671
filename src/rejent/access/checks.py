"""Access' part of ``fsck``: numbers without gaps, viewings that ended when their right did, rows as they were entered."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from django.db.models import F, Q

from rejent.access.models import Authorisation, SeenInterval, Viewing
from rejent.access.presence.checks import presence_findings
from rejent.access.services.authorisations import SERIES as AUTHORISATIONS
from rejent.access.services.viewings import SERIES as VIEWINGS
from rejent.access.supervision.checks import sample_findings
from rejent.access.viewings import account
from rejent.access.viewings.protocol_checks import protocol_findings
from rejent.access.viewings.volume_checks import volume_against_viewings
from rejent.kernel.clock import Clock
from rejent.kernel.findings import Finding, run_checks
from rejent.registers.checks import numbering
from rejent.registers.damage import unreadable_rows
from rejent.registers.guard.checks import guarded_rows, lasting

SUBJECT = "access"

_PIECE = 500
_ALTERED = "What was handed out in {thing} was changed past the program while it was open."

_KEEPERS_ROUND = timedelta(minutes=10)
"""By then a keeper that runs has closed what ended."""

_LEAD = timedelta(minutes=2)
"""Seconds by which a handed-out piece may begin before its interval, at a key frame."""

_TAIL = timedelta(seconds=15)
"""It ends with the picture after the interval."""


def findings(clock: Clock) -> Iterator[Finding]:
    """Everything about authorisations and viewings that is not as it must be."""
    numbers = {
        "numbers-of-authorisations": (AUTHORISATIONS, Authorisation.objects.values_list("number", flat=True)),
        "numbers-of-viewings": (VIEWINGS, Viewing.objects.values_list("number", flat=True)),
    }
    yield from run_checks(
        SUBJECT,
        {
            **{name: partial(numbering, *book) for name, book in numbers.items()},
            "periods": _periods,
            "ended": lambda: _ended(clock),
            "parts": _parts,
            "accounts": lambda: lasting(_altered),
            "ledger": lambda: guarded_rows(SUBJECT),
            "volume": lambda: volume_against_viewings(clock),
            "presence": presence_findings,
            "protocols": protocol_findings,
            "samples": sample_findings,
            "rows": lambda: unreadable_rows(SUBJECT),
        },
    )


def _periods() -> Iterator[Finding]:
    for row in Authorisation.objects.filter(valid_until__lt=F("valid_from")):
        yield _found("period-empty", "Authorisation {number} ends before it begins.", number=row.number)


def _ended(clock: Clock) -> Iterator[Finding]:
    for viewing in Viewing.objects.filter(
        closed_at__isnull=True, expires_at__lt=clock.now() - _KEEPERS_ROUND
    ):
        yield _found(
            "viewing-open", "Viewing {number} has run out, but is not closed.", number=viewing.number
        )


def _parts() -> Iterator[Finding]:
    outside = Q(start__lt=F("viewing__start") - _LEAD) | Q(end__gt=F("viewing__end") + _TAIL)
    for seen in SeenInterval.objects.filter(outside).select_related("viewing"):
        yield _found(
            "seen-outside",
            "In viewing {number} more was handed out than was opened.",
            number=seen.viewing.number,
        )


def _altered() -> Iterator[Finding]:
    """Yield the viewings whose account of what was handed out and presented is not as the program left it."""
    for viewing in Viewing.objects.prefetch_related("seen").order_by("pk").iterator(_PIECE):
        rows = sorted(viewing.seen.all(), key=lambda row: row.pk)
        if viewing.altered or not account.is_as_noted(viewing, rows):
            yield _found("seen-altered", _ALTERED, thing=f"viewing:{viewing.number}")


def _found(code: str, template: str, **facts: object) -> Finding:
    return Finding(SUBJECT, f"{SUBJECT}.{code}", template, facts)

"""Notices' part of ``fsck``: rows as they were entered, triggers in place."""

from collections.abc import Iterator

from rejent.kernel.findings import Finding, run_checks
from rejent.notices.models import Plate, Publication
from rejent.notices.plates import queries as plates
from rejent.notices.publication import queries as publications
from rejent.registers.checks import numbering
from rejent.registers.damage import unreadable_rows
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.guard.schema import guard_findings

SUBJECT = "notices"


def findings() -> Iterator[Finding]:
    """Yield everything about notices that is not as it must be."""
    yield from run_checks(
        SUBJECT,
        {
            "plates": lambda: numbering(plates.SERIES, Plate.objects.values_list("number", flat=True)),
            "publications": lambda: numbering(
                publications.SERIES, Publication.objects.values_list("number", flat=True)
            ),
            "ledger": lambda: guarded_rows(SUBJECT),
            "triggers": lambda: guard_findings(SUBJECT),
            "rows": lambda: unreadable_rows(SUBJECT),
        },
    )

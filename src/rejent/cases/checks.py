"""Cases' part of ``fsck``: numbers without gaps, rows as they were entered, holds as the states say, triggers in place."""

from collections.abc import Iterator

from rejent.cases.models import Case
from rejent.cases.queries import corrections_match
from rejent.cases.services.entering import SERIES
from rejent.cases.views import State
from rejent.kernel.findings import Finding, run_checks
from rejent.registers.checks import numbering
from rejent.registers.damage import unreadable_rows
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.guard.schema import guard_findings
from rejent.retention import queries as retention

SUBJECT = "cases"


def findings() -> Iterator[Finding]:
    """Yield everything about cases that is not as it must be."""
    yield from run_checks(
        SUBJECT,
        {
            "numbers": lambda: numbering(SERIES, Case.objects.values_list("number", flat=True)),
            "ledger": lambda: guarded_rows(SUBJECT),
            "corrections": _corrections,
            "holds": _holds,
            "triggers": lambda: guard_findings(SUBJECT),
            "rows": lambda: unreadable_rows(SUBJECT),
        },
    )


def _corrections() -> Iterator[Finding]:
    for row in Case.objects.prefetch_related("corrected").order_by("pk"):
        if not corrections_match(row.corrected.all(), row.corrections, erased=row.erased_at is not None):
            yield _found(
                "correction-altered",
                "What application {number} said before a correction is not what was entered.",
                number=row.number,
            )


def _holds() -> Iterator[Finding]:
    """Yield each hold of a waiting case that does not stand provisionally, and each of a decided one that still does."""
    standing = {each.number: each for each in retention.holds()}
    for row in Case.objects.order_by("pk"):
        waits = row.state == State.WAITING
        for number in row.holds:
            hold = standing.get(number)
            if waits and (hold is None or not hold.provisional or hold.case != row.number):
                yield _found(
                    "hold-missing",
                    "Application {number} waits for a decision, but its provisional hold {hold} does not stand.",
                    number=row.number,
                    hold=number,
                )
            elif not waits and hold is not None and hold.provisional:
                yield _found(
                    "hold-undecided",
                    "Application {number} is decided, but its hold {hold} still waits for the decision.",
                    number=row.number,
                    hold=number,
                )


def _found(code: str, template: str, **facts: object) -> Finding:
    return Finding(SUBJECT, f"{SUBJECT}.{code}", template, facts)

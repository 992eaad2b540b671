"""Notices' part of ``fsck``: rows as they were entered, triggers in place."""

from collections.abc import Iterator

from rejent.kernel.findings import Finding, run_checks
from rejent.registers.damage.unreadable import unreadable_rows
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.guard.triggers import missing_triggers

SUBJECT = "notices"


def findings() -> Iterator[Finding]:
    """Yield everything about notices that is not as it must be."""
    yield from run_checks(
        SUBJECT,
        {
            "ledger": lambda: guarded_rows(SUBJECT),
            "triggers": _triggers,
            "rows": lambda: unreadable_rows(SUBJECT),
        },
    )


def _triggers() -> Iterator[Finding]:
    for name in missing_triggers(SUBJECT):
        yield Finding(
            SUBJECT,
            f"{SUBJECT}.guard-missing",
            "The database no longer guards what people are told by {guard}: somebody dropped it or switched it off.",
            {"guard": name},
        )

"""The devices' part of ``fsck``: rows that the ledger binds are as they were entered."""

from collections.abc import Iterator

from rejent.kernel.findings import Finding, run_checks
from rejent.registers.damage import unreadable_rows
from rejent.registers.guard.checks import guarded_rows

SUBJECT = "devices"


def findings() -> Iterator[Finding]:
    """Yield everything of devices that is not as it was entered."""
    yield from run_checks(
        SUBJECT, {"ledger": lambda: guarded_rows(SUBJECT), "rows": lambda: unreadable_rows(SUBJECT)}
    )

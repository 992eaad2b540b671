"""Notices' part of ``fsck``: rows as they were entered, triggers in place."""

from collections.abc import Iterator
from hashlib import sha256

from rejent.kernel.findings import Finding, run_checks
from rejent.notices.models import Plate, Publication, RegulationText
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
            "regulation-texts": _texts,
            "ledger": lambda: guarded_rows(SUBJECT),
            "triggers": lambda: guard_findings(SUBJECT),
            "rows": lambda: unreadable_rows(SUBJECT),
        },
    )


def _texts() -> Iterator[Finding]:
    """Yield the texts of the regulation whose files are not those entered."""
    for number, content, digest in RegulationText.objects.values_list(
        "number", "content", "sha256"
    ).iterator():
        if sha256(bytes(content)).hexdigest() != digest:
            template = "The file of text {number} of the regulation is not what was entered."
            yield Finding(SUBJECT, f"{SUBJECT}.regulation-text-changed", template, {"number": number})

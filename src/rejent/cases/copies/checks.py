"""Copies' part of ``fsck``: numbers without gaps, rows as they were entered, objects and keys as the states say, triggers in place."""

from collections.abc import Iterator
from datetime import timedelta

from rejent.cases.copies.models import Commission, Copy, CopyPart, HandOver
from rejent.cases.copies.services.appointing import SERIES as COMMISSIONS
from rejent.cases.copies.services.destroying import confirmed_by
from rejent.cases.copies.services.handing import SERIES as HAND_OVERS
from rejent.cases.copies.services.making import FOLDER, KEY_KIND, SERIES
from rejent.cases.copies.views import CommissionState, State
from rejent.catalog import queries as catalog
from rejent.kernel.findings import Finding, run_checks
from rejent.registers.checks import numbering
from rejent.registers.damage import unreadable_rows
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.guard.schema import guard_findings
from rejent.retention.destruction.proof import difference_of
from rejent.retention.rounds.round import Keeping

SUBJECT = "copies"
_MADE_WITHIN = timedelta(hours=1)
"""Of being begun, within which a copy is made or a keeper finishes it."""
_CODED_WITHIN = 4
"""Times its own length, besides, for a copy that is coded anew."""


def findings(keeping: Keeping, *, deep: bool = True) -> Iterator[Finding]:
    """Yield everything about copies that is not as it must be.

    A ``deep`` check reads the bytes of every copy and computes its digests anew.
    """
    yield from run_checks(
        SUBJECT,
        {
            "numbers": _numbers,
            "ledger": lambda: guarded_rows(SUBJECT),
            "confirmations": _confirmations,
            "unfinished": lambda: _unfinished(keeping),
            "keys": lambda: _keys(keeping),
            "objects": lambda: _objects(keeping, deep=deep),
            "triggers": lambda: guard_findings(SUBJECT),
            "rows": lambda: unreadable_rows(SUBJECT),
        },
    )


def _numbers() -> Iterator[Finding]:
    made = Copy.objects.exclude(number="").values_list("number", flat=True)
    yield from numbering(SERIES, made)
    yield from numbering(HAND_OVERS, HandOver.objects.values_list("number", flat=True))
    yield from numbering(COMMISSIONS, Commission.objects.values_list("number", flat=True))


def _confirmations() -> Iterator[Finding]:
    for commission in Commission.objects.order_by("pk"):
        given = set(commission.confirmations.values_list("person", flat=True))
        if given != confirmed_by(commission.number):
            yield _found(
                "confirmed-otherwise",
                "Who confirmed commission {number} is not who the ledger says did.",
                number=commission.number,
            )


def _unfinished(keeping: Keeping) -> Iterator[Finding]:
    """Yield copies and destructions that a killed program left and no keeper has taken up."""
    late = keeping.clock.now() - _MADE_WITHIN
    for row in Copy.objects.filter(state=State.MAKING, begun_at__lte=late):
        if row.origin_id and row.begun_at > late - _CODED_WITHIN * (row.end - row.start):
            continue
        yield _found(
            "unfinished", "A copy for application {case} was begun and never made.", case=row.case_id
        )
    for commission in Commission.objects.filter(state=CommissionState.CONFIRMED):
        given = commission.confirmations.order_by("-at").values_list("at", flat=True).first()
        if given is None or given <= late:
            number = commission.number
            yield _found(
                "undestroyed",
                "Every member of commission {number} confirmed, but its copies are there.",
                number=number,
            )


def _keys(keeping: Keeping) -> Iterator[Finding]:
    """Yield copies whose key is not alive though they are kept, or alive though they are destroyed, and keys of no copy."""
    alive = {record.label for record in keeping.keys.alive() if record.kind == KEY_KIND}
    for row in Copy.objects.order_by("begun_at"):
        living = row.pk.hex in alive
        alive.discard(row.pk.hex)
        if row.state in {State.KEPT, State.HANDED} and not living:
            yield _found(
                "key-dead", "Copy {number} is kept, but its key is gone: it does not open.", number=row.number
            )
        elif row.state in {State.DESTROYED, State.ABANDONED} and living:
            yield _found(
                "key-alive", "Copy {number} is destroyed, but its key lives.", number=row.number or row.pk
            )
    for label in sorted(alive):
        yield _found(
            "key-unknown",
            "The key store holds the key of a copy ({label}) that the database does not know: an older database was restored.",
            label=label,
        )


def _objects(keeping: Keeping, *, deep: bool) -> Iterator[Finding]:
    """Yield objects of copies that are missing, changed, left behind or of no copy.

    Raises FolderMismatchError: the store is another, or its disk is not mounted; then nothing is known of them.
    """
    catalog.require_there(keeping.store)
    states = {key.hex: state for key, state in Copy.objects.values_list("pk", "state")}
    present = {each.name: each.size for each in keeping.store.objects(f"{FOLDER}/")}
    for part in CopyPart.objects.select_related("copy").order_by("pk"):
        size = present.pop(part.object_name, None)
        if part.copy.state in {State.KEPT, State.HANDED}:
            yield from _object(keeping, part, size, deep=deep)
        elif part.copy.state == State.DESTROYED and size is not None:
            yield _found(
                "object-left",
                "Copy {number} is destroyed, but an object of it is there.",
                number=part.copy.number,
            )
    for name in sorted(present):
        if states.get(name.split("/")[1]) != State.MAKING:
            yield _found("object-unknown", "No copy explains the object {object}.", object=name)


def _object(keeping: Keeping, part: CopyPart, size: int | None, *, deep: bool) -> Iterator[Finding]:
    facts = {"number": part.copy.number, "object": part.object_name}
    sealed = part.sealed_bytes, part.sealed_sha256
    match difference_of(keeping.store, part.object_name, size, sealed, deep=deep):
        case "missing":
            yield _found("object-missing", "An object of copy {number} is missing: {object}.", **facts)
        case "changed":
            yield _found(
                "object-changed", "An object of copy {number} is not what was sealed: {object}.", **facts
            )


def _found(code: str, template: str, **facts: object) -> Finding:
    return Finding(SUBJECT, f"{SUBJECT}.{code}", template, facts)

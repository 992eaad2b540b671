"""Attached files' part of ``fsck``: rows as they were entered, objects and keys as the states say, triggers in place."""

from collections.abc import Iterator
from datetime import timedelta

from rejent.cases.attachments.models import AttachedFile
from rejent.cases.attachments.queries import is_as_bound
from rejent.cases.attachments.rules import PATIENCE
from rejent.cases.attachments.services.erasing import FOLDER, KEY_KIND
from rejent.cases.attachments.views import FileState
from rejent.catalog import queries as catalog
from rejent.kernel.findings import Finding, run_checks
from rejent.registers.damage import unreadable_rows
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.guard.schema import guard_findings
from rejent.retention.destruction.proof import difference_of
from rejent.retention.rounds.round import Keeping

SUBJECT = "attachments"
_LATE = PATIENCE + timedelta(hours=1)
_GOING_WITHIN = timedelta(hours=1)
"""Of an erasure's entry, within which a keeper has carried it out."""


def findings(keeping: Keeping, *, deep: bool = True) -> Iterator[Finding]:
    """Yield everything about attached files that is not as it must be.

    A ``deep`` check reads the bytes of every file and computes its digest anew.
    """
    yield from run_checks(
        SUBJECT,
        {
            "ledger": lambda: guarded_rows(SUBJECT),
            "names": _names,
            "unfinished": lambda: _unfinished(keeping),
            "keys": lambda: _keys(keeping),
            "objects": lambda: _objects(keeping, deep=deep),
            "triggers": lambda: guard_findings(SUBJECT),
            "rows": lambda: unreadable_rows(SUBJECT),
        },
    )


def _names() -> Iterator[Finding]:
    for row in AttachedFile.objects.filter(state=FileState.KEPT).order_by("pk"):
        if not is_as_bound(row):
            yield _found(
                "altered", "Name or digest of a file attached to {about} is not what was entered.", row
            )


def _unfinished(keeping: Keeping) -> Iterator[Finding]:
    """Yield drafts and erasures that no keeper has taken up."""
    now = keeping.clock.now()
    for row in AttachedFile.objects.filter(state=FileState.ARRIVING, begun_at__lte=now - _LATE):
        yield _found(
            "unfinished", "A file for {about} was begun, never came whole, and was not removed.", row
        )
    for row in AttachedFile.objects.filter(state=FileState.DYING, ended_at__lte=now - _GOING_WITHIN):
        yield _found("unerased", "A file attached to {about} is to be erased, but it is there.", row)


def _keys(keeping: Keeping) -> Iterator[Finding]:
    """Yield files whose key is not alive though they are kept, or alive though they are erased, and keys of no file."""
    alive = {each.label: each.recipient.text for each in keeping.keys.alive() if each.kind == KEY_KIND}
    for row in AttachedFile.objects.order_by("begun_at"):
        recipient = alive.pop(row.pk.hex, None)
        living = recipient is not None
        if living and row.recipient not in {"", recipient}:
            yield _found(
                "key-other", "A file attached to {about} names another key than the one made for it.", row
            )
        elif row.state == FileState.KEPT and not living:
            yield _found(
                "key-dead", "A file attached to {about} is kept, but its key is gone: it does not open.", row
            )
        elif row.state == FileState.ERASED and living:
            yield _found("key-alive", "A file attached to {about} is erased, but its key lives.", row)
    for label in sorted(alive):
        yield Finding(
            SUBJECT,
            f"{SUBJECT}.key-unknown",
            "The key store holds the key of a file ({label}) that the database does not know: an older database was restored.",
            {"label": label},
        )


def _objects(keeping: Keeping, *, deep: bool) -> Iterator[Finding]:
    """Yield objects of files that are missing, changed, left behind or of no file.

    Raises FolderMismatchError: the store is another, or its disk is not mounted; then nothing is known of them.
    """
    catalog.require_there(keeping.store)
    present = {each.name: each.size for each in keeping.store.objects(f"{FOLDER}/")}
    going = set[str]()
    for row in AttachedFile.objects.order_by("begun_at"):
        if row.state == FileState.KEPT:
            yield from _object(keeping, row, present.pop(row.object_name, None), deep=deep)
        elif row.state in {FileState.ARRIVING, FileState.DYING}:
            going.add(row.pk.hex)
    for name in sorted(present):
        if name.split("/")[1] not in going:
            yield Finding(
                SUBJECT,
                f"{SUBJECT}.object-unknown",
                "No attached file explains the object {object}.",
                {"object": name},
            )


def _object(keeping: Keeping, row: AttachedFile, size: int | None, *, deep: bool) -> Iterator[Finding]:
    sealed = row.sealed_bytes, row.sealed_sha256
    match difference_of(keeping.store, row.object_name, size, sealed, deep=deep):
        case "missing":
            yield _found(
                "object-missing", "The sealed object of a file attached to {about} is missing: {object}.", row
            )
        case "changed":
            yield _found(
                "object-changed",
                "The sealed object of a file attached to {about} is not what was sealed: {object}.",
                row,
            )


def _found(code: str, template: str, row: AttachedFile) -> Finding:
    facts = {"about": row.about, "object": row.object_name}
    return Finding(SUBJECT, f"{SUBJECT}.{code}", template, facts)

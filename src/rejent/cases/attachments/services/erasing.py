"""Erase attached files by their keys, and remove what never came whole.

The act in the transaction that dooms a file is the point of no return; what follows can be repeated, and a keeper does it.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from uuid import UUID

import structlog
from django.db import transaction

from rejent.cases.attachments.acts import FILE_ERASED, FILE_ERASING, FILE_REMOVED
from rejent.cases.attachments.errors import no_such_file
from rejent.cases.attachments.models import AttachedFile
from rejent.cases.attachments.permission import require_removing
from rejent.cases.attachments.queries import file_view
from rejent.cases.attachments.rules import PATIENCE, removal_reason
from rejent.cases.attachments.views import FileState
from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock, FrozenClock
from rejent.ledger.location import LedgerLocation
from rejent.office.people import standing
from rejent.office.views import PersonView
from rejent.registers.guard.rows import first_verified, in_ledger, matching
from rejent.registers.services import PendingEntry, enter_many
from rejent.retention.rounds.round import Keeping
from rejent.retention.services import sign_at_once

log = structlog.get_logger(__name__)

KEY_KIND = "attachment"
"""Of the keys of attached files in the key store; each is labelled with its file's identifier."""
FOLDER = "attachments"
"""Of the store, with a folder a file."""


def folder_of(key: UUID) -> str:
    """Return the folder of a file's objects in the store."""
    return f"{FOLDER}/{key.hex}/"


def doom_files(about: str, grounds: str, *, actor: str, clock: Clock) -> int:
    """Enter that everything attached to something is erased, within the transaction that says why; return how many there are.

    A file that is not as it was entered, or whose act somebody took the record from, stays: what nobody can verify destroys nothing,
    and `fsck` names it.
    """
    kept = AttachedFile.objects.select_for_update().filter(about=about, state=FileState.KEPT).order_by("pk")
    rows = matching(kept)
    _doom(rows, FILE_ERASING, {"grounds": grounds}, actor=actor, clock=clock)
    return len(rows)


def remove_file(
    key: UUID, reason: str, *, person: PersonView, clock: Clock, ledger: LedgerLocation | None
) -> None:
    """Enter that one file is removed, since it was attached wrongly; key and object go with the keeper.

    Raises NoSuchFileError: there is none, or it was erased; AccessRefusedError: it is not this person's to remove; FileRefusedError: no
    reason is given, or it stands in a protocol; LedgerMismatchError: its row was planted or altered.
    """
    clock = FrozenClock(clock)
    with transaction.atomic():
        rows = AttachedFile.objects.select_for_update().filter(pk=key, state=FileState.KEPT)
        row = first_verified(rows, no_such_file())
        require_removing(file_view(row), person=person, clock=clock)
        actor = str(person.id)
        place = {} if actor == row.by else standing.place_taken(actor, clock=clock)
        facts = {"role": row.role, "reason": removal_reason(reason), **place}
        _doom([row], FILE_REMOVED, facts, actor=actor, clock=clock)
    sign_at_once(ledger, clock)


def _doom(
    rows: Sequence[AttachedFile], act: Act, facts: Mapping[str, object], *, actor: str, clock: Clock
) -> None:
    """Enter the end of files with an act: the point of no return, from which on their names are gone."""
    entries = []
    for row in rows:
        row.state, row.ended_at = FileState.DYING.value, clock.now()
        row.name = row.sha256 = row.salt = ""
        record = {"about": row.about.partition(":")[2], "file": row.pk.hex, **facts}
        entries.append(PendingEntry(act, actor, row.about, record, clock.now(), row))
    enter_many(entries)
    for row in rows:
        row.save()


def keep_files(keeping: Keeping) -> list[str]:
    """Carry out erasures that are entered, and remove what never came whole; return a line for each that failed."""
    failed = list[str]()
    for step in (_finish_erasures, _remove_late, _remove_pieces):
        try:
            step(keeping)
        except Exception as error:
            log.exception("attachments.not-kept", step=step.__name__)
            failed.append(f"attached files: {error}")
    return failed


def _finish_erasures(keeping: Keeping) -> None:
    """Let keys of erased files die, also those that an older folder of keys brought back."""
    alive = keeping.living_keys(KEY_KIND)
    gone = AttachedFile.objects.filter(state=FileState.ERASED).order_by("pk") if alive else []
    again = [alive[row.pk.hex] for row in matching(row for row in gone if row.pk.hex in alive)]
    dying = matching(AttachedFile.objects.filter(state=FileState.DYING).order_by("pk"))
    if not dying and not again:
        return
    keeping.require_store()
    keeping.keys.destroy([*again, *(alive[row.pk.hex] for row in dying if row.pk.hex in alive)])
    for row in dying:
        keeping.clear(folder_of(row.pk))
    with transaction.atomic():
        entries = []
        for row in dying:
            row.state = FileState.ERASED.value
            facts = {
                "about": row.about.partition(":")[2],
                "file": row.pk.hex,
                "recipient": row.recipient,
                "sealed": row.sealed_sha256,
            }
            entries.append(PendingEntry(FILE_ERASED, "", row.about, facts, keeping.clock.now(), row))
        enter_many(entries)
        for row in dying:
            row.save()


def _remove_late(keeping: Keeping) -> None:
    late = keeping.clock.now() - PATIENCE
    begun = AttachedFile.objects.filter(state=FileState.ARRIVING, begun_at__lte=late)
    for key in begun.values_list("pk", flat=True):
        remove_draft(key, keeping)


def _remove_pieces(keeping: Keeping) -> None:
    """Remove pieces beside the whole of a file that a killed program left; what no row explains stays, for `fsck` to name."""
    listed = keeping.store.objects(f"{FOLDER}/")
    for folder, objects in groupby((each.name for each in listed), key=lambda name: name.rpartition("/")[0]):
        names = list(objects)
        rows = AttachedFile.objects.filter(pk=_key_of(folder), state=FileState.KEPT)
        for row in matching(rows) if len(names) > 1 else []:
            if row.object_name in names:
                keeping.store.remove([name for name in names if name != row.object_name])


def _key_of(folder: str) -> UUID:
    try:
        return UUID(folder.partition("/")[2])
    except ValueError:
        return UUID(int=0)


def remove_draft(key: UUID, keeping: Keeping) -> None:
    """Remove a draft with its key and its pieces; do nothing where its file is entered by now, whatever the row says."""
    with transaction.atomic():
        row = AttachedFile.objects.select_for_update().filter(pk=key, state=FileState.ARRIVING).first()
        if row is None or in_ledger(AttachedFile, key):
            return
        row.delete()
        living = keeping.living_keys(KEY_KIND).get(key.hex)
        if living is not None:
            keeping.keys.destroy([living])
        keeping.clear(folder_of(key))

"""Questions about attached files."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from rejent.cases.attachments.acts import FILE_REMOVED
from rejent.cases.attachments.errors import no_such_file
from rejent.cases.attachments.models import AttachedFile
from rejent.cases.attachments.views import FileState, FileView, Role
from rejent.cases.models import commitment
from rejent.content.opening import open_copied
from rejent.formats.source import Source
from rejent.kernel.views import view_of
from rejent.registers.guard.model import thing_of
from rejent.registers.guard.rows import first_verified, matching, mismatch
from rejent.registers.queries import EnteredAct, entered_naming

_PIECE = 1 << 20


def attached(about: str, *roles: Role) -> list[FileView]:
    """Return the files that belong to something, oldest first; what was planted or altered is left out, and `fsck` names it."""
    rows = AttachedFile.objects.filter(about=about, state=FileState.KEPT).order_by("kept_at", "pk")
    if roles:
        rows = rows.filter(role__in=[role.value for role in roles])
    return [file_view(row) for row in matching(rows) if is_as_bound(row)]


def find_signed(since: Mapping[str, datetime]) -> set[str]:
    """Return those of several things with which a signed paper, or the evidence of a delivery, was kept since an instant of each."""
    rows = AttachedFile.objects.filter(
        about__in=list(since), role__in=[Role.SIGNED.value, Role.DELIVERY.value], state=FileState.KEPT
    )
    return {
        row.about
        for row in matching(rows)
        if is_as_bound(row) and row.kept_at and row.kept_at >= since[row.about]
    }


def attached_file(key: UUID) -> FileView:
    """Return a file that is kept.

    Raises NoSuchFileError: there is none, or it was erased; LedgerMismatchError: its row was planted or altered.
    """
    row = first_verified(AttachedFile.objects.filter(pk=key, state=FileState.KEPT), no_such_file())
    if not is_as_bound(row):
        raise mismatch(thing_of(row))
    return file_view(row)


def removals(about: str) -> list[EnteredAct]:
    """Return the acts by which single files of something were removed, oldest first, as the ledger commits to them."""
    return entered_naming(FILE_REMOVED.name, "", subject=about)


def erasures_wait() -> bool:
    """Return whether an erasure is entered whose key and object are still to go."""
    return AttachedFile.objects.filter(state=FileState.DYING).exists()


def open_file(view: FileView) -> Source:
    """Return the plain content of a file, for whom the caller let see it. Raises NotAsEnteredError: another object lies there."""
    return open_copied(view)


def pieces_of(content: Source) -> Iterator[bytes]:
    """Yield the content piece by piece."""
    for offset in range(0, content.size, _PIECE):
        yield content.read(offset, _PIECE)


def is_as_bound(row: AttachedFile) -> bool:
    """Return whether name and digest are those that were entered."""
    try:
        return commitment(row.salt, [row.name, row.sha256]) == row.bound
    except ValueError:
        return False


def file_view(row: AttachedFile) -> FileView:
    """Return the row as a view."""
    return view_of(FileView, row, role=Role(row.role), state=FileState(row.state))

"""Open an attached file: entered before its first byte leaves."""

from uuid import UUID

from rejent.cases.attachments.acts import FILE_OPENED
from rejent.cases.attachments.permission import demand_seeing
from rejent.cases.attachments.queries import attached_file
from rejent.cases.attachments.views import FileView
from rejent.kernel.clock import Clock
from rejent.office.views import PersonView
from rejent.registers.repetition import enter_or_count


def note_opened(key: UUID, *, person: PersonView, clock: Clock) -> FileView:
    """Enter that a person opens a file, and return it.

    Raises NoSuchFileError: there is none, or it was erased; AccessRefusedError: it is not this person's to see; LedgerMismatchError: its
    row was planted or altered.
    """
    view = attached_file(key)
    demand_seeing(view.about, person=person, clock=clock)
    record = {"about": view.about.partition(":")[2], "file": view.id.hex}
    enter_or_count(FILE_OPENED, actor=str(person.id), subject=view.about, record=record, at=clock.now())
    return view

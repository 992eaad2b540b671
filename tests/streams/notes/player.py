"""Reading notes: only what a viewing opened and its term leaves, and noted as seen before it is handed out."""

from datetime import timedelta

from rejent.access import services as access
from rejent.access.viewings import volume
from rejent.access.views import ViewingView
from rejent.content.records import read_records
from rejent.formats.records import Record
from rejent.kernel.clock import Clock

_SECOND = timedelta(seconds=1)


def notes(viewing: ViewingView, clock: Clock) -> list[Record]:
    """Return the notes of a viewing's interval, each seen for a second.

    Raises:
        NotAsEnteredError: a row does not name the object that was entered.
        AccessRefusedError: the viewing was closed, or its person was given too much.
        ContentError: an object is no recording of notes.
    """
    volume.require_room(viewing, clock=clock)
    found = read_records(viewing, clock)
    for note in found:
        access.note_seen(viewing.id, note.at, note.at + _SECOND, "notes", clock=clock)
    return found

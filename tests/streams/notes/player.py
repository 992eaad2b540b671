"""Finding and reading notes: only what a viewing opened, and noted as seen before it is handed out."""

from rejent.access import services as access
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.content.opening import open_for
from rejent.formats.fragment_index import FragmentIndex
from rejent.kernel.clock import Clock
from rejent.kernel.intervals import Interval
from tests.streams.notes.lines import Note, instant, parsed


def notes(viewing: ViewingView, clock: Clock) -> list[Note]:
    """Return the notes of a viewing's interval.

    Raises:
        NotAsEnteredError: a row does not name the object that was entered.
        AccessRefusedError: the viewing was closed.
        ContentError: an object is no recording of notes.
    """
    open_object, found = open_for(viewing), list[Note]()
    for segment in catalog.segments(viewing.source_id, viewing.start, viewing.end):
        content = open_object(segment)
        for place in FragmentIndex.decode(segment.index).places:
            first, end = (instant(segment.start, tick) for tick in (place.time, place.time + place.duration))
            if Interval(first, end).overlaps(Interval(viewing.start, viewing.end)):
                access.note_seen(viewing.id, first, end, "notes", clock=clock)
                found += parsed(content.read(place.offset, place.length))
    return found

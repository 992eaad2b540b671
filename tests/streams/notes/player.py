"""Finding and reading notes: only what a viewing opened and its term leaves, and noted as seen before it is handed out."""

from collections.abc import Iterator

from rejent.access import services as access
from rejent.access.viewings import volume
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.content.opening import open_for
from rejent.formats.fragment_index import FragmentIndex
from rejent.kernel.clock import Clock
from rejent.kernel.intervals import Interval
from rejent.retention import queries as retention
from tests.streams.notes.lines import Note, instant, parsed


def notes(viewing: ViewingView, clock: Clock) -> list[Note]:
    """Return the notes of a viewing's interval.

    Raises:
        NotAsEnteredError: a row does not name the object that was entered.
        AccessRefusedError: the viewing was closed, or its person was given too much.
        ContentError: an object is no recording of notes.
    """
    volume.require_room(viewing, clock=clock)
    found = list(_read(viewing, clock))
    for second, _ in found:
        access.note_seen(viewing.id, second.start, second.end, "notes", clock=clock)
    return [note for _, note in found]


def _read(viewing: ViewingView, clock: Clock) -> Iterator[tuple[Interval, Note]]:
    open_object, whole = open_for(viewing), Interval(viewing.start, viewing.end)
    for segment in catalog.segments(viewing.source_id, viewing.start, viewing.end):
        left = retention.readable(viewing.source_id, segment.day, viewing.start, viewing.end, clock)
        if not left:
            continue
        content = open_object(segment)
        for place in FragmentIndex.decode(segment.index).places:
            first, end = (instant(segment.start, tick) for tick in (place.time, place.time + place.duration))
            second = Interval(first, end)
            if second.overlaps(whole) and any(second.overlaps(each) for each in left):
                for note in parsed(content.read(place.offset, place.length)):
                    yield second, note

"""Format of an object: a line a note, its instant and its text; each line is a fragment."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from rejent.formats.errors import ContentError
from rejent.formats.fragment_index import Fragment, FragmentIndex, FragmentPlace

TICKS = 1000
"""A second."""


@dataclass(frozen=True, slots=True)
class Note:
    """A text, and when it was written."""

    at: datetime
    text: str

    def line(self) -> bytes:
        """Return it as it is sealed.

        Raises:
            ContentError: it is more than a line.
        """
        if "\n" in self.text:
            raise ContentError("A note is one line.")
        return f"{self.at.isoformat()} {self.text}\n".encode()


def parsed(content: bytes) -> Iterator[Note]:
    """Yield the notes of whole lines.

    Raises:
        ContentError: a line is no note.
    """
    for line in content.splitlines():
        try:
            at, _, text = line.decode().partition(" ")
            note = Note(datetime.fromisoformat(at), text)
        except ValueError:
            raise ContentError("A line is no note.") from None
        if note.at.tzinfo is None:
            raise ContentError("A line is no note.")
        yield note


def fragments(notes: Iterable[Note], start: datetime, after: int = 0) -> Iterator[Fragment]:
    """Yield the fragments of notes of a segment; each lasts a second, and waits for the one before.

    Args:
        notes: by their time.
        start: of the segment.
        after: the tick at which the fragment before ends.
    """
    for note in notes:
        tick = max(tick_of(start, note.at), after)
        yield Fragment((note.line(),), tick, TICKS, 1, key=True)
        after = tick + TICKS


def index(notes: Iterable[Note], start: datetime) -> FragmentIndex:
    """Return where the notes of a segment lie."""
    places, offset = [], 0
    for each in fragments(notes, start):
        length = sum(map(len, each.parts))
        places.append(FragmentPlace(each.time, each.duration, each.units, each.key, offset, length))
        offset += length
    return FragmentIndex(tuple(places))


def instant(start: datetime, tick: int) -> datetime:
    """Return the instant of a tick of a segment."""
    return start + timedelta(seconds=1) * tick / TICKS


def tick_of(start: datetime, at: datetime) -> int:
    """Return the tick of a segment at an instant."""
    return (at - start) * TICKS // timedelta(seconds=1)

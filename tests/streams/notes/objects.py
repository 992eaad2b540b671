"""Object format of notes: cutting and recovery at whole lines."""

from collections.abc import Sequence
from functools import partial

from rejent.catalog.views import SegmentView
from rejent.formats.errors import ContentError
from rejent.formats.fragment_index import FragmentIndex
from rejent.kernel.intervals import Interval, merged
from rejent.retention.stream_parts import ObjectFormat, Part, Whole
from rejent.vault.age import SealedReader, SealWriter
from tests.streams.notes.lines import TICKS, Note, index, instant, parsed, tick_of


def _parts_of(reader: SealedReader, segment: SegmentView, held: Sequence[Interval]) -> list[Part]:
    """Return the held notes, a part for each held interval; none where one of those is without a note, or holds all of them."""
    notes = list(parsed(reader.read()))
    shown = [
        (note, Interval(instant(segment.start, place.time), instant(segment.start, place.time + TICKS)))
        for note, place in zip(notes, index(notes, segment.start).places, strict=True)
    ]
    spans = merged([*held, *(second for _, second in shown if any(second.overlaps(each) for each in held))])
    parts = []
    for span in spans:
        kept = [note for note, second in shown if second.overlaps(span)]
        ticks = tick_of(segment.start, span.start), tick_of(segment.start, span.end)
        parts.append(Part(ticks, span, len(kept), partial(_written, kept, span)))
    return parts if all(0 < part.units < len(notes) for part in parts) else []


def _written(notes: Sequence[Note], span: Interval, seal: SealWriter) -> FragmentIndex:
    for note in notes:
        seal.write(note.line())
    return index(notes, span.start)


def _mended(segment: SegmentView, sound: bytes) -> Whole:
    whole = sound[: sound.rfind(b"\n") + 1]
    notes = list(parsed(whole))
    if not notes:
        raise ContentError("The recording holds no whole note.")
    found = index(notes, segment.start)
    end = instant(segment.start, found.end)
    return Whole(iter([whole]), end, found, len(notes), len(sound) - len(whole), {})


FORMAT = ObjectFormat(parts_of=_parts_of, mended=_mended)

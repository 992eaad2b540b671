"""What a copy of a camera's recordings is: found by time, derived in part or coded anew, exported."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from rejent.cases.copies.errors import UndecodablePartError
from rejent.cases.copies.redaction import Effect, axis_length, kept_plan, milliseconds
from rejent.cases.copies.stream_parts import CopyForm, Exporting, PlayableForm, Redacted, Redacting
from rejent.cases.stream_parts import by_time
from rejent.formats.errors import ContentError
from rejent.formats.mp4.boxes import TIMESCALE
from rejent.formats.mp4.export_format import ExportFacts, ExportSigner, exported
from rejent.formats.mp4.picture import Codec
from rejent.formats.mp4.reader import (
    configuration_of,
    fragment_at,
    initialisation_of,
    parse_fragments,
    scan,
    shown_of,
)
from rejent.formats.source import BytesSource, Source
from rejent.streams.cameras.objects import part_shown
from rejent.streams.cameras.player.errors import UndecodableStillError
from rejent.streams.cameras.player.workshop import derived_workshop
from rejent.streams.cameras.regulation import THREE_MONTHS

_PIECE = 1 << 20


def _made(source: Source, facts: ExportFacts, signer: ExportSigner | None) -> Iterator[bytes]:
    """Yield the file; the origin of its timeline is where its edit list begins, or else as long before its first picture as that one's time says."""
    head = initialisation_of(source)
    first = fragment_at(source, len(head)) if shown_of(head) is None else None
    lead = timedelta(seconds=min(first.presentation_times()) / TIMESCALE) if first else timedelta()
    pieces = (source.read(at, min(_PIECE, source.size - at)) for at in range(0, source.size, _PIECE))
    return exported(pieces, replace(facts, start=facts.start - lead), signer)


EXPORTING = Exporting("ONVIF Export File Format", "mp4", _made)


_TYPE = "video/mp4"


class RedactedPictures(Redacted):
    """A recording of a camera under redaction, a fragment of about a second at a time; what is shown its edit list says."""

    def pieces(self) -> Iterator[tuple[bytes, float]]:
        """Yield initialisation and fragments, each with the share that is done. Raises UndecodablePartError; PictureError: not in time."""
        try:
            yield from self._pieces()
        except (UndecodableStillError, ContentError) as error:
            raise UndecodablePartError("A recording of the copy cannot be decoded.") from error

    def _pieces(self) -> Iterator[tuple[bytes, float]]:
        index = scan(self.content)
        options = {
            "plan": kept_plan(self.plan),
            "length": axis_length(self.axis),
            "begins": milliseconds(self.axis, self.held.start),
            "scale": self.held.length / timedelta(milliseconds=1) / max(index.end, 1),
            "remark": self.remark,
        }
        head = self.content.read(0, index.head_length)
        with derived_workshop().redaction(head, **options) as course:
            for number, place in enumerate(index.places, 1):
                yield (
                    self._counted(course.feed(self.content.read(place.offset, place.length))),
                    number / len(index.places),
                )
            yield self._counted(course.finish()), 1.0

    def _counted(self, made: bytes) -> bytes:
        at = len(initialisation_of(BytesSource(made))) if made[4:8] == b"ftyp" else 0
        self.units += sum(len(head.run.sizes) for head, _ in parse_fragments(made[at:]))
        return made


def _needed(content: Source) -> bool:
    try:
        return configuration_of(initialisation_of(content))[0] is not Codec.H264
    except ContentError:
        return False


def _converted(content: Source) -> bytes:
    index = scan(content)
    with derived_workshop().conversion(content.read(0, index.head_length)) as conversion:
        made = [conversion.feed(content.read(place.offset, place.length)) for place in index.places]
        return b"".join((*made, conversion.finish()))


def _media_length(content: Source) -> timedelta:
    try:
        first, past = shown_of(initialisation_of(content)) or (0, scan(content).end)
        return timedelta(seconds=(past - first) / TIMESCALE)
    except ContentError:
        return timedelta(0)


PLAYABLE = PlayableForm(_needed, _TYPE, _converted)
REDACTING = Redacting(frozenset({Effect.BLACK}), _TYPE, RedactedPictures, _media_length)


FINDER = by_time
COPIES = CopyForm(
    media_type=lambda _: "video/mp4",
    ceiling=THREE_MONTHS,
    playable=PLAYABLE,
    redacting=REDACTING,
    exporting=EXPORTING,
    shown=part_shown,
)

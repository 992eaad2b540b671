"""Seal recordings anew as the parts of a copy, cut where the stream's own format cuts them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from rejent.cases.copies import rules
from rejent.cases.copies.errors import UndecodablePartError
from rejent.cases.copies.models import Copy, CopyPart
from rejent.cases.copies.queries import copy_view, missing_view, part_view
from rejent.cases.copies.redaction import axis_length, read_plan
from rejent.cases.copies.stream_parts import COPIES, Chosen, axis_of, shown_of
from rejent.cases.copies.views import Absence, Missing
from rejent.catalog import queries as catalog
from rejent.catalog.views import SegmentView
from rejent.content.errors import NotAsEnteredError, not_as_entered
from rejent.content.opening import open_copied, open_for_copy
from rejent.formats.errors import ContentError
from rejent.formats.source import Source
from rejent.kernel.clock import Clock
from rejent.kernel.intervals import Interval
from rejent.registers.guard.rows import verified
from rejent.retention.bound_content import is_as_bound
from rejent.retention.rounds.round import Keeping
from rejent.retention.stream_parts import OBJECTS, Part
from rejent.vault.age import Buffer, Recipient, SealWriter, Sink
from rejent.vault.errors import KeyDestroyedError, KeyUnknownError, ObjectMissingError, SealedObjectError

_PIECE = 4 << 20
_NOTE_EVERY_S = 1.0
"""Seconds between two notes of how much is done."""
_HEAD = 64
_REMARK = "Kopia pochodna z zakrytymi fragmentami; oryginał nienaruszony, numer {number}. Derived copy, redacted; original untouched, number {number}."
"""In the metadata of each derived file."""
_ATTEMPTS = 3
"""Readings of the catalogue before what does not open counts as unreadable: a keeper may seal it anew meanwhile."""
_KEPT_OF_ORIGIN = ("place", "segment", "from_sha256", "whole")
_UNREADABLE = (SealedObjectError, ObjectMissingError, KeyDestroyedError, KeyUnknownError, NotAsEnteredError)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The parts of a copy, not yet stored, and what of the asked time is in none."""

    parts: list[CopyPart]
    missing: list[Missing]
    as_sealed: int | None = None
    """Parts of recordings whose content was found to be what the act of their sealing binds; None where it was not held against that."""


class _Changed(Exception):  # noqa: N818 - no error: it is looked at anew
    """An object was sealed anew or destroyed while it was to be copied."""


class _MeasuringWriter(SealWriter):
    """Seals content and computes its own digest besides."""

    def __init__(self, sink: Sink, recipient: Recipient) -> None:
        self.plain = sha256()
        self.first = b""
        self.length = 0
        super().__init__(sink, [recipient])

    def write(self, content: Buffer) -> None:
        """Append content."""
        if len(self.first) < _HEAD:
            self.first += bytes(memoryview(content)[: _HEAD - len(self.first)])
        self.plain.update(content)
        self.length += memoryview(content).nbytes
        super().write(content)

    def measured(self) -> dict[str, Any]:
        """Return what a part's row says of a finished object."""
        return {
            "sha256": self.plain.hexdigest(),
            "bytes": self.length,
            "head": self.head_sha256.hex(),
            "sealed_sha256": self.sha256.hex(),
            "sealed_bytes": self.size,
        }


@contextmanager
def _sealing_as(name: str, keeping: Keeping, recipient: Recipient) -> Iterator[_MeasuringWriter]:
    """Give what seals an object of a name, which is kept where nothing fails."""
    with keeping.store.create(name) as writer:
        seal = _MeasuringWriter(writer.write, recipient)
        yield seal
        seal.finish()
        writer.commit()


def seal_parts(row: Copy, keeping: Keeping, recipient: Recipient, folder: str) -> Sealed:
    """Seal every recording of what is asked for under the copy's key, in the order of time. Raises StorageError: the store failed."""
    source_id, wanted = row.source_id, Interval(row.start, row.end)
    for attempt in range(_ATTEMPTS):
        sealing = _Sealing(row, keeping, recipient, folder, last=attempt == _ATTEMPTS - 1)
        try:
            there = living_segments(source_id, row.item, wanted, keeping)
            parts = list[CopyPart]()
            progress = _Progress(row, keeping.clock)
            for number, segment in enumerate(there, 1):
                parts += sealing.seal(segment, wanted)
                progress.note(number / len(there))
        except _Changed:
            keeping.store.remove([each.name for each in keeping.store.objects(folder)])
            continue
        known = [*sealing.unreadable, *_known(row, wanted, keeping)]
        if row.item:
            return Sealed(parts, sorted(known, key=lambda each: each.interval.start), sealing.as_sealed)
        present = [Interval(part.start, part.end) for part in parts]
        return Sealed(parts, rules.absences(wanted, present, known), sealing.as_sealed)
    raise AssertionError


def chosen_row(chosen: Chosen) -> list[str]:
    """Return a chosen content, or one that accompanies them, as its copy keeps it from its beginning: by its digest."""
    start, end = (each.isoformat() for each in (chosen.interval.start, chosen.interval.end))
    return [chosen.segment.id.hex, start, end, sha256(chosen.content).hexdigest(), chosen.accompanying]


def seal_chosen(
    row: Copy, chosen: Sequence[Chosen], keeping: Keeping, recipient: Recipient, folder: str
) -> Sealed:
    """Seal contents that a viewing chose, byte for byte; nothing where they are not at hand any more.

    Raises StorageError: the store failed.
    """
    if [chosen_row(each) for each in chosen] != row.chosen:
        return Sealed([], [])
    parts, form = list[CopyPart](), COPIES.of(catalog.verified_stream_of(row.source_id))
    for place, each in enumerate(chosen, 1):
        name = f"{folder}{place:05d}-{each.segment.id.hex}.age"
        with _sealing_as(name, keeping, recipient) as seal:
            seal.write(each.content)
        parts.append(
            CopyPart(
                copy=row,
                place=place,
                segment=each.segment.id,
                from_sha256=each.segment.sha256,
                start=each.interval.start,
                end=each.interval.end,
                units=1,
                whole=False,
                media_type=each.accompanying or form.media_type(seal.first),
                object_name=name,
                **seal.measured(),
            )
        )
    whole = Interval(row.start, row.end)
    present = [each.interval for each in chosen]
    return Sealed(parts, rules.absences(whole, present, [Missing(whole, Absence.NOT_CHOSEN)]))


def seal_derived(row: Copy, keeping: Keeping, recipient: Recipient, folder: str) -> Sealed:
    """Seal what is derived from each recording of the copy that one is derived from, with what its plan hides hidden.

    Raises StorageError: the store failed; LedgerMismatchError: the other copy is not as it was entered; RejentError: the stream's own,
    where no worker is free or one is too late; a keeper tries again.
    """
    if row.origin is None:
        raise AssertionError(row.pk)
    origin = verified(row.origin)
    redacting = COPIES.of(catalog.verified_stream_of(row.source_id)).redacting
    if redacting is None:
        raise AssertionError(row.pk)
    origin_view = copy_view(origin)
    before = sorted(origin.parts.all(), key=lambda part: part.place)
    axis = axis_of(origin_view)
    plan = read_plan(row.plan, axis_length(axis), redacting.effects)
    remark = _REMARK.format(number=origin.number)
    missing, parts = [missing_view(each) for each in origin.missing], list[CopyPart]()
    progress = _Progress(row, keeping.clock)
    for number, part in enumerate(before):
        recorded = part_view(origin, part)
        shown = shown_of(origin_view, recorded)
        name = f"{folder}{part.place:05d}-{part.segment.hex}.age"
        try:
            content = open_copied(recorded)
            made = redacting.made(content, recorded.interval, shown, plan, axis, remark)
            with _sealing_as(name, keeping, recipient) as seal:
                for piece, share in made.pieces():
                    seal.write(piece)
                    progress.note((number + share) / len(before))
        except (*_UNREADABLE, ContentError, UndecodablePartError):
            missing.append(Missing(shown, Absence.UNREADABLE))
            continue
        kept = {name: getattr(part, name) for name in _KEPT_OF_ORIGIN}
        made_anew = {
            "copy": row,
            "start": shown.start,
            "end": shown.end,
            "units": made.units,
            "media_type": redacting.media_type,
            "object_name": name,
        }
        parts.append(CopyPart(**kept, **made_anew, **seal.measured()))
    return Sealed(parts, sorted(missing, key=lambda each: each.interval.start))


class _Progress:
    """Notes how much of a copy is done, for its page."""

    def __init__(self, row: Copy, clock: Clock) -> None:
        self._row, self._clock = row, clock
        self._noted_at = -_NOTE_EVERY_S

    def note(self, share: float) -> None:
        """Note a share, unless one was noted a moment ago."""
        now = self._clock.monotonic()
        if now - self._noted_at >= _NOTE_EVERY_S:
            self._noted_at = now
            Copy.objects.filter(pk=self._row.pk).update(progress=int(share * 1000))


def living_segments(source_id: str, item: str, wanted: Interval, keeping: Keeping) -> list[SegmentView]:
    """Return the recordings of what is asked for whose content is there, in the order of time."""
    living, _ = _divided(source_id, item, wanted, keeping)
    return living


def _divided(
    source_id: str, item: str, wanted: Interval, keeping: Keeping
) -> tuple[list[SegmentView], list[SegmentView]]:
    """Return what is there, and what was destroyed: nothing whose key lives, whatever its row's state says, which no entry binds."""
    alive = {record.recipient.text for record in keeping.keys.alive()}
    living, gone = list[SegmentView](), list[SegmentView]()
    for each in catalog.segments(source_id, wanted.start, wanted.end, destroyed=True):
        if item not in {"", each.run}:
            continue
        entered = catalog.verified_segment(each.id) if each.state == "destroyed" else None
        dead = entered is not None and entered.recipient not in alive
        (gone if dead else living).append(each)
    return living, gone


def _known(row: Copy, wanted: Interval, keeping: Keeping) -> Iterator[Missing]:
    _, gone = _divided(row.source_id, row.item, wanted, keeping)
    for each in gone:
        yield Missing(each.interval, Absence.DESTROYED)
    if row.item:
        return
    for gap in catalog.gaps(row.source_id, wanted.start, wanted.end, clock=keeping.clock):
        end = min(gap.end or wanted.end, wanted.end)
        if gap.start < end:
            yield Missing(Interval(gap.start, end), Absence.GAP, gap.cause)


class _Sealing:
    """One attempt."""

    def __init__(self, row: Copy, keeping: Keeping, recipient: Recipient, folder: str, *, last: bool) -> None:
        self._row, self._keeping, self._recipient, self._folder = row, keeping, recipient, folder
        self._last, self._place = last, 0
        self._stream = catalog.verified_stream_of(row.source_id)
        self._open = open_for_copy(row.source_id, row.item)
        self.unreadable: list[Missing] = []
        self.as_sealed = 0

    def seal(self, segment: SegmentView, wanted: Interval) -> list[CopyPart]:
        """Seal what is wanted of a segment; nothing where it does not open."""
        held = segment.interval if self._row.item else segment.interval.intersection(wanted)
        if held is None:
            return []
        before = self._place
        try:
            content = self._open(segment)
            bound = is_as_bound(segment, content)  # type: ignore[arg-type]  # a sealed reader
            if bound is False:
                raise not_as_entered()
            parts = [self._write(segment, content, part) for part in self._parts(content, segment, held)]
        except _UNREADABLE as error:
            if not self._last:
                raise _Changed from error
            self._keeping.store.remove(
                [self._name(place, segment) for place in range(before + 1, self._place + 1)]
            )
            self._place = before
            self.unreadable.append(Missing(segment.interval, Absence.UNREADABLE))
            return []
        self.as_sealed += len(parts) if bound else 0
        return parts

    def _parts(self, content: Source, segment: SegmentView, held: Interval) -> list[Part | None]:
        shown = COPIES.of(self._stream).shown
        try:
            if shown is not None:
                return [shown(content, segment, held)]  # type: ignore[arg-type]  # a sealed reader
            return list(OBJECTS.of(self._stream).parts_of(content, segment, [held])) or [None]  # type: ignore[arg-type]  # the same
        except ContentError:
            return [None]

    def _name(self, place: int, segment: SegmentView) -> str:
        return f"{self._folder}{place:05d}-{segment.id.hex}.age"

    def _write(self, segment: SegmentView, content: Source, part: Part | None) -> CopyPart:
        self._place += 1
        name = self._name(self._place, segment)
        with _sealing_as(name, self._keeping, self._recipient) as seal:
            if part is None:
                for offset in range(0, content.size, _PIECE):
                    seal.write(content.read(offset, _PIECE))
            else:
                part.write(seal)
        shown = part.interval if part else segment.interval
        return CopyPart(
            copy=self._row,
            place=self._place,
            segment=segment.id,
            from_sha256=segment.sha256,
            start=shown.start,
            end=shown.end,
            units=part.units if part else segment.units,
            whole=part is None,
            media_type=COPIES.of(self._stream).media_type(seal.first),
            object_name=name,
            **seal.measured(),
        )

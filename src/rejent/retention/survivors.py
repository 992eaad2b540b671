"""Sealing anew what holds keep, before the key of everything else may die.

A segment that holds cover wholly keeps its bytes: only the header is rewritten, and the one before is remembered, so that
anybody can still compute the digest that was booked first. A segment covered in part is cut at whole pictures into objects
of their own, which state what they came from.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction

from rejent.capture.video.mp4.cutting import Cut, cut, joined
from rejent.capture.video.mp4.errors import MovieError
from rejent.capture.video.mp4.index import FragmentIndex
from rejent.capture.video.mp4.reader import parsed_head, scan
from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.catalog.services import FinishedSegment
from rejent.catalog.views import SegmentView
from rejent.kernel.clock import local_midnight
from rejent.kernel.intervals import Interval, uncovered
from rejent.kernel.terms import end_of_day
from rejent.registers.services import enter
from rejent.retention.acts import SEGMENT_CUT, SURVIVOR_LOST
from rejent.retention.digests import digest_of
from rejent.retention.holds import cover_of
from rejent.retention.keeping import Keeping
from rejent.retention.key_lookup import living_survivor_identities, survivor_label
from rejent.retention.models import Destruction, Survivor
from rejent.retention.standing_holds import standing_over
from rejent.vault.age import Identity, Recipient, SealedReader, SealWriter, rewrap
from rejent.vault.errors import KeyDestroyedError, KeyUnknownError, ObjectMissingError, SealedObjectError
from rejent.vault.keys import HOLD
from rejent.vault.opening import read_header

_SLACK = timedelta(minutes=2)
_PAST_ALL = 1 << 40
"""A tick after any segment's end."""


@dataclass(frozen=True, slots=True)
class Unsaved:
    """A segment of a dying key and the parts of it that holds keep."""

    segment: SegmentView
    held: list[Interval]


def day_span(destruction: Destruction) -> Interval:
    """The civil date, with room for a last picture that ends after it."""
    return Interval(local_midnight(destruction.day) - _SLACK, end_of_day(destruction.day) + _SLACK)


def unsaved(destruction: Destruction) -> list[Unsaved]:
    """What holds in force keep of the key's segments and is not sealed anew yet."""
    span = day_span(destruction)
    cover = cover_of(destruction.source_id, span)
    if not cover:
        return []
    saved: defaultdict[UUID, list[Interval]] = defaultdict(list)
    for row in Survivor.objects.filter(destruction=destruction, booked=True):
        saved[row.from_segment].append(Interval(row.start, row.end))
    found: list[Unsaved] = []
    for segment in catalog.segments(destruction.source_id, span.start, span.end):
        if segment.recipient == destruction.recipient and segment.day == destruction.day:
            held = [part for part in cover.within(segment.interval) if uncovered(part, saved[segment.id])]
            if held:
                found.append(Unsaved(segment, held))
    return found


def save_survivors(keeping: Keeping, destruction: Destruction) -> int:
    """Seal everything that holds keep under the destruction's own key; how many segments were looked at.

    Raises:
        StorageError: the store failed; nothing of the key may be destroyed yet.
    """
    count = 0
    while waiting := unsaved(destruction):
        saving = _Saving(keeping, destruction)
        for each in waiting:
            saving.save(each)
        count += len(waiting)
    return count


class _Saving:
    """One destruction's survivors on their way to another key."""

    def __init__(self, keeping: Keeping, destruction: Destruction) -> None:
        self._keeping = keeping
        self._store = keeping.store
        self._destruction = destruction
        self._identities = self._openers()
        self._recipient = self._survivor_key()
        span = day_span(destruction)
        self._holds = standing_over(destruction.source_id, span)

    def save(self, unsaved: Unsaved) -> None:
        """Keep one segment or parts of it; what nobody can open any more is entered as lost."""
        segment = unsaved.segment
        try:
            with self._store.open(segment.object_name) as sealed:
                try:
                    reader = SealedReader(sealed, self._identities)
                    cuts = _cuts(reader, segment, unsaved.held)
                except MovieError:
                    cuts = []
                for part in cuts:
                    self._keep_part(segment, part)
            if not cuts:
                self._keep_whole(segment)
        except (SealedObjectError, ObjectMissingError):
            self._keep_damaged(segment)

    def _openers(self) -> Sequence[Identity]:
        """The dying key; where it is dead already (an older database was restored) the keys of survivors still alive."""
        keys, row = self._keeping.keys, self._destruction
        try:
            return [keys.identity_for(row.recipient)]
        except (KeyDestroyedError, KeyUnknownError):
            return living_survivor_identities(keys, row.source_id, row.day)

    def _survivor_key(self) -> Recipient:
        """The key survivors are sealed to; made once, and found again after a crash."""
        row, keys = self._destruction, self._keeping.keys
        if not row.survivor_key:
            known = set(Destruction.objects.exclude(survivor_key="").values_list("survivor_key", flat=True))
            label = survivor_label(row.source_id, row.day)
            unused = [
                record
                for record in keys.alive()
                if record.kind == HOLD and record.label == label and record.id not in known
            ]
            row.survivor_key, recipient = (
                (unused[0].id, unused[0].recipient) if unused else keys.new_key(HOLD, label)
            )
            row.survivor_recipient = recipient.text
            row.save(update_fields=["survivor_key", "survivor_recipient"])
        return Recipient.parse(row.survivor_recipient)

    def _numbers(self, interval: Interval) -> str:
        return ", ".join(
            dict.fromkeys(hold.number for hold in self._holds if hold.interval.overlaps(interval))
        )

    def _keep_whole(self, segment: SegmentView) -> None:
        """Rewrite the header; the rest of the object stays as it is."""
        intent = self._intent_for_whole(segment)
        after, before = bytes(intent.header_after), bytes(intent.header_before)
        with self._store.open(segment.object_name) as sealed:
            present = sealed.read_at(0, len(after))
        if present != after:
            self._store.replace_head(segment.object_name, len(before), after)
        with self._store.open(segment.object_name) as sealed:
            size, sha256 = sealed.size, digest_of(sealed).hex()
        first = Survivor.objects.filter(segment=segment.id).exclude(header_before=b"").order_by("pk").first()
        with transaction.atomic():
            catalog_services.note_resealed(
                segment.id,
                recipient=self._recipient.text,
                object_name=segment.object_name,
                bytes=size,
                sha256=sha256,
                hold=self._numbers(segment.interval),
                clock=self._keeping.clock,
                replaced_header=bytes(first.header_before) if first else before,
            )
            Survivor.objects.filter(pk=intent.pk).update(booked=True)

    def _intent_for_whole(self, segment: SegmentView) -> Survivor:
        known = Survivor.objects.filter(destruction=self._destruction, segment=segment.id).first()
        if known is not None:
            return known
        with self._store.open(segment.object_name) as sealed:
            before, _ = read_header(sealed)
        after = rewrap(before, self._identities, [self._recipient])
        return self._intend(
            segment,
            segment.id,
            segment.object_name,
            segment.interval,
            header_before=before,
            header_after=after,
        )

    def _keep_part(self, segment: SegmentView, part: "_Part") -> None:
        """Write a part as an object of its own."""
        new_id = uuid5(segment.id, f"{part.cut.origin}-{part.cut.end}-{self._recipient.text}")
        begun = part.interval.start.strftime("%H%M%S%f")
        name = f"{segment.source_id}/{segment.day.isoformat()}/{begun}-{new_id.hex}.age"
        intent = Survivor.objects.filter(destruction=self._destruction, segment=new_id).first()
        if intent is None:
            intent = self._intend(segment, new_id, name, part.interval)
        elif intent.booked:
            return
        self._store.remove([name])
        with self._store.create(name, into_reserve=True) as writer:
            seal = SealWriter(writer.write, [self._recipient])
            index = _written(seal, part.cut)
            seal.finish()
            writer.commit()
        kept = FinishedSegment(
            id=new_id,
            source_id=segment.source_id,
            day=segment.day,
            start=part.interval.start,
            end=part.interval.end,
            camera_offset_s=segment.camera_offset_s,
            run=segment.run,
            object_name=name,
            bytes=seal.size,
            sha256=seal.sha256.hex(),
            recipient=self._recipient.text,
            frames=index.pictures,
            codec=segment.codec,
            width=segment.width,
            height=segment.height,
            index=index.encode(),
            recovered=segment.recovered,
        )
        self._book_part(segment, kept, intent)

    def _book_part(self, segment: SegmentView, kept: FinishedSegment, intent: Survivor) -> None:
        clock = self._keeping.clock
        record = {
            "source": segment.source_id,
            "segment": str(kept.id),
            "start": kept.start.isoformat(),
            "end": kept.end.isoformat(),
            "object": kept.object_name,
            "sha256": kept.sha256,
            "from": str(segment.id),
            "from_sha256": segment.sha256,
            "hold": self._numbers(kept.interval),
        }
        with transaction.atomic():
            catalog_services.book_segments([kept], clock)
            catalog_services.mark_held([kept.id])
            enter(SEGMENT_CUT, actor="", subject=f"source:{segment.source_id}", record=record, at=clock.now())
            Survivor.objects.filter(pk=intent.pk).update(booked=True)

    def _keep_damaged(self, segment: SegmentView) -> None:
        """Keep an object that does not open whole by its header alone; where even that fails, nobody can keep it."""
        try:
            self._keep_whole(segment)
        except (SealedObjectError, ObjectMissingError) as error:
            with transaction.atomic():
                intent, _ = Survivor.objects.update_or_create(
                    destruction=self._destruction,
                    segment=segment.id,
                    defaults=_origin(segment, segment.object_name, segment.interval)
                    | {"booked": True, "lost": True},
                )
                record = {
                    "source": segment.source_id,
                    "segment": str(intent.segment),
                    "why": error.code,
                    "hold": self._numbers(segment.interval),
                }
                enter(
                    SURVIVOR_LOST,
                    actor="",
                    subject=f"source:{segment.source_id}",
                    record=record,
                    at=self._keeping.clock.now(),
                )

    def _intend(
        self, segment: SegmentView, new_id: UUID, name: str, interval: Interval, **headers: bytes
    ) -> Survivor:
        return Survivor.objects.create(
            destruction=self._destruction, segment=new_id, **headers, **_origin(segment, name, interval)
        )


@dataclass(frozen=True, slots=True)
class _Part:
    cut: Cut
    interval: Interval


def _origin(segment: SegmentView, name: str, interval: Interval) -> dict[str, object]:
    return {
        "from_segment": segment.id,
        "from_sha256": segment.sha256,
        "object_name": name,
        "start": interval.start,
        "end": interval.end,
    }


def _cuts(reader: SealedReader, segment: SegmentView, held: Sequence[Interval]) -> list[_Part]:
    """The parts to cut out; none where the whole segment is needed to show what is held."""
    if list(held) == [segment.interval]:
        return []
    index = FragmentIndex.decode(segment.index) if segment.index else scan(reader)
    ticks = _Ticks(segment.interval, index.end)
    wanted: list[tuple[int, int]] = []
    for part in held:
        first, past = ticks.shown_at(part.start), ticks.reached_by(part.end)
        found = cut(reader, index, first, past)
        if wanted and found.origin <= wanted[-1][1]:
            first = wanted.pop()[0]
            found = cut(reader, index, first, past)
        wanted.append((first, found.end))
    parts = [cut(reader, index, first, past) for first, past in wanted]
    if any(part.pictures == index.pictures for part in parts):
        return []
    return [_Part(part, ticks.interval(part.origin, part.end)) for part in parts]


@dataclass(frozen=True, slots=True)
class _Ticks:
    """A segment's media time against its instants."""

    interval_of_all: Interval
    end: int

    def shown_at(self, at: datetime) -> int:
        """The tick shown at an instant."""
        whole = self.interval_of_all
        return max((at - whole.start) * self.end // whole.length, 0)

    def reached_by(self, at: datetime) -> int:
        """The first tick not shown before an instant; beyond all for what ends with the segment."""
        whole = self.interval_of_all
        return _PAST_ALL if at >= whole.end else -((whole.start - at) * self.end // whole.length)

    def interval(self, first: int, past: int) -> Interval:
        """The instants of a stretch of ticks."""
        whole = self.interval_of_all
        return Interval(
            whole.start + whole.length * (first / self.end),
            whole.end if past >= self.end else whole.start + whole.length * (past / self.end),
        )


def _written(seal: SealWriter, part: Cut) -> FragmentIndex:
    """Seal a part as a file of its own; where its fragments lie."""
    pieces = joined([(0, part)])
    places = []
    for number, piece in enumerate(pieces):
        if number:
            places.append(parsed_head(piece).place(seal.content_size))
        seal.write(piece)
    return FragmentIndex(tuple(places))

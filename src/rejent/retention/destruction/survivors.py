"""Seal anew what holds keep, before the key of everything else may die.

A segment that holds cover wholly keeps its bytes: only the header is rewritten, and the one before is remembered, so that
anybody can still compute the digest that was booked first. A segment covered in part is cut by its stream's format into objects
of their own, which state what they came from.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from django.db import transaction

from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.catalog.services import FinishedSegment
from rejent.catalog.views import SegmentView
from rejent.formats.errors import ContentError
from rejent.kernel.clock import local_midnight
from rejent.kernel.intervals import Interval, uncovered
from rejent.kernel.terms import end_of_day
from rejent.registers.services import enter
from rejent.retention.acts import SEGMENT_CUT, SURVIVOR_LOST
from rejent.retention.destruction.proof import (
    Sealings,
    digest_of,
    is_as_booked,
    require_waited,
    unproven,
)
from rejent.retention.errors import NotSavedError
from rejent.retention.holds.standing import standing_over
from rejent.retention.keys.day_keys import keys_of_survivors, living_keys, survivor_label
from rejent.retention.models import Destruction, Survivor
from rejent.retention.rounds.round import Keeping
from rejent.retention.stream_parts import OBJECTS, Part
from rejent.retention.terms.rules import Cover, StandingHold
from rejent.vault.age import Identity, Recipient, SealedReader, SealWriter, rewrap
from rejent.vault.age.sealed_reader import read_header
from rejent.vault.errors import (
    KeyDestroyedError,
    KeyTextError,
    KeyUnknownError,
    ObjectMissingError,
    SealedObjectError,
)
from rejent.vault.keys.key_store import HOLD

_SLACK = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Unsaved:
    """A segment of a dying key and the parts of it that holds keep."""

    segment: SegmentView
    held: list[Interval]


def day_span(destruction: Destruction) -> Interval:
    """Return the civil date, with room for what began on it and ends after it."""
    room = max(_SLACK, catalog.longest_of(destruction.source_id))
    return Interval(local_midnight(destruction.day) - _SLACK, end_of_day(destruction.day) + room)


def unsaved(destruction: Destruction) -> list[Unsaved]:
    """Return what holds in force keep of the key's segments and is not sealed anew yet."""
    return _not_kept(destruction, standing_over(destruction.source_id, day_span(destruction)))


def destroyed_under(destruction: Destruction, standing: Sequence[StandingHold]) -> list[Unsaved]:
    """Return what of the key's destroyed segments some holds keep and the destruction did not, by rows; but what was removed singly."""
    withdrawn = catalog.withdrawn_digests(destruction.source_id)
    lacking = _not_kept(destruction, standing, destroyed=True)
    return [each for each in lacking if each.segment.sha256 not in withdrawn]


def _not_kept(
    destruction: Destruction, standing: Sequence[StandingHold], *, destroyed: bool = False
) -> list[Unsaved]:
    if not standing:
        return []
    span = day_span(destruction)
    saved: defaultdict[UUID, list[Interval]] = defaultdict(list)
    for row in Survivor.objects.filter(destruction=destruction, booked=True):
        saved[row.from_segment].append(Interval(row.start, row.end))
    covers: dict[str | None, Cover] = {}
    found: list[Unsaved] = []
    for segment in catalog.segments(destruction.source_id, span.start, span.end, destroyed=destroyed):
        if destroyed and segment.state != "destroyed":
            continue
        if segment.recipient == destruction.recipient and segment.day == destruction.day:
            run = _run_of(segment, standing)
            if run not in covers:
                covers[run] = Cover(
                    each.time_of(run) for each in standing if run is None or each.keeps_of(run)
                )
            cover = covers[run]
            held = [part for part in cover.within(segment.interval) if uncovered(part, saved[segment.id])]
            if held:
                found.append(Unsaved(segment, held))
    return found


def _run_of(segment: SegmentView, standing: Sequence[StandingHold]) -> str | None:
    """Return the item that a segment is of, as far as that matters to a hold and the ledger says the same.

    Nothing where it does not: every hold of its time then keeps it, so that no edited row takes it from one.
    """
    of_items = (each for each in standing if each.item)
    if not any(each.item == segment.run or each.interval.overlaps(segment.interval) for each in of_items):
        return segment.run
    return segment.run if catalog.verified_run(segment.id) == segment.run else None


def is_reached(destruction: Destruction) -> bool:
    """Return whether a hold in force may keep something of the key's segments."""
    return bool(standing_over(destruction.source_id, day_span(destruction)))


def save_survivors(keeping: Keeping, destruction: Destruction, sealings: Sealings) -> int:
    """Seal everything that holds keep under the destruction's own key and return how many segments were looked at.

    Raises:
        StorageError: the store failed; nothing of the key may be destroyed yet.
        NotSavedError: what holds keep of it does not become less, or the ledger knows of more than was found; the key may not die.
    """
    count, before = 0, list[tuple[UUID, list[Interval]]]()
    while waiting := unsaved(destruction):
        left = [(each.segment.id, each.held) for each in waiting]
        if left == before:
            raise NotSavedError(
                "What holds keep of {segments} segments could not be sealed anew.", segments=len(left)
            )
        before = left
        saving, failure = _Saving(keeping, destruction), None
        for each in waiting:
            try:
                saving.save(each)
            except NotSavedError as error:
                failure = error
        if failure is not None:
            raise failure
        count += len(waiting)
    if unsafe := _unproven(keeping, destruction, sealings):
        raise NotSavedError(
            "Of {segments} segments the ledger does not tell that what holds keep of them is safe.",
            segments=unsafe,
            advice="Run rejent fsck.",
        )
    return count


def is_saved(keeping: Keeping, destruction: Destruction, sealings: Sealings) -> bool:
    """Return whether all that holds in force keep of the key lies under another one, by the rows and by the ledger."""
    if not is_reached(destruction):
        return True
    return (
        sealings.covers([destruction])
        and not unsaved(destruction)
        and not _unproven(keeping, destruction, sealings)
    )


def _unproven(keeping: Keeping, row: Destruction, sealings: Sealings) -> int:
    standing = standing_over(row.source_id, day_span(row))
    if not standing:
        return 0
    keys = keys_of_survivors(keeping.keys, row.source_id, row.day)
    others = {each.recipient.text for each in keys} - {row.recipient}
    return unproven(row, standing, others, sealings.acts_of(row))


class _Saving:
    """One destruction's survivors on their way to another key."""

    def __init__(self, keeping: Keeping, destruction: Destruction) -> None:
        self._keeping = keeping
        self._store = keeping.store
        self._destruction = destruction
        self._is_key_dead = False
        self._identities = self._openers()
        self._recipient = self._survivor_key()
        span = day_span(destruction)
        self._holds = standing_over(destruction.source_id, span)

    def save(self, unsaved: Unsaved) -> None:
        """Keep one segment or parts of it; what does not open any more is entered as lost."""
        segment = unsaved.segment
        intact = is_as_booked(self._store, segment, self._intent_of(segment))
        if not intact:
            require_waited(self._keeping, self._destruction, segment, is_key_dead=self._is_key_dead)
        try:
            if not (intact and self._cut_out(unsaved)):
                self._keep_whole(segment)
        except (SealedObjectError, ObjectMissingError):
            self._keep_damaged(segment)

    def _cut_out(self, unsaved: Unsaved) -> bool:
        """Keep the parts that are held; return whether there are any, or the whole is needed."""
        segment = unsaved.segment
        form = OBJECTS.of(catalog.stream_of(segment.source_id))
        with self._store.open(segment.object_name) as sealed:
            try:
                cuts = form.parts_of(SealedReader(sealed, self._identities), segment, unsaved.held)
            except ContentError:
                return False
            for part in cuts:
                self._keep_part(segment, part)
        return bool(cuts)

    def _openers(self) -> Sequence[Identity]:
        """Return the dying key; where there is none (an older database was restored) those of its date still alive."""
        keys, row = self._keeping.keys, self._destruction
        try:
            return [keys.identity_by_recipient(row.recipient)]
        except (KeyDestroyedError, KeyTextError, KeyUnknownError) as error:
            self._is_key_dead = isinstance(error, KeyDestroyedError)
            return [keys.identity_by_id(each.id) for each in living_keys(keys, row.source_id, row.day)]

    def _survivor_key(self) -> Recipient:
        """Return the key that survivors are sealed to, by the key store; made once, and found again after a crash."""
        row, keys = self._destruction, self._keeping.keys
        ours = [
            each
            for each in keys_of_survivors(keys, row.source_id, row.day)
            if each.recipient.text != row.recipient
        ]
        found = next((each for each in ours if each.id == row.survivor_key), None)
        if found is None:
            known = set(Destruction.objects.exclude(survivor_key="").values_list("survivor_key", flat=True))
            unused = [each for each in ours if each.id not in known]
            made = unused or [keys.record(keys.new_key(HOLD, survivor_label(row.source_id, row.day))[0])]
            found = made[0]
        if (row.survivor_key, row.survivor_recipient) != (found.id, found.recipient.text):
            row.survivor_key, row.survivor_recipient = found.id, found.recipient.text
            row.save(update_fields=["survivor_key", "survivor_recipient"])
        return found.recipient

    def _numbers(self, interval: Interval, segment: SegmentView) -> str:
        run = _run_of(segment, self._holds)
        over = (
            hold
            for hold in self._holds
            if (run is None or hold.keeps_of(run)) and hold.time_of(run).overlaps(interval)
        )
        return ", ".join(dict.fromkeys(hold.number for hold in over))

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
                head=hashlib.sha256(after).hexdigest(),
                hold=self._numbers(segment.interval, segment),
                clock=self._keeping.clock,
                replaced_header=bytes(first.header_before) if first else before,
            )
            Survivor.objects.filter(pk=intent.pk).update(booked=True)

    def _intent_of(self, segment: SegmentView) -> Survivor | None:
        return Survivor.objects.filter(destruction=self._destruction, segment=segment.id).first()

    def _intent_for_whole(self, segment: SegmentView) -> Survivor:
        known = self._intent_of(segment)
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

    def _keep_part(self, segment: SegmentView, part: Part) -> None:
        """Write a part as an object of its own."""
        new_id = uuid5(segment.id, f"{part.ticks[0]}-{part.ticks[1]}-{self._recipient.text}")
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
            index = part.write(seal)
            seal.finish()
            writer.commit()
        kept = FinishedSegment(
            id=new_id,
            source_id=segment.source_id,
            day=segment.day,
            start=part.interval.start,
            end=part.interval.end,
            run=segment.run,
            object_name=name,
            bytes=seal.size,
            sha256=seal.sha256.hex(),
            head=seal.head_sha256.hex(),
            recipient=self._recipient.text,
            units=part.units,
            index=index.encode(),
            recovered=False,
            traits=segment.traits,
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
            "recipient": kept.recipient,
            "from": str(segment.id),
            "from_sha256": segment.sha256,
            "hold": self._numbers(kept.interval, segment),
        }
        with transaction.atomic():
            catalog_services.book_segments([kept], clock)
            catalog_services.mark_held([kept.id])
            enter(SEGMENT_CUT, actor="", subject=f"source:{segment.source_id}", record=record, at=clock.now())
            Survivor.objects.filter(pk=intent.pk).update(booked=True)

    def _keep_damaged(self, segment: SegmentView) -> None:
        """Keep an object that does not open whole by its header alone; where even that fails, it is lost.

        Raises `NotSavedError`: it has not been missing for `rejent.retention.destruction.proof.MISSING_FOR`.
        """
        try:
            self._keep_whole(segment)
        except (SealedObjectError, ObjectMissingError) as error:
            require_waited(self._keeping, self._destruction, segment, is_key_dead=self._is_key_dead)
            with transaction.atomic():
                intent, _ = Survivor.objects.update_or_create(
                    destruction=self._destruction,
                    segment=segment.id,
                    defaults=_origin(segment, segment.object_name, segment.interval)
                    | {"booked": True, "lost": True},
                )
                subject, now = f"source:{segment.source_id}", self._keeping.clock.now()
                record = {
                    "source": segment.source_id,
                    "segment": str(intent.segment),
                    "why": error.code,
                    "recipient": self._destruction.recipient,
                    "hold": self._numbers(segment.interval, segment),
                }
                enter(SURVIVOR_LOST, actor="", subject=subject, record=record, at=now)

    def _intend(
        self, segment: SegmentView, new_id: UUID, name: str, interval: Interval, **headers: bytes
    ) -> Survivor:
        return Survivor.objects.create(
            destruction=self._destruction, segment=new_id, **headers, **_origin(segment, name, interval)
        )


def _origin(segment: SegmentView, name: str, interval: Interval) -> dict[str, object]:
    return {
        "from_segment": segment.id,
        "from_sha256": segment.sha256,
        "object_name": name,
        "start": interval.start,
        "end": interval.end,
    }

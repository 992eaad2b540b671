"""Prove by acts alone that what holds keep of a dying key lies under another one, and that an object is the one that was booked.

Rows are the keepers' list of work. Whoever deletes or edits one behind the program's back would let what is held die with its key;
so before a key dies, the acts that sealed something to it are asked as well. What a hold keeps and is not there is waited for.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import ClassVar, Literal
from uuid import UUID

from rejent.catalog import queries as catalog
from rejent.catalog.acts import SEGMENT_RESEALED, SEGMENT_SEALED
from rejent.catalog.errors import NoSuchSegmentError
from rejent.catalog.views import SegmentView
from rejent.kernel.clock import local_midnight
from rejent.kernel.intervals import Interval, uncovered
from rejent.kernel.terms import end_of_day
from rejent.registers.guard.rows import matching
from rejent.registers.queries import EnteredAct, committed_facts, entered_naming
from rejent.registers.stretches import Stretch, first_place_since
from rejent.retention.acts import SEGMENT_CUT, SEGMENT_MENDED, SURVIVOR_LOST
from rejent.retention.errors import NotSavedError
from rejent.retention.models import Destruction, Survivor
from rejent.retention.rounds.round import Keeping, last_done, missing, note_done
from rejent.retention.terms.rules import Cover, StandingHold
from rejent.vault.age.random_access import RandomAccess
from rejent.vault.errors import ObjectMissingError, StorageError
from rejent.vault.store.object_store import ObjectStore

_PIECE = 1 << 20
_BEFORE = timedelta(days=1)
"""By how much the clock may have been wrong when something was sealed."""
_OF_OBJECTS = (SEGMENT_SEALED.name, SEGMENT_MENDED.name, SEGMENT_RESEALED.name)
_UNKNOWN_LENGTH = timedelta(milliseconds=1)
"""Of what a killed recorder left; the act that mends it states more."""

Facts = Mapping[str, object]


def digest_of(sealed: RandomAccess, *, head: bytes = b"", instead_of: int = 0) -> bytes:
    """Return the SHA-256 of an object, or of what it was with ``head`` in the place of its first ``instead_of`` bytes."""
    digest = hashlib.sha256(head)
    for offset in range(instead_of, sealed.size, _PIECE):
        digest.update(sealed.read_at(offset, min(_PIECE, sealed.size - offset)))
    return digest.digest()


def difference_of(
    store: ObjectStore, name: str, size: int | None, sealed: tuple[int, str], *, deep: bool
) -> Literal["", "missing", "changed"]:
    """Return how an object differs from what was sealed, of which ``sealed`` is length and SHA-256; ``size`` is what the store lists."""
    if size is None:
        return "missing"
    try:
        if size != sealed[0]:
            return "changed"
        if deep:
            with store.open(name) as opened:
                return "" if digest_of(opened).hex() == sealed[1] else "changed"
    except (ObjectMissingError, StorageError):
        return "missing"
    return ""


def digest_of_digests(digests: Iterable[str]) -> str:
    """Return one digest over many, hexadecimal, in the order given: what a destruction proves of the objects it removed."""
    whole = hashlib.sha256()
    for digest in digests:
        whole.update(bytes.fromhex(digest))
    return whole.hexdigest()


def is_as_booked(store: ObjectStore, segment: SegmentView, survivor: Survivor | None) -> bool:
    """Return whether a segment's object is byte by byte the one that was booked; whoever knows a public half can seal another.

    ``survivor`` is its row, if it is being sealed anew: its new head may not be booked yet.
    """
    before, after = (bytes(survivor.header_before), bytes(survivor.header_after)) if survivor else (b"", b"")
    try:
        with store.open(segment.object_name) as sealed:
            if after and sealed.read_at(0, len(after)) == after:
                return digest_of(sealed, head=before, instead_of=len(after)).hex() == segment.sha256
            return digest_of(sealed).hex() == segment.sha256
    except ObjectMissingError:
        return False


def is_entered_name(segment: UUID, name: str) -> bool:
    """Return whether an act says that this object was sealed, and its name is that of the segment."""
    acts = [act for kind in (SEGMENT_SEALED, SEGMENT_CUT) for act in entered_naming(kind.name, name)]
    return segment.hex in name and any((act.facts or {}).get("object") == name for act in acts)


class Sealings:
    """What the ledger says that was sealed to dying keys, read by places: each entry since then is held against its tag.

    Args:
        destructions: of which something may be held; of their keys alone what was sealed is known.
    """

    _waiting: ClassVar["Sealings | None"] = None
    """Of destructions that are put off, so that the ledger is not read anew in each round."""

    @classmethod
    def of(cls, destructions: Collection[Destruction]) -> "Sealings":
        """Return what was sealed to the keys of some destructions; it is remembered for as long as one of them waits."""
        if cls._waiting is None or not destructions or not cls._waiting.covers(destructions):
            cls._waiting = cls(destructions)
        return cls._waiting

    def __init__(self, destructions: Iterable[Destruction]) -> None:
        rows = {row.recipient: row for row in destructions}
        kept = matching(Destruction.objects.filter(survivor_recipient__in=list(rows)).order_by("pk"))
        keepers = {row.survivor_recipient: row for row in kept if row.done_entry is not None}
        first = _Places()
        self._first = {key: first.of(row.day) for key, row in rows.items() if key not in keepers}
        sources = {f"source:{row.source_id}" for key, row in rows.items() if key not in keepers}
        self._of_days = _stretch(min(self._first.values(), default=0), None, sources, self._first)
        self._of_survivors = {
            key: _stretch(row.decided_entry, row.done_entry, {f"source:{row.source_id}"}, {key})
            for key, row in keepers.items()
        }

    def covers(self, destructions: Collection[Destruction]) -> bool:
        """Return whether it is known what was sealed to the key of each."""
        return all(
            row.recipient in self._first or row.recipient in self._of_survivors for row in destructions
        )

    def acts_of(self, row: Destruction) -> list[EnteredAct]:
        """Return the acts by which something was sealed to a key, or was mended, in the order of the ledger, as it stands now.

        Those besides that a clock which ran ahead had the program enter earlier, as far as the database finds them.

        Raises `NotSavedError`: one of the entries among which they are cannot be read.
        """
        stretch = self._of_survivors.get(row.recipient, self._of_days)
        stretch.read_on()
        first, subject = self._first.get(row.recipient, stretch.first), f"source:{row.source_id}"
        if unreadable := [place for place in stretch.unreadable if place >= first]:
            raise NotSavedError(
                "Entry {index} of the ledger is missing or was changed, so that it is not known of all that was sealed to the key of {day} whether a hold keeps it.",
                index=min(unreadable),
                day=row.day.isoformat(),
                advice="Run rejent fsck.",
            )
        found = {
            place: act for place, act in stretch.acts.items() if place >= first and act.subject == subject
        }
        since = local_midnight(row.day) - _BEFORE
        for name in (SEGMENT_SEALED.name, SEGMENT_RESEALED.name):
            besides = entered_naming(name, row.recipient, subject=subject, since=since)
            found |= {act.index: act for act in besides}
        return [found[place] for place in sorted(found)]


def _stretch(first: int, stop: int | None, subjects: Collection[str], keys: Collection[str]) -> Stretch:
    def is_wanted(act: EnteredAct) -> bool:
        return act.act == SEGMENT_MENDED.name or (act.facts or {}).get("recipient") in keys

    return Stretch(first, stop, names=_OF_OBJECTS, subjects=subjects, wanted=is_wanted)


class _Places:
    """Places before which nothing was sealed to the keys of some dates."""

    def __init__(self) -> None:
        self._of: dict[date, int] = {}

    def of(self, day: date) -> int:
        """Return that of a date; what is sealed to its key is entered on it or later, by the clock that names the date."""
        if day not in self._of:
            self._of[day] = first_place_since(local_midnight(day) - _BEFORE)
        return self._of[day]


def unproven(
    destruction: Destruction,
    standing: list[StandingHold],
    survivors: Collection[str],
    acts: Collection[EnteredAct],
) -> int:
    """Return how many objects under a key hold something held of which no act says that it lies elsewhere or was lost.

    Args:
        destruction: of the key.
        standing: the holds.
        survivors: the public halves of the living keys to which what is held of its date is sealed.
        acts: by which something was sealed to it, or mended.
    """
    elsewhere, mended = _Elsewhere(destruction, survivors), _Mended(destruction, acts)
    return sum(_lacks(elsewhere, mended, one, standing) for one in _sealed_to(destruction, mended, acts))


@dataclass(frozen=True, slots=True)
class _Sealed:
    """An object under a key, as the ledger has it; ``run`` is nothing where it does not say whose it is."""

    name: str
    sha256: str
    interval: Interval
    run: str | None


def _lacks(elsewhere: "_Elsewhere", known: "_Mended", one: _Sealed, standing: list[StandingHold]) -> bool:
    cover = Cover(each.time_of(one.run) for each in standing if one.run is None or each.keeps_of(one.run))
    held = cover.within(one.interval)
    parts = elsewhere.parts_of(one) if held else []
    if not any(uncovered(part, parts) for part in held) or elsewhere.is_gone(one):
        return False
    mended = known.form_of(one)
    return mended == one or _lacks(elsewhere, known, mended, standing)


def _sealed_to(
    destruction: Destruction, mended: "_Mended", acts: Collection[EnteredAct]
) -> Iterator[_Sealed]:
    """Yield what was sealed to a key, at first or for a hold."""
    for act in acts:
        if act.facts is not None and act.facts.get("recipient") == destruction.recipient:
            if act.act == SEGMENT_SEALED.name:
                yield _as_sealed(act.facts, mended)
            elif act.act == SEGMENT_RESEALED.name:
                yield _resealed(act.facts, destruction, mended)


def _as_sealed(facts: Facts, mended: "_Mended") -> _Sealed:
    """Return what an act of sealing says; of what a killed recorder left, what it was mended to."""
    start, end = (datetime.fromisoformat(str(facts[name])) for name in ("start", "end"))
    one = _Sealed(str(facts["object"]), str(facts["sha256"]), Interval(start, end), _run(facts))
    return mended.form_of(one) if end - start <= _UNKNOWN_LENGTH else one


class _Mended:
    """Objects as acts have them that mended what killed recorders had left."""

    def __init__(self, destruction: Destruction, acts: Iterable[EnteredAct]) -> None:
        found = {act.index: act for act in acts if act.act == SEGMENT_MENDED.name}
        found |= {act.index: act for act in entered_naming(SEGMENT_MENDED.name, destruction.source_id)}
        self._of: defaultdict[object, list[Facts]] = defaultdict(list)
        for _, act in sorted(found.items()):
            if act.facts is not None:
                self._of[act.facts.get("object")].append(act.facts)

    def form_of(self, one: _Sealed) -> _Sealed:
        """Return an object as the act has it that mended it, if one did."""
        for facts in self._of.get(one.name, ()):
            end = max(one.interval.end, datetime.fromisoformat(str(facts["end"])))
            interval = Interval(one.interval.start, end)
            one = _Sealed(one.name, str(facts["sha256"]), interval, _run(facts) or one.run)
        return one


def _resealed(facts: Facts, destruction: Destruction, mended: "_Mended") -> _Sealed:
    """Return what a hold had kept as a whole before.

    Where its row is not the one that was entered, or nobody says how long it is, it counts as all of its date.
    """
    name, sha256 = str(facts["object"]), str(facts["sha256"])
    try:
        sealed = committed_facts(catalog.segment(UUID(str(facts["segment"]))).entry, SEGMENT_SEALED.name)
    except NoSuchSegmentError:
        sealed = {}
    known = _as_sealed(sealed, mended) if sealed.get("object") == name else None
    if known is None or known.interval.length <= _UNKNOWN_LENGTH:
        whole = Interval(local_midnight(destruction.day), end_of_day(destruction.day))
        return _Sealed(name, sha256, whole, None)
    return replace(known, name=name, sha256=sha256)


def _run(facts: Facts) -> str | None:
    run = facts.get("run")
    return str(run) if run else None


class _Elsewhere:
    """Objects that acts put elsewhere since the end of their key was decided, whatever the clock said then."""

    def __init__(self, destruction: Destruction, survivors: Collection[str]) -> None:
        subject, decided = f"source:{destruction.source_id}", destruction.decided_entry
        facts_of = {
            name: [
                act.facts
                for act in entered_naming(name, "segment", subject=subject, after=decided)
                if act.facts is not None and act.facts["recipient"] in keys
            ]
            for name, keys in (
                (SEGMENT_RESEALED.name, survivors),
                (SEGMENT_CUT.name, survivors),
                (SURVIVOR_LOST.name, {destruction.recipient}),
            )
        }
        self._whole = {(facts["object"], facts["was"]) for facts in facts_of[SEGMENT_RESEALED.name]}
        self._lost = {UUID(str(facts["segment"])).hex for facts in facts_of[SURVIVOR_LOST.name]}
        self._cut: defaultdict[object, list[Interval]] = defaultdict(list)
        for facts in facts_of[SEGMENT_CUT.name]:
            start, end = (datetime.fromisoformat(str(facts[name])) for name in ("start", "end"))
            self._cut[facts["from_sha256"]].append(Interval(start, end))

    def parts_of(self, one: _Sealed) -> list[Interval]:
        """Return what of an object was sealed to another key."""
        whole = [one.interval] if (one.name, one.sha256) in self._whole else []
        return [*whole, *self._cut[one.sha256]]

    def is_gone(self, one: _Sealed) -> bool:
        """Return whether it could not be opened with its key any more, or was withdrawn singly."""
        if any(name in one.name for name in self._lost):
            return True
        return catalog.is_withdrawn(one.sha256)


MISSING_FOR = timedelta(days=1)
"""Waited since a keeper found an object, or its key, missing first: a copy may be put back."""


def require_waited(
    keeping: Keeping, destruction: Destruction, segment: SegmentView, *, is_key_dead: bool
) -> None:
    """See that an object which is not there, or not the one that was booked, has been waited for, unless its key is dead.

    Raises:
        NotSavedError: its row names another object than was entered, or it has not been missing for `MISSING_FOR`.
        FolderMismatchError: the disk is not mounted, or is another.
        StorageError: the store does not answer.
    """
    if not is_entered_name(segment.id, segment.object_name):
        raise NotSavedError(
            "The row of a segment that a hold keeps does not name the object that was entered.",
            advice="Run rejent fsck.",
        )
    keeping.require_store()
    if is_key_dead or _missing_for(keeping, destruction) >= MISSING_FOR:
        return
    if not keeping.keys.ids_by_recipient([destruction.recipient]):
        raise NotSavedError(
            "The key of an object that a hold keeps is not in the key store: {object}.",
            object=segment.object_name,
            advice="Put back the newest copy of the folder of keys; after a day it counts as lost.",
        )
    raise NotSavedError(
        "An object that a hold keeps is missing, or not the one that was booked: {object}.",
        object=segment.object_name,
        advice="Bring it back, or mount its disk; after a day what is there is kept as it is, and what does not open is lost.",
    )


def _missing_for(keeping: Keeping, destruction: Destruction) -> timedelta:
    """Return how long something that holds keep of a key has been missing; by no note longer than since its end was decided."""
    name, now = missing(destruction.number), keeping.clock.now()
    noted = last_done(name)
    if noted is None or noted > now:
        note_done(name, keeping.clock)
        return timedelta(0)
    return now - max(noted, destruction.decided_at)

"""Prove by acts alone that what holds keep of a dying key lies under another one, and that an object is the one that was booked.

Rows are the keepers' list of work. Whoever deletes or edits one behind the program's back would let what is held die with its key;
so before a key dies, the acts that sealed something to it are asked as well. What a hold keeps and is not there is waited for.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from rejent.catalog import queries as catalog
from rejent.catalog.acts import SEGMENT_RESEALED, SEGMENT_SEALED
from rejent.catalog.errors import NoSuchSegmentError
from rejent.catalog.views import SegmentView
from rejent.kernel.clock import local_midnight
from rejent.kernel.intervals import Interval, uncovered
from rejent.kernel.terms import end_of_day
from rejent.registers.damage import count_erased, unverifiable_acts
from rejent.registers.queries import committed_facts, entered_naming
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
_BOOKED_WITHIN = timedelta(days=5)
"""From a day before its date, within which nearly everything is booked."""
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


def unproven(destruction: Destruction, standing: list[StandingHold], survivors: Collection[str]) -> int:
    """Return how many objects under a key hold something held of which no act says that it lies elsewhere or was lost.

    An act whose record was erased or changed counts as one: it may have been of this date, whenever it was entered.

    ``survivors`` are the public halves of the living keys to which what is held of its date is sealed.
    """
    if not standing:
        return 0
    subject, since = f"source:{destruction.source_id}", local_midnight(destruction.day) - _BEFORE
    elsewhere, until = _Elsewhere(destruction, survivors), since + _BOOKED_WITHIN
    lost = count_erased(_OF_OBJECTS, subject=subject, since=since)
    lost += sum(
        act.was_changed
        for act in unverifiable_acts(SEGMENT_SEALED.name, subject=subject, since=since, until=until)
    )
    return lost + sum(_lacks(elsewhere, one, standing) for one in _sealed_to(destruction))


@dataclass(frozen=True, slots=True)
class _Sealed:
    """An object under a key, as the ledger has it; ``run`` is nothing where it does not say whose it is."""

    name: str
    sha256: str
    interval: Interval
    run: str | None


def _lacks(elsewhere: "_Elsewhere", one: _Sealed, standing: list[StandingHold]) -> bool:
    cover = Cover(each.time_of(one.run) for each in standing if one.run is None or each.keeps_of(one.run))
    held = cover.within(one.interval)
    parts = elsewhere.parts_of(one) if held else []
    if not any(uncovered(part, parts) for part in held) or elsewhere.is_gone(one):
        return False
    mended = _mended(one)
    return mended == one or _lacks(elsewhere, mended, standing)


def _sealed_to(destruction: Destruction) -> Iterator[_Sealed]:
    """Yield what was sealed to a key, at first or for a hold."""
    subject, since = f"source:{destruction.source_id}", local_midnight(destruction.day) - _BEFORE
    for kind, read in ((SEGMENT_SEALED, _as_sealed), (SEGMENT_RESEALED, _resealed)):
        for act in entered_naming(kind.name, destruction.recipient, subject=subject, since=since):
            if act.facts is not None and act.facts.get("recipient") == destruction.recipient:
                yield read(act.facts, destruction)


def _as_sealed(facts: Facts, _: Destruction) -> _Sealed:
    """Return what an act of sealing says; of what a killed recorder left, what it was mended to."""
    start, end = (datetime.fromisoformat(str(facts[name])) for name in ("start", "end"))
    one = _Sealed(str(facts["object"]), str(facts["sha256"]), Interval(start, end), _run(facts))
    return _mended(one) if end - start <= _UNKNOWN_LENGTH else one


def _mended(one: _Sealed) -> _Sealed:
    """Return an object as the act has it that mended it, if one did."""
    for act in entered_naming(SEGMENT_MENDED.name, one.name):
        facts = act.facts or {}
        if facts.get("object") == one.name:
            end = max(one.interval.end, datetime.fromisoformat(str(facts["end"])))
            interval = Interval(one.interval.start, end)
            one = _Sealed(one.name, str(facts["sha256"]), interval, _run(facts) or one.run)
    return one


def _resealed(facts: Facts, destruction: Destruction) -> _Sealed:
    """Return what a hold had kept as a whole before; where its row is not the one that was entered, as all of its date."""
    name, sha256 = str(facts["object"]), str(facts["sha256"])
    try:
        sealed = committed_facts(catalog.segment(UUID(str(facts["segment"]))).entry, SEGMENT_SEALED.name)
    except NoSuchSegmentError:
        sealed = {}
    if sealed.get("object") != name:
        whole = Interval(local_midnight(destruction.day), end_of_day(destruction.day))
        return _Sealed(name, sha256, whole, None)
    return replace(_as_sealed(sealed, destruction), name=name, sha256=sha256)


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


def demand_waited(
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
    keeping.demand_store()
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

"""Whether all that holds keep of a dying key lies under another one, by the word of the ledger alone.

Rows tell the keepers what there is to be saved. Whoever edits or deletes one behind the program's back would let what is
held die with its key; so before a key dies, the acts that sealed something to it are asked as well.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from rejent.catalog import queries as catalog
from rejent.catalog.acts import SEGMENT_RESEALED, SEGMENT_SEALED
from rejent.catalog.errors import NoSuchSegmentError
from rejent.catalog.stream_parts import SOURCES
from rejent.kernel.clock import local_midnight
from rejent.kernel.intervals import Interval, uncovered
from rejent.kernel.terms import end_of_day
from rejent.registers.doubtful import doubtful, erased
from rejent.registers.queries import committed_facts, entered_naming
from rejent.retention.acts import SEGMENT_CUT, SEGMENT_MENDED, SURVIVOR_LOST
from rejent.retention.models import Destruction
from rejent.retention.terms.rules import Cover, StandingHold

_BEFORE = timedelta(days=1)
"""By how much the clock may have been wrong when something was sealed."""
_BOOKED_WITHIN = timedelta(days=5)
"""From a day before its date, within which nearly everything is booked."""
_OF_OBJECTS = (SEGMENT_SEALED.name, SEGMENT_MENDED.name, SEGMENT_RESEALED.name)
_UNKNOWN_LENGTH = timedelta(milliseconds=1)
"""Of what a killed recorder left; the act that mends it tells more."""

Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Sealed:
    """An object under a key, as the ledger tells of it; ``run`` is nothing where it does not say whose it is."""

    name: str
    sha256: str
    interval: Interval
    run: str | None


def unkept(destruction: Destruction, standing: list[StandingHold], survivors: Collection[str]) -> int:
    """How many objects under a key hold something that holds keep, of which no act tells that it lies elsewhere, or was lost.

    An act that does not tell any more what was sealed, mended or sealed anew counts as one: it may have been of this date, whenever it was entered.

    Args:
        destruction: of the key.
        standing: the holds.
        survivors: the public halves of the living keys that keep what is held of its date.
    """
    if not standing:
        return 0
    subject, since = f"source:{destruction.source_id}", local_midnight(destruction.day) - _BEFORE
    elsewhere, until = _Elsewhere(destruction, survivors), since + _BOOKED_WITHIN
    lost = erased(_OF_OBJECTS, subject=subject, since=since)
    lost += sum(
        act.was_changed for act in doubtful(SEGMENT_SEALED.name, subject=subject, since=since, until=until)
    )
    return lost + sum(_lacks(elsewhere, one, standing) for one in _sealed_to(destruction))


def is_sworn_name(segment: UUID, name: str) -> bool:
    """Whether an act tells that this object was sealed, and its name is that of the segment."""
    acts = [act for kind in (SEGMENT_SEALED, SEGMENT_CUT) for act in entered_naming(kind.name, name)]
    return segment.hex in name and any((act.facts or {}).get("object") == name for act in acts)


def _lacks(elsewhere: "_Elsewhere", one: _Sealed, standing: list[StandingHold]) -> bool:
    cover = Cover(each.time_of(one.run) for each in standing if one.run is None or each.keeps_of(one.run))
    held = cover.within(one.interval)
    parts = elsewhere.parts_of(one) if held else []
    if not any(uncovered(part, parts) for part in held) or elsewhere.is_gone(one):
        return False
    mended = _mended(one)
    return mended == one or _lacks(elsewhere, mended, standing)


def _sealed_to(destruction: Destruction) -> Iterator[_Sealed]:
    """What was sealed to a key, at first or for a hold."""
    subject, since = f"source:{destruction.source_id}", local_midnight(destruction.day) - _BEFORE
    word = destruction.recipient
    for act in entered_naming(SEGMENT_SEALED.name, word, subject=subject, since=since):
        if act.facts is not None and act.facts.get("recipient") == word:
            yield _as_sealed(act.facts)
    for act in entered_naming(SEGMENT_RESEALED.name, word, subject=subject, since=since):
        if act.facts is not None and act.facts.get("recipient") == word:
            yield _resealed(destruction, act.facts)


def _as_sealed(facts: Facts) -> _Sealed:
    """What an act of sealing tells; of what a killed recorder left, what it was mended to."""
    start, end = (datetime.fromisoformat(str(facts[name])) for name in ("start", "end"))
    run = facts.get("run")
    one = _Sealed(str(facts["object"]), str(facts["sha256"]), Interval(start, end), str(run) if run else None)
    return _mended(one) if end - start <= _UNKNOWN_LENGTH else one


def _mended(one: _Sealed) -> _Sealed:
    """An object as the act tells of it that mended it, if one did."""
    for act in entered_naming(SEGMENT_MENDED.name, one.name):
        facts = act.facts or {}
        if facts.get("object") == one.name:
            end = max(one.interval.end, datetime.fromisoformat(str(facts["end"])))
            run = facts.get("run") or one.run
            one = _Sealed(
                one.name,
                str(facts["sha256"]),
                Interval(one.interval.start, end),
                str(run) if run else None,
            )
    return one


def _resealed(destruction: Destruction, facts: Facts) -> _Sealed:
    """What a hold had kept as a whole before; where its row is not the one that was entered, it counts for all of its date."""
    name, whole = (
        str(facts["object"]),
        Interval(local_midnight(destruction.day), end_of_day(destruction.day)),
    )
    try:
        sealed = committed_facts(catalog.segment(UUID(str(facts["segment"]))).entry, SEGMENT_SEALED.name)
    except NoSuchSegmentError:
        sealed = {}
    if sealed.get("object") != name:
        return _Sealed(name, str(facts["sha256"]), whole, None)
    told = _as_sealed(sealed)
    return _Sealed(name, str(facts["sha256"]), told.interval, told.run)


class _Elsewhere:
    """What the ledger tells of objects since the end of their key was decided, whatever the clock said then."""

    def __init__(self, destruction: Destruction, survivors: Collection[str]) -> None:
        self._recipient = destruction.recipient
        subject, decided = f"source:{destruction.source_id}", destruction.decided_entry
        told = {
            name: [
                act.facts
                for act in entered_naming(name, "segment", subject=subject, after=decided)
                if act.facts is not None
            ]
            for name in (SEGMENT_RESEALED.name, SEGMENT_CUT.name, SURVIVOR_LOST.name)
        }
        self._whole = {
            (facts["object"], facts["was"])
            for facts in told[SEGMENT_RESEALED.name]
            if facts["recipient"] in survivors
        }
        self._cut: defaultdict[object, list[Interval]] = defaultdict(list)
        for facts in told[SEGMENT_CUT.name]:
            if "recipient" in facts and facts["recipient"] not in survivors:
                continue
            start, end = (datetime.fromisoformat(str(facts[name])) for name in ("start", "end"))
            self._cut[facts["from_sha256"]].append(Interval(start, end))
        lost = [facts for facts in told[SURVIVOR_LOST.name] if self._is_of_key(facts)]
        self._lost = {UUID(str(facts["segment"])).hex for facts in lost}

    def parts_of(self, one: _Sealed) -> list[Interval]:
        """What of an object was sealed to another key."""
        whole = [one.interval] if (one.name, one.sha256) in self._whole else []
        return [*whole, *self._cut[one.sha256]]

    def is_gone(self, one: _Sealed) -> bool:
        """Whether it could not be opened with its key any more, or was taken away singly, as a call whose party refused."""
        if any(name in one.name for name in self._lost):
            return True
        digests = (
            (act.facts or {}).get("digests")
            for form in SOURCES.values()
            for name in form.withdrawals
            for act in entered_naming(name, one.sha256)
        )
        return any(isinstance(told, list) and one.sha256 in told for told in digests)

    def _is_of_key(self, facts: Facts) -> bool:
        """Whether an act of loss is of this key; earlier versions named none."""
        return facts.get("recipient", self._recipient) == self._recipient

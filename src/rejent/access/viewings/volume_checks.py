"""Checks of each person's counted volume against the viewings of the last days."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from rejent.access.acts import REFUSED
from rejent.access.models import HandedOut, SeenInterval, Viewing
from rejent.access.rules.decision import Rule
from rejent.access.viewings.volume import STEP, TOLD_FOR
from rejent.kernel.clock import Clock
from rejent.kernel.findings import Finding
from rejent.kernel.intervals import Interval, merged
from rejent.registers.guard.checks import lasting
from rejent.registers.repetition import AGAIN
from rejent.registers.signing.states import acts_within

_SUBJECT = "access"
_CHUNK = 2000
_ROUNDING_S = 1.0
_A_MOMENT = timedelta(minutes=1)
"""A row takes its instant a moment before the act takes its."""
_LONGEST_OPEN = timedelta(days=1)
"""No viewing stays open longer, even where no keeper runs for a while."""

_Counts = dict[UUID, list[tuple[datetime, float]]]


def volume_against_viewings(clock: Clock) -> Iterator[Finding]:
    """Yield every person of whom more or less is counted than their viewings of the last week hold, or another refusal."""
    since = clock.now() - TOLD_FOR
    yield from lasting(partial(_handed, since))
    yield from lasting(partial(_refused, since, clock.now()))


def _handed(since: datetime) -> Iterator[Finding]:
    counts: _Counts = defaultdict(list)
    rows = HandedOut.objects.filter(since__gt=since - STEP)
    for person, step, seconds in rows.values_list("person_id", "since", "seconds"):
        counts[person].append((step, seconds))
    lengths = _lengths(since - _LONGEST_OPEN)
    least, most = defaultdict[UUID, float](float), defaultdict[UUID, float](float)
    wrong = set[UUID]()
    opened = Viewing.objects.filter(opened_at__gte=since - _LONGEST_OPEN)
    for key, person, begin in opened.values_list("pk", "person_id", "opened_at").iterator(_CHUNK):
        most[person] += lengths[key]
        if begin >= since:
            least[person] += lengths[key]
            window = (begin - STEP, begin + _LONGEST_OPEN)
            counted = sum(seconds for step, seconds in counts[person] if window[0] < step <= window[1])
            if counted < lengths[key] - _ROUNDING_S:
                wrong.add(person)
    for person in counts.keys() | least.keys():
        every = sum(seconds for _, seconds in counts[person])
        later = sum(seconds for step, seconds in counts[person] if step >= since)
        if every < least[person] - _ROUNDING_S or later > most[person] + _ROUNDING_S:
            wrong.add(person)
    yield from map(_found, sorted(wrong, key=str))


def _lengths(since: datetime) -> defaultdict[UUID, float]:
    """Return the seconds given in each viewing opened since then, each instant once."""
    parts: defaultdict[UUID, list[Interval]] = defaultdict(list)
    rows = SeenInterval.objects.filter(viewing__opened_at__gte=since)
    for viewing, start, end in rows.values_list("viewing_id", "start", "end").iterator(_CHUNK):
        if start < end:
            parts[viewing].append(Interval(start, end))
    lengths = defaultdict[UUID, float](float)
    for viewing, seen in parts.items():
        lengths[viewing] = sum(part.length.total_seconds() for part in merged(seen))
    return lengths


def _refused(since: datetime, now: datetime) -> Iterator[Finding]:
    """Yield differences of acts and rows about refusals for volume; an erased record is left to its row."""
    told: defaultdict[str, list[datetime]] = defaultdict(list)
    for act in acts_within((REFUSED.name,), since, now):
        if act.facts is None:
            return
        if act.facts.get("rule") == Rule.VOLUME_EXCEEDED.value and AGAIN not in act.facts:
            told[act.actor].append(act.at)
    held: defaultdict[str, list[datetime]] = defaultdict(list)
    rows = HandedOut.objects.filter(refused_at__gte=since, refused_at__lt=now).order_by("-refused_at")
    for person, at in rows.values_list("person_id", "refused_at"):
        if at is not None:
            held[str(person)].append(at)
    for actor in sorted(told.keys() | held.keys()):
        if len(told[actor]) != len(held[actor]) or not all(
            abs(said - at) <= _A_MOMENT for said, at in zip(told[actor], held[actor], strict=True)
        ):
            yield _found(actor)


def _found(person: UUID | str) -> Finding:
    return Finding(
        _SUBJECT,
        f"{_SUBJECT}.volume-differs",
        "How much was handed to {thing} is not counted as the viewings and refusals tell.",
        {"thing": f"person:{person}"},
    )

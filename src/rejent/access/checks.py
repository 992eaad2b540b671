"""Access' part of ``fsck``: numbers without gaps, viewings that ended when their right did, second persons, protocols, volume, samples."""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from django.db.models import F, Q

from rejent.access.acts import (
    PROTOCOL_CONCLUDED,
    PROTOCOL_FINISHED,
    REFUSED,
    SAMPLE_DRAWN,
    VIEWING_CLOSED,
    VIEWING_OPENED,
)
from rejent.access.models import Authorisation, Guest, HandedOut, Protocol, SeenInterval, Viewing
from rejent.access.rules.decision import Rule
from rejent.access.rules.question import provisions_of
from rejent.access.services.authorisations import SERIES as AUTHORISATIONS
from rejent.access.services.viewings import SERIES as VIEWINGS
from rejent.access.supervision.samples import CLOSES_AFTER, drawn, sample_size, seed
from rejent.access.supervision.weeks import Week, WeekRefusedError
from rejent.access.viewings import account
from rejent.access.viewings.volume import ALARM_LASTS, STEP
from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.errors import RejentError
from rejent.kernel.findings import Finding, run_checks
from rejent.kernel.intervals import Interval, merged
from rejent.office import queries as office
from rejent.office.acts import REGULATION_ACTIVATED
from rejent.registers.checks import numbering
from rejent.registers.damage import Facts, Shape, legible, text, texts, unreadable_rows, whole
from rejent.registers.guard.checks import guarded_rows, lasting
from rejent.registers.queries import EnteredAct, entered
from rejent.registers.repetition import AGAIN
from rejent.registers.signing.states import acts_within, closing_state

SUBJECT = "access"

_PIECE = 500
_CHUNK = 2000
_ALTERED = "What was handed out in {thing} was changed past the program while it was open."
_MISCOUNTED = "Viewing {number} does not tell as many guests as are entered."
_ALONE = "Viewing {number} was opened by one person where two must open it."
_NOT_BY_LOT = "The sample of week {week} is not what its signed state draws."
_SKIPPED = "Viewing {number} was opened while the protocol of viewing {owed} was not finished."
_GONE = "The ledger tells of {thing}, but the database does not hold it."
_EARLY = "The protocol of viewing {number} was finished before the viewing had ended."

_KEEPERS_ROUND = timedelta(minutes=10)
"""By then a keeper that runs has closed what ended."""

_LEAD = timedelta(minutes=2)
"""Seconds by which a handed-out piece may begin before its interval, at a key frame."""

_TAIL = timedelta(seconds=15)
"""It ends with the picture after the interval."""


def findings(clock: Clock) -> Iterator[Finding]:
    """Everything about authorisations and viewings that is not as it must be."""
    numbers = {
        "numbers-of-authorisations": (AUTHORISATIONS, Authorisation.objects.values_list("number", flat=True)),
        "numbers-of-viewings": (VIEWINGS, Viewing.objects.values_list("number", flat=True)),
    }
    yield from run_checks(
        SUBJECT,
        {
            **{name: partial(numbering, *book) for name, book in numbers.items()},
            "periods": _periods,
            "ended": lambda: _ended(clock),
            "parts": _parts,
            "accounts": lambda: lasting(_altered),
            "ledger": lambda: guarded_rows(SUBJECT),
            "volume": lambda: volume_against_viewings(clock),
            "counts-of-guests": _guests,
            "second-persons": _opened_alone,
            "protocols": protocol_findings,
            "samples": sample_findings,
            "rows": lambda: unreadable_rows(SUBJECT),
        },
    )


def _periods() -> Iterator[Finding]:
    for row in Authorisation.objects.filter(valid_until__lt=F("valid_from")):
        yield _found("period-empty", "Authorisation {number} ends before it begins.", number=row.number)


def _ended(clock: Clock) -> Iterator[Finding]:
    for viewing in Viewing.objects.filter(
        closed_at__isnull=True, expires_at__lt=clock.now() - _KEEPERS_ROUND
    ):
        yield _found(
            "viewing-open", "Viewing {number} has run out, but is not closed.", number=viewing.number
        )


def _parts() -> Iterator[Finding]:
    outside = Q(start__lt=F("viewing__start") - _LEAD) | Q(end__gt=F("viewing__end") + _TAIL)
    for seen in SeenInterval.objects.filter(outside).select_related("viewing"):
        yield _found(
            "seen-outside",
            "In viewing {number} more was handed out than was opened.",
            number=seen.viewing.number,
        )


def _altered() -> Iterator[Finding]:
    """Yield the viewings whose account of what was handed out and presented is not as the program left it."""
    for viewing in Viewing.objects.prefetch_related("seen").order_by("pk").iterator(_PIECE):
        rows = sorted(viewing.seen.all(), key=lambda row: row.pk)
        if viewing.altered or not account.is_as_noted(viewing, rows):
            yield _found("seen-altered", _ALTERED, thing=f"viewing:{viewing.number}")


_OPENED: dict[str, Shape] = {
    VIEWING_OPENED.name: {"number": text, "person": text, "source": text},
    REGULATION_ACTIVATED.name: {"version": whole, "in_force_from": text},
}


def _guests() -> Iterator[Finding]:
    places: dict[object, int] = {}
    for viewing in Guest.objects.values_list("viewing_id", flat=True).iterator(_CHUNK):
        places[viewing] = places.get(viewing, 0) + 1
    for row in Viewing.objects.order_by("pk").iterator(_CHUNK):
        if row.guests != places.get(row.pk, 0):
            yield _found("guests-miscounted", _MISCOUNTED, number=row.number)


def _opened_alone() -> Iterator[Finding]:
    """Viewings that one person opened while the regulation demanded two, by the order of the ledger."""
    versions: dict[int, date] = {}
    for act in legible(entered(_OPENED), _OPENED, []):
        facts = act.facts or {}
        if act.act == REGULATION_ACTIVATED.name and facts:
            versions[int(str(facts["version"]))] = date.fromisoformat(str(facts["in_force_from"]))  # type: ignore[outside-number]  # an act of ours
        elif (
            "second" in facts
            and facts["second"] in {None, facts["person"]}
            and _two_demanded(act, facts, versions)
        ):
            yield _found("second-missing", _ALONE, number=facts["number"])


def _two_demanded(act: EnteredAct, facts: Facts, versions: dict[int, date]) -> bool:
    """Return whether the regulation that was in force by what the ledger held then demanded a second person."""
    begun = {version: day for version, day in versions.items() if day <= civil_date(act.at)}
    if not begun:
        return False
    try:
        version = max(begun, key=lambda one: (begun[one], one))
        provisions = provisions_of(office.verified_version(version), catalog.stream_of(str(facts["source"])))
    except RejentError:
        return False
    return provisions is not None and provisions.second_person


_FINISHED = {PROTOCOL_FINISHED.name, PROTOCOL_CONCLUDED.name}
_SHAPES: dict[str, Shape] = {
    VIEWING_OPENED.name: {"number": text, "person": text, "source": text, "purpose": text},
    VIEWING_CLOSED.name: {"number": text},
    PROTOCOL_FINISHED.name: {"number": text, "digest": text},
    PROTOCOL_CONCLUDED.name: {"number": text, "digest": text},
}


def protocol_findings() -> Iterator[Finding]:
    """Yield viewings opened while their person owed a protocol, protocols finished before their viewing ended, and drafts that are gone.

    By the order of the ledger, whatever the clock said. An act whose record is gone may have finished or ended any of them.
    """
    owed: dict[str, str] = {}
    going_on: set[str] = set()
    begun: set[str] = set()
    for act in legible(entered(_SHAPES), _SHAPES, []):
        if act.facts is None:
            owed.clear()
            going_on.clear()
            begun.clear()
        elif act.act == VIEWING_OPENED.name and act.facts.get("protocol") is not None:
            number, person = str(act.facts["number"]), str(act.facts["person"])
            if person in owed:
                yield _found("protocol-skipped", _SKIPPED, number=number, owed=owed[person])
            owed[person] = number
            going_on.add(number)
            begun.add(number)
        elif act.act == VIEWING_CLOSED.name:
            going_on.discard(str(act.facts["number"]))
        elif act.act in _FINISHED:
            number = str(act.facts["number"])
            owed = {person: one for person, one in owed.items() if one != number}
            begun.discard(number)
            if number in going_on:
                yield _found("protocol-early", _EARLY, number=number)
    drafts = set(Protocol.objects.filter(finished_at__isnull=True).values_list("viewing__number", flat=True))
    for number in sorted(begun - drafts):
        yield _found("row-missing", _GONE, thing=f"protocol:{number}")


_ROUNDING_S = 1.0
_A_MOMENT = timedelta(minutes=1)
"""A row takes its instant a moment before the act takes its."""
_LONGEST_OPEN = timedelta(days=1)
"""No viewing stays open longer, even where no keeper runs for a while."""

_Counts = dict[UUID, list[tuple[datetime, float]]]


def volume_against_viewings(clock: Clock) -> Iterator[Finding]:
    """Yield every person of whom more or less is counted than their viewings of the last week hold, or another refusal."""
    since = clock.now() - ALARM_LASTS
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
    yield from map(_differs, sorted(wrong, key=str))


def _lengths(since: datetime) -> defaultdict[UUID, float]:
    """Return the seconds given in each viewing opened since then, each instant of a source once."""
    parts: defaultdict[tuple[UUID, str], list[Interval]] = defaultdict(list)
    rows = SeenInterval.objects.filter(viewing__opened_at__gte=since)
    columns = rows.values_list("viewing_id", "source_id", "start", "end")
    for viewing, source, start, end in columns.iterator(_CHUNK):
        if start < end:
            parts[viewing, source].append(Interval(start, end))
    lengths = defaultdict[UUID, float](float)
    for (viewing, _), seen in parts.items():
        lengths[viewing] += sum(part.length.total_seconds() for part in merged(seen))
    return lengths


def _refused(since: datetime, now: datetime) -> Iterator[Finding]:
    """Yield differences of acts and rows about refusals for volume; an erased record is left to its row."""
    refusals: defaultdict[str, list[datetime]] = defaultdict(list)
    for act in acts_within((REFUSED.name,), since, now):
        if act.facts is None:
            return
        if act.facts.get("rule") == Rule.VOLUME_EXCEEDED.value and AGAIN not in act.facts:
            refusals[act.actor].append(act.at)
    held: defaultdict[str, list[datetime]] = defaultdict(list)
    rows = HandedOut.objects.filter(refused_at__gte=since, refused_at__lt=now).order_by("-refused_at")
    for person, at in rows.values_list("person_id", "refused_at"):
        if at is not None:
            held[str(person)].append(at)
    for actor in sorted(refusals.keys() | held.keys()):
        if len(refusals[actor]) != len(held[actor]) or not all(
            abs(entered_at - at) <= _A_MOMENT
            for entered_at, at in zip(refusals[actor], held[actor], strict=True)
        ):
            yield _differs(actor)


def _differs(person: UUID | str) -> Finding:
    template = "How much was handed to {thing} is not counted as the viewings and refusals tell."
    return _found("volume-differs", template, thing=f"person:{person}")


_DRAWN: dict[str, Shape] = {
    SAMPLE_DRAWN.name: {"week": text, "size": whole, "root": text, "population": whole, "percent": whole,
                        "least": whole, "numbers": texts},
}  # fmt: skip


def sample_findings() -> Iterator[Finding]:
    """Yield every sample that the lots did not give."""
    for act in legible(entered([SAMPLE_DRAWN.name], committed_only=True), _DRAWN, []):
        if act.facts is not None and not _by_lot(act.facts):
            yield _found("sample-not-by-lot", _NOT_BY_LOT, week=act.facts["week"])


def _by_lot(facts: Facts) -> bool:
    """Return whether drawing again gives the same; what rests on records that were erased since is believed."""
    try:
        week = Week.read(str(facts["week"]))
    except WeekRefusedError:
        return False
    state = closing_state(week.interval.end + CLOSES_AFTER)
    if state is None or (state.size, b64encode(state.root).decode()) != (facts["size"], facts["root"]):
        return False
    opened = list(
        acts_within((VIEWING_OPENED.name,), week.interval.start, week.interval.end, size=state.size)
    )
    if any(act.facts is None for act in opened):
        return True
    numbers = [str(act.facts["number"]) for act in opened if act.facts]
    count = sample_size(len(numbers), _number(facts["percent"]), _number(facts["least"]))
    return facts["population"] == len(numbers) and facts["numbers"] == drawn(
        numbers, seed(week, state.size, state.root), count
    )


def _number(fact: object) -> int:
    return fact if isinstance(fact, int) else 0


def _found(code: str, template: str, **facts: object) -> Finding:
    return Finding(SUBJECT, f"{SUBJECT}.{code}", template, facts)

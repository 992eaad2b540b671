"""Find the keys that must die: of civil dates whose term is over, and of survivors that nothing holds any more."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from rejent.catalog import queries as catalog
from rejent.catalog.queries.keys import KeyInUse
from rejent.catalog.views import SegmentView
from rejent.kernel.clock import local_midnight
from rejent.kernel.intervals import Interval, merged, uncovered
from rejent.kernel.terms import RetentionTerm, end_of_day
from rejent.retention.destruction.survivors import day_span
from rejent.retention.holds.standing import standing_holds
from rejent.retention.keys.day_keys import idle_keys
from rejent.retention.models import Destruction, DestructionStage, Hold
from rejent.retention.rounds.round import Keeping
from rejent.retention.terms.applicable_terms import Terms
from rejent.retention.terms.rules import StandingHold, TermState, term_state
from rejent.vault.keys.key_store import DAY


@dataclass(frozen=True, slots=True)
class DueKey:
    """A key that must die, with what is sealed to it."""

    source_id: str
    day: date
    recipient: str
    term: RetentionTerm

    @property
    def rule(self) -> str:
        """Return the rule in words that stay the same: kind, length, clause."""
        return rule_text(self.term)


def rule_text(term: RetentionTerm) -> str:
    """Return a retention rule in one line, as it stands in the ledger and in registers."""
    rule = term.rule
    return f"{rule.kind.value} {rule.count} {rule.unit.value}" + (f", {rule.clause}" if rule.clause else "")


def endings(keeping: Keeping, terms: Terms, *, thorough: bool) -> list[DueKey]:
    """Return every key whose end has come and has not been decided yet, the oldest first.

    Destructions are taken up again whose key lives again, and those of keys under which a segment was booked late, from a spool say.

    ``thorough`` reads every row that is kept and every living key, too; once a day is enough, to find keys that sealed nothing
    and what a restored database forgot.
    """
    if thorough:
        _take_up_again(keeping)
    booked = {ending.recipient: ending for ending in _of_segments(terms, thorough=thorough)}
    late = Destruction.objects.filter(recipient__in=list(booked), stage=DestructionStage.DONE)
    late.update(stage=DestructionStage.KEY_DEAD)
    found = {ending.recipient: ending for ending in _of_keys(keeping, terms)} if thorough else {}
    found |= booked
    decided = set(Destruction.objects.filter(recipient__in=list(found)).values_list("recipient", flat=True))
    left = [ending for ending in found.values() if ending.recipient not in decided]
    return sorted(left, key=lambda ending: (ending.day, ending.source_id))


def _take_up_again(keeping: Keeping) -> None:
    """Let keys die once more that live though they are said to be dead: the folder of keys was put back from an older copy."""
    alive = {each.recipient.text for each in keeping.keys.alive()}
    dead = Destruction.objects.filter(stage__in=[DestructionStage.KEY_DEAD, DestructionStage.DONE])
    again = [pk for pk, recipient in dead.values_list("pk", "recipient").iterator() if recipient in alive]
    Destruction.objects.filter(pk__in=again).update(stage=DestructionStage.KEY_DYING)


def due_term(terms: Terms, source_id: str, day: date, at: datetime) -> RetentionTerm | None:
    """Return the term of a source's civil date if it is over at an instant."""
    term = terms.term(source_id, day)
    return term if term is not None and term_state(term, at) is not TermState.KEPT else None


def _of_segments(terms: Terms, *, thorough: bool) -> Iterator[DueKey]:
    until = terms.last_day_due(terms.now)
    if until is None:
        return
    kept = (
        [KeyInUse(each.source_id, each.day, each.recipient) for each in catalog.living_days(until)]
        if thorough
        else []
    )
    over = [
        DueKey(each.source_id, each.day, each.recipient, term)
        for each in kept or catalog.keys_in_use(until)
        if (term := due_term(terms, each.source_id, each.day, terms.now)) is not None
    ]
    recipients = [ending.recipient for ending in over]
    keepers = {
        row.survivor_recipient: row for row in Destruction.objects.filter(survivor_recipient__in=recipients)
    }
    for ending in over:
        keeper = keepers.get(ending.recipient)
        if keeper is None or _let_go(keeper):
            yield ending


def _let_go(keeper: Destruction) -> bool:
    """Return whether a hold has ended that kept something of a destruction's survivors which no other hold keeps.

    What no hold reaches any more goes whenever its hold ended: by a clock that was set back it may have ended before the decision.
    """
    span, standing = day_span(keeper), standing_holds(keeper.source_id)
    survivors = [
        segment
        for segment in catalog.segments(keeper.source_id, span.start, span.end)
        if segment.recipient == keeper.survivor_recipient
    ]
    if any(not _reached(segment, standing) for segment in survivors):
        return True
    over = Hold.objects.filter(source=keeper.source_id, ended_at__gte=keeper.decided_at)
    numbers = {each.number for each in standing}
    ended = [
        StandingHold(number, keeper.source_id, Interval(start, end), item)
        for number, start, end, item in over.values_list("number", "start", "end", "item")
        if number not in numbers
    ]
    return bool(ended) and any(_free(segment, ended, standing) for segment in survivors)


def _reached(segment: SegmentView, standing: list[StandingHold]) -> bool:
    """Return whether a hold keeps anything of a survivor; whose it is may never have come to be known."""
    run = segment.run or None
    keeping = (each for each in standing if run is None or each.keeps_of(run))
    return any(each.time_of(run).overlaps(segment.interval) for each in keeping)


def _free(segment: SegmentView, ended: list[StandingHold], standing: list[StandingHold]) -> bool:
    """Return whether something of a survivor was kept by a hold that has ended and is kept by none that stands."""
    run = segment.run
    cover = merged(each.time_of(run) for each in standing if each.keeps_of(run))
    return any(
        part.overlaps(segment.interval)
        for each in ended
        if each.keeps_of(run)
        for part in uncovered(each.time_of(run), cover)
    )


def _of_keys(keeping: Keeping, terms: Terms) -> Iterator[DueKey]:
    """Yield keys of civil dates that are over although no segment is under them, and keys of their survivors that keep nothing."""
    for record in keeping.keys.alive():
        if record.kind == DAY and record.source_id is not None and record.day is not None:
            term = due_term(terms, record.source_id, record.day, terms.now)
            if term is not None:
                yield DueKey(record.source_id, record.day, record.recipient.text, term)
    for source_id, day, record in idle_keys(keeping):
        term = due_term(terms, source_id, day, terms.now)
        if term is not None:
            yield DueKey(source_id, day, record.recipient.text, term)


def held_parts(rows: list[tuple[str, date]]) -> dict[tuple[str, date], int]:
    """Return how many holds in force reach into each of some sources' civil dates."""
    active: defaultdict[str, list[StandingHold]] = defaultdict(list)
    for each in standing_holds():
        active[each.source_id].append(each)
    days = {day: Interval(local_midnight(day), end_of_day(day)) for _, day in rows}
    return {
        (source_id, day): len(
            {held.number for held in active[source_id] if held.interval.overlaps(days[day])}
        )
        for source_id, day in rows
    }

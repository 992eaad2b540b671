"""Chores of the keepers for calls, done each round, and the alarm about calls that were not recorded."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction

from rejent.catalog import queries as catalog
from rejent.catalog.services.gaps import locked_source
from rejent.content.opening import open_for_keeper
from rejent.kernel.clock import Clock
from rejent.kernel.errors import RejentError
from rejent.kernel.findings import Finding
from rejent.kernel.terms import RetentionTerm, TermError
from rejent.retention.clock import is_ahead
from rejent.retention.holds.placing import cover_of
from rejent.retention.rounds.round import Keeping, Round, last_done, note_done
from rejent.retention.stream_parts import Chore, When
from rejent.retention.terms.applicable_terms import Terms
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.queries import pbx
from rejent.streams.calls.catalog.services.calls import forget_of_day
from rejent.streams.calls.catalog.services.completeness import compare_hour
from rejent.streams.calls.player.announcements import find_announcements

ABANDONED = "abandoned-calls"
EVERY = timedelta(hours=1)


def end_abandoned_calls(*, clock: Clock) -> None:
    """End what began longer ago than any call lasts, once an hour, unless the clock is ahead; past its term it names nobody."""
    last, now = last_done(ABANDONED), clock.now()
    if is_ahead(clock) or (last is not None and timedelta() <= now - last < EVERY):
        return
    terms = Terms(clock)
    for source_id, day in call_services.end_overlong(clock=clock):
        term = terms.term(source_id, day)
        if term is not None and now >= term.purge_opens:
            call_services.forget_destroyed_calls(source_id, day)
    note_done(ABANDONED, clock)


RECORDS = "call-records"


def forget_ended_records(*, clock: Clock) -> int:
    """Take numbers, names and rows of each date whose term is over, once an hour, unless the clock is ahead; return how many."""
    last = last_done(RECORDS)
    if last is not None and timedelta() <= clock.now() - last < EVERY:
        return 0
    if is_ahead(clock):
        return 0
    terms, now = Terms(clock), clock.now()
    ended = [
        (source_id, day)
        for source_id, day in pbx.naming_days()
        if (term := _term(terms, source_id, day)) is not None and now >= term.purge_opens
    ]
    forgotten = sum(forget_of_day(source_id, day) for source_id, day in ended)
    note_done(RECORDS, clock)
    return forgotten


def records_against_terms(clock: Clock) -> Iterator[Finding]:
    """Yield records and names of files that name somebody behind the alarm of their term, and records that name nobody though it runs."""
    terms, now = Terms(clock), clock.now()
    for source_id, day in pbx.naming_days():
        term = _term(terms, source_id, day)
        if term is None or now < max(term.alarm_at, term.purge_opens) + EVERY:
            continue
        left = pbx.naming_records(source_id, day).count() + pbx.naming_files(source_id, day).count()
        if left:
            yield _found(
                "records-overdue",
                "Call records or files of line {source}, {day}, should name nobody any more: {records}.",
                (source_id, day, left),
            )
    for (source_id, day), records in sorted(pbx.nameless_days().items()):
        term = _term(terms, source_id, day)
        if term is not None and now < term.purge_opens:
            yield _found(
                "records-nameless",
                "Call records of line {source}, {day}, name nobody though their term runs: {records}.",
                (source_id, day, records),
            )


def _term(terms: Terms, source_id: str, day: date) -> RetentionTerm | None:
    """Return the term; of a date that somebody put beyond the calendar none, so that it stops nothing else."""
    try:
        return terms.term(source_id, day)
    except TermError:
        return None


def _found(code: str, template: str, about: tuple[str, date, int]) -> Finding:
    source_id, day, records = about
    facts = {"source": source_id, "day": day.isoformat(), "records": records}
    return Finding("retention", f"retention.{code}", template, facts)


def withdraw_refused(keeping: Keeping, done: Round) -> None:
    """Remove what is left of refused calls, unless a hold covers any of it; what the store keeps is tried again next round."""
    for source_id, call_id in call_queries.refused_calls():
        try:
            done.withdrawn += _withdraw(keeping, source_id, call_id)
        except RejentError as error:
            done.failed.append(f"refusals: {error}")


def _withdraw(keeping: Keeping, source_id: str, call_id: str) -> bool:
    """Return whether anything of it was there to be removed.

    That it goes is entered before anything of it is touched: whoever kills a keeper in between leaves nothing that looks lost, and
    the next round goes on.
    """
    with transaction.atomic():
        locked_source(source_id)
        decided = catalog.withdrawn_digests(source_id)
        left = catalog.objects_of_item(source_id, call_id)
        fresh = [each for each in left if each.sha256 not in decided]
        if any(cover_of(source_id, each.interval, call_id).within(each.interval) for each in fresh):
            left, fresh = [each for each in left if each not in fresh], []
        if not left:
            return False
        keeping.require_store()
        if fresh:
            call_services.decide_withdrawal(call_id, fresh, clock=keeping.clock)
    with transaction.atomic():
        locked_source(source_id)
        keeping.require_store()
        keeping.store.remove([each.name for each in left], overwrite_heads=True)
        keeping.require_store()
        call_services.withdraw_call(call_id, left, clock=keeping.clock)
    return True


MISSING = "missing-calls"
MISSING_FOR = timedelta(days=1)
"""Time that it stays on after the last call that a PBX recorded and nobody else."""


def _missing(now: datetime) -> dict[str, object] | None:
    missing = pbx.missing_since(now - MISSING_FOR)
    return {"count": sum(missing.values())} if missing else None


ALARMS = {MISSING: _missing}


CHORES = (
    Chore("completeness", When.BEFORE, lambda keeping, _: compare_hour(clock=keeping.clock)),
    Chore("call records", When.BEFORE, lambda keeping, _: forget_ended_records(clock=keeping.clock)),
    Chore("calls", When.MENDED, lambda keeping, _: end_abandoned_calls(clock=keeping.clock)),
    Chore("refusals", When.UNDER_HOLDS, withdraw_refused),
    Chore(
        "announcements",
        When.AFTER,
        lambda keeping, _: find_announcements(open_for_keeper(), clock=keeping.clock),
    ),
)
TERM_CHECKS = {"call-records": lambda keeping: records_against_terms(keeping.clock)}

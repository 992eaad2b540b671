"""Call records without a recording, kept no longer than a recording would have been."""

from collections.abc import Iterator
from datetime import date, timedelta

from rejent.kernel.clock import Clock
from rejent.kernel.findings import Finding
from rejent.kernel.terms import RetentionTerm, TermError
from rejent.retention.clock import doubted
from rejent.retention.rounds.round import last_done, note_done
from rejent.retention.terms.applicable_terms import Terms
from rejent.streams.calls.catalog.queries import pbx as told
from rejent.streams.calls.catalog.services.call_records import forget_of_day

RECORDS = "call-records"
EVERY = timedelta(hours=1)
"""Between two looks at what may have ended."""


def forget_ended_records(*, clock: Clock) -> int:
    """Take numbers, names and rows of each date whose term is over, once an hour; return how many records and files.

    While the clock is not believed nothing is taken. LedgerMismatchError: the regulation is not the one that was entered.
    """
    last = last_done(RECORDS)
    if last is not None and timedelta() <= clock.now() - last < EVERY:
        return 0
    if doubted(clock):
        return 0
    terms, now = Terms(clock), clock.now()
    ended = [
        (source_id, day)
        for source_id, day in told.naming_days()
        if (term := _term(terms, source_id, day)) is not None and now >= term.purge_opens
    ]
    forgotten = sum(forget_of_day(source_id, day) for source_id, day in ended)
    note_done(RECORDS, clock)
    return forgotten


def records_against_terms(clock: Clock) -> Iterator[Finding]:
    """Yield records and names of files that name somebody behind the alarm of their term, and records that name nobody though it runs."""
    terms, now = Terms(clock), clock.now()
    for source_id, day in told.naming_days():
        term = _term(terms, source_id, day)
        if term is None or now < max(term.alarm_at, term.purge_opens) + EVERY:
            continue
        left = told.naming_records(source_id, day).count() + told.naming_files(source_id, day).count()
        if left:
            yield _found(
                "records-overdue",
                "Call records or files of line {source}, {day}, should name nobody any more: {records}.",
                (source_id, day, left),
            )
    for (source_id, day), records in sorted(told.nameless_days().items()):
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

"""Calls that nobody ended: their recorder was killed, and their line was struck off or switched off before it was started again."""

from datetime import timedelta

from rejent.kernel.clock import Clock
from rejent.retention.clock import doubted
from rejent.retention.rounds.round import last_done, note_done
from rejent.retention.terms.applicable_terms import Terms
from rejent.streams.calls.catalog import services as call_services

ABANDONED = "abandoned-calls"
EVERY = timedelta(hours=1)
"""Between two looks."""


def end_abandoned_calls(*, clock: Clock) -> None:
    """End what began longer ago than any call lasts; where the term is over and nothing is left of it, it names nobody. Looks once an hour.

    While the clock is not believed nothing is ended.
    """
    last, now = last_done(ABANDONED), clock.now()
    if doubted(clock) or (last is not None and timedelta() <= now - last < EVERY):
        return
    terms = Terms(clock)
    for source_id, day in call_services.end_overlong(clock=clock):
        term = terms.term(source_id, day)
        if term is not None and now >= term.purge_opens:
            call_services.forget_destroyed_calls(source_id, day)
    note_done(ABANDONED, clock)

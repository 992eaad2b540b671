"""What a PBX told of calls without a recording, kept no longer than a recording would have been."""

from datetime import timedelta

from rejent.catalog.queries import pbx as told
from rejent.catalog.services.call_records import forget_of_day
from rejent.kernel.clock import Clock
from rejent.retention.chores import last_done, note_done
from rejent.retention.clock_guard import clock_state
from rejent.retention.governing import Terms

RECORDS = "call-records"
EVERY = timedelta(hours=1)
"""Between two looks at what may have ended."""


def forget_ended_records(*, clock: Clock) -> int:
    """Take numbers, names and rows of each date whose term is over; how many records and files. Looks once an hour.

    While the clock is not believed nothing is taken.
    """
    last = last_done(RECORDS)
    if last is not None and timedelta() <= clock.now() - last < EVERY:
        return 0
    state = clock_state()
    if state is not None and state.blocks:
        return 0
    terms, now = Terms(clock), clock.now()
    ended = [
        (source_id, day)
        for source_id, day in told.naming_days()
        if (term := terms.term(source_id, day)) is not None and now >= term.purge_opens
    ]
    forgotten = sum(forget_of_day(source_id, day) for source_id, day in ended)
    note_done(RECORDS, clock)
    return forgotten

"""Calls whose party refused to be recorded: what was booked before the refusal goes at once, unless a hold keeps it.

The object that was being written never was one. A long call has earlier objects, sealed to the day's key with all others;
they are removed, their heads written over first. On a disk that keeps what was written over (flash, copy-on-write, a
backup) that becomes certain only when the day's key dies at the ordinary term (``docs/design/0012-calls.md``).
"""

from django.db import transaction

from rejent.catalog import queries as catalog
from rejent.catalog.services.gaps import locked_source
from rejent.kernel.errors import RejentError
from rejent.retention.holds.placing import cover_of
from rejent.retention.rounds.round import Keeping, Round
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services


def withdraw_refused(keeping: Keeping, done: Round) -> None:
    """Remove what is left of refused calls; a hold that covers any of it comes first.

    What the store does not give up is tried again in the next round, and keeps no other call's objects there.
    """
    for source_id, call_id in call_queries.refused_calls():
        try:
            done.withdrawn += _withdraw(keeping, source_id, call_id)
        except RejentError as error:
            done.failed.append(f"refusals: {error}")


def _withdraw(keeping: Keeping, source_id: str, call_id: str) -> bool:
    """Return whether anything of it was there to be removed."""
    with transaction.atomic():
        locked_source(source_id)
        left = catalog.objects_of_item(source_id, call_id)
        if not left or any(cover_of(source_id, span, call_id).within(span) for _, span in left):
            return False
        names = [name for name, _ in left]
        keeping.demand_store()
        keeping.store.remove(names, overwrite_heads=True)
        keeping.demand_store()
        call_services.withdraw_call(call_id, names, clock=keeping.clock)
    return True

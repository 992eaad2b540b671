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
        keeping.demand_store()
        if fresh:
            call_services.decide_withdrawal(call_id, fresh, clock=keeping.clock)
    with transaction.atomic():
        locked_source(source_id)
        keeping.demand_store()
        keeping.store.remove([each.name for each in left], overwrite_heads=True)
        keeping.demand_store()
        call_services.withdraw_call(call_id, left, clock=keeping.clock)
    return True

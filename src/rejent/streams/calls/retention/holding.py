"""Holding one call without others of the same time."""

from rejent.catalog import queries as catalog
from rejent.kernel.intervals import Interval
from rejent.retention.errors import AlreadyDestroyedError, HoldRefusedError
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog.queries.calls import LONGEST_CALL


def whole_call(call: str, source_id: str, stated: Interval) -> Interval:
    """Return the whole of a call that lies in the stated time: as its row and its objects say, a day more where the row was altered."""
    found = call_queries.call(call)
    objects = [each.interval for each in catalog.objects_of_item(source_id, call)]
    times = (found.interval, *objects)
    whole = Interval(min(each.start for each in times), max(each.end for each in times))
    if not call_queries.is_as_entered(call):
        whole = Interval(whole.start - LONGEST_CALL, whole.end + LONGEST_CALL)
    if found.source_id != source_id or not stated.overlaps(whole):
        raise HoldRefusedError(
            "This call is another line's, or not of this time.", advice="Hold the call from its own page."
        )
    if found.destroyed and not call_queries.segments_of(found.source_id, found.id, found.start):
        raise AlreadyDestroyedError("Nothing of this call is left.", advice="Its retention period has ended.")
    return whole

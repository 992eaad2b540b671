"""Holding one call without others of the same time."""

from rejent.catalog import queries as catalog
from rejent.kernel.intervals import Interval
from rejent.retention.errors import AlreadyDestroyedError, HoldRefusedError
from rejent.streams.calls.catalog import queries as call_queries


def whole_call(call: str, source_id: str, stated: Interval) -> Interval:
    """Return the whole of a call that lies in the stated time, as it was entered, as its row has it now, and as its objects are."""
    found = call_queries.call(call)
    whole = found.interval
    sworn = call_queries.sworn_interval(call) or whole
    if found.source_id != source_id or not (stated.overlaps(whole) or stated.overlaps(sworn)):
        raise HoldRefusedError(
            "This call is another line's, or not of this time.", advice="Hold the call from its own page."
        )
    if found.destroyed and not call_queries.segments_of(found):
        raise AlreadyDestroyedError("Nothing of this call is left.", advice="Its retention period has ended.")
    objects = [kept for _, kept in catalog.objects_of_item(source_id, call)]
    times = (whole, sworn, *objects)
    return Interval(min(each.start for each in times), max(each.end for each in times))

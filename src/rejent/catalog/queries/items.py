"""Which item of its stream an object is of, such as a call, by the word of the ledger and not of rows that somebody may have edited."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from rejent.catalog.acts import SEGMENT_SEALED
from rejent.catalog.models import Segment, SegmentState
from rejent.kernel.intervals import Interval
from rejent.registers.queries import committed_facts, entered_naming

_MENDED = "segment.mended"
"""An act of retention, which stands above the catalogue: known here by name alone."""


def segments_left(source_id: str, item: str) -> QuerySet[Segment]:
    """The living segments of an item, in the order of their objects."""
    rows = Segment.objects.filter(source=source_id, run=item).exclude(state=SegmentState.DESTROYED)
    return rows.order_by("object_name")


def objects_of_item(source_id: str, item: str) -> list[tuple[str, Interval]]:
    """The objects that are left of an item under the names that the ledger gives them, and when they were recorded.

    That is from the earlier of the beginnings that ledger and row tell, to the later of the ends.
    """
    found = []
    for each in segments_left(source_id, item):
        sealed = committed_facts(each.entry, SEGMENT_SEALED.name)
        if sealed.get("object") == each.object_name and sworn_run(source_id, each.pk, each.entry) == item:
            start, end = (datetime.fromisoformat(str(sealed[name])) for name in ("start", "end"))
            found.append((each.object_name, Interval(min(start, each.start), max(end, each.end))))
    return found


def sworn_run(source_id: str, segment_id: UUID, entry: int) -> str | None:
    """Which item of its stream an object is of; nothing where the ledger does not say.

    Whose a recording is that a killed recorder left is known only once it was opened: the act that mended it says so then.

    Args:
        source_id: the source.
        segment_id: the object's segment.
        entry: the act that booked it.
    """
    run = committed_facts(entry, SEGMENT_SEALED.name).get("run")
    if run == "":
        said = {"source": source_id, "segment": str(segment_id)}
        for act in entered_naming(_MENDED, said["segment"]):
            if act.facts is not None and said.items() <= act.facts.items():
                run = act.facts.get("run")
    return run if isinstance(run, str) and run else None

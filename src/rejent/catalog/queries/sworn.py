"""Which call an object is of, and when a call was, by the word of the ledger and not of rows that somebody may have edited."""

from datetime import date, datetime, timedelta
from uuid import UUID

from rejent.catalog.acts import (SEGMENT_SEALED)
from rejent.streams.calls.catalog.acts import (CALL_BEGUN, CALL_ENDED, CALL_REACHES)
from rejent.streams.calls.catalog.models import (Call)
from rejent.catalog.queries.calls import LONGEST_CALL, segments_left
from rejent.kernel.clock import local_midnight
from rejent.kernel.intervals import Interval
from rejent.registers.doubtful import doubtful
from rejent.registers.queries import committed_facts, entered_naming

_CLOCK_OFF, _LATE = timedelta(days=1), timedelta(seconds=1)
_MENDED = "segment.mended"
"""An act of retention, which stands above the catalogue: known here by name alone."""


def objects_of_call(source_id: str, call_id: str) -> list[tuple[str, Interval]]:
    """The objects that are left of a call under the names that the ledger gives them, and when they were recorded.

    That is from the earlier of the beginnings that ledger and row tell, to the later of the ends.
    """
    found = []
    for each in segments_left(source_id, call_id):
        sealed = committed_facts(each.entry, SEGMENT_SEALED.name)
        if sealed.get("object") == each.object_name and sworn_run(source_id, each.pk, each.entry) == call_id:
            start, end = (datetime.fromisoformat(str(sealed[name])) for name in ("start", "end"))
            found.append((each.object_name, Interval(min(start, each.start), max(end, each.end))))
    return found


def sworn_run(source_id: str, segment_id: UUID, entry: int) -> str | None:
    """Which call an object is of; nothing where the ledger does not say.

    Whose a recording is that a killed recorder left is known only once it was opened: the act that mended it says so then.

    Args:
        source_id: the line.
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


def may_be_entered(source_id: str, call_id: str, day: date) -> bool:
    """Whether a call of a civil date was entered, or may have been: an act of that time does not tell any more which."""
    subject, since = f"source:{source_id}", local_midnight(day) - _CLOCK_OFF
    return (
        Call.objects.filter(pk=call_id).exists()
        or any((act.facts or {}).get("call") == call_id for act in entered_naming(CALL_BEGUN.name, call_id))
        or bool(doubtful(CALL_BEGUN.name, subject=subject, since=since))
    )


def sworn_interval(call_id: str) -> Interval | None:
    """When a call was; for the longest time where no end was entered, nothing where the ledger does not know it."""
    entries = Call.objects.filter(pk=call_id).values_list("entry", flat=True)
    told = [committed_facts(entry, CALL_BEGUN.name) for entry in entries]
    told = [said for said in told if said.get("call") == call_id] or [
        act.facts or {} for act in entered_naming(CALL_BEGUN.name, call_id)
    ]
    begun = next((said for said in told if said.get("call") == call_id), None)
    if begun is None:
        return None
    start = datetime.fromisoformat(str(begun["start"]))
    subject, since = f"source:{begun['source']}", start - _CLOCK_OFF
    acts = [
        act
        for name in (CALL_ENDED.name, CALL_REACHES.name)
        for act in entered_naming(name, call_id, subject=subject, since=since)
    ]
    ends = [act.facts["end"] for act in acts if act.facts is not None and act.facts.get("call") == call_id]
    return Interval(
        start, max((datetime.fromisoformat(str(end)) for end in ends), default=start + LONGEST_CALL) + _LATE
    )

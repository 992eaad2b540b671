"""When a call was, and whether it was entered, by the word of the ledger and not of rows that somebody may have edited."""

from datetime import date, datetime, timedelta

from rejent.kernel.clock import local_midnight
from rejent.kernel.intervals import Interval
from rejent.registers.doubtful import doubtful
from rejent.registers.queries import committed_facts, entered_naming
from rejent.streams.calls.catalog.acts import CALL_BEGUN, CALL_ENDED, CALL_REACHES
from rejent.streams.calls.catalog.models import Call
from rejent.streams.calls.catalog.queries.calls import LONGEST_CALL

_CLOCK_OFF, _LATE = timedelta(days=1), timedelta(seconds=1)


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

"""Lengths of recordings against those of the calls that an exchange reports: that there is a recording does not say that it is whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from rejent.catalog.models import Segment
from rejent.kernel.clock import local_midnight
from rejent.kernel.intervals import Interval, merged
from rejent.streams.calls.catalog.models import CallRecord, RecordState
from rejent.streams.calls.catalog.queries.calls import LONGEST_CALL
from rejent.streams.calls.catalog.views import REFUSED

SHORTER = timedelta(seconds=30)
"""By how much a recording may be shorter: exchanges that state the whole duration count the ringing, which forwards after 15 to 30 s."""
LONGER = timedelta(minutes=2)
"""By how much it may be longer: what is handed over or seen is recorded from the INVITE on, with all of the ringing."""
SHARE = 0.1
"""And of long calls by this share of what is told: holding and queues are counted in different ways."""
_AT_ONCE = 500
_NEAR = LONGEST_CALL + timedelta(hours=2)
"""Beyond the date within which a call of it is recorded: one that goes on, and the hours of another zone."""


@dataclass(frozen=True, slots=True)
class LengthDifference:
    """Calls of which an exchange tells another length than is recorded; ``records`` are the numbers of what it told."""

    source_id: str
    start: datetime
    told: timedelta
    recorded: timedelta
    calls: tuple[str, ...]
    records: tuple[int, ...]

    @property
    def is_shorter(self) -> bool:
        """Return whether less is recorded than was told."""
        return self.recorded < self.told


def length_differences(day: date) -> list[LengthDifference]:
    """Return the calls of a civil date whose recordings differ in length from what was told by more than the tolerances, in order.

    Legs of one call count together, whatever they share: what is told is the time that any of them covers, what is recorded that
    of all their objects. Calls that go on, or of which a record tells no time or length, are not compared.
    """
    rows = CallRecord.objects.filter(day=day, state=RecordState.RECORDED, emptied=False)
    records = list(rows.filter(start__isnull=False, seconds__isnull=False).order_by("start", "pk"))
    of_record: dict[int, set[str]] = {record.pk: set() for record in records}
    links = CallRecord.calls.through.objects
    lines: dict[str, set[str]] = {}
    for some in _pieces(list(of_record)):
        over = links.filter(callrecord__in=some, call__end__isnull=False, call__destroyed=False)
        over = over.exclude(call__ended_by=REFUSED)
        for record, call, line in over.values_list("callrecord_id", "call_id", "call__source"):
            of_record[record].add(call)
            lines.setdefault(line, set()).add(call)
    recorded = {
        call: parts for line, calls in lines.items() for call, parts in _recorded(line, calls, day).items()
    }
    found = (_compared(group, of_record, recorded) for group in _groups(records, of_record))
    return [one for one in found if one is not None]


def _compared(
    group: list[CallRecord], of_record: dict[int, set[str]], recorded: dict[str, list[Interval]]
) -> LengthDifference | None:
    calls = sorted({call for record in group for call in of_record[record.pk]})
    told = _covered(_interval(record) for record in group)
    held = _covered(part for call in calls for part in recorded.get(call, ()))
    share = told * SHARE
    if told - max(SHORTER, share) <= held <= told + max(LONGER, share):
        return None
    start = min(_interval(record).start for record in group)
    numbers = tuple(record.pk for record in group)
    return LengthDifference(group[0].source_id, start, told, held, tuple(calls), numbers)


def _groups(records: list[CallRecord], of_record: dict[int, set[str]]) -> Iterable[list[CallRecord]]:
    """Yield the records that share calls, in the order of the first of each."""
    leader: dict[str, str] = {}

    def first(call: str) -> str:
        while (known := leader.setdefault(call, call)) != call:
            call = known
        return call

    for calls in of_record.values():
        together = sorted(calls)
        for call in together[1:]:
            leader[first(call)] = first(together[0])
    groups: dict[str, list[CallRecord]] = {}
    for record in records:
        if calls := of_record[record.pk]:
            groups.setdefault(first(min(calls)), []).append(record)
    return groups.values()


def _recorded(line: str, calls: set[str], day: date) -> dict[str, list[Interval]]:
    """Return when each of these calls of a line is recorded, whatever is left of it."""
    near = (local_midnight(day) - _NEAR, local_midnight(day + timedelta(days=1)) + _NEAR)
    found: dict[str, list[Interval]] = {}
    for some in _pieces(sorted(calls)):
        rows = Segment.objects.filter(source=line, start__range=near, run__in=some)
        for run, start, end in rows.values_list("run", "start", "end"):
            found.setdefault(run, []).append(Interval(start, end))
    return found


def _interval(record: CallRecord) -> Interval:
    start = record.start or record.arrived_at
    return Interval(start, start + timedelta(seconds=max(record.seconds or 0.0, 0.001)))


def _covered(parts: Iterable[Interval]) -> timedelta:
    return sum((part.length for part in merged(parts)), timedelta())


def _pieces(keys: list[Any]) -> Iterable[list[Any]]:
    return (keys[at : at + _AT_ONCE] for at in range(0, len(keys), _AT_ONCE))

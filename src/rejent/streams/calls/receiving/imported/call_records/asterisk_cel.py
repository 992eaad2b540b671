"""Asterisk channel events (CEL), joined to calls by linked id once the last channel ends.

Columns as in the ``cel_custom.conf`` that Asterisk ships (docs.asterisk.org, *CEL*).
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rejent.streams.calls.catalog.lines.record_places import RecordZone
from rejent.streams.calls.receiving.imported.call_records.call_tables import file_name
from rejent.streams.calls.receiving.imported.stated_call import MAX_RAW, StatedCall
from rejent.streams.calls.receiving.imported.times import NO_TIME, parse_time

_KIND, _TIME, _NUMBER, _EXTENSION, _APPLICATION, _ARGUMENT, _ID, _LINKED = 0, 1, 3, 7, 10, 11, 14, 15
_EVENTS = frozenset(
    {
        "CHAN_START",
        "CHAN_END",
        "ANSWER",
        "HANGUP",
        "APP_START",
        "APP_END",
        "BRIDGE_ENTER",
        "BRIDGE_EXIT",
        "LINKEDID_END",
    }
)
_MAX_OPEN = 10_000
"""Calls without an end yet."""
_MAX_EVENTS = 200
_MAX_HELD = 64 << 20
"""Characters of their events."""


def is_event(cells: Sequence[str]) -> bool:
    """Return True if a row is an event rather than a call."""
    return len(cells) > _LINKED and cells[_KIND] in _EVENTS


class ChannelEvents:
    """Events of calls without an end yet."""

    def __init__(self, zone: RecordZone) -> None:
        self._zone = zone
        self._open: OrderedDict[str, list[Sequence[str]]] = OrderedDict()
        self._held = 0
        """Characters of them."""

    def calls(self, rows: Iterable[Sequence[str]], near: datetime) -> Iterator[StatedCall]:
        """Yield the calls that end in these rows; beyond the limits also the oldest open ones."""
        for cells in rows:
            if not is_event(cells):
                continue
            linked = cells[_LINKED] or cells[_ID]
            events = self._open.setdefault(linked, [])
            if len(events) < _MAX_EVENTS or cells[_KIND] == "LINKEDID_END":
                events.append(cells)
                self._held += _length(cells)
            if cells[_KIND] == "LINKEDID_END":
                yield self._call(self._taken_out(linked), linked, near)
            elif len(self._open) > _MAX_OPEN or self._held > _MAX_HELD:
                oldest = next(iter(self._open))
                yield self._call(self._taken_out(oldest), oldest, near)

    def _taken_out(self, linked: str) -> list[Sequence[str]]:
        events = self._open.pop(linked)
        self._held -= sum(map(_length, events))
        return events

    def _call(self, events: Sequence[Sequence[str]], linked: str, near: datetime) -> StatedCall:
        def first(kind: str) -> Sequence[str] | None:
            return next((cells for cells in events if cells[_KIND] == kind), None)

        begun = first("CHAN_START") or events[0]
        answers = [cells for cells in events if cells[_KIND] == "ANSWER"]
        spoke = first("BRIDGE_ENTER") or (answers[0] if answers else None)
        start = parse_time(begun[_TIME], self._zone, near)
        answer = parse_time(spoke[_TIME], self._zone, near) if spoke else NO_TIME
        end = parse_time(events[-1][_TIME], self._zone, near)
        lasts, since = None, answer.instant or start.instant
        if end.instant and since:
            lasts = max((end.instant - since).total_seconds(), 0.0)
        recorded = next(
            (cells for cells in events if cells[_APPLICATION].lower() in {"mixmonitor", "monitor"}), None
        )
        return StatedCall(
            record_id=begun[_ID][:200],
            linked_id=linked[:200],
            start=start,
            answer=answer,
            seconds=lasts if spoke else 0.0,
            caller=begun[_NUMBER],
            called=begun[_EXTENSION],
            outcome="ANSWERED" if spoke else "NO ANSWER",
            file=file_name(recorded[_ARGUMENT].partition(",")[0]) if recorded else "",
            raw="\n".join(",".join(cells) for cells in events)[:MAX_RAW],
        )


def _length(cells: Sequence[str]) -> int:
    return sum(map(len, cells))

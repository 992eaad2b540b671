"""Match files with call records; records take precedence over file names."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rejent.streams.calls.catalog.numbers.phone_numbers import canonical_number
from rejent.streams.calls.catalog.pbx.views import RecordView
from rejent.streams.calls.receiving.imported.stated_call import StatedCall
from rejent.streams.calls.recorder.parties import Parties
from rejent.streams.calls.recorder.scope import ALL_WAYS, Way, possible_ways

BY_TIME = timedelta(seconds=5)
"""Tolerance between a record's start and a file's (modification time minus duration)."""
_BY_LENGTH_S = 3.0
_AHEAD = timedelta(seconds=5)
_TOUCH = timedelta(minutes=2)
"""Largest gap between legs of one call, or between its end and the file's modification."""


@dataclass(frozen=True, slots=True)
class KnownCall:
    """Known facts of a file's call; ``assumed`` is the source of the start: ``record``, ``name`` or ``change``."""

    caller: str = field(repr=False)
    called: str = field(repr=False)
    ways: frozenset[Way]
    start: datetime
    assumed: str
    records: tuple[int, ...] = ()


def known_call(
    named: StatedCall,
    records: Sequence[RecordView],
    own: Sequence[str],
    changed: datetime,
    length: timedelta = timedelta(),
) -> KnownCall:
    """Return what is known of a file's call from its name, its records and its modification time."""
    first = min(records, key=_order) if records else None
    caller, called = (first.caller, first.called) if first else (named.caller, named.called)
    stated = (first.direction if first else "") or named.direction
    ways = frozenset({Way(stated)}) if stated else possible_ways(Parties(caller, called), own)
    start, assumed = changed - length, "change"
    for instant, source in ((first.start if first else None, "record"), (named.start.instant, "name")):
        if instant is not None and instant + length <= changed + _AHEAD:
            start, assumed = instant, source
            break
    return KnownCall(caller, called, ways or ALL_WAYS, start, assumed, tuple(one.id for one in records))


def records_of_call(
    naming: Sequence[RecordView], group: Sequence[RecordView], changed: datetime
) -> list[RecordView]:
    """Return the records of a file's current content, with all legs of its call, as PBXs reuse names and ids.

    Args:
        naming: records with the file's name or id.
        group: records without a file that share a linked id with them.
        changed: modification time, UTC.
    """
    fresh = [one for one in naming if one.state != "recorded" or (_over(one) or changed) > changed - _TOUCH]
    if not fresh:
        return []
    legs = [min(fresh, key=lambda one: (abs((_over(one) or changed) - changed), one.id))]
    left = {one.id: one for one in [*fresh, *group] if one.id != legs[0].id}
    for leg in legs:
        legs += [left.pop(one.id) for one in [*left.values()] if _touch(leg, one)]
    return legs


def _over(record: RecordView) -> datetime | None:
    return record.start + timedelta(seconds=record.seconds or 0) if record.start else None


def _touch(one: RecordView, other: RecordView) -> bool:
    """Return True if two records may be legs of one call; True without times."""
    ends, other_ends = _over(one), _over(other)
    if one.start is None or other.start is None or ends is None or other_ends is None:
        return True
    return one.start <= other_ends + _TOUCH and other.start <= ends + _TOUCH


def match_by_time(
    near: Sequence[RecordView], named: StatedCall, start: datetime, length: timedelta
) -> list[RecordView]:
    """Return the only record that fits a file by time and length, or by time and numbers; none if several do."""
    fitting = [
        record
        for record in near
        if record.state == "expected"
        and not record.file
        and record.start is not None
        and _fits(record, named, start, length)
    ]
    return fitting if len(fitting) == 1 else []


def _fits(record: RecordView, named: StatedCall, start: datetime, length: timedelta) -> bool:
    if named.caller and named.called:
        return (record.caller, record.called) == (
            canonical_number(named.caller),
            canonical_number(named.called),
        )
    if record.start is None or record.seconds is None or abs(record.start - start) > BY_TIME:
        return False
    return abs(record.seconds - length.total_seconds()) <= _BY_LENGTH_S


def _order(record: RecordView) -> tuple[datetime, int]:
    return record.start or datetime.max.replace(tzinfo=UTC), record.id

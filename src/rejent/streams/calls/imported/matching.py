"""Which records of a PBX tell of a file, and what is known of its call then: the records go before the file's own name."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rejent.streams.calls.catalog.pbx_views import RecordView
from rejent.streams.calls.catalog.phone_numbers import canonical_number
from rejent.streams.calls.imported.stated import StatedCall
from rejent.streams.calls.scope import ALL_WAYS, Parties, Way, possible_ways

BY_TIME = timedelta(seconds=5)
"""By how much a file's time, told by its change and its length, may differ from a record's."""
_BY_LENGTH_S = 3.0
_AHEAD = timedelta(seconds=5)
_TOUCH = timedelta(minutes=2)
"""How far legs of one call lie apart, or the end of a call and the last change of its file."""


@dataclass(frozen=True, slots=True)
class KnownCall:
    """What is known of the call of a file.

    Attributes:
        caller, called: as stated.
        ways: that it may go.
        start: by the records, by the file's name, or by its change; UTC.
        assumed: ``record``, ``name`` or ``change``: which of them.
        records: those that tell of it.
    """

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
    """What is known of a file's call.

    Args:
        named: what its name says.
        records: those that tell of it.
        own: how the office's numbers begin.
        changed: when it was written last, UTC.
        length: of its sound.
    """
    first = min(records, key=_order) if records else None
    caller, called = (first.caller, first.called) if first else (named.caller, named.called)
    stated = (first.direction if first else "") or named.direction
    ways = frozenset({Way(stated)}) if stated else possible_ways(Parties(caller, called), own)
    start, assumed = changed - length, "change"
    for told, source in ((first.start if first else None, "record"), (named.start.instant, "name")):
        if told is not None and told + length <= changed + _AHEAD:
            start, assumed = told, source
            break
    return KnownCall(caller, called, ways or ALL_WAYS, start, assumed, tuple(one.id for one in records))


def telling(naming: Sequence[RecordView], group: Sequence[RecordView], changed: datetime) -> list[RecordView]:
    """Those of the records that name a file which tell of what is in it now, with the legs of that call.

    A PBX may give one name, or one identifier, again and again.

    Args:
        naming: records that name the file, or have its identifier.
        group: records of no file that belong together with one of them.
        changed: when the file was written last, UTC.
    """
    fresh = [one for one in naming if one.state != "recorded" or (_over(one) or changed) > changed - _TOUCH]
    if not fresh:
        return []
    told = [min(fresh, key=lambda one: (abs((_over(one) or changed) - changed), one.id))]
    left = {one.id: one for one in [*fresh, *group] if one.id != told[0].id}
    for leg in told:
        told += [left.pop(one.id) for one in [*left.values()] if _touch(leg, one)]
    return told


def _over(record: RecordView) -> datetime | None:
    return record.start + timedelta(seconds=record.seconds or 0) if record.start else None


def _touch(one: RecordView, other: RecordView) -> bool:
    """Whether two may be legs of one call; of one without a time nobody can tell that they are not."""
    ends, other_ends = _over(one), _over(other)
    if one.start is None or other.start is None or ends is None or other_ends is None:
        return True
    return one.start <= other_ends + _TOUCH and other.start <= ends + _TOUCH


def by_time(
    near: Sequence[RecordView], named: StatedCall, start: datetime, length: timedelta
) -> list[RecordView]:
    """The one record that fits a file by its time and length, or by its time and numbers; none where several do."""
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

"""Match files with call records; records take precedence over file names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rejent.streams.calls.catalog.lines.parts import PbxFormat, RecordZone
from rejent.streams.calls.catalog.phone_numbers import canonical_number
from rejent.streams.calls.catalog.turns import CALLED, CALLER, MAX_TURNS, PartyTurn
from rejent.streams.calls.catalog.views import RecordView
from rejent.streams.calls.receiving.imported.records import parse_direction
from rejent.streams.calls.receiving.imported.stated_call import NO_TIME, StatedCall, StatedTime, parse_time
from rejent.streams.calls.recorder.parties import ALL_WAYS, Parties, Way, possible_ways

_NUMBER = r"\+?[0-9*#]{1,20}|[Aa]nonymous|[Uu]nknown|[Rr]estricted"
_CALLER = r"(?P<caller>.{1,80})"
"""The caller's name as its phone states it; may contain anything."""
_SIGNS_OF_TIME = "[0-9]{8}[-_T]?[0-9]{6}"
_TIME = rf"(?P<time>{_SIGNS_OF_TIME})"
_FIRST, _LAST = rf"^(?:(?!{_SIGNS_OF_TIME}).)*", rf"(?!.*{_SIGNS_OF_TIME})"
"""No other time before or after: the caller may choose what is between."""
_KINDS = "in|out|external|internal|exten|rg|q|force|ivr"
_PATTERNS = {
    PbxFormat.ASTERISK: (
        rf"(?P<kind>{_KINDS})-(?P<called>{_NUMBER})-{_CALLER}-{_TIME}-(?P<id>[0-9]+\.[0-9]+){_LAST}",
    ),
    PbxFormat.YEASTAR: (
        rf"{_FIRST}{_TIME}-(?P<id>[0-9.]+)-{_CALLER}-(?P<called>{_NUMBER})-(?P<kind>Inbound|Outbound|Internal)",
    ),
    PbxFormat.THREE_CX: (
        rf"\[.*\]_(?P<caller>{_NUMBER})-(?P<called>{_NUMBER})_{_TIME}\((?P<id>[0-9A-Za-z_-]+)\){_LAST}",
    ),
    PbxFormat.SLICAN: (
        rf"{_FIRST}{_TIME}[-_](?P<caller>{_NUMBER})[-_](?P<called>{_NUMBER})(?:[-_](?P<kind>\w+))?",
    ),
}
_ANY = re.compile(rf"(?={_TIME})", re.ASCII)
_FREEPBX_WAYS = {"in": "incoming", "out": "outgoing", "external": "outgoing", "internal": "internal"}


def parse_file_name(name: str, form: PbxFormat, zone: RecordZone, near: datetime) -> StatedCall:
    """Return what a file's name states, by any pattern where ``form`` is unknown, else a time if it contains exactly one."""
    stem = name.rpartition(".")[0] or name
    times = {_stated(found["time"], zone, near) for found in _ANY.finditer(stem)}
    instants = [each for each in times if each.instant]
    if form not in _PATTERNS and len(instants) > 1:
        return StatedCall(file=name)
    every = [pattern for known in _PATTERNS.values() for pattern in known]
    for pattern in _PATTERNS.get(form, every):
        if found := re.search(pattern, stem, re.ASCII):
            fields = found.groupdict(default="")
            start = _stated(fields["time"], zone, near)
            return StatedCall(
                record_id=fields.get("id", ""),
                start=start if start.instant else NO_TIME,
                caller=fields["caller"],
                called=fields["called"],
                direction=_FREEPBX_WAYS.get(fields.get("kind", ""))
                or parse_direction(fields.get("kind", "")),
                file=name,
            )
    return StatedCall(file=name, start=instants[0] if len(instants) == 1 else NO_TIME)


def _stated(written: str, zone: RecordZone, near: datetime) -> StatedTime:
    return parse_time(re.sub(r"[-_T]", "", written), zone, near)


BY_TIME = timedelta(seconds=5)
_BY_LENGTH_S = 3.0
_AHEAD = timedelta(seconds=5)
_TOUCH = timedelta(minutes=2)
"""Largest gap between legs of one call, or between its end and the file's modification."""


@dataclass(frozen=True, slots=True)
class KnownCall:
    """Known facts of a file's call; ``assumed`` is the source of the start: ``record``, ``name`` or ``change``.

    ``turns``: who took a side later, by the records of further legs.
    """

    caller: str = field(repr=False)
    called: str = field(repr=False)
    ways: frozenset[Way]
    start: datetime
    assumed: str
    records: tuple[int, ...] = ()
    turns: tuple[PartyTurn, ...] = ()


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
    numbers, turns = tuple(one.id for one in records), _turns(records)
    return KnownCall(caller, called, ways or ALL_WAYS, start, assumed, numbers, turns)


def _turns(records: Sequence[RecordView]) -> tuple[PartyTurn, ...]:
    """Return who took a side after the first leg of a call, as the records of its answered legs state it."""
    turns: list[PartyTurn] = []
    answered = [one for one in sorted(records, key=_order) if one.state != "unanswered"]
    holders = {CALLER: answered[0].caller, CALLED: answered[0].called} if answered else {}
    for leg in answered[1:]:
        for side, number in ((CALLER, leg.caller), (CALLED, leg.called)):
            if leg.start is not None and number and number != holders[side]:
                holders[side] = number
                turns.append(PartyTurn(side, number, leg.start))
    return tuple(turns[:MAX_TURNS])


def records_of_call(
    naming: Sequence[RecordView], group: Sequence[RecordView], changed: datetime
) -> list[RecordView]:
    """Return the records of a file's current content, with all legs of its call, as PBXs reuse names and ids.

    ``naming`` have the file's name or id, ``group`` none, but a linked id of theirs; ``changed`` is the modification
    time.
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

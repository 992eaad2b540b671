"""Match records of an exchange with recorded calls: by their parties and times, or by what names the recording."""

from datetime import timedelta

from rejent.streams.calls.catalog.models import Call, CallRecord, PbxFile

TOLERANCE = timedelta(minutes=2)
"""By how much the clock of a PBX and ours may differ, and ringing may last."""
OTHER_ZONE = tuple(timedelta(hours=hours) for hours in (-2, -1, 1, 2))
"""By how much the times of a PBX are off that takes summer time or UTC for the office's clock."""
_SHORTEST_ENDING = 3
_NATIONAL = 9
"""Digits of a number of this country; what stands before them an exchange may write in its own way."""


def same_parties(record: CallRecord, call: Call) -> bool:
    """Return True if both may be between the same two."""
    return _same(record.caller, call.caller) and _same(record.called, call.called)


def may_belong_to(record: CallRecord, call: Call) -> bool:
    """Return True if a record may belong to a call: by itself, or by the exchange's link to another leg of it."""
    if _matches(record, call):
        return True
    legs = CallRecord.objects.filter(calls=call, linked_id=record.linked_id).exclude(pk=record.pk)
    return bool(record.linked_id) and any(_matches(leg, call) for leg in legs)


def _matches(record: CallRecord, call: Call) -> bool:
    return (same_parties(record, call) and _at_its_time(record, call)) or _is_named(record, call)


def _at_its_time(record: CallRecord, call: Call) -> bool:
    """Return True if a record is of a time of the call; one of an unknown time may be."""
    if record.start is None:
        return True
    first, last = call.start - TOLERANCE, max(call.end or call.start, call.start) + TOLERANCE
    return any(first <= record.start + shift <= last for shift in (timedelta(), *OTHER_ZONE))


def _is_named(record: CallRecord, call: Call) -> bool:
    """Return True if the record names the call's file, or the file's name holds the exchange's identifier."""
    words = [word for word in (record.record_id, record.linked_id) if word]
    names = PbxFile.objects.filter(call=call).values_list("name", flat=True)
    return any(
        (bool(record.file) and name.endswith(record.file)) or any(word in name for word in words)
        for name in names
    )


def _same(one: str, other: str) -> bool:
    """Return True if two spellings may be one number: a withheld one is anybody's, an extension the end of a longer one."""
    if not one or not other or one == other:
        return True
    short, long = sorted((one.lstrip("+")[-_NATIONAL:], other.lstrip("+")[-_NATIONAL:]), key=len)
    return len(short) >= _SHORTEST_ENDING and long.endswith(short)

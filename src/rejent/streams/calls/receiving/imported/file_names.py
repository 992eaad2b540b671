"""Parse names of recordings: patterns of FreePBX, Yeastar P and 3CX; for Slican an assumed one: date, time, both numbers."""

import re
from datetime import datetime

from rejent.streams.calls.catalog.lines.record_places import PbxFormat, RecordZone
from rejent.streams.calls.receiving.imported.call_records.call_tables import parse_direction
from rejent.streams.calls.receiving.imported.stated_call import StatedCall
from rejent.streams.calls.receiving.imported.times import NO_TIME, StatedTime, parse_time

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
    """Return what a file's name states: the fields of a known pattern, else a time if it contains exactly one.

    An unknown ``form`` tries every pattern; ``near`` is when the file was seen, UTC.
    """
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

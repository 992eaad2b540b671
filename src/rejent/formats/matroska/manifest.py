"""The manifest of a call's object: JSON in its last cluster, from the same counters as reading."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rejent.formats.rtp.account import SECOND, LegAccount, ReceiverCounts

FORM = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Speakers:
    """The participants that speak on a leg from ``at`` on (ns since 1970), by their addresses as the session names them."""

    at: int
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LegManifest:
    """Statistics of one leg: from its packets (``account``) and its receiver (``counts``).

    ``clock_offset`` is the sender's wall clock minus ours in seconds; ``party`` is ``caller`` or ``called``, empty where unknown or both;
    ``speakers`` are in order of time.
    """

    account: LegAccount
    counts: ReceiverCounts
    clock_offset: float | None
    party: str = ""
    speakers: tuple[Speakers, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenCalls:
    """Calls of the session from ``at`` on (ns since 1970): id and group id of each."""

    at: int
    calls: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Part of a call in one object: ns since 1970; ``number`` counts the call's objects from 1."""

    call: str
    number: int
    start: int
    end: int
    final: bool
    recovered: bool = False
    """Recounted from what a killed recorder left."""


def instant(nanoseconds: int) -> datetime:
    """Convert ns since 1970 to UTC, rounded down to microseconds."""
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


def nanoseconds(at: datetime) -> int:
    """Convert to ns since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000


def encoded(span: Span, legs: Sequence[LegManifest], carried: Sequence[OpenCalls] = ()) -> bytes:
    """Return the manifest: statistics of the call up to this object's end, and the session's calls if they changed (RFC 7865 §6.1.2)."""
    sessions = [
        {"from": _format_time(each.at), "calls": [{"id": name, "group": group} for name, group in each.calls]}
        for each in carried
    ]
    content = {
        "form": FORM,
        "call": span.call,
        "object": span.number,
        "start": _format_time(span.start),
        "end": _format_time(span.end),
        "final": span.final,
        "recovered": span.recovered,
        "legs": [_leg(leg) for leg in legs],
    } | ({"sessions": sessions} if len(sessions) > 1 else {})
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def leg_account(account: LegAccount) -> dict[str, Any]:
    """Return a leg's statistics as in the manifest."""
    uncaptured = {"missed": account.uncaptured} if account.uncaptured else {}
    return uncaptured | {
        "packets": {role.name.lower(): count for role, count in account.packets.items() if count},
        "lost": account.lost,
        "senders": [
            {
                "ssrc": f"{sender.ssrc:08x}",
                "from": _format_time(sender.start),
                "to": _format_time(sender.end),
                "received": sender.received,
                "lost": sender.lost,
                "late": sender.late,
                "twice": sender.twice,
            }
            for sender in account.senders
        ],
        "codecs": [
            {"from": _format_time(span.start), "type": span.payload_type, "name": span.name}
            for span in account.codecs
        ],
        "gaps": [
            {
                "from": _format_time(gap.start),
                "to": _format_time(gap.end),
                "cause": str(gap.cause),
                "packets": gap.packets,
            }
            for gap in account.gaps
        ],
        "jumps": [{"at": _format_time(jump.at), "ticks": jump.ticks} for jump in account.jumps],
    }


def _leg(leg: LegManifest) -> dict[str, Any]:
    counts = leg.counts
    mirrored = {"copies": counts.copies} if counts.copies else {}
    speakers = [{"from": _format_time(each.at), "addresses": list(each.addresses)} for each in leg.speakers]
    return (
        leg_account(leg.account)
        | mirrored
        | ({"speakers": speakers} if speakers else {})
        | {
            "refused": counts.refused,
            "dropped": counts.dropped,
            "flooded": counts.flooded,
            "unstored": counts.unstored,
            "clock_offset_s": leg.clock_offset,
            "party": leg.party,
        }
    )


def _format_time(at: int) -> str:
    return f"{instant(at):%Y-%m-%dT%H:%M:%S}.{at % SECOND:09d}Z"

"""What an object of a call says about itself: JSON in its last cluster, made by the code that counts packets."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rejent.formats.rtp.account import SECOND, LegAccount, ReceiverCounts

FORM = 1
"""Version of the manifest."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LegManifest:
    """One leg: what was counted, and the sender's wall clock minus ours in seconds, where it tells it.

    ``party`` is ``caller`` or ``called``; empty where nobody said which of the two it is, or both are in it.
    """

    account: LegAccount
    outside: ReceiverCounts
    clock_offset: float | None
    party: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """Which calls the session says that it carries from ``at`` on, ns since 1970: the name of each, and of its group."""

    at: int
    calls: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Which part of which call an object holds: ns since 1970; ``number`` counts the objects of the call from 1."""

    call: str
    number: int
    start: int
    end: int
    final: bool
    recovered: bool = False
    """The recorder was killed; this was counted anew from what it left."""


def instant(nanoseconds: int) -> datetime:
    """The instant, in UTC, to the microsecond below."""
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


def nanoseconds(at: datetime) -> int:
    """Nanoseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000


def encoded(span: Span, legs: Sequence[LegManifest], carried: Sequence[Carried] = ()) -> bytes:
    """The manifest as it is stored: counts of the call from its beginning to this object's end.

    What the session carried is told only where that changed (RFC 7865 §6.1.2): where one call ended and the next began in
    what was kept as one, no packet tells.
    """
    sessions = [
        {"from": _told(each.at), "calls": [{"id": name, "group": group} for name, group in each.calls]}
        for each in carried
    ]
    told = {
        "form": FORM,
        "call": span.call,
        "object": span.number,
        "start": _told(span.start),
        "end": _told(span.end),
        "final": span.final,
        "recovered": span.recovered,
        "legs": [_leg(leg) for leg in legs],
    } | ({"sessions": sessions} if len(sessions) > 1 else {})
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def leg_account(account: LegAccount) -> dict[str, Any]:
    """What was counted of a leg, as the manifest tells it."""
    uncaptured = {"missed": account.uncaptured} if account.uncaptured else {}
    return uncaptured | {
        "packets": {role.name.lower(): count for role, count in account.packets.items() if count},
        "lost": account.lost,
        "senders": [
            {
                "ssrc": f"{sender.ssrc:08x}",
                "from": _told(sender.start),
                "to": _told(sender.end),
                "received": sender.received,
                "lost": sender.lost,
                "late": sender.late,
                "twice": sender.twice,
            }
            for sender in account.senders
        ],
        "codecs": [
            {"from": _told(span.start), "type": span.payload_type, "name": span.name}
            for span in account.codecs
        ],
        "gaps": [
            {"from": _told(gap.start), "to": _told(gap.end), "cause": str(gap.cause), "packets": gap.packets}
            for gap in account.gaps
        ],
        "jumps": [{"at": _told(jump.at), "ticks": jump.ticks} for jump in account.jumps],
    }


def _leg(leg: LegManifest) -> dict[str, Any]:
    outside = leg.outside
    mirrored = {"copies": outside.copies} if outside.copies else {}
    return (
        leg_account(leg.account)
        | mirrored
        | {
            "refused": outside.refused,
            "dropped": outside.dropped,
            "flooded": outside.flooded,
            "unstored": outside.unstored,
            "clock_offset_s": leg.clock_offset,
            "party": leg.party,
        }
    )


def _told(at: int) -> str:
    """To the nanosecond, as the kernel stamped it."""
    return f"{instant(at):%Y-%m-%dT%H:%M:%S}.{at % SECOND:09d}Z"

"""What the page of a call asks for: what its objects hold, and pieces of its sound. Who may hear it is decided above."""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rejent.capture.calls.recording.manifest import instant, nanoseconds
from rejent.capture.calls.recording.wav import NARROW, WIDE
from rejent.catalog.views import SegmentView
from rejent.kernel.intervals import Interval
from rejent.playback.errors import SoundError
from rejent.playback.opened import OpenObject
from rejent.playback.services import workshop

LEVELS_A_SECOND = 25
"""Of an envelope, as `rejent.playback.call_sound` makes it."""
_LEAST = timedelta(microseconds=1)
_WIDE_CODECS = frozenset({"g722", "opus", "amr-wb"})


@dataclass(frozen=True, slots=True)
class Part:
    """What one object holds of one leg.

    Attributes:
        start: the instant of its first level.
        levels: how loud it is, 0 to 255, `LEVELS_A_SECOND`.
    """

    start: datetime
    levels: bytes


@dataclass(frozen=True, slots=True)
class LegGap:
    """A time in which a leg sent nothing, or what it sent did not come; the cause as the manifest has it."""

    interval: Interval
    cause: str
    packets: int


@dataclass(frozen=True, slots=True)
class CallLeg:
    """One party of a call, or both where they came mixed.

    Attributes:
        codecs: its codings, in the order they were first heard.
        undecoded: those of them that are silence, because they cannot be decoded.
        packets, lost: speech that came and that did not, from the call's beginning.
    """

    number: int
    codecs: tuple[str, ...]
    undecoded: tuple[str, ...]
    packets: int
    lost: int
    parts: tuple[Part, ...]
    gaps: tuple[LegGap, ...]


def legs_of(segments: Iterable[SegmentView], open_object: OpenObject) -> list[CallLeg]:
    """The legs of a call, out of its objects in their order.

    Raises:
        SoundError: an object cannot be read, or not in time.
    """
    told = [json.loads(workshop().described(open_object(segment).read())) for segment in segments]
    numbers = sorted({leg["leg"] for each in told for leg in each["legs"]})
    return [_leg(number, told) for number in numbers]


def listened(
    segments: Sequence[SegmentView],
    wanted: Interval,
    readable: Iterable[Interval],
    open_object: OpenObject,
    *,
    rate: int,
) -> bytes:
    """What is heard in an interval, as fragmented MP4 of exactly its length; silence where nothing may be opened.

    Args:
        segments: the objects that reach into it, in order; at least one.
        wanted: the interval.
        readable: the parts that may be opened.
        open_object: opens a sealed object.
        rate: as `rate_of` gives it for the whole call.

    Raises:
        SoundError: it cannot be made audible, or not in time.
    """
    if not segments:
        raise SoundError("Nothing of the call is left there.", advice="Try another moment of the call.")
    contents = [open_object(segment).read() for segment in segments]
    open_parts = [(nanoseconds(part.start), nanoseconds(part.end)) for part in readable]
    start, end = nanoseconds(wanted.start), nanoseconds(wanted.end)
    return workshop().listened(contents, start, end, rate, open_parts)


def rate_of(segments: Iterable[SegmentView]) -> int:
    """Samples a second for every piece of a call, so that its pieces fit together."""
    codecs = {name for segment in segments for name in segment.codec.split(",")}
    return WIDE if codecs & _WIDE_CODECS else NARROW


def _leg(number: int, told: Sequence[dict[str, Any]]) -> CallLeg:
    """One leg out of what each object tells of it; counts run from the call's beginning."""
    of_leg = [(each, leg) for each in told for leg in each["legs"] if leg["leg"] == number]
    accounts = [leg["account"] for _, leg in of_leg]
    gaps = [gap for account in accounts for gap in account.get("gaps", ())]
    by_start = {(gap["from"], gap["cause"]): gap for gap in sorted(gaps, key=lambda gap: str(gap["to"]))}
    return CallLeg(
        number=number,
        codecs=tuple(dict.fromkeys(name for _, leg in of_leg for name in leg["codecs"])),
        undecoded=tuple(sorted({name for _, leg in of_leg for name in leg["undecoded"]})),
        packets=max((account.get("packets", {}).get("speech", 0) for account in accounts), default=0),
        lost=max((account.get("lost", 0) for account in accounts), default=0),
        parts=tuple(Part(instant(each["start"]), base64.b64decode(leg["levels"])) for each, leg in of_leg),
        gaps=tuple(_gap(gap) for gap in by_start.values() if gap["from"] < gap["to"]),
    )


def _gap(told: dict[str, Any]) -> LegGap:
    start, end = (datetime.fromisoformat(told[name][:26] + "+00:00") for name in ("from", "to"))
    return LegGap(Interval(start, max(end, start + _LEAST)), told["cause"], told["packets"])

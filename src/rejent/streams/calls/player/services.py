"""Content of the page of a call: what its objects hold, and pieces of its sound. Who may hear it is decided above."""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from rejent.catalog.views import SegmentView
from rejent.content.errors import not_as_entered
from rejent.content.opening import OpenObject
from rejent.formats.matroska.manifest import instant, nanoseconds
from rejent.formats.matroska.reader import HEAD, read_call_id
from rejent.formats.rtp.account import GapCause
from rejent.formats.sound.wav import NARROW, WIDE
from rejent.kernel.intervals import Interval
from rejent.streams.calls.player.errors import SoundError
from rejent.streams.calls.player.workshop import workshop
from rejent.streams.calls.receiving.imported.excerpts import parts
from rejent.streams.calls.receiving.imported.file_sound import IS_WIDE

LEVELS_A_SECOND = 25
AROUND = timedelta(seconds=1)
"""Time about a piece of sound of which it has to be known what may be opened: a packet reaches over its edge, a decoder begins before."""
_LEAST = timedelta(microseconds=1)
_AROUND = 2_000_000_000
"""ns of a long file that are opened around what is wanted, so that what is decoded has begun when it is wanted."""
_WIDE_CODECS = frozenset({"g722", "opus", "amr-wb"})


@dataclass(frozen=True, slots=True)
class Part:
    """Part of one leg that one object holds: the instant of its first level, and how loud it is, 0 to 255, `LEVELS_A_SECOND`."""

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
    """One party of a call, or both where they came mixed; ``undecoded`` are codings that are silence.

    ``packets`` and ``lost`` count speech from the call's beginning; ``missed`` what a recorder beside the call did not
    see, ``dropped`` what our machine did not take in time. ``speakers``: since when which participants speak on it, by the addresses
    that the exchange stated.
    """

    number: int
    codecs: tuple[str, ...]
    undecoded: tuple[str, ...]
    packets: int
    lost: int
    parts: tuple[Part, ...]
    gaps: tuple[LegGap, ...]
    party: str = ""
    missed: int = 0
    dropped: int = 0
    speakers: tuple[tuple[datetime, tuple[str, ...]], ...] = field(default=(), repr=False)


def legs_of(segments: Iterable[SegmentView], open_object: OpenObject) -> list[CallLeg]:
    """Return the legs of a call, out of its objects in their order.

    SoundError: an object cannot be read, or not in time.
    """
    descriptions = [
        json.loads(workshop().described(content, start)) for start, content in contents(segments, open_object)
    ]
    numbers = sorted({leg["leg"] for each in descriptions for leg in each["legs"]})
    return [_leg(number, descriptions) for number in numbers]


def sound_piece(
    segments: Sequence[SegmentView],
    wanted: Interval,
    readable: Iterable[Interval],
    open_object: OpenObject,
    *,
    rate: int,
) -> bytes:
    """Return what is heard in an interval as fragmented MP4 of exactly its length.

    ``readable`` reaches `AROUND` over the interval; it is silent where nothing may be opened. Raises SoundError: not in time.
    """
    open_parts = [(nanoseconds(part.start), nanoseconds(part.end)) for part in readable]
    start, end = nanoseconds(wanted.start), nanoseconds(wanted.end)
    near = list(contents(segments, open_object, (start - _AROUND, end + _AROUND)))
    if not near:
        raise SoundError("Nothing of the call is left there.", advice="Try another moment of the call.")
    return workshop().sound_piece(
        [content for _, content in near], [at for at, _ in near], (start, end), rate, open_parts
    )


def contents(
    segments: Iterable[SegmentView], open_object: OpenObject, within: tuple[int, int] | None = None
) -> Iterator[tuple[int, bytes]]:
    """Yield what the objects of a call hold, with when each begins, ns since 1970; long files of an exchange in parts.

    Outside of the instants ``within``, parts may be left out.
    """
    for segment in segments:
        begun = nanoseconds(segment.start)
        near = (within[0] - begun, within[1] - begun) if within else None
        opened = open_object(segment)
        if read_call_id(opened.read(0, HEAD)) not in ("", segment.run):
            raise not_as_entered()
        for at, content in parts(opened, near):
            yield begun + at, content


def rate_of(segments: Iterable[SegmentView]) -> int:
    """Return samples a second for every piece of a call, so that its pieces fit together."""
    codecs = {name for segment in segments for name in segment.traits.get("codec", "").split(",")}
    wide = codecs & _WIDE_CODECS or any(name.endswith(IS_WIDE) for name in codecs)
    return WIDE if wide else NARROW


def _leg(number: int, descriptions: Sequence[dict[str, Any]]) -> CallLeg:
    """Return one leg out of the description of each object; counts run from the call's beginning."""
    of_leg = [(each, leg) for each in descriptions for leg in each["legs"] if leg["leg"] == number]
    accounts = [leg["account"] for _, leg in of_leg]
    gaps = [gap for account in accounts for gap in account.get("gaps", ())]
    by_start = {(gap["from"], gap["cause"]): gap for gap in sorted(gaps, key=lambda gap: str(gap["to"]))}
    return CallLeg(
        number=number,
        codecs=tuple(dict.fromkeys(name for _, leg in of_leg for name in leg["codecs"])),
        undecoded=tuple(sorted({name for _, leg in of_leg for name in leg["undecoded"]})),
        packets=max((account.get("packets", {}).get("speech", 0) for account in accounts), default=0),
        lost=max((account.get("lost", 0) for account in accounts), default=0),
        missed=max((account.get("missed", 0) for account in accounts), default=0),
        parts=tuple(Part(instant(each["start"]), base64.b64decode(leg["levels"])) for each, leg in of_leg),
        gaps=tuple(_gap(gap) for gap in by_start.values() if gap["from"] < gap["to"]),
        dropped=sum(gap["packets"] for gap in by_start.values() if gap["cause"] == GapCause.DROPPED),
        party=next((account["party"] for account in accounts if account.get("party")), ""),
        speakers=_speakers(accounts),
    )


def _speakers(accounts: Sequence[dict[str, Any]]) -> tuple[tuple[datetime, tuple[str, ...]], ...]:
    """Return who speaks on a leg, out of the account that reaches furthest."""
    every: list[list[dict[str, Any]]] = [account.get("speakers", []) for account in accounts]
    stated = max(every, key=len, default=[])
    return tuple((_instant(each["from"]), tuple(each["addresses"])) for each in stated)


def _instant(written: str) -> datetime:
    return datetime.fromisoformat(written[:26] + "+00:00")


def _gap(gap: dict[str, Any]) -> LegGap:
    start, end = _instant(gap["from"]), _instant(gap["to"])
    return LegGap(Interval(start, max(end, start + _LEAST)), gap["cause"], gap["packets"])

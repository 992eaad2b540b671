"""Plans of redaction: what is hidden of a copy, where and when. Pure.

Places are ten-thousandths of the picture's width and height; times are milliseconds from the first instant that the copy shows. What follows
a moving person is a region with keyframes, linear between them; before the first and after the last it stays where they are.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise
from typing import Any

from rejent.cases.copies.errors import CopyRefusedError
from rejent.kernel.intervals import Interval
from rejent.ledger.canonical import canonical_json

WHOLE = 10_000
"""Width and height of the picture."""
MOST_REGIONS, MOST_SPANS, MOST_KEYS = 200, 500, 5000


class Shape(StrEnum):
    """The shape of a region."""

    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"


class Fill(StrEnum):
    """The way in which regions are filled."""

    SOLID = "solid"
    COARSE = "coarse"
    """Few fields of coarse colour, the same for a second."""


class Effect(StrEnum):
    """What becomes of a span of time."""

    BLACK = "black"
    SILENT = "silent"
    ALTERED = "altered"
    """Another pitch and another timbre; that does not make a voice anonymous."""


class Reason(StrEnum):
    """The reason why something is hidden."""

    PERSON = "person"
    PLATE = "plate"
    SCREEN = "screen"
    PRIVATE = "private"
    OTHER = "other"


PICTURE, SOUND = frozenset({Effect.BLACK}), frozenset({Effect.SILENT, Effect.ALTERED})


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, or the one around an ellipse."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the picture. Everything outside it is hidden where ``keep``; ``keys`` has time and place of each keyframe, in order."""

    shape: Shape
    keep: bool
    reason: Reason
    start: int
    end: int
    keys: tuple[tuple[int, Box], ...]

    def at(self, time: float) -> Box:
        """Return where it is at a time."""
        after = bisect_right(self.keys, time, key=lambda key: key[0])
        if after in {0, len(self.keys)}:
            return self.keys[max(after - 1, 0)][1]
        (first, one), (last, other) = self.keys[after - 1], self.keys[after]
        share = (time - first) / (last - first)
        return Box(
            one.x + (other.x - one.x) * share,
            one.y + (other.y - one.y) * share,
            one.width + (other.width - one.width) * share,
            one.height + (other.height - one.height) * share,
        )


@dataclass(frozen=True, slots=True)
class Span:
    """A time of which picture or sound is changed; ``party`` is 1 or 2 for the sound of one party of a call, 0 for all."""

    effect: Effect
    party: int
    reason: Reason
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is hidden of a copy."""

    fill: Fill
    regions: tuple[Region, ...]
    spans: tuple[Span, ...]

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is hidden by it."""
        return not self.regions and not self.spans


def axis_length(axis: Interval) -> int:
    """Return the length of a plan's time in whole milliseconds."""
    return -(-axis.length // timedelta(milliseconds=1))


def milliseconds(axis: Interval, at: datetime) -> float:
    """Return a plan's time of an instant."""
    return (at - axis.start) / timedelta(milliseconds=1)


def plan_digest(kept: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a plan as it is kept, in canonical JSON (RFC 8785)."""
    return sha256(canonical_json(dict(kept)).encode()).hexdigest()


def kept_plan(plan: Plan) -> dict[str, Any]:
    """Return a plan as it is kept; `read_plan` reads it."""
    regions = [
        {
            "shape": each.shape.value,
            "keep": each.keep,
            "reason": each.reason.value,
            "start": each.start,
            "end": each.end,
            "keys": [
                [time, int(box.x), int(box.y), int(box.width), int(box.height)] for time, box in each.keys
            ],
        }
        for each in plan.regions
    ]
    spans = [
        {
            "effect": each.effect.value,
            "party": each.party,
            "reason": each.reason.value,
            "start": each.start,
            "end": each.end,
        }
        for each in plan.spans
    ]
    return {"fill": plan.fill.value, "regions": regions, "spans": spans}


def read_plan(given: Any, length: int, effects: frozenset[Effect]) -> Plan:
    """Return a plan that is sensible for a copy.

    ``given`` is as `kept_plan` writes it, ``length`` in milliseconds; regions are possible where `Effect.BLACK` is among ``effects``.
    Raises CopyRefusedError: it is no plan, reaches out of picture or time, or holds too much.
    """
    try:
        regions = [_region(each) for each in given["regions"]]
        spans = [
            Span(Effect(each["effect"]), _whole(each["party"]), Reason(each["reason"]), *_times(each))
            for each in given["spans"]
        ]
        plan = Plan(Fill(given["fill"]), tuple(regions), tuple(spans))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CopyRefusedError("The plan of redaction cannot be read.", part="plan") from error
    _require_size(plan)
    for number, region in enumerate(plan.regions, 1):
        _require_region(number, region, length, effects)
    for number, span in enumerate(plan.spans, 1):
        _require_span(number, span, length, effects)
    return plan


def _region(given: Mapping[str, Any]) -> Region:
    keys = tuple((_whole(time), Box(*map(_whole, place))) for time, *place in given["keys"])
    if not isinstance(given["keep"], bool):
        raise TypeError
    start, end = _times(given)
    return Region(Shape(given["shape"]), given["keep"], Reason(given["reason"]), start, end, keys)


def _times(given: Mapping[str, Any]) -> tuple[int, int]:
    return _whole(given["start"]), _whole(given["end"])


def _whole(given: object) -> int:
    if type(given) is not int:
        raise TypeError
    return given


def _require_size(plan: Plan) -> None:
    keys = sum(len(region.keys) for region in plan.regions)
    if len(plan.regions) > MOST_REGIONS or len(plan.spans) > MOST_SPANS or keys > MOST_KEYS:
        raise CopyRefusedError(
            "A plan has {regions} regions, {times} times and {keys} positions at most.",
            part="plan",
            regions=MOST_REGIONS,
            times=MOST_SPANS,
            keys=MOST_KEYS,
            advice="Remove what is not needed.",
        )


def _require_region(number: int, region: Region, length: int, effects: frozenset[Effect]) -> None:
    if not effects & PICTURE:
        raise CopyRefusedError("Region {number}: this recording has no picture.", part="plan", number=number)
    if not 0 <= region.start < region.end <= length:
        raise CopyRefusedError(
            "Region {number} does not lie within the recording.",
            part="plan",
            number=number,
            advice="Its beginning comes before its end, both within.",
        )
    if not region.keys:
        raise CopyRefusedError(
            "Region {number} has no position.",
            part="plan",
            number=number,
            advice="Draw it, or remove it from the list.",
        )
    times = [time for time, _ in region.keys]
    if times[0] < 0 or times[-1] > length or any(b <= a for a, b in pairwise(times)):
        raise CopyRefusedError(
            "The positions of region {number} are not in order, or one lies outside the recording.",
            part="plan",
            number=number,
        )
    for _, box in region.keys:
        inside = box.x >= 0 and box.y >= 0 and box.x + box.width <= WHOLE and box.y + box.height <= WHOLE
        if not inside or box.width <= 0 or box.height <= 0:
            raise CopyRefusedError(
                "Region {number} reaches out of the picture, or is empty.",
                part="plan",
                number=number,
                advice="Draw it within the picture.",
            )


def _require_span(number: int, span: Span, length: int, effects: frozenset[Effect]) -> None:
    if not 0 <= span.start < span.end <= length:
        raise CopyRefusedError(
            "Time {number} does not lie within the recording.",
            part="plan",
            number=number,
            advice="Its beginning comes before its end, both within.",
        )
    if span.effect not in effects:
        raise CopyRefusedError(
            "Time {number}: this recording has neither such picture nor such sound.",
            part="plan",
            number=number,
        )
    if span.party not in ({0} if span.effect in PICTURE else {0, 1, 2}):
        raise CopyRefusedError("Time {number} names a party that there is not.", part="plan", number=number)

"""Pictures with parts of them hidden for good, coded anew. Runs only in the workshop's child processes.

Nothing of the recorded file but decoded pictures goes on: no metadata, no further units. A picture is shown until the next one, so it
is held back until that one's time is known, and what is hidden then is hidden over all of its time on the screen.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from rejent.cases.copies.redaction import WHOLE, Box, Effect, Fill, Plan, Region, Shape, read_plan
from rejent.formats.mp4.boxes import TIMESCALE
from rejent.streams.cameras.player.converter import Converter

_ANY_HEIGHT = 1 << 14
_DARK, _GREY = 16, 128
"""Luma and chroma of black."""
_FIELDS = 6
"""Of coarse colour, along the longer side of a region."""
_LEVELS = 5
"""Bits of a coarse colour that are dropped."""
_HELD = 1000
"""Milliseconds that coarse colours stay the same, so that many pictures give no finer one away."""

Plane = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


class Redactor(Converter):
    """One recording under redaction; media time 0 is ``begins`` on the plan's axis, and ``scale`` its milliseconds a tick."""

    def __init__(
        self,
        content: bytes,
        *,
        plan: dict[str, Any],
        length: int,
        begins: float,
        scale: float,
        remark: str,
    ) -> None:
        super().__init__(content, _ANY_HEIGHT)
        self.remark = remark
        self._plan = read_plan(plan, length, frozenset({Effect.BLACK}))
        self._painter = Painter(self._plan)
        self._begins, self._scale = begins, scale
        self._held: VideoFrame | None = None
        self._shown_for = TIMESCALE // 25

    def finish(self) -> bytes:
        """Return everything that still waits; errors as `Converter.finish`."""
        begins = self._encoder is None
        self._code(self._frames(None))
        self._begin_shown()
        if self._held is not None:
            until = self._shown[1] if self._shown is not None else (self._held.pts or 0) + self._shown_for
            self._let_go(self._held, until)
            self._held = None
        head = self._head(begins)
        return head + super().finish()

    def _encode(self, fresh: VideoFrame) -> None:
        before, self._held = self._held, fresh
        if before is not None:
            self._shown_for = (fresh.pts or 0) - (before.pts or 0)
            self._let_go(before, fresh.pts or 0)

    def _let_go(self, picture: VideoFrame, until: int) -> None:
        first, past = (self._begins + tick * self._scale for tick in (picture.pts or 0, until))
        if self._painter.hides(first, past):
            picture = _own(picture)
            self._painter.paint(_planes(picture), first, past)
        super()._encode(picture)


def _own(picture: VideoFrame) -> VideoFrame:
    fresh = VideoFrame(picture.width, picture.height, "yuv420p")
    for plane, from_plane in zip(_planes(fresh), _planes(picture), strict=True):
        plane[:] = from_plane
    fresh.pts, fresh.time_base = picture.pts, picture.time_base
    return fresh


def _planes(picture: VideoFrame) -> list[Plane]:
    return [
        np.frombuffer(memoryview(plane), np.uint8)[: plane.line_size * plane.height].reshape(
            plane.height, plane.line_size
        )[:, : plane.width]
        for plane in picture.planes
    ]


class Painter:
    """Hides parts of pictures, each given as its planes of luma and halved chroma, between two times of the plan.

    All is done in squares of two by two pixels, which share their colour; one that is touched is hidden.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._colours: dict[int, tuple[int, list[Plane]]] = {}

    def hides(self, first: float, past: float) -> bool:
        """Return whether anything is hidden then."""
        return self._is_black(first, past) or any(_active(one, first, past) for one in self._plan.regions)

    def paint(self, planes: list[Plane], first: float, past: float) -> None:
        """Hide what is to be hidden."""
        height, width = planes[1].shape
        if self._is_black(first, past):
            _fill(planes, (0, height, 0, width), None, None)
            return
        active = [(number, one) for number, one in enumerate(self._plan.regions) if _active(one, first, past)]
        kept = [one for _, one in active if one.keep]
        if kept:
            hidden = np.ones((height, width), np.bool_)
            for one in kept:
                hidden &= ~_kept(one, first, past, height, width)
            _fill(planes, (0, height, 0, width), hidden, None)
        for number, one in active:
            if not one.keep:
                self._hide(planes, number, one, first, past)

    def _is_black(self, first: float, past: float) -> bool:
        return any(
            span.effect is Effect.BLACK and span.start < past and first < span.end
            for span in self._plan.spans
        )

    def _hide(self, planes: list[Plane], number: int, region: Region, first: float, past: float) -> None:
        height, width = planes[1].shape
        boxes = _boxes(region, first, past)
        rows = _around(boxes, height, width)
        mask = None
        if region.shape is Shape.ELLIPSE:
            mask = np.zeros((rows[1] - rows[0], rows[3] - rows[2]), np.bool_)
            for one in boxes:
                mask |= _ellipse(one, rows, height, width, 0.5)
        colours = None
        if self._plan.fill is Fill.COARSE:
            colours = self._coarse(planes, number, rows, first)
        _fill(planes, rows, mask, colours)

    def _coarse(
        self, planes: list[Plane], number: int, rows: tuple[int, int, int, int], first: float
    ) -> list[Plane]:
        """Return the region's few colours, one plane of luma and two of chroma; a second's are those of its first picture."""
        second = int(first // _HELD)
        known = self._colours.get(number)
        if known is None or known[0] != second:
            up, down, left, right = rows
            found = [_few(plane[up * part : down * part, left * part : right * part]) for part, plane in
                     zip((2, 1, 1), planes, strict=True)]  # fmt: skip
            known = self._colours[number] = (second, found)
        return known[1]


def _active(region: Region, first: float, past: float) -> bool:
    return region.start < past and first < region.end


def _boxes(region: Region, first: float, past: float) -> list[Box]:
    """Return where a region is while a picture is shown: at its beginning, at its end, at keyframes between, and half-way."""
    begin, end = max(first, region.start), min(past, region.end)
    times = [begin, (begin + end) / 2, end]
    times += [time for time, _ in region.keys if begin < time < end]
    return [region.at(time) for time in times]


def _around(boxes: list[Box], height: int, width: int) -> tuple[int, int, int, int]:
    up = int(min(box.y for box in boxes) * height // WHOLE)
    left = int(min(box.x for box in boxes) * width // WHOLE)
    down = -int(-max(box.y + box.height for box in boxes) * height // WHOLE)
    right = -int(-max(box.x + box.width for box in boxes) * width // WHOLE)
    return max(up, 0), min(down, height), max(left, 0), min(right, width)


def _ellipse(box: Box, rows: tuple[int, int, int, int], height: int, width: int, nearer: float) -> Mask:
    """Return the squares that an ellipse touches, or with ``nearer`` below 0 those that it holds wholly."""
    up, down, left, right = rows
    half = box.height / 2 * height / WHOLE, box.width / 2 * width / WHOLE
    middle = (box.y * height / WHOLE + half[0], box.x * width / WHOLE + half[1])
    apart = [
        np.maximum(np.abs(np.arange(begin, end) + 0.5 - at) - nearer, 0) / max(radius, 1e-9)
        for begin, end, at, radius in ((up, down, middle[0], half[0]), (left, right, middle[1], half[1]))
    ]
    inside: Mask = apart[0][:, None] ** 2 + apart[1][None, :] ** 2 <= 1
    return inside


def _kept(region: Region, first: float, past: float, height: int, width: int) -> Mask:
    visible = np.ones((height, width), np.bool_)
    for box in _boxes(region, first, past):
        one = np.zeros((height, width), np.bool_)
        if region.shape is Shape.ELLIPSE:
            one = _ellipse(box, (0, height, 0, width), height, width, -0.5)
        else:
            up, left = -int(-box.y * height // WHOLE), -int(-box.x * width // WHOLE)
            down, right = (
                int((box.y + box.height) * height // WHOLE),
                int((box.x + box.width) * width // WHOLE),
            )
            one[up : max(down, up), left : max(right, left)] = True
        visible &= one
    return visible


def _fill(
    planes: list[Plane], rows: tuple[int, int, int, int], mask: Mask | None, colours: list[Plane] | None
) -> None:
    up, down, left, right = rows
    if up >= down or left >= right:
        return
    for number, plane in enumerate(planes):
        part = 1 if number else 2
        area = plane[up * part : down * part, left * part : right * part]
        colour: Any = _GREY if number else _DARK
        if colours is not None:
            colour = _spread(colours[number], area.shape)
        if mask is None:
            area[:] = colour
        else:
            there = mask if part == 1 else mask.repeat(2, 0).repeat(2, 1)
            np.copyto(area, colour, where=there)


def _few(area: Plane) -> Plane:
    """Return an area in so few fields of so few levels that nothing in it can be recognised."""
    longer = max(area.shape)
    counts = [max(-(-_FIELDS * side // longer), 1) for side in area.shape]
    edges = [np.arange(count) * side // count for count, side in zip(counts, area.shape, strict=True)]
    sums = np.add.reduceat(np.add.reduceat(area.astype(np.uint32), edges[0], 0), edges[1], 1)
    sizes = [np.diff(np.append(edge, side)) for edge, side in zip(edges, area.shape, strict=True)]
    means = sums // np.outer(*sizes).astype(np.uint32)
    few: Plane = ((means >> _LEVELS << _LEVELS) + (1 << _LEVELS >> 1)).astype(np.uint8)
    return few


def _spread(few: Plane, shape: tuple[int, ...]) -> Plane:
    down, across = (np.arange(side) * count // side for side, count in zip(shape, few.shape, strict=True))
    return few[np.ix_(down, across)]

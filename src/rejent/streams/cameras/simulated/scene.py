"""Pictures of a simulated camera: its view, who passes, and what the camera writes on them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import av

from rejent.kernel.clock import OFFICE_ZONE
from rejent.streams.cameras.simulated.canvas import Canvas, Colour, Point

_SKIN, _HAIR, _GLASS, _DARK = Colour(170, 112, 148), Colour(45, 126, 132), Colour(190, 136, 122), Colour(38)
_STEEL, _WOOD, _LEAVES = Colour(140, 130, 126), Colour(88, 112, 142), Colour(82, 112, 108)
_COATS = (Colour(70, 160, 110), Colour(90, 110, 170), Colour(110, 108, 112), Colour(150, 100, 150))


class Light(StrEnum):
    """The time of the day, as far as it can be seen."""

    NIGHT = "night"
    DUSK = "dusk"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Moment:
    """How a view looks through one minute: two minutes of one moment are the same pictures, but for what is written on them."""

    light: Light
    traffic: int


_TRAFFIC = {Light.NIGHT: 1, Light.DUSK: 2, Light.DAY: 4}
"""So many different minutes are there; in the first of each nobody passes."""


def moment(local: datetime) -> Moment:
    """Return how things look at a local time: dark before 6 and from 20, bright from 8 to 16."""
    light = Light.DAY if 8 <= local.hour < 16 else Light.DUSK if 6 <= local.hour < 20 else Light.NIGHT
    return Moment(light, (local.minute * 7 + local.minute // 10 + local.hour) % _TRAFFIC[light])


@dataclass(frozen=True, slots=True)
class Way:
    """A way through a picture: from a point of the floor to another, as high there as said, in seconds of a minute."""

    begun: Point
    ended: Point
    heights: tuple[float, float]
    seconds: tuple[float, float]

    def at(self, second: float) -> tuple[Point, float] | None:
        """Return where and how high somebody is who goes it; nothing before and after."""
        start, end = self.seconds
        if not start <= second < end:
            return None
        share = (second - start) / (end - start)
        (ax, ay), (bx, by), (low, high) = self.begun, self.ended, self.heights
        return (ax + (bx - ax) * share, ay + (by - ay) * share), low + (high - low) * share


@dataclass(frozen=True, slots=True)
class View:
    """What one camera looks at.

    Each minute with any traffic the first of ``people`` and ``cars`` passes, one more with each further number.
    """

    name: str
    background: Callable[[Canvas, Light], None]
    people: tuple[Way, ...]
    cars: tuple[Way, ...] = ()

    def draw_traffic(self, canvas: Canvas, moment_: Moment, second: float) -> None:
        """Draw who passes in this second of a minute."""
        for number, way in enumerate(self.cars[: moment_.traffic]):
            if (place := way.at(second)) is not None:
                _car(canvas, *place, _COATS[(number + 2) % len(_COATS)])
        for number, way in enumerate(self.people[: moment_.traffic]):
            if (place := way.at(second)) is not None:
                _person(canvas, *place, _COATS[number % len(_COATS)], second)


def _person(canvas: Canvas, foot: Point, tall: float, coat: Colour, second: float) -> None:
    x, y = foot
    wide = tall * canvas.height / canvas.width
    stride = 0.06 * wide * (1 if int(second * 2) % 2 else -1)
    for side in (-1, 1):
        left = x + side * 0.07 * wide + side * stride - 0.04 * wide
        canvas.box(left, y - 0.48 * tall, left + 0.08 * wide, y, _DARK)
    canvas.polygon(
        (
            (x - 0.11 * wide, y - 0.84 * tall), (x + 0.11 * wide, y - 0.84 * tall),
            (x + 0.15 * wide, y - 0.4 * tall), (x - 0.15 * wide, y - 0.4 * tall),
        ),
        coat,
    )  # fmt: skip
    canvas.disc((x, y - 0.91 * tall), 0.08 * tall, _SKIN)
    canvas.box(x - 0.07 * wide, y - tall, x + 0.07 * wide, y - 0.94 * tall, _HAIR)


def _car(canvas: Canvas, place: Point, tall: float, paint: Colour) -> None:
    x, y = place
    wide = tall * canvas.height / canvas.width
    canvas.box(x - 1.4 * wide, y - 0.62 * tall, x + 1.4 * wide, y - 0.15 * tall, paint)
    canvas.polygon(
        (
            (x - 0.7 * wide, y - tall), (x + 0.6 * wide, y - tall),
            (x + 1.0 * wide, y - 0.6 * tall), (x - 1.0 * wide, y - 0.6 * tall),
        ),
        _GLASS,
    )  # fmt: skip
    for wheel in (-0.85, 0.85):
        canvas.disc((x + wheel * wide, y - 0.17 * tall), 0.17 * tall, _DARK)


def _hall(canvas: Canvas, light: Light) -> None:
    canvas.light = {Light.NIGHT: 0.4, Light.DUSK: 0.85, Light.DAY: 1.0}[light]
    canvas.box(0, 0, 1, 0.62, Colour(178, 116, 134))
    canvas.box(0, 0.62, 1, 1, Colour(120, 118, 134))
    for tile in range(9):
        canvas.polygon(
            ((tile / 8, 0.62), (tile / 8 + 0.004, 0.62), (tile / 5 - 0.3, 1), (tile / 5 - 0.306, 1)),
            Colour(100, 118, 134),
        )
    sky = {Light.NIGHT: Colour(30, 134, 126), Light.DUSK: Colour(120, 136, 126)}.get(
        light, Colour(225, 138, 122)
    )
    for left in (0.06, 0.24):
        canvas.box(left, 0.14, left + 0.14, 0.46, _STEEL)
        canvas.box(left + 0.01, 0.16, left + 0.13, 0.44, sky)
        canvas.box(left + 0.066, 0.16, left + 0.074, 0.44, _STEEL)
    canvas.box(0.5, 0.24, 0.96, 0.5, _GLASS)
    for left in (0.5, 0.65, 0.8, 0.95):
        canvas.box(left, 0.22, left + 0.012, 0.5, _WOOD)
    canvas.box(0.48, 0.5, 0.98, 0.7, _WOOD)
    canvas.box(0.47, 0.48, 0.99, 0.515, Colour(130, 112, 140))
    for left in (0.05, 0.14, 0.23):
        canvas.box(left, 0.56, left + 0.07, 0.66, Colour(80, 150, 112))
        canvas.box(left, 0.66, left + 0.07, 0.7, Colour(60, 150, 112))
    canvas.box(0.395, 0.6, 0.435, 0.7, Colour(100, 108, 150))
    for centre in ((0.415, 0.5), (0.395, 0.56), (0.435, 0.56)):
        canvas.disc(centre, 0.06, _LEAVES)


def _entrance(canvas: Canvas, light: Light) -> None:
    canvas.light = {Light.NIGHT: 0.3, Light.DUSK: 0.65, Light.DAY: 1.0}[light]
    canvas.box(0, 0, 1, 0.72, Colour(112, 104, 162))
    for row in range(14):
        canvas.box(0, row * 0.052, 1, row * 0.052 + 0.006, Colour(140, 112, 146))
    canvas.box(0, 0.72, 1, 1, Colour(132, 128, 128))
    for left in (0.07, 0.75):
        canvas.box(left, 0.14, left + 0.17, 0.46, Colour(200, 124, 130))
        canvas.box(left + 0.015, 0.165, left + 0.155, 0.435, Colour(96, 140, 120))
    canvas.box(0.36, 0.12, 0.64, 0.74, Colour(200, 124, 130))
    canvas.box(0.385, 0.17, 0.497, 0.72, Colour(66, 116, 112))
    canvas.box(0.503, 0.17, 0.615, 0.72, Colour(66, 116, 112))
    for left in (0.41, 0.53):
        canvas.box(left, 0.22, left + 0.06, 0.42, _GLASS)
    for step in range(3):
        canvas.box(
            0.32 - step * 0.03,
            0.72 + step * 0.05,
            0.68 + step * 0.03,
            0.77 + step * 0.05,
            Colour(178 - step * 16),
        )
    canvas.light = 1.0
    shine = Colour(90) if light is Light.DAY else Colour(230, 100, 140)
    for x in (0.32, 0.68):
        canvas.disc((x, 0.24), 0.035, shine)
    canvas.light = {Light.NIGHT: 0.4, Light.DUSK: 0.7, Light.DAY: 1.0}[light]


def _corridor(canvas: Canvas, light: Light) -> None:
    canvas.light = {Light.NIGHT: 0.45, Light.DUSK: 0.9, Light.DAY: 1.0}[light]
    far_left, far_right, far_top, far_bottom = 0.42, 0.58, 0.36, 0.58
    canvas.box(0, 0, 1, 1, Colour(196, 132, 124))
    canvas.polygon(((0, 0), (far_left, far_top), (far_left, far_bottom), (0, 1)), Colour(170, 138, 116))
    canvas.polygon(((1, 0), (1, 1), (far_right, far_bottom), (far_right, far_top)), Colour(158, 138, 116))
    canvas.polygon(((0, 1), (far_left, far_bottom), (far_right, far_bottom), (1, 1)), Colour(92, 140, 124))
    canvas.box(far_left, far_top, far_right, far_bottom, Colour(140, 134, 122))
    canvas.box(0.465, 0.42, 0.535, far_bottom, Colour(70, 120, 140))
    for near, far in ((0.06, 0.3), (0.42, 0.62), (0.72, 0.86)):
        for mirrored in (False, True):
            xs = [share * far_left for share in (near, far)]
            left, right = (1 - xs[0], 1 - xs[1]) if mirrored else (xs[0], xs[1])
            tops = [0.16 + share * 0.24 for share in (near, far)]
            bottoms = [1 - share * (1 - far_bottom) for share in (near, far)]
            canvas.polygon(
                ((left, tops[0]), (right, tops[1]), (right, bottoms[1]), (left, bottoms[0])), _WOOD
            )
    lamp = Colour(110) if light is Light.NIGHT else Colour(235, 124, 130)
    for near, far in ((0.1, 0.3), (0.5, 0.62), (0.78, 0.86)):
        canvas.polygon(
            (
                (0.44 + near * 0.04, near * far_top), (0.56 - near * 0.04, near * far_top),
                (0.56 - far * 0.04, far * far_top), (0.44 + far * 0.04, far * far_top),
            ),
            lamp,
        )  # fmt: skip


def _car_park(canvas: Canvas, light: Light) -> None:
    canvas.light = {Light.NIGHT: 0.25, Light.DUSK: 0.6, Light.DAY: 1.0}[light]
    canvas.box(0, 0, 1, 0.3, Colour(205, 150, 112))
    canvas.box(0, 0.27, 1, 0.38, Colour(104, 110, 112))
    for place in range(8):
        canvas.disc((0.06 + place * 0.125, 0.25), 0.07 + 0.02 * (place % 3), _LEAVES)
    canvas.box(0, 0.36, 1, 1, Colour(98, 130, 127))
    for place in range(7):
        left = 0.06 + place * 0.145
        canvas.polygon(
            ((left, 0.42), (left + 0.008, 0.42), (left - 0.02, 0.62), (left - 0.03, 0.62)), Colour(215)
        )
    canvas.box(0, 0.8, 1, 0.812, Colour(190))
    for centre, paint in ((0.125, Colour(60, 130, 180)), (0.56, Colour(190))):
        _car(canvas, (centre, 0.6), 0.15, paint)


HALL = View(
    "hall",
    _hall,
    (
        Way((-0.05, 0.92), (1.05, 0.9), (0.52, 0.52), (4, 26)),
        Way((0.88, 0.8), (-0.05, 0.86), (0.44, 0.48), (24, 46)),
        Way((0.34, 0.97), (0.6, 0.78), (0.6, 0.44), (10, 55)),
    ),
)
ENTRANCE = View(
    "entrance",
    _entrance,
    (
        Way((0.1, 1.02), (0.5, 0.76), (0.72, 0.5), (2, 18)),
        Way((0.5, 0.76), (0.95, 1.04), (0.5, 0.74), (20, 38)),
        Way((-0.05, 0.95), (1.05, 0.95), (0.6, 0.6), (30, 56)),
    ),
)
CORRIDOR = View(
    "corridor",
    _corridor,
    (
        Way((0.5, 0.6), (0.42, 1.1), (0.2, 0.95), (3, 27)),
        Way((0.62, 1.1), (0.51, 0.6), (0.95, 0.2), (25, 52)),
        Way((0.36, 0.78), (0.63, 0.78), (0.48, 0.48), (12, 22)),
    ),
)
CAR_PARK = View(
    "car-park",
    _car_park,
    (
        Way((0.9, 0.66), (0.2, 0.72), (0.24, 0.27), (28, 58)),
        Way((0.3, 0.68), (1.04, 0.7), (0.25, 0.25), (4, 34)),
    ),
    cars=(
        Way((-0.2, 0.95), (1.2, 0.95), (0.22, 0.22), (5, 17)),
        Way((1.2, 0.78), (-0.2, 0.78), (0.18, 0.18), (36, 50)),
    ),
)
VIEWS = (HALL, ENTRANCE, CORRIDOR, CAR_PARK)


TIME = "%d.%m.%Y %H:%M:%S"
"""What a camera writes on its pictures, for ``strftime``."""


@dataclass(slots=True)
class Scene:
    """What one simulated camera sees; an instant's picture is always the same. The ``caption`` is for ``strftime`` of the office's time."""

    width: int
    height: int
    view: View = HALL
    caption: str = TIME
    _backgrounds: dict[Light, Canvas] = field(init=False, repr=False, default_factory=dict)

    def picture(self, instant: datetime) -> av.VideoFrame:
        """Draw the picture of an instant."""
        frame = av.VideoFrame(self.width, self.height, "yuv420p")
        planes = self.draw(instant.astimezone(OFFICE_ZONE))
        for plane, content, share in zip(frame.planes, planes, (1, 2, 2), strict=True):
            plane.update(_padded(content, self.width // share, plane.line_size))
        return frame

    def draw(self, at: datetime) -> tuple[bytes, bytes, bytes]:
        """Draw the Y, U and V planes at a local time."""
        now = moment(at)
        canvas = self._background(now.light).copy()
        self.view.draw_traffic(canvas, now, at.second + at.microsecond / 1e6)
        canvas.write(at.strftime(self.caption))
        return canvas.planes()

    def _background(self, light: Light) -> Canvas:
        if light not in self._backgrounds:
            self._backgrounds[light] = canvas = Canvas(self.width, self.height)
            self.view.background(canvas, light)
        return self._backgrounds[light]


def _padded(content: bytes, width: int, line_size: int) -> bytes:
    if width == line_size:
        return content
    padding = bytes(line_size - width)
    return b"".join(content[start : start + width] + padding for start in range(0, len(content), width))

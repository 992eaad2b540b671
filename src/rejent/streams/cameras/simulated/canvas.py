"""Pictures drawn into plain bytes, planar YUV 4:2:0 (ITU-R BT.601, limited range), so that nothing else is needed.

Places are shares of the picture's width and height, from 0 at the upper left to 1.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, Self

_GLYPHS: Final = {
    "0": "0e11131519110e", "1": "040c040404040e", "2": "0e11010204081f", "3": "1f02040201110e",
    "4": "02060a121f0202", "5": "1f101e0101110e", "6": "0608101e11110e", "7": "1f010204080808",
    "8": "0e11110e11110e", "9": "0e11110f01020c", ":": "00040400040400", ".": "00000000000c0c",
    "-": "0000001f000000", " ": "00000000000000", "A": "0e11111f111111", "E": "1f10101e10101f",
    "K": "11121418141211", "M": "111b1515111111", "R": "1e11111e141211", "s": "00000f100e011e",
}  # fmt: skip
"""Letters of 5 × 7 dots, a row a byte."""
_ROWS: Final = 7
_COLUMNS: Final = 5


class Colour(NamedTuple):
    """Luminance and both chrominances; 128 is without colour."""

    y: int
    u: int = 128
    v: int = 128

    def lit(self, light: float) -> "Colour":
        """Return it in a share of full light."""
        return Colour(
            16 + round((self.y - 16) * light),
            128 + round((self.u - 128) * (0.4 + 0.6 * light)),
            128 + round((self.v - 128) * (0.4 + 0.6 * light)),
        )


Point = tuple[float, float]
_Span = tuple[int, int, int]
"""Row, first column, column after the last."""


class Canvas:
    """A picture to draw on; ``light`` dims every colour that is drawn from then on."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.light = 1.0
        self.luma = bytearray(width * height)
        self.chroma_u = bytearray([128]) * (width * height // 4)
        self.chroma_v = bytearray(self.chroma_u)

    def copy(self) -> Self:
        """Return a picture that begins as this one."""
        made = type(self)(0, 0)
        made.width, made.height, made.light = self.width, self.height, self.light
        made.luma, made.chroma_u, made.chroma_v = self.luma[:], self.chroma_u[:], self.chroma_v[:]
        return made

    def planes(self) -> tuple[bytes, bytes, bytes]:
        """Return luminance and both chrominances."""
        return bytes(self.luma), bytes(self.chroma_u), bytes(self.chroma_v)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self.polygon(((left, top), (right, top), (right, bottom), (left, bottom)), colour)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill a convex polygon."""
        self._fill(self._polygon([(x * self.width, y * self.height) for x, y in points]), colour)

    def disc(self, centre: Point, radius: float, colour: Colour) -> None:
        """Fill a circle; its radius is a share of the height."""
        self._fill(self._disc(centre[0] * self.width, centre[1] * self.height, radius * self.height), colour)

    def write(self, text: str) -> None:
        """Write light letters on dark ground at the upper left, whatever the light."""
        scale = max(self.height // 120, 1)
        left = top = scale * 6
        width = len(text) * (_COLUMNS + 1) * scale + scale
        for y in range(top - scale, top + (_ROWS + 1) * scale):
            start = y * self.width + left - scale
            self.luma[start : start + width] = bytes([24]) * width
        for row in range(_ROWS):
            dots = b"".join(_dots(letter, row, scale) for letter in text)
            for y in range(top + row * scale, top + (row + 1) * scale):
                start = y * self.width + left
                self.luma[start : start + len(dots)] = dots

    def _fill(self, spans: Iterable[_Span], colour: Colour) -> None:
        light = colour.lit(self.light)
        for row, first, last in spans:
            left, right = max(first, 0), min(last, self.width)
            if not 0 <= row < self.height or right <= left:
                continue
            start = row * self.width
            self.luma[start + left : start + right] = bytes([light.y]) * (right - left)
            if not row & 1:
                start, left, right = row // 2 * (self.width // 2), left // 2, (right + 1) // 2
                self.chroma_u[start + left : start + right] = bytes([light.u]) * (right - left)
                self.chroma_v[start + left : start + right] = bytes([light.v]) * (right - left)

    def _polygon(self, corners: Sequence[Point]) -> Iterator[_Span]:
        sides = list(zip(corners, [*corners[1:], corners[0]], strict=True))
        rows = [y for _, y in corners]
        for row in range(max(math.floor(min(rows)), 0), min(math.ceil(max(rows)), self.height)):
            middle = row + 0.5
            crossed = [
                ax + (bx - ax) * (middle - ay) / (by - ay)
                for (ax, ay), (bx, by) in sides
                if min(ay, by) <= middle < max(ay, by)
            ]
            if crossed:
                yield row, round(min(crossed)), round(max(crossed))

    @staticmethod
    def _disc(x: float, y: float, radius: float) -> Iterator[_Span]:
        for row in range(math.floor(y - radius), math.ceil(y + radius)):
            half = radius**2 - (row + 0.5 - y) ** 2
            if half > 0:
                yield row, round(x - math.sqrt(half)), round(x + math.sqrt(half))


def _dots(letter: str, row: int, scale: int) -> bytes:
    dots = bytes.fromhex(_GLYPHS[letter])[row]
    lit = (dots >> (_COLUMNS - 1 - column) & 1 for column in range(_COLUMNS))
    return b"".join(bytes([230 if each else 24]) * scale for each in lit) + bytes([24]) * scale

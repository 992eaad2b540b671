"""A drawn room with a person walking through it and the time burnt in, as a camera would show it.

Pictures are planar YUV 4:2:0 (ITU-R BT.601, limited range), drawn into plain bytes so that nothing else is needed.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import av

from rejent.kernel.clock import OFFICE_ZONE

_GLYPHS: Final = {
    "0": "0e11131519110e", "1": "040c040404040e", "2": "0e11010204081f", "3": "1f02040201110e",
    "4": "02060a121f0202", "5": "1f101e0101110e", "6": "0608101e11110e", "7": "1f010204080808",
    "8": "0e11110e11110e", "9": "0e11110f01020c", ":": "00040400040400", ".": "00000000000c0c",
    "-": "0000001f000000", " ": "00000000000000",
}  # fmt: skip
"""Letters of 5 × 7 dots, a row a byte."""
_ROWS: Final = 7
_COLUMNS: Final = 5


@dataclass(slots=True)
class Scene:
    """One simulated camera's view.

    Attributes:
        width, height: pixels, even.
        tint: chroma of the room, so that cameras can be told apart; 128 is grey.
    """

    width: int
    height: int
    tint: int = 128
    _room: bytearray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._room = self._drawn_room()

    def picture(self, instant: datetime) -> av.VideoFrame:
        """Draw the picture of an instant, with the office's time in it."""
        frame = av.VideoFrame(self.width, self.height, "yuv420p")
        planes = self.draw(instant.astimezone(OFFICE_ZONE))
        for plane, content, share in zip(frame.planes, planes, (1, 2, 2), strict=True):
            plane.update(_padded(content, self.width // share, plane.line_size))
        return frame

    def draw(self, at: datetime) -> tuple[bytes, bytes, bytes]:
        """Draw the Y, U and V planes at a local time."""
        luma = bytearray(self._room)
        chroma_u = bytearray([self.tint]) * (self.width * self.height // 4)
        chroma_v = bytearray([256 - self.tint]) * (self.width * self.height // 4)
        self._draw_figure(luma, chroma_u, chroma_v, at)
        scale = max(self.height // 120, 1)
        self._write(luma, at.strftime("%d.%m.%Y %H:%M:%S"), scale * 6, scale * 6, scale)
        return bytes(luma), bytes(chroma_u), bytes(chroma_v)

    def _drawn_room(self) -> bytearray:
        luma = bytearray(self.width * self.height)
        floor = self.height * 2 // 3
        for y in range(self.height):
            shade = 150 - y * 40 // floor if y < floor else 70 + (y - floor) * 60 // (self.height - floor)
            row = bytearray([shade]) * self.width
            for x in range(0, self.width, max(self.width // 8, 2)):
                row[x : x + 2] = bytes([max(shade - 25, 16)]) * 2
            luma[y * self.width : (y + 1) * self.width] = row
        door_left, door_top = self.width * 5 // 8, self.height // 4
        for y in range(door_top, floor):
            start = y * self.width + door_left
            luma[start : start + self.width // 8] = bytes([60]) * (self.width // 8)
        return luma

    def _draw_figure(self, luma: bytearray, chroma_u: bytearray, chroma_v: bytearray, at: datetime) -> None:
        seconds = at.second + at.microsecond / 1e6
        turn = (seconds / 20 + self.tint / 40) % 1.0
        centre = int(self.width * (0.5 - 0.42 * math.cos(turn * 2 * math.pi))) & ~1
        tall, wide = self.height * 2 // 5, self.width // 14 & ~1
        top = self.height * 9 // 10 - tall & ~1
        left = min(max(centre - wide // 2, 0), self.width - wide) & ~1
        head = tall // 5
        for y in range(top, top + tall):
            inset = wide // 4 if y < top + head else 0
            start = y * self.width + left + inset
            luma[start : start + wide - 2 * inset] = bytes([190 if y < top + head else 45]) * (
                wide - 2 * inset
            )
        for y in range((top + head) // 2, (top + tall) // 2):
            start = y * (self.width // 2) + left // 2
            chroma_u[start : start + wide // 2] = bytes([170]) * (wide // 2)
            chroma_v[start : start + wide // 2] = bytes([100]) * (wide // 2)

    def _write(self, luma: bytearray, text: str, left: int, top: int, scale: int) -> None:
        width = len(text) * (_COLUMNS + 1) * scale + scale
        for y in range(top - scale, top + (_ROWS + 1) * scale):
            start = y * self.width + left - scale
            luma[start : start + width] = bytes([24]) * width
        for number, letter in enumerate(text):
            rows = bytes.fromhex(_GLYPHS[letter])
            for row, dots in enumerate(rows):
                line = b"".join(
                    bytes([230 if dots >> (_COLUMNS - 1 - column) & 1 else 24]) * scale
                    for column in range(_COLUMNS)
                )
                for y in range(top + row * scale, top + (row + 1) * scale):
                    start = y * self.width + left + number * (_COLUMNS + 1) * scale
                    luma[start : start + len(line)] = line


def _padded(content: bytes, width: int, line_size: int) -> bytes:
    if width == line_size:
        return content
    padding = bytes(line_size - width)
    return b"".join(content[start : start + width] + padding for start in range(0, len(content), width))

"""Pictures of a simulated camera: its view, who passes, and what the camera writes on them."""

from dataclasses import dataclass, field
from datetime import datetime

import av

from rejent.kernel.clock import OFFICE_ZONE
from rejent.streams.cameras.simulated.canvas import Canvas
from rejent.streams.cameras.simulated.views import HALL, Light, View, moment

TIME = "%d.%m.%Y %H:%M:%S"
"""What a camera writes on its pictures, for ``strftime``."""


@dataclass(slots=True)
class Scene:
    """What one simulated camera sees; an instant's picture is always the same.

    Attributes:
        width, height: pixels, even.
        caption: what is written on each picture, for ``strftime`` of the office's time.
    """

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

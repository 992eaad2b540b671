"""What the command tells of every kind of stream."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rejent.kernel.stream_parts import StreamPart

if TYPE_CHECKING:
    from rejent.catalog.views import SegmentView
    from rejent.kernel.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFigures:
    """What the command tells of a kind's recordings.

    Attributes:
        status: returns its own figures for ``rejent status``, by name.
        lines: returns them as lines, where it has sources.
        of_object: returns what the list of objects tells besides.
    """

    status: "Callable[[Clock], Mapping[str, int]]"
    lines: Callable[[Mapping[str, int]], list[str]]
    of_object: "Callable[[SegmentView], Mapping[str, str]]"


FIGURES: StreamPart[StreamFigures] = StreamPart("figures")

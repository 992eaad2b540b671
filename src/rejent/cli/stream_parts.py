"""A kind of stream's figures for the command line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rejent.kernel.stream_parts import StreamPart

if TYPE_CHECKING:
    from rejent.catalog.views import SegmentView
    from rejent.kernel.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFigures:
    """A kind's figures: ``status`` by name for ``rejent status``, the same as lines, and columns of the list of objects."""

    status: "Callable[[Clock], Mapping[str, object]]"
    lines: Callable[[Mapping[str, object]], list[str]]
    of_object: "Callable[[SegmentView], Mapping[str, object]]"


FIGURES: StreamPart[StreamFigures] = StreamPart("figures")

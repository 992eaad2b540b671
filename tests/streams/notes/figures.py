"""What the command tells of notes besides what it tells of every source."""

from rejent.catalog.views import SegmentView
from rejent.cli.stream_parts import StreamFigures


def _of_object(segment: SegmentView) -> dict[str, str]:
    return {"notes": str(segment.units)}


FIGURES = StreamFigures(status=lambda _: {}, lines=lambda _: [], of_object=_of_object)

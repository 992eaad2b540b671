"""What the command tells of cameras' recordings besides what it tells of every source."""

from rejent.cli.stream_parts import StreamFigures

FIGURES = StreamFigures(status=lambda _: {}, lines=lambda _: [], of_object=lambda _: {})

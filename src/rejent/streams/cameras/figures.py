"""Figures of cameras' recordings for the command, besides those of every source."""

from rejent.cli.stream_parts import StreamFigures

FIGURES = StreamFigures(status=lambda _: {}, lines=lambda _: [], of_object=lambda _: {})
